"""What a browser lacks that a desk and grading have: a package, stack for what is deep. It costs nobody a check."""

from __future__ import annotations

import importlib.util
import re
import sys

import msgspec

from grader.model import Submission
from grader.selfcheck import own_files
from grader.selfcheck.checking import Checked
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise

ELSEWHERE = "check it with `grader check` on your own computer"
NO_STACK = f"this takes more stack than a browser has; {ELSEWHERE}"
STACK_USED = "Stack overflow (used "
"""How Python says that it is not the number of calls that ended a recursion, but what they take."""

IMPORTED = re.compile(rb"^([ \t]*)(?:import|from)\s+(\w+)", re.MULTILINE)


class Lack(msgspec.Struct, frozen=True):
    """A package that is imported and is not here.

    `is_guarded`: within a `try`, a branch or a function, so the code may have come to its answer by another way.
    """

    package: str
    is_guarded: bool


def judged(checked: Checked, lack: Lack | None, ran_out: bool) -> Checked:
    """Return what was found, as not checked where it may be wrong for want of a package, or of stack.

    An answer is judged as it is, unless a guard around the import may have led to another one.
    """
    if ran_out:
        return msgspec.structs.replace(checked, needs=NO_STACK)
    if checked.status != "wrong":
        return checked
    outcomes = [one.outcome for one in checked.exercise.checks]
    if any(STACK_USED in one.said for one in outcomes):
        return msgspec.structs.replace(checked, status="ours", needs=NO_STACK)
    answered = any(one.verdict == "wrong answer" for one in outcomes)
    if lack is None or (answered and not lack.is_guarded):
        return checked
    return msgspec.structs.replace(checked, status="ours", needs=not_there(lack.package))


def lack(assignment: AssignmentBundle, submission: Submission, exercise: EncodedExercise) -> Lack | None:
    """Return a package that an exercise's files import, that is allowed, and that is not here; None where none is."""
    found: dict[str, bool] = {}
    for name in own_files.uses(submission, own_files.start(exercise)):
        _, source = submission.modules.get(name, submission.extras.get(name, ("", b"")))
        for before, package in IMPORTED.findall(source):
            wanted = bytes(package).decode()
            if wanted in assignment.allowed and not _is_here(wanted):
                found[wanted] = found.get(wanted, False) or bool(before)
    return next((Lack(*one) for one in sorted(found.items(), key=lambda one: not one[1])), None)


def not_there(package: str) -> str:
    """Say that a package cannot be had here.

    >>> not_there("numpy")
    'a browser has no numpy; check it with `grader check` on your own computer'
    """
    return f"a browser has no {package}; {ELSEWHERE}"


def _is_here(package: str) -> bool:
    if package in sys.modules:
        return sys.modules[package] is not None
    return importlib.util.find_spec(package) is not None
