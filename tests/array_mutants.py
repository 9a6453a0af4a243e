"""Mistakes on arrays, planted in the needle pack's own solution: for each op and for the walk a dozen and more.

Each is a method or a function that is written anew, as students have written it: a cotangent forgotten, axes that were
stretched and not summed, shapes guessed from sizes. All of them are wrong: no other text comes to the same.
"""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec

REFERENCE = Path(__file__).parents[1] / "examples" / "needle-hw1" / "reference"
OPS, AUTOGRAD = "ops.ops_mathematic", "autograd"
AB = "a, b = node.inputs\n"
A = "a = node.inputs[0]\n"
ONES = "Tensor(array_api.ones(out_grad.shape))"


class ArrayMutant(msgspec.Struct, frozen=True):
    """A mistake: in which op, what it is called, which method it is in, and how that one reads then."""

    op: str
    name: str
    method: str
    body: str

    @property
    def module(self) -> str:
        """Return the module that it is in."""
        return AUTOGRAD if self.op in WALK else OPS


def source(mutant: ArrayMutant) -> str:
    """Return the solution's module with the mistake in it."""
    text = (REFERENCE / f"{mutant.module.replace('.', '/')}.py").read_text("utf-8")
    body: list[ast.stmt] = ast.parse(text).body
    where: ast.stmt = next(one for one in body if getattr(one, "name", "") == mutant.op)
    indent = ""
    if isinstance(where, ast.ClassDef):
        where = next(one for one in where.body if getattr(one, "name", "") == mutant.method)
        indent = "    "
    assert isinstance(where, ast.FunctionDef) and where.end_lineno is not None
    lines = text.splitlines()
    head = lines[where.lineno - 1 : where.body[0].lineno - 1] or [lines[where.lineno - 1]]
    first = next(i for i, line in enumerate(head) if line.rstrip().endswith(":"))
    written = [f"{indent}    {line}" for line in mutant.body.splitlines()]
    end = where.end_lineno
    return "\n".join([*lines[: where.lineno - 1], *head[: first + 1], *written, *lines[end:]]) + "\n"


def _of(op: str, gradient: dict[str, str], compute: dict[str, str]) -> list[ArrayMutant]:
    both = {"gradient": gradient, "compute": compute}
    return [ArrayMutant(op, name, method, body) for method, found in both.items() for name, body in found.items()]


SIZES = """shape, sizes, kept = node.inputs[0].shape, list(out_grad.shape), []
for size in shape:
    kept.append(sizes.pop(0) if sizes and sizes[0] == size else 1)
return broadcast_to(reshape(out_grad, tuple(kept)), shape)"""
KEPT = """shape = node.inputs[0].shape
axes = range(len(shape)) if self.axes is None else self.axes
kept = tuple(1 if i in axes else size for i, size in enumerate(shape))
"""
TO_A = "shape = node.inputs[0].shape\n"
STRETCHED = """shape = node.inputs[0].shape
added = len(out_grad.shape) - len(shape)
sizes = (1,) * added + tuple(shape)
axes = tuple(i for i, size in enumerate(sizes) if i < added or size != out_grad.shape[i])
"""
BY_BOTH = "a, b = node.inputs\nby_a, by_b = matmul(out_grad, transpose(b)), matmul(transpose(a), out_grad)\n"
SUMMED = "return _summed_to(by_a, a.shape), _summed_to(by_b, b.shape)"

