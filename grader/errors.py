"""The ways grading itself can fail. A student's failure is never an exception here: it is a verdict."""

from __future__ import annotations


class UsageError(Exception):
    """What was asked for cannot be done as it was asked: bad arguments, configuration or exercises."""


class JudgeError(Exception):
    """Our own fault: the score it touches is withheld."""


class ContainmentError(JudgeError):
    """The machine cannot hold other people's code as firmly as the assignment requires."""


def missing_extra(what: str, extra: str) -> UsageError:
    """Return what is said where `what` needs packages that are not installed, with the command that installs them."""
    return UsageError(
        f"{what} needs the `{extra}` extra, which is not installed: pip install 'autodiff-grader[{extra}]' "
        f"(in a clone: make extras)"
    )
