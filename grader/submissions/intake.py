"""A class as it was handed in: who, and what, each read when it is asked for and none of it kept."""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import overload

import msgspec

from grader.course.people import Handed
from grader.model import Submission
from grader.submissions import homes
from grader.submissions.entries import Entry, Unreadable, clean_id
from grader.submissions.homes import Layout


class Intake(Sequence[Submission], ABC):
    """The submissions of a class, by id. A class of any size is never in memory; only the names are."""

    def __init__(self, layout: Layout, ids: Sequence[str], attempt: int = 1) -> None:
        self.ids, self._layout, self._attempt = ids, layout, attempt

    @abstractmethod
    def _entries(self, index: int) -> list[Entry]:
        """Return one submission's files. Raises Unreadable, OSError."""

    tells_who = False
    """Whether more is known of who handed in than what the submission is called."""

    def handed(self, index: int) -> Handed:
        """Return what is known of who handed one in, and when."""
        return Handed(self.ids[index], attempt=self._attempt)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Submission: ...

    @overload
    def __getitem__(self, index: slice) -> list[Submission]: ...

    def __getitem__(self, index: int | slice) -> Submission | list[Submission]:
        """Read a submission. One that cannot be read says so in its `problem`."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        found = self._read(index)
        attempt = self.handed(index).attempt
        return msgspec.structs.replace(found, attempt=attempt) if attempt != 1 else found

    def _read(self, index: int) -> Submission:
        identity = self.ids[index]
        try:
            return homes.submission(identity, self._entries(index), self._layout)
        except Unreadable as problem:
            return Submission(identity, problem=str(problem))
        except Exception as error:  # whatever a hostile archive does to a decoder costs its own submission only
            said = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            return Submission(identity, problem=f"the submission could not be read: {said}")


def distinct(names: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """Yield an id of its own for every submission: two names that clean up alike must not share a result.

    `places` tells those apart.
    """
    cleaned = [name if name == (clean := clean_id(name)) else clean for name in names]  # one string, where it is one
    hashes = sorted(hash(one.casefold()) for one in cleaned)  # far smaller than the names again, or a count of each
    suspect = {one for one, following in itertools.pairwise(hashes) if one == following}
    counts = Counter(key for one in cleaned if hash(key := one.casefold()) in suspect)
    import hashlib  # one's own desk does without

    for identity, place in zip(cleaned, places):
        if counts[identity.casefold()] > 1:
            yield f"{identity}~{hashlib.sha256(os.fsencode(place)).hexdigest()[:6]}"
        else:
            yield identity
