"""What was sent to Canvas, a line a thing, written to the disk before the next thing is sent.

`reports/canvas/<course>-<assignment>.jsonl`. It is only ever added to. A last line that was cut short is a thing that
may or may not have been sent: it counts for nothing, and Canvas itself is asked.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from grader.errors import UsageError
from grader.platforms.canvas.push.failures import Stopped
from grader.platforms.canvas.push.plan import Sent


class LogEntry(msgspec.Struct, frozen=True):
    """One thing that was sent: a mark as it stands now, or a comment's digest. `user` is Canvas's id."""

    kind: Literal["grade", "comment"]
    user: str
    what: str


def path_of(out: Path, course: int, assignment: int) -> Path:
    """Return where the log of one assignment lies."""
    return out / "canvas" / f"{course}-{assignment}.jsonl"


def read(path: Path) -> Sent:
    """Return what was sent before; nothing where there is no log. Raises UsageError where it is not one of ours."""
    try:
        whole = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return Sent()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    lines = []
    for number, raw in enumerate(whole, 1):
        if not raw.endswith(b"\n"):
            break
        try:
            lines.append(msgspec.json.decode(raw, type=LogEntry))
        except msgspec.MsgspecError:
            raise UsageError(f"{path}:{number}: is no line of the grader's; mend it, or move the file away") from None
    grades = {one.user: one.what for one in lines if one.kind == "grade"}
    return Sent(grades, frozenset((one.user, one.what) for one in lines if one.kind == "comment"))


class Log:
    """The log, open for adding to it."""

    def __init__(self, path: Path) -> None:
        """Open it, without the line that was cut short, if there is one. Raises UsageError where it cannot be."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("ab+")
            self._file.seek(0)
            self._file.truncate(self._file.read().rfind(b"\n") + 1)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror or error}; nothing was sent") from None

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def grade(self, user: str, mark: str) -> None:
        """Remember a mark that stands."""
        self._add("grade", user, mark)

    def comment(self, user: str, digest: str) -> None:
        """Remember a comment that is there."""
        self._add("comment", user, digest)

    def _add(self, kind: Literal["grade", "comment"], user: str, what: str) -> None:
        try:
            self._file.write(msgspec.json.encode(LogEntry(kind, user, what)) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Stopped(f"the log cannot be written: {error.strerror or error}") from None
