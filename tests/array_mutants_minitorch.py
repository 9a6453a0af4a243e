"""Mistakes in MiniTorch's tensor functions, planted one at a time in the reference of `examples/minitorch-module2`.

Each is one that students make, or the kind of it: what is sent back is forgotten, squared or ignored, a value is saved
that backward does not mean, an axis is the wrong one, an order is not turned round.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

REFERENCE = ROOT / "examples" / "minitorch-module2" / "reference"


class Mutant(NamedTuple):
    """One mistake: in `module`, the body of `name`, or of a method of it, is `body`; or `old` in it becomes `body`."""

    module: str
    name: str
    method: str
    says: str
    body: str
    old: str = ""

    def source(self, text: str) -> str:
        """Plant it in the module's text."""
        lines = text.splitlines(keepends=True)
        node = _found(ast.parse(text), self.name, self.method)
        first, last = node.body[0].lineno - 1, node.end_lineno or 0
        if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            first = node.body[0].end_lineno or 0
        if self.old:
            held = "".join(lines[first:last])
            assert held.count(self.old) == 1, f"{self}: {held.count(self.old)} times"
            return "".join([*lines[:first], held.replace(self.old, self.body), *lines[last:]])
        indent = " " * node.body[0].col_offset
        planted = [f"{indent}{line}\n" for line in self.body.splitlines()]
        return "".join([*lines[:first], *planted, *lines[last:]])


def _found(tree: ast.Module, name: str, method: str) -> ast.FunctionDef:
    for part in (name, method):
        if part:
            tree = next(one for one in ast.walk(tree) if getattr(one, "name", "") == part)  # type: ignore[assignment]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def planted(mutant: Mutant, folder: Path) -> None:
    """Write the reference with one mistake into a folder."""
    package = folder / "minitorch"
    package.mkdir(parents=True)
    for path in REFERENCE.glob("*.py"):
        text = path.read_text("utf-8")
        (package / path.name).write_text(mutant.source(text) if path.stem == mutant.module else text, "utf-8")


def mutants() -> Iterator[Mutant]:
    """Yield every mutant."""
    for (name, method), bodies in FUNCTIONS.items():
        for says, body in bodies.items():
            yield Mutant("tensor_functions", name, method, says, body)
    for module, name, method, changes in TEXTS:
        for says, (old, new) in changes.items():
            yield Mutant(module, name, method, says, new, old)


TWO = "t1, t2 = ctx.saved_values\n"
ONE = "(t1,) = ctx.saved_values\n"
OUT = "(out,) = ctx.saved_values\n"
SHAPES = "shape1, shape2 = ctx.saved_values\n"
AXES = "(axes,) = ctx.saved_values\n"
SHAPE = "(shape,) = ctx.saved_values\n"
ORDER = "axes = [int(order[i]) for i in range(order.size)]\nctx.save_for_backward(axes)\n"
INVERSE = "inverse = [axes.index(i) for i in range(len(axes))]\n"
SIZES = "ctx.save_for_backward(a.shape)\nsizes = tuple(int(shape[i]) for i in range(shape.size))\n"

