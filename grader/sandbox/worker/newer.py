"""Tell what is new in a Python later than the one that runs here."""

from __future__ import annotations

import re
import sys

Version = tuple[int, int]

MODULES: dict[str, Version] = {
    "tomllib": (3, 11),
    "annotationlib": (3, 14),
    "compression": (3, 14),
}
"""What a later Python's standard library brought since 3.10."""

SYNTAX: tuple[tuple[re.Pattern[str], Version, str], ...] = (
    (re.compile(r"\s*except\s*\*"), (3, 11), "`except*`"),
    (re.compile(r".*\w\[\s*\*"), (3, 11), "a star inside of [ ]"),
    (re.compile(r"\s*type\s+\w+\s*(\[.*\])?\s*="), (3, 12), "the `type` statement"),
    (re.compile(r"\s*(async\s+)?def\s+\w+\s*\[.*=.*\]\s*\("), (3, 13), "a type parameter with a default"),
    (re.compile(r"\s*class\s+\w+\s*\[.*=.*\]"), (3, 13), "a type parameter with a default"),
    (re.compile(r"\s*(async\s+)?def\s+\w+\s*\["), (3, 12), "a function with type parameters"),
    (re.compile(r"\s*class\s+\w+\s*\["), (3, 12), "a class with type parameters"),
    (re.compile(r"\s*except\s+\w+(\.\w+)*\s*,\s*\w"), (3, 14), "`except A, B:` without parentheses"),
    (re.compile(r".*(?:^|[\s(,=\[{:])[rR]?[tT][rR]?([\"'])[^\"']*\1"), (3, 14), "a t-string"),
    (
        re.compile(r".*(?:^|[\s(,=\[{:])[rR]?[fF][rR]?([\"'])(?:(?!\1).)*\{(?:(?!\1)[^}])*\1[^}]*\1[^}]*\}.*\1"),
        (3, 12),
        "an f-string with its own quotes inside",
    ),
)
"""How a line begins, or what is in it, that an older Python cannot read; the version that can; what it is called."""


def module(name: str, here: Version = sys.version_info[:2]) -> str:
    """Return a sentence about a module that is new in a later Python; blank for any other.

    >>> module("tomllib", here=(3, 10))
    'the module tomllib is new in Python 3.11, and this was run with Python 3.10'
    """
    since = MODULES.get(name, (0, 0))
    return f"the module {name} is new in Python {_shown(since)}, and {_ran(here)}" if here < since else ""


def syntax(line: str, here: Version = sys.version_info[:2]) -> str:
    """Return a sentence about a line that does not parse here, but may in a later Python; blank for any other.

    >>> syntax("type Pair = tuple[float, float]", here=(3, 11))
    'the `type` statement is new in Python 3.12, and this was run with Python 3.11'
    """
    for pattern, since, what in SYNTAX:
        if here < since and pattern.match(line):
            return f"{what} is new in Python {_shown(since)}, and {_ran(here)}"
    return ""


def _ran(here: Version) -> str:
    return f"this was run with Python {_shown(here)}"


def _shown(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
