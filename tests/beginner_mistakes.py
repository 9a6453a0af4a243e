"""Sixty mistakes of beginners: where each is made, its code, and words that it must be told in."""

from __future__ import annotations

import textwrap

import msgspec

from tests.machinery import REFERENCE


class Slip(msgspec.Struct, frozen=True):
    """A mistake: where (`module.Class.method`), the code, the exercise it is in, and words that it is told in."""

    what: str
    where: str
    code: str
    exercise: str
    words: str


def _function(head: str, *body: str) -> str:
    return "\n".join([f"def {head}:", *(f"    {line}" for line in body)])


def forward(arguments: str, *body: str) -> str:
    """Return a forward with this body."""
    return "@staticmethod\n" + _function(f"forward(ctx, {arguments})", *body)


def backward(*body: str) -> str:
    """Return a backward with this body."""
    return "@staticmethod\n" + _function("backward(ctx, d_out)", *body)


def whole(name: str, *methods: str) -> str:
    """Return a class with these methods."""
    return f"class {name}(ScalarFunction):\n" + textwrap.indent("\n\n".join(methods), "    ")


ORDER = "def topological_sort" + REFERENCE["autodiff"].partition("def topological_sort")[2].partition("\n\n\ndef ")[0]
X, XY = "(x,) = ctx.saved_values", "x, y = ctx.saved_values"