FUNCTIONS: dict[tuple[str, str], dict[str, str]] = {
    ("Neg", "forward"): {
        "no sign": "return t1.f.id_map(t1)",
        "the reciprocal": "return t1.f.inv_map(t1)",
        "only what is positive": "return t1.f.neg_map(t1.f.relu_map(t1))",
        "twice": "return t1.f.neg_map(t1.f.add_zip(t1, t1))",
        "two signs": "return t1.f.neg_map(t1.f.neg_map(t1))",
        "1 more each": "return -t1 + 1",
    },
    ("Neg", "backward"): {
        "no sign": "return grad_output",
        "zero": "return grad_output.zeros()",
        "what is sent back ignored": "return grad_output.zeros() + -1",
        "squared": "return -(grad_output * grad_output)",
        "twice": "return -(grad_output + grad_output)",
        "only what is positive": "return -grad_output.relu()",
        "a number": "return -1.0",
    },
    ("Inv", "forward"): {
        "minus": "ctx.save_for_backward(t1)\nreturn -t1.f.inv_map(t1)",
        "the number itself": "ctx.save_for_backward(t1)\nreturn t1.f.id_map(t1)",
        "saves its value": "out = t1.f.inv_map(t1)\nctx.save_for_backward(out)\nreturn out",
        "saves nothing": "return t1.f.inv_map(t1)",
        "the square": "ctx.save_for_backward(t1)\nreturn t1.f.inv_map(t1 * t1)",
    },
    ("Inv", "backward"): {
        "sign": ONE + "return -grad_output.f.inv_back_zip(t1, grad_output)",
        "over x, not its square": ONE + "return -grad_output.f.log_back_zip(t1, grad_output)",
        "what is sent back forgotten": ONE + "return t1.f.inv_back_zip(t1, t1.zeros() + 1)",
        "arguments exchanged": ONE + "return grad_output.f.inv_back_zip(grad_output, t1)",
        "zero": "return grad_output.zeros()",
        "passed through": "return grad_output",
        "squared": ONE + "return grad_output.f.inv_back_zip(t1, grad_output * grad_output)",
        "times the square": ONE + "return -grad_output * t1 * t1",
        "the value instead": ONE + "return grad_output * t1.f.inv_map(t1)",
    },
    ("Add", "forward"): {
        "the product": "return t1.f.mul_zip(t1, t2)",
        "the first twice": "return t1.f.add_zip(t1, t1)",
        "the difference": "return t1.f.add_zip(t1, t2.f.neg_map(t2))",
        "the second alone": "return t2.f.id_map(t2)",
    },
    ("Add", "backward"): {
        "minus for the second": "return grad_output, -grad_output",
        "nothing for the second": "return grad_output, 0.0",
        "nothing for the first": "return 0.0, grad_output",
        "minus": "return -grad_output, -grad_output",
        "twice": "return grad_output + grad_output, grad_output + grad_output",
        "squared": "return grad_output * grad_output, grad_output * grad_output",
        "what is sent back ignored": "return grad_output.zeros() + 1, grad_output.zeros() + 1",
        "one alone": "return grad_output",
        "summed over the first axis too early": "return grad_output, grad_output.f.add_reduce(grad_output, 0)",
        "half each": "return grad_output / 2, grad_output / 2",
        "a number": "return 1.0, 1.0",
    },
    ("Mul", "forward"): {
        "the sum": "ctx.save_for_backward(t1, t2)\nreturn t1.f.add_zip(t1, t2)",
        "saves the first twice": "ctx.save_for_backward(t1, t1)\nreturn t1.f.mul_zip(t1, t2)",
        "saves them exchanged": "ctx.save_for_backward(t2, t1)\nreturn t1.f.mul_zip(t1, t2)",
        "saves nothing": "return t1.f.mul_zip(t1, t2)",
        "saves the product": "out = t1.f.mul_zip(t1, t2)\nctx.save_for_backward(out, out)\nreturn out",
        "the square": "ctx.save_for_backward(t1, t2)\nreturn t1.f.mul_zip(t1, t1)",
    },
    ("Mul", "backward"): {
        "exchanged": TWO + "return grad_output * t1, grad_output * t2",
        "what is sent back forgotten": TWO + "return t2, t1",
        "the same for both": TWO + "return grad_output * t2, grad_output * t2",
        "squared": TWO + "return grad_output * t2 * grad_output, grad_output * t1 * grad_output",
        "passed through": "return grad_output, grad_output",
        "sign": TWO + "return grad_output * t2, -grad_output * t1",
        "nothing for the second": TWO + "return grad_output * t2, 0.0",
        "added": TWO + "return grad_output + t2, grad_output + t1",
        "one alone": TWO + "return grad_output * t2",
        "what is sent back alone for the second": TWO + "return grad_output * t2, grad_output * grad_output",
        "the whole product": TWO + "return grad_output * t1 * t2, grad_output * t1 * t2",
        "summed over the first axis too early": TWO
        + "return grad_output * t2, grad_output.f.add_reduce(grad_output * t1, 0)",
    },
    ("Sigmoid", "forward"): {
        "saves its input": "ctx.save_for_backward(t1)\nreturn t1.f.sigmoid_map(t1)",
        "saves nothing": "return t1.f.sigmoid_map(t1)",
        "of minus x": "out = t1.f.sigmoid_map(-t1)\nctx.save_for_backward(out)\nreturn out",
        "the exponential": "out = t1.f.exp_map(t1)\nctx.save_for_backward(out)\nreturn out",
    },
    ("Sigmoid", "backward"): {
        "what is sent back forgotten": OUT + "return out * (-out + 1.0)",
        "s alone": OUT + "return grad_output * out",
        "1 - s alone": OUT + "return grad_output * (-out + 1.0)",
        "sigmoid of the sigmoid": OUT + "s = out.f.sigmoid_map(out)\nreturn grad_output * s * (-s + 1.0)",
        "sign": OUT + "return grad_output * out * (out - 1.0)",
        "plus for minus": OUT + "return grad_output * out * (out + 1.0)",
        "squared": OUT + "return grad_output * grad_output * out * (-out + 1.0)",
        "passed through": "return grad_output",
        "zero": "return grad_output.zeros()",
        "s squared": OUT + "return grad_output * out * out",
        "that of tanh": OUT + "return grad_output * (-out * out + 1.0)",
        "added": OUT + "return grad_output + out * (-out + 1.0)",
    },
    ("ReLU", "forward"): {
        "the number itself": "ctx.save_for_backward(t1)\nreturn t1.f.id_map(t1)",
        "of minus x": "ctx.save_for_backward(t1)\nreturn t1.f.relu_map(-t1)",
        "the magnitude": "ctx.save_for_backward(t1)\nreturn t1.f.relu_map(t1) + t1.f.relu_map(-t1)",
        "saves nothing": "return t1.f.relu_map(t1)",
        "1 where it is positive": "ctx.save_for_backward(t1)\nreturn t1.f.lt_zip(t1.zeros(), t1)",
    },
    ("ReLU", "backward"): {
        "what is sent back twice": ONE + "return grad_output * t1.f.relu_back_zip(t1, grad_output)",
        "times relu(x)": ONE + "return grad_output * t1.f.relu_map(t1)",
        "passed through": "return grad_output",
        "where it is negative": ONE + "return grad_output.f.relu_back_zip(-t1, grad_output)",
        "arguments exchanged": ONE + "return grad_output.f.relu_back_zip(grad_output, t1)",
        "what is sent back forgotten": ONE + "return t1.f.lt_zip(t1.zeros(), t1)",
        "zero": "return grad_output.zeros()",
        "relu of what is sent back": "return grad_output.f.relu_map(grad_output)",
        "sign": ONE + "return -grad_output.f.relu_back_zip(t1, grad_output)",
        "where it is above 1": ONE + "return grad_output.f.relu_back_zip(t1 - 1, grad_output)",
        "times x": ONE + "return grad_output * t1",
    },
    ("Log", "forward"): {
        "saves its value": "out = t1.f.log_map(t1)\nctx.save_for_backward(out)\nreturn out",
        "saves nothing": "return t1.f.log_map(t1)",
        "minus": "ctx.save_for_backward(t1)\nreturn -t1.f.log_map(t1)",
        "the exponential": "ctx.save_for_backward(t1)\nreturn t1.f.exp_map(-t1)",
    },
    ("Log", "backward"): {
        "times x": ONE + "return grad_output * t1",
        "what is sent back forgotten": ONE + "return t1.f.inv_map(t1)",
        "over the square": ONE + "return grad_output.f.log_back_zip(t1 * t1, grad_output)",
        "sign": ONE + "return -grad_output.f.log_back_zip(t1, grad_output)",
        "that of the reciprocal": ONE + "return grad_output.f.inv_back_zip(t1, grad_output)",
        "passed through": "return grad_output",
        "arguments exchanged": ONE + "return grad_output.f.log_back_zip(grad_output, t1)",
        "zero": "return grad_output.zeros()",
        "squared": ONE + "return grad_output.f.log_back_zip(t1, grad_output * grad_output)",
        "the value instead": ONE + "return grad_output * t1.f.log_map(t1)",
        "added": ONE + "return grad_output + t1.f.inv_map(t1)",
    },
    ("Exp", "forward"): {
        "saves its input": "ctx.save_for_backward(t1)\nreturn t1.f.exp_map(t1)",
        "saves nothing": "return t1.f.exp_map(t1)",
        "of minus x": "out = t1.f.exp_map(-t1)\nctx.save_for_backward(out)\nreturn out",
        "the number itself": "out = t1.f.exp_map(t1)\nctx.save_for_backward(out)\nreturn t1.f.id_map(t1)",
    },
    ("Exp", "backward"): {
        "passed through": "return grad_output",
        "what is sent back forgotten": OUT + "return out.f.id_map(out)",
        "squared": OUT + "return grad_output * grad_output * out",
        "sign": OUT + "return -grad_output * out",
        "the square of the value": OUT + "return grad_output * out * out",
        "zero": "return grad_output.zeros()",
        "divided": OUT + "return grad_output / out",
        "added": OUT + "return grad_output + out",
        "times the input": OUT + "return grad_output * out.f.log_map(out)",
        "what is sent back alone": "return grad_output * grad_output",
        "twice": OUT + "return grad_output * out + grad_output * out",
    },
    ("Sum", "forward"): {
        "always the first axis": "return t1.f.add_reduce(t1, 0)",
        "always the last axis": "return t1.f.add_reduce(t1, t1.dims - 1)",
        "the axis after": "return t1.f.add_reduce(t1, (int(dim.item()) + 1) % t1.dims)",
        "the product": "return t1.f.mul_reduce(t1, int(dim.item()))",
        "the mean": "return t1.f.add_reduce(t1, int(dim.item())) / t1.shape[int(dim.item())]",
        "over every axis": "for axis in range(t1.dims):\n    t1 = t1.f.add_reduce(t1, axis)\nreturn t1",
        "minus": "return -t1.f.add_reduce(t1, int(dim.item()))",
    },
    ("Sum", "backward"): {
        "what comes first, for all": "out = grad_output.zeros()\n"
        "out._tensor._storage[:] = grad_output._tensor._storage[0]\nreturn out, 0.0",
        "zero": "return 0.0, 0.0",
        "sign": "return -grad_output, 0.0",
        "what is sent back ignored": "return 1.0, 0.0",
        "squared": "return grad_output * grad_output, 0.0",
        "one alone": "return grad_output",
        "summed once more": "return grad_output.f.add_reduce(grad_output, 0), 0.0",
        "halved": "return grad_output / 2, 0.0",
        "backwards in the storage": "return minitorch.Tensor.make(grad_output._tensor._storage[::-1].copy(), "
        "grad_output.shape, backend=grad_output.backend), 0.0",
        "given to the axis": "return 0.0, grad_output",
    },
    ("All", "forward"): {
        "the sum": "return a.f.add_reduce(a, int(dim.item()))",
        "always the first axis": "return a.f.mul_reduce(a, 0)",
        "always the last axis": "return a.f.mul_reduce(a, a.dims - 1)",
        "the axis before": "return a.f.mul_reduce(a, int(dim.item()) - 1)",
        "any": "return -a.f.mul_reduce(-a + 1, int(dim.item())) + 1",
        "none": "return a.f.mul_reduce(-a + 1, int(dim.item()))",
        "not all": "return -a.f.mul_reduce(a, int(dim.item())) + 1",
        "over every axis": "for axis in range(a.dims):\n    a = a.f.mul_reduce(a, axis)\nreturn a",
        "what goes in": "return a.f.id_map(a)",
        "always 1": "return a.f.add_reduce(a, int(dim.item())).zeros() + 1",
        "always 0": "return a.f.add_reduce(a, int(dim.item())).zeros()",
        "minus": "return -a.f.mul_reduce(a, int(dim.item()))",
        "an axis that is not there": "return a.f.mul_reduce(a, a.dims)",
    },
    ("LT", "forward"): {
        "exchanged": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.lt_zip(t2, t1)",
        "equality": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.eq_zip(t1, t2)",
        "or equal": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn -t1.f.lt_zip(t2, t1) + 1",
        "the difference": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t2 - t1",
        "saves nothing": "return t1.f.lt_zip(t1, t2)",
        "always 0": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.lt_zip(t1, t2).zeros()",
    },
    ("LT", "backward"): {
        "passed through": "return grad_output, grad_output",
        "passed through with a sign": "return -grad_output, grad_output",
        "what is sent back ignored": SHAPES + "return grad_output.zeros(shape1) + 1, grad_output.zeros(shape2) + 1",
        "to the first": SHAPES + "return grad_output, grad_output.zeros(shape2)",
        "to the second": SHAPES + "return grad_output.zeros(shape1), grad_output",
        "one alone": SHAPES + "return grad_output.zeros(shape1)",
        "a number that is not 0": "return 1.0, 1.0",
        "squared": "return grad_output * grad_output, grad_output * grad_output",
    },
    ("EQ", "forward"): {
        "less": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.lt_zip(t1, t2)",
        "not equal": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn -t1.f.eq_zip(t1, t2) + 1",
        "the first with itself": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.eq_zip(t1, t1 + t2.zeros())",
        "the product": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.mul_zip(t1, t2)",
        "or less": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn -t1.f.lt_zip(t2, t1) + 1",
        "saves nothing": "return t1.f.eq_zip(t1, t2)",
        "always 0": "ctx.save_for_backward(t1.shape, t2.shape)\nreturn t1.f.eq_zip(t1, t2).zeros()",
    },
    ("EQ", "backward"): {
        "passed through": "return grad_output, grad_output",
        "passed through with a sign": "return grad_output, -grad_output",
        "what is sent back ignored": SHAPES + "return grad_output.zeros(shape1) + 1, grad_output.zeros(shape2) + 1",
        "to the first": SHAPES + "return grad_output, grad_output.zeros(shape2)",
        "one alone": SHAPES + "return grad_output.zeros(shape1)",
        "a number that is not 0": "return 1.0, 1.0",
        "squared": "return grad_output * grad_output, grad_output * grad_output",
    },
    ("IsClose", "forward"): {
        "equality": "return t1.f.eq_zip(t1, t2)",
        "less": "return t1.f.lt_zip(t1, t2)",
        "not close": "return -t1.f.is_close_zip(t1, t2) + 1",
        "the first with itself": "return t1.f.is_close_zip(t1, t1 + t2.zeros())",
        "no magnitude": "return t1.f.lt_zip(t1 - t2, t1.zeros() + 0.01)",
        "a tenth of the distance": "return t1.f.is_close_zip(t1 * 10, t2 * 10)",
        "twice the distance": "return t1.f.is_close_zip(t1 / 2, t2 / 2)",
        "half the distance": "return t1.f.is_close_zip(t1 * 2, t2 * 2)",
        "the difference": "return t1 - t2",
        "with minus the second": "return t1.f.is_close_zip(t1, -t2)",
        "always 1": "return t1.f.eq_zip(t1, t2).zeros() + 1",
        "always 0": "return t1.f.eq_zip(t1, t2).zeros()",
        "the distance": "return t1.f.relu_map(t1 - t2) + t1.f.relu_map(t2 - t1)",
    },
    ("Permute", "forward"): {
        "the other way round": ORDER + INVERSE + "return a._new(a._tensor.permute(*inverse))",
        "the order turned round": ORDER + "return a._new(a._tensor.permute(*axes[::-1]))",
        "all axes turned round": ORDER + "return a._new(a._tensor.permute(*range(a.dims - 1, -1, -1)))",
        "what goes in": ORDER + "a._tensor.permute(*axes)\nreturn a",
        "the shape without the strides": ORDER + "return minitorch.Tensor.make(a._tensor._storage, "
        "tuple(a.shape[i] for i in axes), backend=a.backend)",
        "saves nothing": "axes = [int(order[i]) for i in range(order.size)]\nreturn a._new(a._tensor.permute(*axes))",
        "floats for axes": "axes = [float(order[i]) for i in range(order.size)]\n"
        "return a._new(a._tensor.permute(*axes))",
    },
    ("Permute", "backward"): {
        "the same order again": AXES + "return grad_output._new(grad_output._tensor.permute(*axes)), 0.0",
        "the order turned round": AXES + "return grad_output._new(grad_output._tensor.permute(*axes[::-1])), 0.0",
        "all axes turned round": "return grad_output._new(grad_output._tensor.permute("
        "*range(grad_output.dims - 1, -1, -1))), 0.0",
        "as it is": "return grad_output, 0.0",
        "zero": "return 0.0, 0.0",
        "what is sent back ignored": "return 1.0, 0.0",
        "sign": AXES + INVERSE + "return -grad_output._new(grad_output._tensor.permute(*inverse)), 0.0",
        "one alone": AXES + INVERSE + "return grad_output._new(grad_output._tensor.permute(*inverse))",
        "the shape without the strides": AXES + INVERSE + "return minitorch.Tensor.make("
        "grad_output.contiguous()._tensor._storage, tuple(grad_output.shape[i] for i in inverse), "
        "backend=grad_output.backend), 0.0",
        "axes in order": AXES + "return grad_output._new(grad_output._tensor.permute(*sorted(axes))), 0.0",
    },
    ("View", "forward"): {
        "the shape turned round": SIZES
        + "return minitorch.Tensor.make(a._tensor._storage, sizes[::-1], backend=a.backend)",
        "what goes in": "ctx.save_for_backward(a.shape)\nreturn a",
        "saves the new shape": "sizes = tuple(int(shape[i]) for i in range(shape.size))\nctx.save_for_backward(sizes)\n"
        "return minitorch.Tensor.make(a._tensor._storage, sizes, backend=a.backend)",
        "saves nothing": "sizes = tuple(int(shape[i]) for i in range(shape.size))\n"
        "return minitorch.Tensor.make(a._tensor._storage, sizes, backend=a.backend)",
        "backwards in the storage": SIZES
        + "return minitorch.Tensor.make(a._tensor._storage[::-1].copy(), sizes, backend=a.backend)",
        "one axis": "ctx.save_for_backward(a.shape)\n"
        "return minitorch.Tensor.make(a._tensor._storage, (1, a.size), backend=a.backend)",
    },
    ("View", "backward"): {
        "as it is": "return grad_output, 0.0",
        "zero": "return 0.0, 0.0",
        "what is sent back ignored": "return 1.0, 0.0",
        "sign": SHAPE + "return minitorch.Tensor.make(-grad_output.contiguous()._tensor._storage, shape, "
        "backend=grad_output.backend), 0.0",
        "backwards in the storage": SHAPE + "return minitorch.Tensor.make("
        "grad_output.contiguous()._tensor._storage[::-1].copy(), shape, backend=grad_output.backend), 0.0",
        "one alone": SHAPE + "return minitorch.Tensor.make(grad_output.contiguous()._tensor._storage, shape, "
        "backend=grad_output.backend)",
        "squared": SHAPE + "return minitorch.Tensor.make(grad_output.contiguous()._tensor._storage ** 2, shape, "
        "backend=grad_output.backend), 0.0",
        "what comes first, for all": "return float(grad_output._tensor._storage[0]), 0.0",
    },
    ("Copy", "forward"): {
        "the storage, not the order": "return minitorch.Tensor.make(a._tensor._storage, a.shape, backend=a.backend)",
        "what goes in": "return a",
        "minus": "return a.f.neg_map(a)",
        "zero": "return a.zeros()",
        "only what is positive": "return a.f.relu_map(a)",
        "twice": "return a.f.add_zip(a, a)",
        "backwards in the storage": "out = a.f.id_map(a)\nout._tensor._storage[:] = out._tensor._storage[::-1].copy()\n"
        "return out",
    },
    ("Copy", "backward"): {
        "sign": "return -grad_output",
        "zero": "return grad_output.zeros()",
        "what is sent back ignored": "return grad_output.zeros() + 1",
        "squared": "return grad_output * grad_output",
        "twice": "return grad_output + grad_output",
        "the order turned round": "return grad_output._new(grad_output._tensor.permute("
        "*range(grad_output.dims - 1, -1, -1)))",
        "what comes first, for all": "return float(grad_output._tensor._storage[0])",
    },
}
"""Bodies of a function's forward or backward, by what is wrong with them."""

