"""What a browser lacks that a desk and grading have: a package, stack for what is deep. It costs nobody a check."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator

import msgspec

from grader.assignment.definitions import statements, text_of
from grader.model import Submission
from grader.selfcheck import own_files
from grader.selfcheck.checking import Checked
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise

ELSEWHERE = "check it with `grader check` on your own computer"
NO_STACK = f"this takes more stack than a browser has; {ELSEWHERE}"
STACK_USED = "Stack overflow (used "
"""How Python says that it is not the number of calls that ended a recursion, but what they take."""


class Lack(msgspec.Struct, frozen=True):
    """A package that is imported and is not here.

    `is_guarded`: within a `try`, a branch or a function, so the code may have come to its answer by another way.
    """

    package: str
    is_guarded: bool


def judged(
    checked: Checked, assignment: AssignmentBundle, submission: Submission, exercise: EncodedExercise, ran_out: bool
) -> Checked:
    """Return what was found, as not checked where it may be wrong for want of a package, or of stack.

    An answer is judged as it is, unless a guard around the import may have led to another one.
    """
    if ran_out:
        return msgspec.structs.replace(checked, status="ours", needs=NO_STACK)
    if checked.status != "wrong":
        return checked
    outcomes = [one.outcome for one in checked.exercise.checks]
    if any(STACK_USED in one.said for one in outcomes):
        return msgspec.structs.replace(checked, status="ours", needs=NO_STACK)
    lacks = list(_lacks(assignment, submission, exercise))
    if any(one.verdict == "wrong answer" for one in outcomes):
        lacks = [one for one in lacks if one.is_guarded]
    return msgspec.structs.replace(checked, status="ours", needs=not_there(lacks[0].package)) if lacks else checked


def _lacks(assignment: AssignmentBundle, submission: Submission, exercise: EncodedExercise) -> Iterator[Lack]:
    """Yield the packages that an exercise's files import, that are allowed, and that are not here."""
    for name in sorted(own_files.uses(submission, own_files.start(exercise))):
        _, source = submission.modules.get(name, submission.extras.get(name, ("", b"")))
        for statement in statements(text_of(source)):
            for node in ast.walk(statement):
                for package in _imported(node):
                    if package in assignment.allowed and not _is_here(package):
                        yield Lack(package, node is not statement)


def _imported(node: ast.AST) -> list[str]:
    """Return the packages that a node imports by their own names."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []


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
