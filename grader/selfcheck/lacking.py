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

IMPORTED = re.compile(rb"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)


def judged(checked: Checked, package: str, ran_out: bool) -> Checked:
    """Return what was found, as not checked where it may be wrong for want of a package, or of stack."""
    if ran_out:
        return msgspec.structs.replace(checked, needs=NO_STACK)
    if checked.status != "wrong":
        return checked
    if any(STACK_USED in one.outcome.said for one in checked.exercise.checks):
        return msgspec.structs.replace(checked, status="ours", needs=NO_STACK)
    return msgspec.structs.replace(checked, status="ours", needs=not_there(package)) if package else checked


def package(assignment: AssignmentBundle, submission: Submission, exercise: EncodedExercise) -> str:
    """Return a package that an exercise's files import, that is allowed, and that is not here; blank where none is."""
    for name in own_files.uses(submission, own_files.start(exercise)):
        _, source = submission.modules.get(name, submission.extras.get(name, ("", b"")))
        for found in IMPORTED.findall(source):
            wanted = bytes(found).decode()
            if wanted in assignment.allowed and not _is_here(wanted):
                return wanted
    return ""


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
