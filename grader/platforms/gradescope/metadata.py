"""`submission_metadata.json`: when a submission came, when it was due, and which attempt it is.

Gradescope's documentation and its files differ, so both shapes are read, and nothing here ever fails: what cannot be
told stays unknown and is said to staff. Names and addresses are not kept.

Both moments carry the offset of the clock that they were read from, so it is known whether clocks were changed between.

A student's own due date (an extension) comes before the assignment's. Of a group that hands in together, the latest due
date of any of them holds for all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(?:Z|UTC|([+-])(\d\d):?(\d\d))", re.IGNORECASE
)
"""An exact moment: without the offset it could be anywhere in a day."""


class Unclear(Exception):
    """A value from which a moment should be read and cannot be; the message says which."""


class Metadata(msgspec.Struct, frozen=True):
    """What a submission's own files do not say. `seconds_late` counts whole seconds and is negative for early.

    It is None where it is unknown, and `concerns` say why, to staff. `attempt` counts from 1. `clock_shift` is by how
    many seconds the clock was put forward between the due date and the hand-in (negative: back).
    """

    id: str = ""
    seconds_late: int | None = None
    attempt: int = 1
    students: int = 0
    total_points: str = ""
    concerns: tuple[str, ...] = ()
    clock_shift: int = 0


Due = tuple[datetime, int]
"""A moment, and the offset in seconds of the clock that shows it."""


def read(raw: bytes | None) -> Metadata:
    """Return what the metadata says; `raw` is None where there is none. Never raises."""
    if raw is None:
        return Metadata(concerns=("there is no submission_metadata.json",))
    try:
        found = json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return Metadata(concerns=("submission_metadata.json is not JSON",))
    if not isinstance(found, dict):
        return Metadata(concerns=("submission_metadata.json does not hold a submission",))
    concerns: list[str] = []
    seconds, shift = _seconds_late(found, concerns)
    return Metadata(
        id=_word(found.get("id")),
        seconds_late=seconds,
        clock_shift=shift,
        attempt=_attempt(found, concerns),
        students=len(_users(found)),
        total_points=_word(_record(found.get("assignment")).get("total_points")),
        concerns=tuple(concerns),
    )


def moment(text: Any) -> datetime | None:
    """Return the moment that Gradescope's text names; None where it names none that is exact."""
    found = _moment(text)
    return found[0] if found else None


def _moment(text: Any) -> Due | None:
    found = MOMENT.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    day, time, fraction, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        whole = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=timezone(offset))
        exact = whole.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6])).astimezone(timezone.utc)
        return exact, int(offset.total_seconds())
    except (ValueError, OverflowError):
        return None


def _seconds_late(found: dict[str, Any], concerns: list[str]) -> tuple[int | None, int]:
    """Return how late it was, and the shift of the clock since the due date that holds."""
    try:
        created = _moment(found.get("created_at"))
        if created is None:
            raise Unclear("created_at is missing or is no moment with an offset")
        dues = list(_dues(found))
    except Unclear as unclear:
        concerns.append(str(unclear))
        return None, 0
    if None in dues:  # nothing is due, at least for one of them
        return 0, 0
    due, offset = max(due for due in dues if due is not None)
    seconds = (created[0] - due) // timedelta(seconds=1)
    if seconds > 0 and not _users(found):
        concerns.append("it came after the due date, and no students are named who might have an extension")
        return None, 0
    return seconds, created[1] - offset


def _dues(found: dict[str, Any]) -> Iterator[Due | None]:
    """Yield when it was due for each student; None where nothing is. Raises Unclear."""
    common = _record(found.get("assignment"))
    for user in _users(found) or [{}]:
        own = _record(user.get("assignment"))
        yield _due(own) if own.get("due_date") is not None else _due(common)


def _due(assignment: dict[str, Any]) -> Due | None:
    if "due_date" not in assignment:
        raise Unclear("no due date is given")
    value = assignment["due_date"]
    due = _moment(value)
    if due is None and value is not None:
        raise Unclear("a due date is no moment with an offset")
    return due


def _attempt(found: dict[str, Any], concerns: list[str]) -> int:
    """Count the submission itself and the earlier ones, but for those that the autograder failed on."""
    earlier = found.get("previous_submissions", [])
    if not isinstance(earlier, list):
        concerns.append("previous_submissions is no list, so this is taken for the first attempt")
        return 1
    return 1 + sum(_record(one).get("autograder_error") is not True for one in earlier)


def _users(found: dict[str, Any]) -> list[dict[str, Any]]:
    users = found.get("users")
    return [one for one in users if isinstance(one, dict)] if isinstance(users, list) else []


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: Any) -> str:
    """Return a number or a word as text that is safe to show, and nothing for anything else."""
    text = str(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
    return "".join(c for c in text if c.isalnum() or c in ".-_")[:40]
