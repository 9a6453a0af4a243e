"""Decisions put into overrides.yaml one at a time: each once, none on a file that changed meanwhile, each undone whole.

Before the file is replaced, a line in `decisions.jsonl` says what it was and what it will be, and a second one after it
says that this was done. So after a kill it is known whether a decision was made, and the text before it is never lost.
A lock keeps two processes apart.
"""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader.course import overrides, writing
from grader.course.writing import Decision
from grader.errors import UsageError
from grader.reports import files

LOG = "decisions.jsonl"


class Change(msgspec.Struct, frozen=True, tag="begun"):
    """One change of the file, as the log has it before it is made: a decision, or one that was undone.

    `key` is the form's that asked for it: what asks twice is answered once. `before` is the whole text that it took the
    place of, `was` and `now` are the digests of the text before and after.
    """

    key: str
    what: Literal["decided", "undone"]
    decision: Decision
    before: str
    was: str
    now: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """Says that the change of this key was made."""

    key: str


class Changed(Exception):
    """The file is not what the page was made of: somebody else wrote to it meanwhile."""


class Decisions:
    """The decisions of one assignment, in a file, with the log of those that were made here."""

    def __init__(self, path: Path, out: Path, exercises: Sequence[str]) -> None:
        """Name the file, the report folder that keeps the log, and the exercises that may be named."""
        self.path, self._log, self._exercises = path, out / LOG, tuple(exercises)

    def text(self) -> str:
        """Return the file's text, blank where there is none. Raises UsageError where it cannot be read, or is empty.

        An empty one may be all that is left of decisions: that is for somebody to see.
        """
        try:
            text = self.path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            raise UsageError(
                f"{self.path.name}: is not in UTF-8, so nothing can be added to it; save it as UTF-8"
            ) from None
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be read: {error.strerror or error}") from None
        if not text.strip():
            raise UsageError(f"{self.path.name}: is empty; delete it, or put back what stood there")
        return text

    def with_one_more(self, decision: Decision, text: str) -> str:
        """Return a text with a decision added. Raises UsageError where it then says anything else, by line."""
        made = writing.added(text, decision)
        before, after = (self._read(one) for one in (text, made))
        if len(after) != len(before) + 1:
            raise UsageError(f"{self.path.name}: the decision cannot be added to this file; write it there by hand")
        return made

    def add(self, decision: Decision, seen: str, key: str) -> bool:
        """Add a decision to the file whose digest was `seen`; say whether that was still to be done.

        Raises Changed where the file is another by now, UsageError where nothing could be written; nothing is then
        changed.
        """
        with self._alone():
            if self.has(key):
                return False
            text = self.text()
            if digest(text) != seen:
                raise Changed
            made = self.with_one_more(decision, text)
            self._put(Change(key, "decided", decision, text, digest(text), digest(made)), made)
        return True

    def undo(self, key: str, undoing: str) -> bool:
        """Take the last decision back, by its key; say whether that was still to be done.

        `undoing` is the key of this. Raises Changed where it is not the last, or the file was changed since.
        """
        with self._alone():
            if self.has(undoing):
                return False
            text, last = self.text(), self.standing()
            if not last or last[-1].key != key or digest(text) != last[-1].now:
                raise Changed
            one = last[-1]
            change = Change(undoing, "undone", one.decision, text, one.now, one.was)
            self._put(change, one.before)
        return True

    def has(self, key: str) -> bool:
        """Say whether the form of this key was answered before."""
        return any(one.key == key for one in self.made())

    def made(self) -> list[Change]:
        """Return every change that was made, in order. One that was begun and not made is left out."""
        logged, done = self._logged()
        begun = [one for i, one in enumerate(logged) if all(later.key != one.key for later in logged[i + 1 :])]
        now = digest(self.text())  # what was begun twice was not made the first time
        return [one for i, one in enumerate(begun) if one.key in done or (i == len(begun) - 1 and one.now == now)]

    def standing(self) -> list[Change]:
        """Return the decisions that were made and not taken back, in order."""
        return standing_of(self.made())

    def in_file(self, changes: Sequence[Change]) -> set[str]:
        """Return the keys of the decisions that the file holds, as it is now. Raises UsageError where it holds none."""
        left = [(one.student, one.exercise, one.mistake, one.points, one.comment) for one in self._read(self.text())]
        found = set()
        for one in changes:
            said = one.decision
            points = Fraction(said.points) if said.points else None
            what = (said.student, said.exercise, said.mistake, points, said.comment)
            if what in left:
                left.remove(what)
                found.add(one.key)
        return found

    def can_undo(self, change: Change) -> bool:
        """Say whether the file is what this change made of it."""
        return digest(self.text()) == change.now

    def _read(self, text: str) -> tuple[overrides.Override, ...]:
        return overrides.read_text(text, self.path.name, self._exercises) if text.strip() else ()

    def _logged(self) -> tuple[list[Change], set[str]]:
        """Return what was begun, in order, and the keys of what was done. A line that was cut off says nothing."""
        try:
            lines = self._log.read_bytes().splitlines()
        except FileNotFoundError:
            return [], set()
        except OSError as error:
            raise UsageError(f"{self._log}: cannot be read: {error.strerror or error}") from None
        found = list(filter(None, map(_line, lines)))
        return [one for one in found if isinstance(one, Change)], {one.key for one in found if isinstance(one, Done)}

    def _put(self, change: Change, text: str) -> None:
        try:
            done = self._logged()[1]
            unsaid = [Done(one.key) for one in self.made()[-1:] if one.key not in done]
            self._write(*unsaid, change)
            if text:
                files.write(self.path, self._mark() + text.encode(), durable=True)
            else:
                self.path.unlink(missing_ok=True)  # as it was before the first decision
        except OSError as error:
            said = error.strerror or error
            raise UsageError(f"{error.filename or self._log}: cannot be written: {said}; nothing was decided") from None
        with contextlib.suppress(OSError):  # it is done, and the file itself says so until the next change
            self._write(Done(change.key))

    def _mark(self) -> bytes:
        """Return the byte order mark that the file begins with, as some editors write it."""
        try:
            with self.path.open("rb") as file:
                return codecs.BOM_UTF8 if file.read(3) == codecs.BOM_UTF8 else b""
        except FileNotFoundError:
            return b""

    def _write(self, *lines: Change | Done) -> None:
        """Add lines to the log, and have them on the disk. One before them that was cut off stays a line of its own."""
        with self._log.open("ab+") as log:
            log.seek(0, os.SEEK_END)
            if log.tell():
                log.seek(-1, os.SEEK_END)
                if log.read(1) != b"\n":
                    log.write(b"\n")
            log.write(b"".join(msgspec.json.encode(one) + b"\n" for one in lines))
            log.flush()
            os.fsync(log.fileno())

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock that every process takes which writes here. Raises UsageError where there can be none."""
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            lock = (self._log.parent / f".{LOG}.lock").open("ab")
        except OSError as error:
            raise UsageError(
                f"{self._log}: cannot be written: {error.strerror or error}; nothing was decided"
            ) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def standing_of(made: Sequence[Change]) -> list[Change]:
    """Return the decisions, of all changes that were made, that were not taken back."""
    found: list[Change] = []
    for one in made:
        if one.what == "decided":
            found.append(one)
        elif found:
            found.pop()
    return found


def digest(text: str) -> str:
    """Return what tells a text from every other."""
    return hashlib.sha256(text.encode()).hexdigest()


def _line(line: bytes) -> Change | Done | None:
    try:
        return msgspec.json.decode(line, type=Change | Done)
    except msgspec.MsgspecError:
        return None
