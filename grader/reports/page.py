"""One result as a page of HTML that stands alone: no network, no script but ours, nothing of a student's but text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from grader.model import CheckResult, ExerciseResult, Result
from grader.reports import feedback, inlined, outcome_html
from grader.reports.outcome_html import WITHHELD, mark, worth
from grader.reports.text import points


class File(msgspec.Struct, frozen=True):
    """A file that was graded, and its listing as HTML."""

    name: str
    html: str


class Beside(msgspec.Struct, frozen=True):
    """What staff read beside a result: who it is, and the code that was graded.

    `code` is HTML by exercise; `note` says what is not there.
    """

    who: str = ""
    code: dict[str, str] = {}
    files: Sequence[File] = ()
    note: str = ""


def html(result: Result) -> str:
    """Return a result as HTML: all that is in it, so that what students are not to read is taken out before."""
    return _rendered("page", result)


def for_staff(result: Result, beside: Beside, name: str = "staff", **more: Any) -> str:
    """Return a result as a page for staff, with what is `beside` it; `name` and `more` are of another template."""
    code = {id: Markup(text) for id, text in beside.code.items()}  # escaped by `listing`
    files = [{"name": one.name, "html": Markup(one.html)} for one in beside.files]
    return _rendered(name, result, beside=beside, code=code, files=files, **more)


def _rendered(name: str, result: Result, **more: Any) -> str:
    total = WITHHELD if result.withheld else f"{points(result.earned)} of {points(result.possible)} points"
    lost = [one for one in result.exercises if _to_read(one)]
    return inlined.template(name).render(
        result=result,
        total=total,
        share=0 if result.withheld or not result.possible else float(result.earned / result.possible),
        common=None if result.problem else feedback.common_loss(result.exercises),
        lost=lost,
        told_of={one.id for one in lost},
        unshown=feedback.UNSHOWN,
        nothing=dict,
        told=lambda check, name, where, said: Markup(outcome_html.told(check, name, where, said)),  # escaped there
        mark=mark,
        worth=worth,
        names=names,
        **more,
    )


def names(check: CheckResult, every: str = "") -> str:
    """Return what a check is called, and what is special about it."""
    special = ["not scored"] * (not check.possible) + ["hidden from students"] * (check.visibility == "hidden")
    return (every or check.name) + (f" ({', '.join(special)})" if special else "")


def _to_read(exercise: ExerciseResult) -> bool:
    """Say whether there is anything to read of it but that it is right."""
    return any(check.outcome.verdict != "accepted" or check.outcome.reason for check in exercise.checks)
