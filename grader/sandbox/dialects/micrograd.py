"""Micrograd's: a `Value` holds a number, and `backward()` fills in `grad` of everything that it came from.

`backward()` sends back 1 and takes no other number. So another d is sent by multiplying the output by it. Where the
student's product is itself wrong, d is sent by a square whose slope it is, so that d is seen to be forgotten; or else
the output is added to itself, and what arrives is scaled. A slip in one operation is not charged to all the others.
Which of them is wrong is tried before the first leaf is made: `backward()` may clear a tape that all graphs share.
Where nothing is sent back nothing is tried, so that a product which ends the process costs its own exercise alone.
"""

import sys

RECOGNISED_BY = ["Value"]
OPERATIONS = {"relu": "relu", "tanh": "tanh", "exp": "exp"}
AGAIN = "unasked"
DEPTH = 300
NUMBERS = "leaves"
WORDS = {
    "leaf": "Value({})",
    "backward": "({} * {d}).backward()",
    "plain": "{}.backward()",
    "gradient": "{}.grad",
    "sent_name": "out.grad",
}


def prepare():
    _adds_only()


def leaf(value):
    return Value(value)


def value(v):
    return v.data


def backward(v, d):
    _scale[:] = [1.0]
    if d == 1.0:
        v.backward()
    elif not _adds_only():
        (v * Value(d)).backward()
    elif _known["squares"]:
        ((v + Value(-v.data) + Value(d / 2.0)) ** 2).backward()
    else:
        (v + v).backward()
        _scale[:] = [d / 2.0]


def gradient(v):
    return v.grad * _scale[0]


_scale = [1.0]
_known = {}


def _adds_only():
    """Say whether products send back something wrong, and sums do not. Asked once."""
    if "adds" not in _known:
        _known["squares"] = _arrives(lambda x: (x + Value(-4.0)) ** 2, -5.0)
        product = _arrives(lambda x: x * Value(3.0) * Value(2.5), 7.5)
        _known["adds"] = not product and _arrives(lambda x: x + x + (x + x), 4.0)
    return _known["adds"]


def _arrives(expression, wanted):
    """Say whether a derivative arrives, within so many lines of code: a loop that never ends costs no value."""
    lines = 0

    def count(frame, event, arg):
        nonlocal lines
        lines += 1
        if lines > 20_000:
            raise RuntimeError("too long")
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        x = Value(1.5)
        expression(x).backward()
        return abs(x.grad - wanted) < 1e-9
    except BaseException:  # an exit() of the student's as well: only a gradient is judged by it
        return False
    finally:
        sys.settrace(before)
