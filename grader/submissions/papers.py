"""answers.yaml: what was worked out by hand."""

from __future__ import annotations

import msgspec

from grader.assignment import forms
from grader.assignment.exercise import ANSWERS
from grader.assignment.forms import FormError
from grader.submissions.entries import Unreadable, too_large

ANSWERS_CAP = 64 * 1024


class Answers(msgspec.Struct, frozen=True):
    """answers.yaml: what was worked out by hand, by exercise."""

    answers: dict[str, str] | None = None


def answers(raw: bytes) -> dict[str, str]:
    """Return what was worked out by hand, exercise by exercise. Raises Unreadable where it is not such a file."""
    if not raw.strip():
        return {}
    if len(raw) > ANSWERS_CAP:
        too_large(ANSWERS)
    try:
        written = forms.decode(raw, Answers, ANSWERS)[0].answers or {}
    except FormError as error:
        raise Unreadable(str(error.problems[0])) from None
    return {name: text.encode("utf-8", "replace").decode("utf-8") for name, text in written.items()}
