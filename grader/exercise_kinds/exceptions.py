"""What helps with the commonest exceptions: each sentence with what must be true of the exception for it to be said.

What is known of an exception is its type, its message, the line that raised it, and the lines of a recursion without
end. Nothing else is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from grader.sandbox.boundary.protocol import Fault

LIBRARY = ("math", "random", "functools", "operator", "itertools", "copy", "collections")


class Help(msgspec.Struct, frozen=True):
    """A sentence that is true wherever `holds` is. `{0}`, `{1}` are what `holds` found."""

    sentence: str
    holds: Callable[[Fault], re.Match[str] | None]


def _says(error: str, message: str, line: str = "") -> Callable[[Fault], re.Match[str] | None]:
    """Return a predicate: this type of exception, this message, and this in the line that raised it."""
    pattern, in_line = re.compile(message), re.compile(line)

    def holds(fault: Fault) -> re.Match[str] | None:
        if fault.error != error or (line and not in_line.search(fault.source)):
            return None
        return pattern.match(fault.message)

    return holds


SAVED = r"=\s*\w+\.saved_(?:values|tensors)\s*(?:#.*)?$"
"""A line that unpacks all that was saved, and nothing else."""

HOLDS_SAVED = r"\bsaved_values\b"

OF_NO_MODULE = r"^(?!.*\b(?:math|np|numpy)\.)"
"""A line that names none of these: `math = 3` makes a number of a module."""

OF_A_CALL = r"(?:\w+\.)?(?:forward|backward)\(\) (?:takes|missing) \d+ (?:required )?positional argument"
NO_LINE = r"^$"
"""The call is ours: no line of the student's raised it."""

OVERSHADOWED = frozenset(
    "abs all any bool divmod filter float id int len list map max min pow round sorted sum".split()  # noqa: SIM905
)
"""What a student may define, and Python has as well."""

APPLIES, GOES_FORWARD = re.compile(r"\.apply\("), re.compile(r"\b_?forward\(")


def _calls_itself(fault: Fault) -> re.Match[str] | None:
    """Find that a function has the name of one of Python's and calls it: the name is its own in its module."""
    if fault.itself not in OVERSHADOWED or fault.source not in fault.rounds:
        return None
    return re.search(rf"(?<![.\w])({fault.itself})\(", fault.source)


def _goes_forward_without_end(fault: Fault) -> re.Match[str] | None:
    """Find that a forward led to an apply, that to a forward again, and so on."""
    applied = next(filter(None, map(APPLIES.search, fault.rounds)), None)
    return applied if any(map(GOES_FORWARD.search, fault.rounds)) else None


