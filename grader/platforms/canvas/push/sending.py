"""Send a plan, so that every mark arrives and every comment arrives once, however often it is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from grader.platforms.canvas.push.failures import Refused, Stopped, Unsure
from grader.platforms.canvas.push.log import Log
from grader.platforms.canvas.push.plan import Change, Comment, Plan, There

TOGETHER = 100
"""Marks in one bulk update."""

ROUNDS = 2
"""How often a mark is sent that Canvas did not take: an update that broke off is worth another, no more."""

LOOKS = 5
"""How often a comment is tried that may have arrived; each time Canvas is asked first whether it has."""


class Canvas(Protocol):
    """What sending needs of Canvas."""

    def there(self) -> dict[str, There]:
        """Return what stands for each student."""

    def grade(self, changes: Sequence[Change], /) -> str:
        """Give marks; return what went wrong."""

    def comments(self, user: str, /) -> tuple[str, ...]:
        """Return a student's comments."""

    def comment(self, user: str, text: str, file: Path | None, /) -> None:
        """Add a comment."""


class Sending:
    """A plan on its way: what has arrived, what Canvas does not take and why, and what is left."""

    def __init__(self, plan: Plan, feedback: Path, pause: Callable[[float], None] | None = None) -> None:
        """Take a plan, and the folder where each submission's feedback is."""
        self._feedback, self._pause = feedback, pause or time.sleep
        self._grades = {one.user: one for one in plan.changes if one.regraded}
        self._comments = {one.user: (one.who, one.comment) for one in plan.changes if one.comment is not None}
        self.graded = self.commented = 0
        self.refused: list[tuple[str, str]] = []

    @property
    def left(self) -> tuple[int, int]:
        """Return how many marks and comments have not arrived."""
        return len(self._grades), len(self._comments)

    def send(self, canvas: Canvas, log: Log, arrived: Callable[[], object] = lambda: None) -> None:
        """Send what is left: the marks, then the comments of those whose mark was taken. Raises Stopped, UsageError."""
        said = ""
        for _ in range(ROUNDS):
            if self._grades:
                said = self._send_grades(canvas)
                self._read_back(canvas, log, arrived)
        for one in self._grades.values():
            why = f"Canvas did not take the mark {one.after} ({said or 'it does not say why'})"
            self.refused.append((one.who, why))
        for user, (who, comment) in list(self._comments.items()):
            if user in self._grades:
                continue
            try:
                self._say(canvas, user, comment)
            except Refused as error:
                self.refused.append((who, f"Canvas did not take the comment: {error}"))
                continue
            log.comment(user, comment.digest)
            del self._comments[user]
            self.commented += 1
            arrived()

    def _send_grades(self, canvas: Canvas) -> str:
        waiting = list(self._grades.values())
        said = []
        for first in range(0, len(waiting), TOGETHER):
            try:
                said.append(canvas.grade(waiting[first : first + TOGETHER]))
            except Refused as error:
                said.append(str(error))
        return "; ".join(one for one in said if one)

    def _read_back(self, canvas: Canvas, log: Log, arrived: Callable[[], object]) -> None:
        try:
            there = canvas.there()
        except Refused as error:
            raise Stopped(f"what stands in Canvas cannot be read: {error}") from None
        for one in list(self._grades.values()):
            if there.get(one.user, There()).mark == one.after:
                log.grade(one.user, one.after)
                del self._grades[one.user]
                self.graded += 1
                arrived()

    def _say(self, canvas: Canvas, user: str, comment: Comment) -> None:
        """Add one comment, once: after a failure that may have been none, look before it is sent again."""
        file = self._feedback / f"{comment.submission}.md" if comment.submission else None
        for tried in range(LOOKS):
            try:
                canvas.comment(user, comment.whole, file)
                return
            except Unsure:
                self._pause(2.0**tried)
                if any(comment.marker in text for text in canvas.comments(user)):
                    return
        raise Stopped("Canvas fails on every comment")
