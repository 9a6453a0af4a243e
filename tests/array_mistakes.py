"""Real mistakes in gradients of arrays, planted in the engine of tests/arrays: the line, and the name it should get.

A blank name: it should be found, and be given no name that is not its own.
"""

from __future__ import annotations

NOT_SUMMED = "the gradient is not summed over the axis that was stretched"
WRONG_AXIS = "the gradient is summed over the wrong axis"
IGNORED = "out_grad is ignored"
PASSED = "out_grad is passed on as it came"
AS_INPUT = "out_grad stands where the argument belongs"
TWICE = "out_grad is multiplied in twice"
SIGN = "the sign is wrong"
ANOTHER = "the gradient of another argument is returned"
NOT_SPREAD = "out_grad is not spread back over the axis that was reduced"
LAID = "out_grad is laid along the wrong axis, or in another order"
NOT_BACK = "out_grad is not brought back to the shape and order of the argument"
OVERWRITTEN = "one use of the argument overwrites what came back from another"
ZERO = "the gradient is always 0"

SPREAD = "return (spread(d, a.shape, self.settings),)"
MATMUL = "return unbroadcast(d @ b.swapaxes(-1, -2), a.shape), unbroadcast(a.swapaxes(-1, -2) @ d, b.shape)"
DIV = "return unbroadcast(d / b, a.shape), unbroadcast(-d * a / b**2, b.shape)"
MUL = "return unbroadcast(d * b, a.shape), unbroadcast(d * a, b.shape)"
ADD = "return unbroadcast(d, a.shape), unbroadcast(d, b.shape)"
MEAN = "return (spread(d, a.shape, self.settings) * d.size / a.size,)"
MAX = "return (spread(d, a.shape, self.settings) * first,)"
POWER = "return (d * n * a ** (n - 1),)"
WHOLE = "a.swapaxes(-1, -2) @ d, b.shape)"
TURNED = "d.swapaxes(*(self.settings[0] if self.settings else (-1, -2)))"
PERMUTED = "d.transpose(np.argsort(self.settings[0]))"
UNSUMMED = "return (unbroadcast(d, a.shape),)"

MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    ("add", ADD, "return d, d", NOT_SUMMED),
    ("add", ADD, "return unbroadcast(d, a.shape), d", NOT_SUMMED),
    ("add", ADD, "return -unbroadcast(d, a.shape), -unbroadcast(d, b.shape)", SIGN),
    ("add", ADD, "return unbroadcast(np.ones_like(d), a.shape), unbroadcast(np.ones_like(d), b.shape)", IGNORED),
    ("add", ADD, "return unbroadcast(d * d, a.shape), unbroadcast(d * d, b.shape)", TWICE),
    ("mul", MUL, "return d * b, d * a", NOT_SUMMED),
    ("mul", MUL, "return unbroadcast(d * a, a.shape), unbroadcast(d * b, b.shape)", ANOTHER),
    ("mul", MUL, "return unbroadcast(0 * d + b, a.shape), unbroadcast(0 * d + a, b.shape)", IGNORED),
    ("mul", MUL, "return unbroadcast(d * d * b, a.shape), unbroadcast(d * d * a, b.shape)", TWICE),
    ("mul", MUL, "return unbroadcast(d * b, a.shape), 0 * b", ZERO),
    ("div", DIV, "return unbroadcast(d / b, a.shape), unbroadcast(d * a / b**2, b.shape)", SIGN),
    (
        "div",
        DIV,
        "return unbroadcast(d / b, a.shape), unbroadcast(-d * a / b, b.shape)",
        "the denominator is not squared",
    ),
    ("div", DIV, "return d / b, -d * a / b**2", NOT_SUMMED),
    ("div", DIV, "return unbroadcast(1 / b + 0 * d, a.shape), unbroadcast(-a / b**2 + 0 * d, b.shape)", IGNORED),
    ("power", POWER, "return (n * a ** (n - 1),)", IGNORED),
    ("power", POWER, "return (n * d ** (n - 1),)", AS_INPUT),
    ("power", POWER, "return (d * n * d ** (n - 1),)", AS_INPUT),
    ("power", POWER, "return (a * n * d ** (n - 1),)", AS_INPUT),
    ("power", POWER, "return (d * n * a ** n,)", "the exponent is not lowered by one"),
    ("power", POWER, "return (d * a ** (n - 1),)", "the exponent is missing as a factor"),
    ("exp", "return (d * np.exp(a),)", "return (np.exp(a),)", IGNORED),
    ("exp", "return (d * np.exp(a),)", "return (d * np.exp(d),)", AS_INPUT),
    ("exp", "return (d * np.exp(a),)", "return (d,)", PASSED),
    ("log", "return (d / a,)", "return (1 / a,)", IGNORED),
    ("log", "return (d / a,)", "return (a / d,)", ""),
    ("relu", "return (d * (a > 0),)", "return ((a > 0) * 1.0,)", IGNORED),
    ("relu", "return (d * (a > 0),)", "return (d,)", PASSED),
    ("relu", "return (d * (a > 0),)", "return (d * (d > 0),)", AS_INPUT),
    (
        "matmul",
        MATMUL,
        "return unbroadcast(d @ b, a.shape), unbroadcast(" + WHOLE,
        "the other factor is not transposed",
    ),
    ("matmul", MATMUL, "return d @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ d", NOT_SUMMED),
    (
        "matmul",
        MATMUL,
        "return unbroadcast(np.ones_like(d) @ b.swapaxes(-1, -2), a.shape), "
        "unbroadcast(a.swapaxes(-1, -2) @ np.ones_like(d), b.shape)",
        IGNORED,
    ),
    ("sum", SPREAD, "return (d,)", NOT_SPREAD),
    ("sum", SPREAD, "return (np.ones_like(a),)", IGNORED),
    ("sum", SPREAD, "return (np.resize(d, a.shape),)", LAID),
    ("sum-all", SPREAD, "return (d,)", NOT_SPREAD),
    ("sum-all", SPREAD, "return (np.ones_like(a),)", IGNORED),
    ("mean", MEAN, "return (spread(d, a.shape, self.settings),)", "the mean's factor is missing"),
    ("mean", MEAN, "return (np.ones_like(a) * d.size / a.size,)", IGNORED),
    ("mean", MEAN, "return (np.resize(d, a.shape) * d.size / a.size,)", LAID),
    (
        "max",
        MAX,
        "return (spread(d, a.shape, self.settings) * np.ones_like(a),)",
        "max gives the gradient to every entry",
    ),
    ("max", MAX, "return (np.zeros_like(a),)", "max gives the gradient to none of the entries"),
    ("transpose", f"return ({TURNED},)", "return (d,)", NOT_BACK),
    (
        "permute",
        f"return ({PERMUTED},)",
        "return (d.transpose(self.settings[0]),)",
        "the axes are permuted the same way again, and not back",
    ),
    ("permute", f"return ({PERMUTED},)", "return (d,)", NOT_BACK),
    ("reshape", "return (d.reshape(a.shape),)", "return (d,)", NOT_BACK),
    ("broadcast-to", UNSUMMED, "return (d,)", NOT_SUMMED),
    ("used-twice", "one.grad = g if one.grad is None else one.grad + g", "one.grad = g", OVERWRITTEN),
)