TABLE: tuple[Help, ...] = (
    Help(
        "ctx.saved_values is empty here: does forward call ctx.save_for_backward(…), and does Context keep its values?",
        _says("ValueError", r"not enough values to unpack \(expected (?:at least )?\d+, got 0\)", SAVED),
    ),
    Help(
        "This line unpacks {0} values, and {1} was saved: save all that backward needs in one call.",
        _says("ValueError", r"not enough values to unpack \(expected (\d+), got (1)\)", SAVED),
    ),
    Help(
        "More values were saved than the {0} that this line unpacks.",
        _says("ValueError", r"too many values to unpack \(expected (\d+)", SAVED),
    ),
    Help(
        "A single number is unpacked here as if it were a tuple.",
        _says("TypeError", r"cannot unpack non-iterable (?:float|int|numpy\.float64) object"),
    ),
    Help(
        "ctx.saved_values is a tuple, even where one value was saved: unpack it first, as in (x,) = ctx.saved_values.",
        _says("TypeError", r"can't multiply sequence by non-int of type 'float'", HOLDS_SAVED),
    ),
    Help(
        "A tuple or a list is multiplied by a number here: take the number out of it first.",
        _says("TypeError", r"can't multiply sequence by non-int of type 'float'"),
    ),
    Help(
        "A tuple stands where a number should: ctx.saved_values is a tuple, even where one value was saved.",
        _says("TypeError", r"(?:must be real number, not tuple|bad operand type for .*: 'tuple')"),
    ),
    Help(
        "One side is a tuple and the other a number: take the number out of the tuple first.",
        _says("TypeError", r".*: '(?:tuple' and '(?:float|int)|(?:float|int)' and 'tuple)'"),
    ),
    Help(
        "The left side is None: nothing was put there before this line adds to it.",
        _says("TypeError", r"unsupported operand type\(s\) for \+=: 'NoneType' and"),
    ),
    Help(
        "One side is None: a function without a return gives None, and so does what was never set.",
        _says("TypeError", r"unsupported operand type\(s\) for [^:]+: (?:'NoneType' and|'\w+' and 'NoneType')"),
    ),
    Help(
        "A Scalar stands where a plain number should: the number in it is its .data.",
        _says("TypeError", r"must be real number, not Scalar|float\(\) argument must be .*, not 'Scalar'"),
    ),
    Help(
        "This is a plain number, not a Scalar.",
        _says(
            "AttributeError",
            r"'(?:float|int)' object has no attribute '(?:data|history|derivative|log|exp|relu)'",
            OF_NO_MODULE,
        ),
    ),
    Help(
        "The history is None here: this scalar is a constant, and nothing is known of where it came from.",
        _says("AttributeError", r"'NoneType' object has no attribute '(?:last_fn|inputs|ctx|context)'", r"\bhistory\."),
    ),
    Help(
        "last_fn is None here: this scalar is a leaf, and no function made it.",
        _says("AttributeError", r"'NoneType' object has no attribute '_?(?:back|for)ward'", r"\blast_fn\._?\w+\("),
    ),
    Help(
        "{0}(…) makes an object of the class. A function of scalars is called by its apply, as in {0}.apply(…).",
        _says("TypeError", r"(\w+)\(\) takes no arguments"),
    ),
    Help(
        "It is called on the class, with ctx first: @staticmethod, and no self among its parameters.",
        _says("TypeError", OF_A_CALL, NO_LINE),
    ),
    Help(
        "`{0}` is a module of Python: import it at the top of the file.",
        _says("NameError", rf"name '({'|'.join(LIBRARY)})' is not"),
    ),
    Help(
        "A name that is given a value anywhere in a function is local to it, and has none before that line.",
        _says("UnboundLocalError", r".*"),
    ),
    Help(
        "math.log takes numbers above 0 only, and math.sqrt none below 0.",
        _says("ValueError", r"math domain error|expected a positive input", r"\b(?:log|sqrt)\w*\("),
    ),
    Help(
        "math.exp of a number above 709 is too large for a float.",
        _says("OverflowError", r"math range error|\(34, ", r"\bexp\("),
    ),
    Help(
        "`{0}` is this function itself here, and not Python's: it calls itself without end.",
        _calls_itself,
    ),
    Help(
        "A forward leads to an apply here, and that to a forward again, without end: forward works on plain numbers, "
        "the .data of Scalars, and applies nothing.",
        _goes_forward_without_end,
    ),
    Help(
        "Python allows about 1,000 calls inside one another; a loop has no such limit.",
        _says("RecursionError", r"maximum recursion depth"),
    ),
    Help(
        "The dictionary has no such key: dict.get(key, 0.0) gives 0.0 where there is none.",
        _says("KeyError", r".*", r"\[[^\]]+\]\s*\+="),
    ),
)
"""In this order; the first that holds is said."""


def sentence(fault: Fault) -> str:
    """Return the sentence that helps with an exception, or nothing.

    >>> sentence(Fault("exception", "NameError", "name 'math' is not defined"))
    '`math` is a module of Python: import it at the top of the file.'
    """
    for one in TABLE:
        found = one.holds(fault)
        if found:
            return one.sentence.format(*found.groups())
    return ""
