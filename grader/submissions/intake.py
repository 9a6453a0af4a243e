"""A class as it was handed in: who, and what, each read when it is asked for and none of it kept."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import overload

import msgspec

from grader.errors import JudgeError
from grader.model import Submission
from grader.submissions import homes
from grader.submissions.entries import Entry, Unreadable
from grader.submissions.homes import Layout
from grader.submissions.names import Named
from grader.submissions.people import Handed
from grader.submissions.told_apart import Ignored

OURS = frozenset(
    getattr(errno, name)
    for name in ("ENOENT", "EIO", "ESTALE", "ENOTCONN", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM", "ETIMEDOUT")
    if hasattr(errno, name)
)
"""What the system says of a disk or a machine that fails, and of files that went away: no student's doing."""


class Intake(Sequence[Submission], ABC):
    """The submissions of a class, by id. A class of any size is never in memory; only the names are.

    `ignored` is what lies beside them and is nobody's, and `remarks` say how the class was found.
    """

    def __init__(self, layout: Layout, named: Named, attempt: int = 1, ignored: Sequence[Ignored] = ()) -> None:
        self.ids, self._called, self.concerns = named.ids, named.called, named.concerns
        self._layout, self._attempt = layout, attempt
        self.ignored, self.remarks = tuple(ignored), tuple[str, ...]()

    def found_by(self, passed: Sequence[Ignored], remarks: Sequence[str]) -> None:
        """Add what was passed on the way to it, and how it was found."""
        self.ignored, self.remarks = (*passed, *self.ignored), tuple(remarks)

    @abstractmethod
    def _entries(self, index: int) -> list[Entry]:
        """Return one submission's files. Raises Unreadable, OSError."""

    tells_who = False
    """Whether more is known of who handed in than what the submission is called."""

    def handed(self, index: int) -> Handed:
        """Return what is known of who handed one in, and when."""
        return Handed(self.ids[index], attempt=self._attempt, called=self._called.get(index, ""))

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Submission: ...

    @overload
    def __getitem__(self, index: slice) -> list[Submission]: ...

    def __getitem__(self, index: int | slice) -> Submission | list[Submission]:
        """Read a submission. One that cannot be read says so in its `problem`.

        Raises JudgeError where that is the machine's fault.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._as_handed_in(self._read(index), index)

    def empty(self, index: int, problem: str = "") -> Submission:
        """Return a submission of which only the name and the attempt are known."""
        return self._as_handed_in(Submission(self.ids[index], problem=problem), index)

    def _as_handed_in(self, found: Submission, index: int) -> Submission:
        attempt, called = self.handed(index).attempt, self._called.get(index, "")
        return msgspec.structs.replace(found, attempt=attempt, called=called) if attempt != 1 or called else found

    def _read(self, index: int) -> Submission:
        identity = self.ids[index]
        try:
            return homes.submission(identity, self._entries(index), self._layout)
        except Unreadable as problem:
            return Submission(identity, problem=str(problem))
        except (OSError, MemoryError) as error:
            said = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
            if isinstance(error, MemoryError) or error.errno in OURS:
                raise JudgeError(f"the submission could not be read: {said}") from None
            return Submission(identity, problem=f"the submission could not be read: {said}")
        except Exception as error:  # whatever a hostile archive does to a decoder costs its own submission only
            return Submission(identity, problem=f"the submission could not be read: {type(error).__name__}")