OF_OPS = [
    *_of(
        "EWisePow",
        {
            "out_grad forgotten": AB + "return b * power(a, b - 1), node * log(a)",
            "out_grad forgotten for the exponent": AB + "return out_grad * b * power(a, b - 1), node * log(a)",
            "exponent not lowered": AB + "return out_grad * b * power(a, b), out_grad * node * log(a)",
            "exponent lowered twice": AB + "return out_grad * b * power(a, b - 2), out_grad * node * log(a)",
            "factor forgotten": AB + "return out_grad * power(a, b - 1), out_grad * node * log(a)",
            "logarithm forgotten": AB + "return out_grad * b * power(a, b - 1), out_grad * node",
            "logarithm of the value": AB + "return out_grad * b * power(a, b - 1), out_grad * node * log(node)",
            "swapped": AB + "return out_grad * node * log(a), out_grad * b * power(a, b - 1)",
            "sign": AB + "return -out_grad * b * power(a, b - 1), out_grad * node * log(a)",
            "power of out_grad": AB + "return b * power(out_grad * a, b - 1), out_grad * node * log(a)",
            "out_grad twice": AB + "return out_grad * out_grad * b * power(a, b - 1), out_grad * node * log(a)",
            "exponent taken for a number": AB + "return out_grad * b * power(a, b - 1), out_grad * 0",
            "both the base's": AB + "return out_grad * b * power(a, b - 1), out_grad * b * power(a, b - 1)",
        },
        {"exchanged": "return b**a", "product": "return a * b", "of the magnitude": "return a ** abs(b)"},
    ),
    *_of(
        "PowerScalar",
        {
            "out_grad forgotten": A + "return power_scalar(a, self.scalar - 1) * self.scalar",
            "factor forgotten": A + "return out_grad * power_scalar(a, self.scalar - 1)",
            "exponent not lowered": A + "return out_grad * self.scalar * power_scalar(a, self.scalar)",
            "exponent lowered twice": A + "return out_grad * self.scalar * power_scalar(a, self.scalar - 2)",
            "power of out_grad": "return power_scalar(out_grad, self.scalar - 1) * self.scalar",
            "power of out_grad times the input": A + "return power_scalar(out_grad * a, self.scalar - 1) * self.scalar",
            "sign": A + "return -out_grad * self.scalar * power_scalar(a, self.scalar - 1)",
            "out_grad twice": A + "return out_grad * out_grad * self.scalar * power_scalar(a, self.scalar - 1)",
            "power of the output": "return out_grad * self.scalar * power_scalar(node, self.scalar - 1)",
            "factor lowered": A + "return out_grad * (self.scalar - 1) * power_scalar(a, self.scalar - 1)",
            "passed on": "return out_grad",
            "as for a square": A + "return out_grad * a * 2",
            "zero": "return out_grad * 0",
        },
        {"product": "return a * self.scalar", "exchanged": "return float(self.scalar) ** a", "square": "return a * a"},
    ),
    *_of(
        "EWiseDiv",
        {
            "out_grad forgotten": AB + "return power_scalar(b, -1), -a / (b * b)",
            "out_grad forgotten below": AB + "return out_grad / b, -a / (b * b)",
            "out_grad divided by below": AB + "return out_grad / b, -a / (b * b) / out_grad",
            "sign": AB + "return out_grad / b, out_grad * a / (b * b)",
            "below not squared": AB + "return out_grad / b, -out_grad * a / b",
            "below cubed": AB + "return out_grad / b, -out_grad * a / (b * b * b)",
            "above multiplied": AB + "return out_grad * b, -out_grad * a / (b * b)",
            "above passed on": AB + "return out_grad, -out_grad * a / (b * b)",
            "above by itself": AB + "return out_grad / a, -out_grad * a / (b * b)",
            "swapped": AB + "return -out_grad * a / (b * b), out_grad / b",
            "numerator forgotten": AB + "return out_grad / b, -out_grad / (b * b)",
            "as for a product": AB + "return out_grad * b, out_grad * a",
            "square of the whole": AB + "return out_grad / b, -out_grad * a * a / (b * b)",
            "out_grad twice": AB + "return out_grad / b, -out_grad * out_grad * a / (b * b)",
        },
        {"exchanged": "return b / a", "product": "return a * b", "whole numbers": "return a // b"},
    ),
    *_of(
        "DivScalar",
        {
            "out_grad forgotten": f"return {ONES} / self.scalar",
            "multiplied": "return out_grad * self.scalar",
            "passed on": "return out_grad",
            "sign": "return -out_grad / self.scalar",
            "divided twice": "return out_grad / (self.scalar * self.scalar)",
            "divided by out_grad": "return power_scalar(out_grad, -1) / self.scalar",
            "the input": "return node.inputs[0] / self.scalar",
            "the output": "return out_grad * node",
            "by the number": A + "return -out_grad * a / (self.scalar * self.scalar)",
            "zero": "return out_grad * 0",
            "out_grad twice": "return out_grad * out_grad / self.scalar",
        },
        {
            "multiplied": "return a * self.scalar",
            "exchanged": "return self.scalar / a",
            "floor": "return a // self.scalar",
        },
    ),
    *_of(
        "MatMul",
        {
            "not transposed": AB + "return matmul(out_grad, b), matmul(a, out_grad)",
            "first not transposed": f"{AB}by_a, by_b = matmul(out_grad, transpose(b)), matmul(a, out_grad)\n{SUMMED}",
            "wrong side": f"{AB}by_a, by_b = matmul(transpose(b), out_grad), matmul(out_grad, transpose(a))\n{SUMMED}",
            "result transposed": f"{AB}by_a = matmul(out_grad, transpose(b))\n"
            f"by_b = matmul(transpose(out_grad), a)\n{SUMMED}",
            "stack not summed": BY_BOTH + "return by_a, by_b",
            "stack not summed for the second": BY_BOTH + "return _summed_to(by_a, a.shape), by_b",
            "only one axis summed": BY_BOTH + "axes_a = (0,) if len(by_a.shape) > len(a.shape) else ()\n"
            "axes_b = (0,) if len(by_b.shape) > len(b.shape) else ()\n"
            "return summation(by_a, axes_a), summation(by_b, axes_b)",
            "last axes summed": BY_BOTH + "more = len(by_b.shape) - len(b.shape)\n"
            "by_b = summation(by_b, tuple(range(len(b.shape), len(b.shape) + more))) if more else by_b\n"
            "return _summed_to(by_a, a.shape), by_b",
            "stack averaged": BY_BOTH + "count = by_b.numpy().size / b.numpy().size\n"
            "return _summed_to(by_a, a.shape), _summed_to(by_b, b.shape) / count",
            "one of the stack kept": BY_BOTH
            + "while len(by_b.shape) > len(b.shape):\n    by_b = Tensor(by_b.numpy()[0])\n"
            "return _summed_to(by_a, a.shape), _summed_to(by_b, b.shape)",
            "all axes reversed": AB + "by_a = matmul(out_grad, Tensor(b.numpy().T))\n"
            f"by_b = matmul(Tensor(a.numpy().T), out_grad)\n{SUMMED}",
            "reshaped for transposed": AB
            + "by_a = matmul(out_grad, reshape(b, (*b.shape[:-2], b.shape[-1], b.shape[-2])))\n"
            f"by_b = matmul(transpose(a), out_grad)\n{SUMMED}",
            "swapped": BY_BOTH + "return _summed_to(by_b, b.shape), _summed_to(by_a, a.shape)",
            "out_grad forgotten": f"{AB}ones = {ONES}\nby_a = matmul(ones, transpose(b))\n"
            f"by_b = matmul(transpose(a), ones)\n{SUMMED}",
            "out_grad forgotten for the second": f"{AB}by_a = matmul(out_grad, transpose(b))\n"
            f"by_b = matmul(transpose(a), {ONES})\n{SUMMED}",
            "sign": BY_BOTH + "return _summed_to(by_a, a.shape), -_summed_to(by_b, b.shape)",
            "entry by entry": AB + "return out_grad * b, out_grad * a",
        },
        {
            "exchanged": "return array_api.matmul(b, a)",
            "dot": "return array_api.dot(a, b)",
            "entry by entry": "return a * b",
        },
    ),
    *_of(
        "Summation",
        {
            "axes put back last": TO_A + "more = (1,) * (len(shape) - len(out_grad.shape))\n"
            "return broadcast_to(reshape(out_grad, (*out_grad.shape, *more)), shape)",
            "axes put back first": TO_A + "more = (1,) * (len(shape) - len(out_grad.shape))\n"
            "return broadcast_to(reshape(out_grad, (*more, *out_grad.shape)), shape)",
            "axes not put back": TO_A + "return broadcast_to(out_grad, shape)",
            "axes guessed from sizes": SIZES,
            "passed on": "return out_grad",
            "out_grad forgotten": "return Tensor(array_api.ones(node.inputs[0].shape))",
            "as for a mean": KEPT + "count = node.inputs[0].numpy().size / node.numpy().size\n"
            "return broadcast_to(reshape(out_grad / count, kept), shape)",
            "times the count": KEPT + "count = node.inputs[0].numpy().size / node.numpy().size\n"
            "return broadcast_to(reshape(out_grad * count, kept), shape)",
            "sign": KEPT + "return broadcast_to(reshape(-out_grad, kept), shape)",
            "times the input": KEPT + "return broadcast_to(reshape(out_grad, kept), shape) * node.inputs[0]",
            "zero": KEPT + "return broadcast_to(reshape(out_grad * 0, kept), shape)",
            "all of out_grad": TO_A + "total = reshape(summation(out_grad), (1,) * len(shape))\n"
            "return broadcast_to(total, shape) / float(max(1, out_grad.numpy().size))",
            "one axis put back": KEPT
            + "kept = tuple(1 if i == tuple(axes)[0] else size for i, size in enumerate(shape))\n"
            "return broadcast_to(reshape(out_grad, kept), shape)",
            "out_grad twice": KEPT + "return broadcast_to(reshape(out_grad * out_grad, kept), shape)",
            "transposed": KEPT + "spread = broadcast_to(reshape(out_grad, kept), shape)\n"
            "square = len(shape) > 1 and shape[-1] == shape[-2]\nreturn transpose(spread) if square else spread",
        },
        {
            "dimensions kept": "return array_api.sum(a, axis=self.axes, keepdims=True)",
            "over all axes": "return array_api.sum(a)",
            "mean": "return array_api.mean(a, axis=self.axes)",
            "over the first only": "return array_api.sum(a, axis=self.axes[0] if self.axes else None)",
        },
    ),
    *_of(
        "BroadcastTo",
        {
            "passed on": "return out_grad",
            "only added axes summed": STRETCHED
            + "return summation(out_grad, tuple(range(added))) if added else out_grad",
            "only stretched axes summed": STRETCHED + "axes = tuple(i for i in axes if i >= added)\n"
            "return summation(out_grad, axes) if axes else out_grad",
            "dimension lost": STRETCHED + "return summation(out_grad, axes)",
            "only the last axis summed": STRETCHED + "out = summation(out_grad, axes[-1:]) if axes else out_grad\n"
            "return reshape(out, shape) if out.numpy().size == node.inputs[0].numpy().size else out",
            "averaged": STRETCHED + "count = out_grad.numpy().size / node.inputs[0].numpy().size\n"
            "return reshape(summation(out_grad, axes), shape) / count",
            "one of many kept": TO_A + "size = node.inputs[0].numpy().size\n"
            "return Tensor(out_grad.numpy().ravel()[:size].reshape(shape))",
            "counted, not summed": STRETCHED + f"return reshape(summation({ONES}, axes), shape)",
            "axes matched from the left": TO_A + "axes = tuple(i for i, size in enumerate(out_grad.shape) "
            "if i >= len(shape) or size != shape[i])\nreturn reshape(summation(out_grad, axes), shape)",
            "summed over the others": STRETCHED
            + "axes = tuple(i for i in range(len(out_grad.shape)) if i not in axes)\n"
            "return summation(out_grad, axes)",
            "sign": STRETCHED + "return reshape(summation(-out_grad, axes), shape)",
            "zero": "return node.inputs[0] * 0",
            "all of out_grad": TO_A + "return broadcast_to(reshape(summation(out_grad), (1,) * len(shape)), shape)",
            "broadcast again": "return broadcast_to(out_grad, self.shape)",
            "out_grad twice": STRETCHED + "return reshape(summation(out_grad * out_grad, axes), shape)",
        },
        {
            "filled in a row": "return array_api.resize(a, self.shape)",
            "one for all": "return array_api.full(self.shape, a.ravel()[0])",
            "as it is": "return a",
        },
    ),
    *_of(
        "Reshape",
        {
            "passed on": "return out_grad",
            "to the asked shape": "return reshape(out_grad, self.shape)",
            "to the reversed shape": "return reshape(out_grad, node.inputs[0].shape[::-1])",
            "flat": "return reshape(out_grad, (out_grad.numpy().size,))",
            "columns first": 'return Tensor(out_grad.numpy().reshape(node.inputs[0].shape, order="F"))',
            "transposed before": "return reshape(Tensor(out_grad.numpy().T), node.inputs[0].shape)",
            "out_grad forgotten": "return Tensor(array_api.ones(node.inputs[0].shape))",
            "the input": A + "return a * 1",
            "times the input": A + "return reshape(out_grad, a.shape) * a",
            "sign": "return -reshape(out_grad, node.inputs[0].shape)",
            "zero": "return node.inputs[0] * 0",
            "turned round": "return Tensor(out_grad.numpy().ravel()[::-1].reshape(node.inputs[0].shape))",
            "out_grad twice": "return reshape(out_grad * out_grad, node.inputs[0].shape)",
        },
        {
            "columns first": 'return array_api.reshape(a, self.shape, order="F")',
            "transposed before": "return array_api.reshape(a.T, self.shape)",
            "as it is": "return a",
        },
    ),
    *_of(
        "Transpose",
        {
            "passed on": "return out_grad",
            "last two axes always": "return transpose(out_grad)",
            "first two axes always": "return transpose(out_grad, (0, 1))",
            "all axes reversed": "return Tensor(out_grad.numpy().T)",
            "reshaped": "return reshape(out_grad, node.inputs[0].shape)",
            "moved back the same way": "first, second = (-1, -2) if self.axes is None else self.axes\n"
            "return Tensor(array_api.moveaxis(out_grad.numpy(), first, second))",
            "next axis": "first, _ = (-2, -1) if self.axes is None else self.axes\n"
            "return transpose(out_grad, (first, (first + 1) % len(out_grad.shape)))",
            "out_grad forgotten": "return Tensor(array_api.ones(node.inputs[0].shape))",
            "the input": A + "return a * 1",
            "sign": "return -transpose(out_grad, self.axes)",
            "zero": "return node.inputs[0] * 0",
            "out_grad twice": "return transpose(out_grad * out_grad, self.axes)",
            "twice": "return transpose(transpose(out_grad, self.axes), self.axes)",
        },
        {
            "all axes reversed": "return a.T if self.axes is None else array_api.swapaxes(a, *self.axes)",
            "last two always": "return array_api.swapaxes(a, -1, -2)",
            "moved": "first, second = (-1, -2) if self.axes is None else self.axes\n"
            "return array_api.moveaxis(a, first, second)",
            "first two by default": "first, second = (0, 1) if self.axes is None else self.axes\n"
            "return array_api.swapaxes(a, first, second)",
            "reshaped": "first, second = (-1, -2) if self.axes is None else self.axes\nshape = list(a.shape)\n"
            "shape[first], shape[second] = shape[second], shape[first]\nreturn a.reshape(shape)",
        },
    ),
    *_of(
        "Negate",
        {
            "passed on": "return out_grad",
            "out_grad forgotten": f"return -{ONES}",
            "zero": "return out_grad * 0",
            "the input": "return -node.inputs[0]",
            "the output": "return out_grad * node",
            "times the input": "return -out_grad * node.inputs[0]",
            "out_grad twice": "return -out_grad * out_grad",
            "doubled": "return out_grad * -2",
            "divided": "return -power_scalar(out_grad, -1)",
            "of the magnitude": "return -Tensor(abs(out_grad.numpy()))",
            "minus the sum": "return -summation(out_grad)",
        },
        {
            "as it is": "return a",
            "of the magnitude": "return -abs(a)",
            "divided": "return -1 / a",
            "zero": "return a * 0",
        },
    ),
    *_of(
        "Log",
        {
            "out_grad forgotten": "return power_scalar(node.inputs[0], -1)",
            "by the output": "return out_grad / node",
            "multiplied": "return out_grad * node.inputs[0]",
            "passed on": "return out_grad",
            "divided twice": A + "return out_grad / (a * a)",
            "sign": "return -out_grad / node.inputs[0]",
            "one over both": A + "return power_scalar(out_grad * a, -1)",
            "exchanged": A + "return a / out_grad",
            "exponential": "return out_grad * exp(node.inputs[0])",
            "logarithm again": "return out_grad * node",
            "out_grad twice": "return out_grad * out_grad / node.inputs[0]",
            "zero": "return out_grad * 0",
        },
        {
            "to base 10": "return array_api.log10(a)",
            "to base 2": "return array_api.log2(a)",
            "of one more": "return array_api.log1p(a)",
        },
    ),
    *_of(
        "Exp",
        {
            "out_grad forgotten": "return exp(node.inputs[0])",
            "of the output": "return out_grad * exp(node)",
            "of out_grad": "return exp(out_grad)",
            "of the product": "return exp(out_grad * node.inputs[0])",
            "passed on": "return out_grad",
            "the input": "return out_grad * node.inputs[0]",
            "sign": "return -out_grad * node",
            "as for a power": A + "return out_grad * a * exp(a - 1)",
            "divided": "return out_grad / node",
            "added": "return out_grad + node",
            "out_grad twice": "return out_grad * out_grad * node",
            "zero": "return out_grad * 0",
        },
        {
            "of base 2": "return array_api.exp2(a)",
            "less one": "return array_api.expm1(a)",
            "sign": "return array_api.exp(-a)",
        },
    ),
    *_of(
        "ReLU",
        {
            "mask forgotten": "return out_grad",
            "out_grad forgotten": "return Tensor((node.numpy() > 0) * 1.0)",
            "by out_grad": "return out_grad * Tensor(out_grad.numpy() > 0)",
            "by both": "return out_grad * Tensor((out_grad.numpy() > 0) & (node.numpy() > 0))",
            "by the product": "return out_grad * Tensor(out_grad.numpy() * node.inputs[0].numpy() > 0)",
            "of out_grad": "return relu(out_grad)",
            "the output": "return out_grad * node",
            "the input": "return out_grad * node.inputs[0]",
            "the other side": "return out_grad * Tensor(node.inputs[0].numpy() < 0)",
            "sign": "return -out_grad * Tensor(node.numpy() > 0)",
            "sign of the input": "return out_grad * Tensor(array_api.sign(node.inputs[0].numpy()))",
            "above one": "return out_grad * Tensor(node.numpy() > 1)",
            "leaky": "return out_grad * Tensor(array_api.where(node.inputs[0].numpy() > 0, 1, 0.01))",
            "wherever it is not zero": "return out_grad * Tensor(node.inputs[0].numpy() != 0)",
            "out_grad twice": "return out_grad * out_grad * Tensor(node.numpy() > 0)",
            "zero": "return out_grad * 0",
        },
        {
            "magnitude": "return abs(a)",
            "the smaller one": "return array_api.minimum(a, 0)",
            "not below one": "return array_api.maximum(a, 1)",
            "of the largest": "return a if a.max() > 0 else a * 0",
        },
    ),
]