LECTURE: tuple[Slip, ...] = (
    Slip(
        "adds 5",
        "lecture8.TimesFive.forward",
        forward("x", "return 5 + x"),
        "times-five-forward",
        "value of TimesFive is wrong",
    ),
    Slip(
        "prints, and returns nothing",
        "lecture8.TimesFive.forward",
        forward("x", "print(5 * x)"),
        "times-five-forward",
        "no `return`",
    ),
    Slip("an integer division", "lecture8.Log.backward", backward(X, "return d_out // x"), "log", "rounded down"),
    Slip(
        "returns 5 and forgets d_out",
        "lecture8.TimesFive.backward",
        backward("return 5.0"),
        "times-five-backward",
        "d_out was forgotten",
    ),
    Slip(
        "returns d_out alone",
        "lecture8.TimesFive.backward",
        backward("return d_out"),
        "times-five-backward",
        "d_out alone",
    ),
    Slip(
        "adds d_out",
        "lecture8.TimesFive.backward",
        backward("return 5.0 + d_out"),
        "times-five-backward",
        "d_out is added",
    ),
    Slip(
        "swaps the gradients",
        "lecture8.Mul.backward",
        backward(XY, "return x * d_out, y * d_out"),
        "mul-backward",
        "swapped",
    ),
    Slip(
        "one gradient for two arguments",
        "lecture8.Mul.backward",
        backward(XY, "return y * d_out"),
        "mul-backward",
        "one gradient per argument",
    ),
    Slip(
        "forgets d_out in one of two",
        "lecture8.Mul.backward",
        backward(XY, "return y * d_out, x"),
        "mul-backward",
        "for y, d_out was forgotten",
    ),
    Slip(
        "None for the second gradient",
        "lecture8.Mul.backward",
        backward(XY, "return y * d_out, None"),
        "mul-backward",
        "gradient of Mul by y is None",
    ),
    Slip(
        "forgets to save",
        "lecture8.Mul.forward",
        forward("x, y", "return x * y"),
        "mul-backward",
        "ctx.saved_values is empty here",
    ),
    Slip(
        "saves one of two",
        "lecture8.Mul.forward",
        forward("x, y", "ctx.save_for_backward(x)", "return x * y"),
        "mul-backward",
        "2 values, and 1 was saved",
    ),
    Slip(
        "saves in two calls",
        "lecture8.Mul.forward",
        forward("x, y", "ctx.save_for_backward(x)", "ctx.save_for_backward(y)", "return x * y"),
        "mul-backward",
        "2 values, and 1 was saved",
    ),
    Slip(
        "misspells saved_values",
        "lecture8.Square.backward",
        backward("(x,) = ctx.saved_value", "return 2 * x * d_out"),
        "square",
        "Did you mean: 'saved_values'",
    ),
    Slip(
        "does not unpack what was saved",
        "lecture8.Log.backward",
        backward("x = ctx.saved_values", "return 1 / x * d_out"),
        "log",
        "right only if your Context",
    ),
    Slip("forgets x", "lecture8.Square.backward", backward("return 2 * d_out"), "square", "x is missing"),
    Slip("forgets the 2", "lecture8.Square.backward", backward(X, "return x * d_out"), "square", "0.5 times"),
    Slip(
        "multiplies by the value",
        "lecture8.Square.backward",
        backward(X, "return x * x * d_out"),
        "square",
        "by the value",
    ),
    Slip(
        "keeps x on the class",
        "lecture8.Square",
        whole("Square", forward("x", "Square.x = x", "return x * x"), backward("return 2 * Square.x * d_out")),
        "square",
        "kept on the class",
    ),
    Slip(
        "forgets ctx",
        "lecture8.Square.forward",
        "@staticmethod\n" + _function("forward(x)", "return x * x"),
        "square",
        "ctx first",
    ),
    Slip(
        "has self before ctx",
        "lecture8.Square.forward",
        _function("forward(self, ctx, x)", "ctx.save_for_backward(x)", "return x * x"),
        "square",
        "ctx first",
    ),
    Slip(
        "leaves the raise under the code",
        "lecture8.Square.backward",
        backward(X, "grad = 2 * x * d_out", "raise NotImplementedError"),
        "square",
        "still raises NotImplementedError",
    ),
    Slip(
        "forgets to import random",
        "lecture8.Square.forward",
        forward("x", "ctx.save_for_backward(x)", "return x * x + 0 * random.random()"),
        "square",
        "`random` is a module",
    ),
    Slip(
        "takes the logarithm to base 10",
        "lecture8.Log.forward",
        forward("x", "ctx.save_for_backward(x)", "return math.log10(x)"),
        "log",
        "0.434294 times",
    ),
    Slip(
        "takes the derivative at d_out",
        "lecture8.Log.backward",
        backward("return 1 / d_out"),
        "log",
        "gradient of Log is wrong",
    ),
    Slip(
        "uses the power rule for exp",
        "lecture8.Exp.backward",
        backward(X, "return x * math.exp(x - 1) * d_out"),
        "exp",
        "power rule",
    ),
    Slip(
        "takes exp of d_out",
        "lecture8.Exp.backward",
        backward("return math.exp(d_out)"),
        "exp",
        "derivative is taken at d_out",
    ),
    Slip(
        "forgets the inner derivative",
        "lecture8.SquareOfTimesFive.backward",
        backward("(y,) = ctx.saved_values", "return 2 * y * d_out"),
        "chain-one-argument",
        "inner derivative",
    ),
    Slip(
        "a loop that never ends",
        "lecture8.Square.backward",
        backward(X, "while x > 0:", "    y = 2 * x * d_out", "return y"),
        "square",
        "starts the loop",
    ),
    Slip(
        "calls itself without end",
        "lecture8.Square.forward",
        forward("x", "return Square.forward(ctx, x) * x"),
        "square",
        "1,000 calls",
    ),
)
"""Of lecture 8."""

