"""Solutions of the machinery that differ from the reference in one place: wrong ones, and right in other styles."""

from __future__ import annotations

import ast
import textwrap

import msgspec

from grader.audit.mutants import machinery
from tests.conftest import ROOT

MODULES = ("operators", "autodiff", "scalar_functions", "scalar", "lecture8")
REFERENCE = {name: (ROOT / "reference" / f"{name}.py").read_text("utf-8") for name in MODULES}


class Wrong(msgspec.Struct, frozen=True):
    """A mistake: where it is planted, who must lose for it, and words its name must hold."""

    where: str
    source: str
    loses: dict[str, tuple[str, ...]]
    named: str = ""


def replaced(where: str, source: str, sources: dict[str, str] = REFERENCE) -> dict[str, str]:
    """Return the reference's sources, or others, with `module.function` or `module.Class.method` replaced."""
    module, *names = where.split(".")
    text = sources[module]
    node = _found(ast.parse(text).body, names)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    lines = text.splitlines()
    indent = " " * node.col_offset
    body = textwrap.indent(textwrap.dedent(source).strip("\n"), indent).splitlines()
    assert node.end_lineno is not None
    return {**sources, module: "\n".join([*lines[: first - 1], *body, *lines[node.end_lineno :]]) + "\n"}


def _found(body: list[ast.stmt], names: list[str]) -> ast.FunctionDef | ast.ClassDef:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == names[0]:
            return _found(node.body, names[1:]) if len(names) > 1 else node
    raise LookupError(names)


