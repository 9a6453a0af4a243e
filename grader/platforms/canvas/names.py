"""What Canvas calls the files in its submissions zip, and what their names say."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

NUMBERED = re.compile(r"(?P<who>\w*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
ANONYMOUS = re.compile(r"(?:(?P<late>LATE)_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)")
ENTERED = re.compile(r"(?P<who>\w*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<kind>text|link)\.html")
ENTERED_ANONYMOUSLY = re.compile(r"(?:(?P<late>LATE)_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<kind>text|link)\.html")
CLASH = re.compile(r"-(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=(?:\.\w+)+$)")
"""A marker before the whole extension (`main-1.py`, `hw-1.tar.gz`): two files of a name in one folder of the course."""

NUMBERED_BY_HAND = re.compile(r"-\d+(?=(?:\.\w+)+$)")
"""A marker that may be a student's own: `part-1.py`."""

Kind = Literal["file", "text", "link"]


class Name(msgspec.Struct, frozen=True):
    """One file: whose (Canvas's number, or an anonymous id), and what it is called without a clash's marker.

    `given` is what it is called with it. A text that was typed has no attachment's number, a file text.html has one.
    `who` is the sortable name without its punctuation, or a group's name. The attachment's number grows with time.
    """

    who: str
    user: str
    anonymous: bool
    late: bool
    kind: Kind
    attachment: int = 0
    file: str = ""
    given: str = ""

    @property
    def owner(self) -> str:
        """Return what all files of one submission share."""
        return f"anon_{self.user}" if self.anonymous else f"{self.who}_{self.user}"


def read(name: str) -> Name | None:
    """Return what a name says; None where it is none of Canvas's."""
    for pattern, anonymous in ((ANONYMOUS, True), (ENTERED_ANONYMOUSLY, True), (NUMBERED, False), (ENTERED, False)):
        found = pattern.fullmatch(name)
        if found:
            parts = found.groupdict()
            given = parts.get("file") or ""
            return Name(
                who=parts.get("who") or "",
                user=parts["user"],
                anonymous=anonymous,
                late=bool(parts["late"]),
                kind=parts.get("kind") or "file",  # type: ignore[arg-type]
                attachment=int(parts.get("attachment") or 0),
                file=CLASH.sub("", given),
                given=given,
            )
    return None