MODULE_1: tuple[Slip, ...] = (
    Slip(
        "returns the smaller",
        "operators.max",
        _function("max(x, y)", "return x if x < y else y"),
        "op-max",
        "smaller of x and y",
    ),
    Slip(
        "swaps < and >",
        "operators.lt",
        _function("lt(x, y)", "return 1.0 if x > y else 0.0"),
        "op-lt",
        "two arguments are swapped",
    ),
    Slip(
        "<= for <",
        "operators.lt",
        _function("lt(x, y)", "return 1.0 if x <= y else 0.0"),
        "op-lt",
        "right only where x ≠ y",
    ),
    Slip(
        "rounds before it compares",
        "operators.is_close",
        _function("is_close(x, y)", "return int(x) == int(y)"),
        "op-is-close",
        "cut off to a whole number",
    ),
    Slip(
        "a tolerance of 0.3",
        "operators.is_close",
        _function("is_close(x, y)", "return abs(x - y) < 0.3"),
        "op-is-close",
        "value of is_close is wrong",
    ),
    Slip(
        "divides by the logarithm",
        "operators.log_back",
        _function("log_back(x, d)", "return d / math.log(x)"),
        "op-log-back",
        "value of log_back is wrong",
    ),
    Slip(
        "a sigmoid of -x",
        "operators.sigmoid",
        _function("sigmoid(x)", "return 1.0 / (1.0 + math.exp(x)) if x < 700 else 0.0"),
        "op-sigmoid",
        "sign of the argument",
    ),
    Slip(
        "relu is max(x, 1)",
        "operators.relu",
        _function("relu(x)", "return x if x > 1 else 1.0"),
        "op-relu",
        "value of relu is wrong",
    ),
    Slip(
        "relu(x) times d",
        "operators.relu_back",
        _function("relu_back(x, d)", "return x * d if x > 0 else 0.0"),
        "op-relu-back",
        "relu(x) is multiplied by d",
    ),
    Slip(
        "forgets d",
        "operators.relu_back",
        _function("relu_back(x, d)", "return 1.0 if x > 0 else 0.0"),
        "op-relu-back",
        "d was forgotten",
    ),
    Slip(
        "forgets the minus of 1/x",
        "operators.inv_back",
        _function("inv_back(x, d)", "return d / (x * x)"),
        "op-inv-back",
        "minus is missing",
    ),
    Slip(
        "a one-sided difference",
        "autodiff.central_difference",
        _function(
            "central_difference(f, *vals, arg=0, epsilon=1e-6)",
            "up = list(vals)",
            "up[arg] += epsilon",
            "return (f(*up) - f(*vals)) / epsilon",
        ),
        "central-difference",
        "steps forward only",
    ),
    Slip(
        "/ 2 * epsilon",
        "autodiff.central_difference",
        _function(
            "central_difference(f, *vals, arg=0, epsilon=1e-6)",
            "up, down = list(vals), list(vals)",
            "up[arg] += epsilon",
            "down[arg] -= epsilon",
            "return (f(*up) - f(*down)) / 2 * epsilon",
        ),
        "central-difference",
        "divides by 2 and multiplies by ε",
    ),
    Slip(
        "one list under two names",
        "autodiff.central_difference",
        _function(
            "central_difference(f, *vals, arg=0, epsilon=1e-6)",
            "up = down = list(vals)",
            "up[arg] += epsilon",
            "down[arg] -= epsilon",
            "return (f(*up) - f(*down)) / (2 * epsilon)",
        ),
        "central-difference",
        "one list",
    ),
    Slip(
        "ignores arg",
        "autodiff.central_difference",
        _function(
            "central_difference(f, *vals, arg=0, epsilon=1e-6)",
            "up, down = list(vals), list(vals)",
            "up[0] += epsilon",
            "down[0] -= epsilon",
            "return (f(*up) - f(*down)) / (2 * epsilon)",
        ),
        "central-difference",
        "`arg` is ignored",
    ),
    Slip(
        "gives back a derivative times the output",
        "scalar_functions.Sigmoid.backward",
        backward("(s,) = ctx.saved_values", "return s * d_out"),
        "function-sigmoid",
        "gradient of Sigmoid is wrong",
    ),
    Slip(
        "x for the output in sigmoid",
        "scalar_functions.Sigmoid",
        whole(
            "Sigmoid",
            forward("x", "ctx.save_for_backward(x)", "return operators.sigmoid(x)"),
            backward(X, "return x * (1 - x) * d_out"),
        ),
        "function-sigmoid",
        "where the output s belongs",
    ),
    Slip(
        "one zero for two arguments of <",
        "scalar_functions.LT.backward",
        backward("return 1.0"),
        "function-lt",
        "one gradient per argument",
    ),
    Slip(
        "apply forgets the history",
        "scalar_functions.ScalarFunction.apply",
        "@classmethod\n"
        + _function(
            "apply(cls, *vals)",
            "from .scalar import Scalar",
            "inputs = [v if isinstance(v, Scalar) else Scalar(v) for v in vals]",
            "ctx = Context()",
            "return Scalar(cls._forward(ctx, *(s.data for s in inputs)))",
        ),
        "apply",
        "history",
    ),
    Slip(
        "apply returns a float",
        "scalar_functions.ScalarFunction.apply",
        "@classmethod\n"
        + _function(
            "apply(cls, *vals)",
            "from .scalar import Scalar",
            "inputs = [v if isinstance(v, Scalar) else Scalar(v) for v in vals]",
            "return cls._forward(Context(), *(s.data for s in inputs))",
        ),
        "apply",
        "not a Scalar",
    ),
    Slip(
        "apply passes Scalars to forward",
        "scalar_functions.ScalarFunction.apply",
        "@classmethod\n"
        + _function(
            "apply(cls, *vals)",
            "from .scalar import Scalar, ScalarHistory",
            "inputs = [v if isinstance(v, Scalar) else Scalar(v) for v in vals]",
            "ctx = Context()",
            "return Scalar(cls._forward(ctx, *inputs), ScalarHistory(cls, ctx, inputs))",
        ),
        "apply",
        "",
    ),
    Slip(
        "2 - x is x - 2",
        "scalar.Scalar.__rsub__",
        _function("__rsub__(self, b)", "return Add.apply(self, Neg.apply(b))"),
        "scalar-operators",
        "__rsub__",
    ),
    Slip(
        "> is <",
        "scalar.Scalar.__gt__",
        _function("__gt__(self, b)", "return LT.apply(self, b)"),
        "scalar-operators",
        "__gt__",
    ),
    Slip(
        "every scalar is a leaf",
        "scalar.Scalar.is_leaf",
        _function("is_leaf(self)", "return True"),
        "scalar-roles",
        "is_leaf is wrong",
    ),
    Slip(
        "overwrites the derivative",
        "scalar.Scalar.accumulate_derivative",
        _function("accumulate_derivative(self, x)", "self.derivative = x"),
        "scalar-roles",
        "not the sum",
    ),
    Slip(
        "adds to None",
        "scalar.Scalar.accumulate_derivative",
        _function("accumulate_derivative(self, x)", "self.derivative += x"),
        "scalar-roles",
        "The left side is None",
    ),
    Slip(
        "forgets to return the order",
        "autodiff.topological_sort",
        ORDER.replace("return order", "pass"),
        "topological-sort",
        "no list of variables",
    ),
    Slip(
        "breadth-first order",
        "autodiff.topological_sort",
        _function(
            "topological_sort(variable)",
            "order, queue, seen = [], [variable], set()",
            "while queue:",
            "    current = queue.pop(0)",
            "    if current.is_constant() or current.unique_id in seen:",
            "        continue",
            "    seen.add(current.unique_id)",
            "    order.append(current)",
            "    queue.extend(current.parents)",
            "return order",
        ),
        "topological-sort",
        "breadth-first",
    ),
    Slip(
        "overwrites what arrived",
        "autodiff.backpropagate",
        _function(
            "backpropagate(variable, deriv)",
            "arrived = {variable.unique_id: deriv}",
            "for v in topological_sort(variable):",
            "    d = arrived[v.unique_id]",
            "    if v.is_leaf():",
            "        v.accumulate_derivative(d)",
            "        continue",
            "    for parent, share in v.chain_rule(d):",
            "        arrived[parent.unique_id] = share",
        ),
        "backpropagate",
        "overwrites the first",
    ),
    Slip(
        "ignores the derivative sent in",
        "autodiff.backpropagate",
        _function(
            "backpropagate(variable, deriv)",
            "arrived = {variable.unique_id: 1.0}",
            "for v in topological_sort(variable):",
            "    d = arrived[v.unique_id]",
            "    if v.is_leaf():",
            "        v.accumulate_derivative(d)",
            "        continue",
            "    for parent, share in v.chain_rule(d):",
            "        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share",
        ),
        "backpropagate",
        "sent in is ignored",
    ),
)
"""Of Module 1."""