WRONG: dict[str, Wrong] = {
    "breadth first, each node passed once": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["breadth first, each node passed once"].code,
        {"backpropagate": ("gradients", "again")},
        "passed through once",
    ),
    "depth first, each node passed once": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["depth first, each node passed once"].code,
        {"backpropagate": ("gradients", "again")},
        "passed through once",
    ),
    "breadth first, sums passed on early": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["breadth first, sums passed on early"].code,
        {"backpropagate": ("gradients",)},
        "breadth-first order, by their shortest distance",
    ),
    "by the shortest distance": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["by the shortest distance"].code,
        {"backpropagate": ("gradients",)},
        "by their shortest distance",
    ),
    "depth first, before all has arrived": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["depth first, before all has arrived"].code,
        {"backpropagate": ("gradients",)},
        "(preorder)",
    ),
    "marked when put on the stack": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["marked when put on the stack"].code,
        {"backpropagate": ("gradients",)},
        "marked as visited too early",
    ),
    "post-order marked at first sight": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["post-order marked at first sight"].code,
        {"backpropagate": ("gradients",)},
        "marked as visited too early",
    ),
    "what arrives overwrites": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["what arrives overwrites"].code,
        {"backpropagate": ("gradients", "again")},
        "overwrites the first",
    ),
    "each parent once": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["each parent once"].code,
        {"backpropagate": ("gradients", "again")},
        "gets one share only",
    ),
    "by value": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["by value"].code,
        {"backpropagate": ("gradients",)},
        "told apart by their value",
    ),
    "seed ignored": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["seed ignored"].code,
        {"backpropagate": ("gradients", "again", "constants")},
        "ignored, and 1 sent instead",
    ),
    "local derivatives alone": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["local derivatives alone"].code,
        {"backpropagate": ("gradients", "again")},
        "local derivative alone",
    ),
    "stale between calls": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["stale between calls"].code,
        {"backpropagate": ("again",)},
        "from an earlier call",
    ),
    "every path walked": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["every path walked"].code,
        {"backpropagate": ("cost", "depth")},
        "every arrival is passed on",
    ),
    "every arrival passed on by a queue": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["every arrival passed on by a queue"].code,
        {"backpropagate": ("cost",)},
        "every arrival is passed on",
    ),
    "every path sorted, then walked once": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["every path sorted, then walked once"].code,
        {"backpropagate": ("cost", "depth")},
    ),
    "every path sorted": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["every path sorted"].code,
        {"topological-sort": ("cost",)},
    ),
    "constants get a derivative": Wrong(
        "autodiff.backpropagate",
        machinery.WRONG["constants get a derivative"].code,
        {"backpropagate": ("constants",)},
    ),
    "outputs only": Wrong(
        "autodiff.topological_sort",
        "def topological_sort(variable):\n    return [variable]\n",
        {"topological-sort": ("order",)},
    ),
    "breadth-first order": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["breadth-first order"].code,
        {"topological-sort": ("order",)},
        "breadth-first order",
    ),
    "pre-order": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["pre-order"].code,
        {"topological-sort": ("order",)},
        "(preorder)",
    ),
    "an order by the shortest distance": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["an order by the shortest distance"].code,
        {"topological-sort": ("order",)},
        "by the shortest distance",
    ),
    "an order marked when put on the stack": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["an order marked when put on the stack"].code,
        {"topological-sort": ("order",)},
        "marked as visited too early",
    ),
    "an order marked at first sight": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["an order marked at first sight"].code,
        {"topological-sort": ("order",)},
        "marked as visited too early",
    ),
    "visited by value": Wrong(
        "autodiff.topological_sort",
        machinery.WRONG["visited by value"].code,
        {"topological-sort": ("order",)},
        "told apart by their value",
    ),
    "a forward difference": Wrong(
        "autodiff.central_difference",
        """
        def central_difference(f, *vals, arg=0, epsilon=1e-6):
            above = list(vals)
            above[arg] += epsilon
            return (f(*above) - f(*vals)) / epsilon
        """,
        {"central-difference": ("value",)},
        "steps forward only",
    ),
    "the first argument always": Wrong(
        "autodiff.central_difference",
        """
        def central_difference(f, *vals, arg=0, epsilon=1e-6):
            return (f(vals[0] + epsilon, *vals[1:]) - f(vals[0] - epsilon, *vals[1:])) / (2 * epsilon)
        """,
        {"central-difference": ("value",)},
        "`arg` is ignored",
    ),
    "no_grad ignored": Wrong(
        "autodiff.Context.save_for_backward",
        "def save_for_backward(self, *values):\n    self.saved_values = values\n",
        {"context": ("no_grad",)},
    ),
    "saved on the class": Wrong(
        "autodiff.Context",
        machinery.WRONG["saved on the class"].code,
        {"context": ("save", "no_grad", "independent")},
    ),
    "no history": Wrong(
        "scalar_functions.ScalarFunction.apply",
        """
        @classmethod
        def apply(cls, *vals):
            from .scalar import Scalar
            raw = [v.data if isinstance(v, Scalar) else v for v in vals]
            return Scalar(cls._forward(Context(), *raw))
        """,
        {"apply": ("history",)},
    ),
    "one context for all": Wrong(
        "scalar_functions.ScalarFunction.apply",
        """
        @classmethod
        def apply(cls, *vals, ctx=Context()):
            from .scalar import Scalar, ScalarHistory
            inputs = [v if isinstance(v, Scalar) else Scalar(v) for v in vals]
            return Scalar(cls._forward(ctx, *(s.data for s in inputs)), ScalarHistory(cls, ctx, inputs))
        """,
        {"apply": ("history",)},
    ),
    "> is <": Wrong(
        "scalar.Scalar.__gt__",
        "def __gt__(self, b):\n    return LT.apply(self, b)\n",
        {"scalar-operators": ("comparisons",)},
    ),
    "b - self with the wrong sign": Wrong(
        "scalar.Scalar.__rsub__",
        "def __rsub__(self, b):\n    return Add.apply(self, Neg.apply(b))\n",
        {"scalar-operators": ("arithmetic",)},
    ),
    "a product of bare numbers": Wrong(
        "scalar.Scalar.__mul__",
        "def __mul__(self, b):\n    return Scalar(self.data * (b.data if isinstance(b, Scalar) else b))\n",
        {"scalar-operators": ("arithmetic",), "all-together": ("network",)},
    ),
    "sigmoid is relu": Wrong(
        "scalar.Scalar.sigmoid",
        "def sigmoid(self):\n    return ReLU.apply(self)\n",
        {"scalar-operators": ("methods",), "all-together": ("network",)},
    ),
    "a leaf assigned": Wrong(
        "scalar.Scalar.accumulate_derivative",
        "def accumulate_derivative(self, x):\n    self.derivative = x\n",
        {"scalar-roles": ("accumulate",)},
    ),
    "constants are leaves": Wrong(
        "scalar.Scalar.is_leaf",
        "def is_leaf(self):\n    return self.history is None or self.history.last_fn is None\n",
        {"scalar-roles": ("roles",)},
    ),
    "a tuple taken for a number": Wrong(
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h = self.history
            return [(s, d) for s, d in zip(h.inputs, h.last_fn.backward(h.ctx, d_output)) if not s.is_constant()]
        """,
        {"chain-rule": ("chain_rule",), "all-together": ("network",)},
    ),
    "pairs the wrong way round": Wrong(
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h = self.history
            return list(zip(h.inputs, reversed(h.last_fn._backward(h.ctx, d_output))))
        """,
        {"chain-rule": ("chain_rule",), "all-together": ("network",)},
    ),
    "d_out ignored by the chain rule": Wrong(
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h = self.history
            return list(zip(h.inputs, h.last_fn._backward(h.ctx, 1.0)))
        """,
        {"chain-rule": ("chain_rule",), "all-together": ("network",)},
    ),
    "a gradient through a comparison": Wrong(
        "scalar_functions.LT.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    return d_out, -d_out\n",
        {"function-lt": ("backward",)},
    ),
    "d_out forgotten in one function": Wrong(
        "scalar_functions.Inv.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    (x,) = ctx.saved_values\n    return -1.0 / x ** 2\n",
        {"function-inv": ("backward",)},
        "d_out was forgotten",
    ),
    "operands swapped": Wrong(
        "scalar_functions.Mul.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    x, y = ctx.saved_values\n    return x * d_out, y * d_out\n",
        {"function-mul": ("backward",), "all-together": ("network",)},
        "swapped",
    ),
    "a helper that forgets d": Wrong(
        "operators.log_back",
        "def log_back(x, d):\n    return 1.0 / x\n",
        {"op-log-back": ("value",), "all-together": ("network",)},
        "d was forgotten",
    ),
    "is_close by a hair": Wrong(
        "operators.is_close",
        "def is_close(x, y):\n    return x == y + 1\n",
        {"op-is-close": ("value",)},
    ),
}

WRONG |= {
    "an order that remembers": Wrong(
        "autodiff.topological_sort",
        """
        def topological_sort(variable, order=[], seen=set()):
            def visit(current):
                if current.is_constant() or current.unique_id in seen:
                    return
                seen.add(current.unique_id)
                for parent in current.parents:
                    visit(parent)
                order.insert(0, current)
            visit(variable)
            return list(order)
        """,
        {"topological-sort": ("order",)},
    ),
    "a step back that works once": Wrong(
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h, self.history = self.history, ScalarHistory()
            pairs = zip(h.inputs, h.last_fn._backward(h.ctx, d_output))
            return [(one, d) for one, d in pairs if not one.is_constant()]
        """,
        {"chain-rule": ("chain_rule",), "all-together": ("network",)},
    ),
    "a context that empties": Wrong(
        "autodiff.Context",
        """
        class Context:
            def __init__(self, no_grad=False):
                self.no_grad, self._kept = no_grad, ()
            def save_for_backward(self, *values):
                if not self.no_grad:
                    self._kept = values
            @property
            def saved_values(self):
                kept, self._kept = self._kept, ()
                return kept
        """,
        {"context": ("save",), "all-together": ("network",)},
    ),
    "a scalar's backward that sends 1": Wrong(
        "scalar.Scalar.backward",
        "def backward(self, d_output=1.0):\n    backpropagate(self, 1.0)\n",
        {"all-together": ("network",)},
    ),
    "< is <=": Wrong(
        "scalar.Scalar.__lt__",
        "def __lt__(self, b):\n    return Add.apply(1.0, Neg.apply(LT.apply(b, self)))\n",
        {"scalar-operators": ("comparisons",)},
    ),
    "an invented pair": Wrong(
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h = self.history
            pairs = list(zip(h.inputs, h.last_fn._backward(h.ctx, d_output)))
            return [*pairs, (Scalar(1.0), 99.0)]
        """,
        {"chain-rule": ("chain_rule",)},
    ),
    "one total for all scalars": Wrong(
        "scalar.Scalar.accumulate_derivative",
        "total = [0.0]\n\ndef accumulate_derivative(self, x):\n"
        "    self.total[0] += x\n    self.derivative = self.total[0]\n",
        {"scalar-roles": ("accumulate",), "all-together": ("network",)},
    ),
}

RIGHT: dict[str, tuple[str, str]] = {
    "an order with leaves first": (
        "autodiff.topological_sort",
        machinery.RIGHT["an order with leaves first"].code,
    ),
    "an order as a generator, without leaves": (
        "autodiff.topological_sort",
        machinery.RIGHT["an order as a generator, without leaves"].code,
    ),
    "an order as a deque, constants in it": (
        "autodiff.topological_sort",
        machinery.RIGHT["an order as a deque, constants in it"].code,
    ),
    "an order that looks through a list for every variable": (
        "autodiff.topological_sort",
        machinery.RIGHT["an order that looks through a list for every variable"].code,
    ),
    "an order that removes what nothing is left to feed": (
        "autodiff.topological_sort",
        machinery.RIGHT["an order that removes what nothing is left to feed"].code,
    ),
    "Kahn's algorithm inside": (
        "autodiff.backpropagate",
        machinery.RIGHT["Kahn's algorithm inside"].code,
    ),
    "in the order of creation": (
        "autodiff.backpropagate",
        machinery.RIGHT["in the order of creation"].code,
    ),
    "by the longest depth": (
        "autodiff.backpropagate",
        machinery.RIGHT["by the longest depth"].code,
    ),
    "keyed by the variable itself": (
        "autodiff.backpropagate",
        machinery.RIGHT["keyed by the variable itself"].code,
    ),
    "half a step to each side": (
        "autodiff.central_difference",
        machinery.RIGHT["half a step to each side"].code,
    ),
    "a chain rule that zips": (
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h = self.history
            return zip(h.inputs, h.last_fn._backward(h.ctx, d_output))
        """,
    ),
    "a chain rule that yields": (
        "scalar.Scalar.chain_rule",
        """
        def chain_rule(self, d_output):
            h = self.history
            for one, d in zip(h.inputs, h.last_fn._backward(h.ctx, d_output)):
                if one.history is not None:
                    yield one, d
        """,
    ),
    "numbers wrapped as leaves": (
        "scalar_functions.ScalarFunction.apply",
        """
        @classmethod
        def apply(cls, *vals):
            import minitorch
            raw, scalars = [], []
            for v in vals:
                if isinstance(v, minitorch.scalar.Scalar):
                    scalars.append(v)
                    raw.append(v.data)
                else:
                    scalars.append(minitorch.scalar.Scalar(v))
                    raw.append(v)
            ctx = Context(False)
            c = cls._forward(ctx, *raw)
            return minitorch.scalar.Scalar(c, minitorch.scalar.ScalarHistory(cls, ctx, scalars))
        """,
    ),
    "a zero that is not passed on": (
        "autodiff.backpropagate",
        machinery.RIGHT["a zero that is not passed on"].code,
    ),
    "a scalar without a name": (
        "scalar.Scalar.__init__",
        """
        def __init__(self, v, back=None):
            self.data, self.derivative, self.name = float(v), None, ""
            self.history = ScalarHistory() if back is None else back
            self.unique_id = next(_ids)
        """,
    ),
    "a square in the lecture's style": (
        "lecture8.Square.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    x = ctx.saved_values\n    return 2 * x * d_out\n",
    ),
    "a leaf that says None": (
        "scalar.Scalar.is_leaf",
        "def is_leaf(self):\n    return self.history and not self.history.last_fn\n",
    ),
    "no __rsub__": ("scalar.Scalar.__rsub__", "rsub_is_not_asked_for = True\n"),
    "a difference as a function of its own": (
        "scalar.Scalar.__sub__",
        "def __sub__(self, b):\n    from .scalar_functions import Sub\n    return Sub.apply(self, b)\n",
    ),
    "a comparison with one zero": (
        "scalar_functions.LT.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    return 0.0\n",
    ),
    "relu with slope 1 at 0": (
        "scalar_functions.ReLU.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    (x,) = ctx.saved_values\n    return d_out if x >= 0 else 0\n",
    ),
    "a guarded inverse": (
        "operators.inv_back",
        "def inv_back(x, d):\n    return -d / (x * x + 1e-8)\n",
    ),
    "a context that keeps a list": (
        "autodiff.Context.save_for_backward",
        "def save_for_backward(self, *values):\n    self.saved_values = () if self.no_grad else tuple(list(values))\n",
    ),
}
