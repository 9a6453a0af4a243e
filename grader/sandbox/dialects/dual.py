"""Dual numbers, forward mode: a `Dual` holds a value and its derivative along one direction.

`Dual(value, derivative)` holds them as `val` and `der`. A course whose class or attributes have other names copies this
file and changes two lines.
"""

RECOGNISED_BY = ["Dual"]
OPERATIONS = {"exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sqrt": "sqrt"}
NUMBERS = "constants"
WORDS = {"leaf": "Dual({}, {d})", "value": "{}.val", "gradient": "{}.der", "sent_name": "der"}


def forward_mode(f, xs, dxs):
    out = f(*[Dual(x, dx) for x, dx in zip(xs, dxs)])
    return out.val, out.der
