"""Ask an author questions at a terminal. Each answer is checked before the next question is asked."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from grader.assignment import domains
from grader.assignment.kind import Problems
from grader.cli.common import say
from grader.errors import UsageError
from grader.oracle.expressions import ExpressionError, parse

NEXT = re.compile(r"\s+(?=[^\W\d]\w*\s*=(?!=))")
"""Between two answers `x=0 < x <= 1 n=whole 0..4`: where a name and a single = begin."""

Held = Callable[[str], str]
"""Return what is wrong with an answer, blank where nothing is."""


def answer(what: str, example: str, held: Held = lambda _: "", blank: bool = False) -> str:
    """Ask on a terminal until there is an answer that will do; none is one where it may be `blank`.

    Raises UsageError where there is no terminal, or it ends.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"no {what} is given ({example}); say --{what}")
    while True:
        try:
            said = input(f"{what} ({example}): ").strip()
        except EOFError:
            raise UsageError(f"no {what} is given ({example}); say --{what}") from None
        wrong = held(said) if said else "" if blank else "something has to be said"
        if not wrong:
            return said
        say(f"{wrong}; once more")


def arguments() -> dict[str, str]:
    """Ask for the arguments with their domains. Raises as `answer` does."""
    return _pairs(answer("argument", "all of them, as in x=real y=0 < y <= 1 n=whole 0..4", _wrong_arguments))


def formula(what: str, example: str, names: tuple[str, ...], blank: bool = False) -> str:
    """Ask for a formula in some arguments. Raises as `answer` does."""

    def wrong(said: str) -> str:
        try:
            parse(said, names)
        except ExpressionError as error:
            return f"{said!r}, column {error.column}: {error.message}"
        return ""

    return answer(what, example, wrong, blank)


def derivatives(value: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Ask for the derivative by each argument; none where all are to be worked out. Raises as `answer` does."""
    found: list[str] = []
    for name in names:
        first = "; nothing: all are worked out from the formula" if not found else ""
        said = formula("derivative", f"of {value} by {name}{first}", names, blank=not found)
        if not said:
            return ()
        found.append(said)
    return tuple(found)


def _pairs(text: str) -> dict[str, str]:
    return {name.strip(): rest.strip() for name, _, rest in (one.partition("=") for one in NEXT.split(text.strip()))}


def _wrong_arguments(text: str) -> str:
    given = NEXT.split(text.strip())
    for one in given:
        name, equals, domain = (part.strip() for part in one.partition("="))
        if not equals or not name.isidentifier():
            return f"{one} should be NAME=DOMAIN, as in x=real"
        told = Problems("", {})
        if domains.domain(told, name, domain) is None:
            return told.found[0].message
    return "an argument is there twice; give each once" if len(_pairs(text)) < len(given) else ""
