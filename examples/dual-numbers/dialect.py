"""A `Dual` holds a value and a derivative, as `val` and `der`. Elementary functions are functions of the module."""

RECOGNISED_BY = ["Dual"]
OPERATIONS = {
    "sin": lambda x: sin(x),
    "cos": lambda x: cos(x),
    "tan": lambda x: tan(x),
    "exp": lambda x: exp(x),
    "log": lambda x: log(x),
    "sqrt": lambda x: sqrt(x),
}
NUMBERS = "constants"
WORDS = {"leaf": "Dual({}, {d})", "value": "{}.val", "gradient": "{}.der", "sent_name": "der"}


def forward_mode(f, xs, dxs):
    out = f(*[Dual(x, dx) for x, dx in zip(xs, dxs)])
    return out.val, out.der
