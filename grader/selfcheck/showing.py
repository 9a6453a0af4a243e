"""Write the page of a self-check, and while files are watched a stamp beside it that says whether it is another.

A page that was opened from a file may fetch nothing, and a page that loads itself anew by the clock flickers, and loses
what was selected. So a watched page looks at its stamp again and again: a style sheet of one line, which can run
nothing. It loads itself anew once that is another. The stamp is a digest of what the page shows, so a file that was
saved without effect changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from grader.model import Submission, Trace
from grader.reports import files
from grader.selfcheck import page, tracing
from grader.selfcheck.checking import Checked, SelfCheck, undrawn
from grader.selfcheck.page import Seen
from grader.selfcheck.prepared import AssignmentBundle

FILE = "check.html"
"""What a page is called where nobody says."""


class Pages:
    """The page of a self-check in one file, written anew whenever something was checked. Raises OSError."""

    def __init__(self, path: Path, watched: bool) -> None:
        self.path, self._watched = path, watched

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the stamp away: a page that is still open finds none, and stays as it is."""
        if self._watched:
            self._stamp.unlink(missing_ok=True)

    def write(self, seen: Seen) -> None:
        """Put the page in place, and then its stamp."""
        plain = page.html(seen)
        if not self._watched:
            files.write(self.path, plain.encode())
            return
        stamp = hashlib.sha256(plain.encode()).hexdigest()[:16]
        files.write(self.path, page.html(seen, quote(self._stamp.name), stamp).encode())
        files.write(self._stamp, f':root {{ --stamp: "{stamp}"; }}\n'.encode())

    @property
    def _stamp(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.stamp.css")


def with_pictures(checker: SelfCheck, submission: Submission, seen: Seen) -> Seen:
    """Return what a page shows with the curves and the traces of what is wrong, which are asked of a worker now."""
    curves, lost = checker.curves(submission, seen.found)
    traces, untraced = _traces(checker, submission, seen.assignment, seen.found)
    return msgspec.structs.replace(seen, curves=curves, traces=traces, notes=(*seen.notes, *lost, *untraced))


def _traces(
    checker: SelfCheck, submission: Submission, assignment: AssignmentBundle, found: Sequence[Checked]
) -> tuple[dict[str, Trace], list[str]]:
    """Return the trace of the smallest wrong graph of each exercise that has one, and a note on each that failed."""
    sealed = {one.id: one for one in assignment.exercises}
    traces: dict[str, Trace] = {}
    lost: list[str] = []
    for one in found:
        outcomes = [check.outcome for check in one.exercise.checks]
        if one.status != "wrong" or not any(told.counterexample and told.counterexample.picture for told in outcomes):
            continue
        try:
            trace = tracing.smallest(checker, submission, sealed[one.exercise.id], outcomes)
        except Exception as error:  # a fault of ours costs a picture, and no more
            lost.append(undrawn(one, "steps", error))
            continue
        if trace is not None:
            traces[one.exercise.id] = trace
    return traces, lost