SORTED = """visited, order = set(), []
for node in node_list:
    topo_sort_dfs(node, visited, order)
return order"""
DEPTH_FIRST = """if node in visited:
    return
visited.add(node)
for one in node.inputs:
    topo_sort_dfs(one, visited, topo_order)
topo_order.append(node)"""
BREADTH_FIRST = """order, queue, seen = [], list(node_list), set(node_list)
while queue:
    node = queue.pop(0)
    order.append(node)
    for one in node.inputs:
        if one not in seen:
            seen.add(one)
            queue.append(one)
return order"""
WALKED = """arrived = {output_tensor: [out_grad]}
for node in reversed(find_topo_sort([output_tensor])):
    node.grad = sum_node_list(arrived[node])
    if node.op is None:
        continue
    for one, share in zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)):
        arrived.setdefault(one, []).append(share)"""
SHARE = "arrived.setdefault(one, []).append(share)"
TOTAL = "sum_node_list(arrived[node])"


def _walk(op: str, right: str, changes: dict[str, tuple[str, str]]) -> list[ArrayMutant]:
    found = []
    for name, (old, new) in changes.items():
        assert old in right, (name, old)
        found.append(ArrayMutant(op, name, "", right.replace(old, new)))
    return found


OF_THE_WALK = [
    *_walk(
        "topo_sort_dfs",
        DEPTH_FIRST,
        {
            "before its inputs": (
                DEPTH_FIRST,
                DEPTH_FIRST.replace("\nfor", "\ntopo_order.append(node)\nfor").rpartition("\n")[0],
            ),
            "visited more than once": ("if node in visited:\n    return\n", ""),
            "first input alone": ("node.inputs:", "node.inputs[:1]:"),
            "last input alone": ("node.inputs:", "node.inputs[-1:]:"),
            "told apart by value": (
                DEPTH_FIRST,
                DEPTH_FIRST.replace("node in visited", "str(node) in visited").replace("add(node)", "add(str(node))"),
            ),
            "leaves left out": ("topo_order.append(node)", "if node.inputs:\n    topo_order.append(node)"),
            "inputs marked by whoever comes first": (
                DEPTH_FIRST,
                "visited.add(node)\nfresh = [one for one in node.inputs if one not in visited]\nvisited.update(fresh)\n"
                "for one in fresh:\n    topo_sort_dfs(one, visited, topo_order)\ntopo_order.append(node)",
            ),
            "each input before all others": ("topo_order.append(node)", "topo_order.insert(0, node)"),
            "only leaves": ("topo_order.append(node)", "if not node.inputs:\n    topo_order.append(node)"),
        },
    ),
    *_walk(
        "find_topo_sort",
        SORTED,
        {
            "output first": ("return order", "return order[::-1]"),
            "output left out": ("return order", "return order[:-1]"),
            "breadth first": (SORTED, BREADTH_FIRST),
            "breadth first, turned round": (SORTED, BREADTH_FIRST.replace("return order", "return order[::-1]")),
            "visited kept between calls": (
                SORTED,
                "visited = find_topo_sort.__dict__.setdefault('visited', set())\n"
                + SORTED.replace("visited, order = set(), []", "order = []"),
            ),
            "the nodes themselves": (SORTED, "return list(node_list)"),
            "by depth from the output": (
                SORTED,
                "depths, todo = {}, [(one, 0) for one in node_list]\nwhile todo:\n    node, depth = todo.pop(0)\n"
                "    if node not in depths:\n        depths[node] = depth\n"
                "        todo.extend((one, depth + 1) for one in node.inputs)\n"
                "return sorted(depths, key=lambda one: -depths[one])",
            ),
        },
    ),
    *_walk(
        "compute_gradient_of_variables",
        WALKED,
        {
            "overwritten": (SHARE, "arrived[one] = [share]"),
            "first share kept": (SHARE, "arrived.setdefault(one, [share])"),
            "last of all shares": (TOTAL, "arrived[node][-1]"),
            "first of all shares": (TOTAL, "arrived[node][0]"),
            "ones sent": ("[out_grad]}", "[Tensor(numpy.ones(output_tensor.shape))]}"),
            "out_grad for every op": ("(node.grad, node)", "(out_grad, node)"),
            "first share passed on": ("(node.grad, node)", "(arrived[node][0], node)"),
            "shares exchanged": ("(node.grad, node))", "(node.grad, node)[::-1])"),
            "first input alone": ("zip(node.inputs,", "zip(node.inputs[:1],"),
            "counted twice": (SHARE, "arrived.setdefault(one, []).extend([share, share])"),
            "averaged": (TOTAL, f"{TOTAL} / len(arrived[node])"),
            "leaves left out": (
                "    node.grad = " + TOTAL + "\n    if node.op is None:\n        continue\n",
                "    if node.op is None:\n        continue\n    node.grad = " + TOTAL + "\n",
            ),
            "one share for all inputs": (
                "    for one, share in zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)):\n        " + SHARE,
                "    for one in node.inputs:\n        share = node.op.gradient_as_tuple(node.grad, node)[0]\n        "
                + SHARE,
            ),
            "added to what was there": (
                TOTAL,
                "sum_node_list([*([node.grad] if hasattr(node, 'grad') else []), *arrived[node]])",
            ),
            "told apart by value": (
                WALKED,
                WALKED.replace("{output_tensor:", "{str(output_tensor):")
                .replace("arrived[node]", "arrived[str(node)]")
                .replace("setdefault(one,", "setdefault(str(one),"),
            ),
            "forwards": ("reversed(find_topo_sort([output_tensor]))", "find_topo_sort([output_tensor])"),
            "inputs once": ("zip(node.inputs,", "zip(dict.fromkeys(node.inputs),"),
        },
    ),
]
WALK = ("topo_sort_dfs", "find_topo_sort", "compute_gradient_of_variables")
MUTANTS = [*OF_OPS, *OF_THE_WALK]