ALIGNED = ("big_index[axis + added]", "big_index[axis]")
LOOP = "for ordinal in range(len(out)):"

TEXTS: list[tuple[str, str, str, dict[str, tuple[str, str]]]] = [
    (
        "tensor_data",
        "index_to_position",
        "",
        {
            "strides alone": ("i * stride", "stride"),
            "indices alone": ("i * stride", "i"),
            "added": ("i * stride", "i + stride"),
            "the last alone": ("position += i", "position = i"),
            "strides turned round": ("zip(index, strides)", "zip(index, strides[::-1])"),
            "off by one": ("position = 0", "position = 1"),
        },
    ),
    (
        "tensor_data",
        "to_index",
        "",
        {
            "the rest is not carried on": ("rest = rest // shape[axis]", "rest = ordinal // shape[axis]"),
            "the quotient for the remainder": ("rest % shape[axis]", "rest // shape[axis]"),
            "the first axis left out": ("- 1, -1, -1", "- 1, 0, -1"),
            "the last axis left out": ("len(shape) - 1", "len(shape) - 2"),
            "sizes turned round": ("rest % shape[axis]", "rest % shape[-1 - axis]"),
            "carried on by the remainder": ("rest // shape[axis]", "rest % shape[axis]"),
        },
    ),
    (
        "tensor_data",
        "broadcast_index",
        "",
        {
            "aligned at the first axis": ALIGNED,
            "an axis of 1 is read where it is": (" if shape[axis] > 1 else 0", ""),
            "always 0": ("big_index[axis + added] if shape[axis] > 1 else 0", "0"),
            "axes of 2 are read at 0": ("> 1", "> 2"),
            "modulo the number of axes": ("big_index[axis + added]", "big_index[(axis + added + 1) % len(big_shape)]"),
            "only where the sizes differ": ("shape[axis] > 1", "shape[axis] != big_shape[axis]"),
        },
    ),
    (
        "tensor_data",
        "shape_broadcast",
        "",
        {
            "aligned at the first axis": (
                "(1,) * (longer - len(shape1)) + tuple(shape1)",
                "tuple(shape1) + (1,) * (longer - len(shape1))",
            ),
            "the first shape": ("return tuple(found)", "return tuple(shape1)"),
            "the smaller size": ("other if one == 1 else one", "min(one, other)"),
            "a list": ("return tuple(found)", "return found"),
            "no stretching": ("one != other and one != 1 and other != 1", "one != other"),
            "turned round": ("return tuple(found)", "return tuple(found[::-1])"),
        },
    ),
    (
        "tensor_data",
        "TensorData",
        "permute",
        {
            "the shape without the strides": ("tuple(self.strides[axis] for axis in order)", "None"),
            "strides left as they are": ("tuple(self.strides[axis] for axis in order)", "self.strides"),
            "the shape left as it is": ("tuple(self.shape[axis] for axis in order)", "self.shape"),
            "the other way round": (
                "for axis in order)\n        strides",
                "for axis in map(order.index, range(self.dims)))"
                "\n        order = tuple(map(order.index, range(self.dims)))\n        strides",
            ),
            "what goes in": ("return TensorData(self._storage, shape, strides)", "return self"),
            "all axes turned round": ("shape = ", "order = tuple(range(self.dims))[::-1]\n        shape = "),
        },
    ),
    (
        "tensor_ops",
        "tensor_map",
        "",
        {
            "strides of what goes in ignored": (
                "in_storage[index_to_position(in_index, in_strides)]",
                "in_storage[ordinal]",
            ),
            "the index of what comes out": (
                "index_to_position(in_index, in_strides)",
                "index_to_position(out_index, in_strides)",
            ),
            "the function left out": ("= fn(number)", "= number"),
            "the last left out": (LOOP, "for ordinal in range(len(out) - 1):"),
            "strides exchanged": (
                "index_to_position(in_index, in_strides)",
                "index_to_position(in_index, out_strides)",
            ),
            "as many as go in": (LOOP, "for ordinal in range(len(in_storage)):"),
        },
    ),
    (
        "tensor_ops",
        "tensor_zip",
        "",
        {
            "strides of the first ignored": ("a_storage[index_to_position(a_index, a_strides)]", "a_storage[ordinal]"),
            "strides exchanged": ("index_to_position(b_index, b_strides)", "index_to_position(b_index, a_strides)"),
            "the first twice": ("fn(a, b)", "fn(a, a)"),
            "the second is not broadcast": (
                "broadcast_index(out_index, out_shape, b_shape, b_index)",
                "to_index(ordinal, b_shape, b_index)",
            ),
            "as many as the first has": (LOOP, "for ordinal in range(len(a_storage)):"),
            "broadcast to the first": (
                "broadcast_index(out_index, out_shape, b_shape, b_index)",
                "broadcast_index(a_index, a_shape, b_shape, b_index)",
            ),
        },
    ),
    (
        "tensor_ops",
        "tensor_reduce",
        "",
        {
            "one step": ("range(a_shape[reduce_dim])", "range(out_shape[reduce_dim])"),
            "one too few": ("range(a_shape[reduce_dim])", "range(a_shape[reduce_dim] - 1)"),
            "the first left out": ("range(a_shape[reduce_dim])", "range(1, a_shape[reduce_dim])"),
            "the last alone": ("fn(out[position], a_storage", "(lambda _, x: x)(out[position], a_storage"),
            "the wrong strides": ("index_to_position(index, a_strides)", "index_to_position(index, out_strides)"),
            "the first axis": ("index[reduce_dim] = i", "index[0] = i"),
            "the first number twice": (
                "position = index_to_position(index, out_strides)",
                "position = index_to_position(index, out_strides)\n"
                "            out[position] = a_storage[index_to_position(index, a_strides)]",
            ),
        },
    ),
]
"""Changes in the text of the functions of storage and of loops."""
