"""A session that puts all questions it is sure of in one frame, and knows answers that it has had before.

**What it is worth.** A round trip per question costs both processes a wake-up, more than the calls in most questions:
see docs/decisions/0008. **How to remove it:** open a `Session` instead, and let `quick_judge` go with it.

Where a frame brings no answer in a short time, nothing has been learnt of who is to blame, and every question is asked
alone, of a new worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from grader.assignment.kind import Fresh
from grader.grading.session import Question, Session, WorkerStopped, question
from grader.model import Outcome
from grader.sandbox import probes

AHEAD_CPU = 0.25
"""CPU seconds for a frame of many questions: fifty times what honest code takes, and little lost where it is not."""

MOST_STOPS = 2
"""Workers that a first look may lose. One exercise that hangs must not have all others asked alone."""

T = TypeVar("T")


class NotGiven(Exception):
    """More would have to be asked than was."""


class AheadSession(Session):
    """Asks a unit's questions, several at a time."""

    _ahead: dict[int, msgspec.Raw] | None
    _asked_ahead: tuple[Question, ...] = ()

    def __enter__(self) -> AheadSession:
        self._ahead = {}
        self.followups: list[tuple[Question, msgspec.Raw]] = []
        """What the last judge asked beyond what was given ahead, with what came back."""
        return self

    def ask(self, judge: Callable[[Callable[[Any], Any]], T]) -> T | Outcome:
        """Return what `judge` makes of the answers it calls for, or what the worker's stopping comes to."""

        def judged(call: Callable[[Any], Any]) -> T:
            self.followups = []
            return judge(call)

        return super().ask(judged)

    def ask_ahead(self, questions: Sequence[Question]) -> None:
        """Put several questions in one frame, and keep the answers for when they are asked."""
        bodies = self._in_one_frame(questions)
        self._asked_ahead = tuple(questions)
        if self._ahead is not None:
            self._ahead.update({id(one.ask): body for one, body in zip(questions, bodies)})

    def given(self, ask: Any) -> Any:
        """Return the answer to a question that was put ahead. Raises NotGiven for any other."""
        body = (self._ahead or {}).get(id(ask))
        told = None if body is None or isinstance(ask, Fresh) else probes.read(probes.of(ask), ask, body)
        if told is None:
            raise NotGiven
        return told

    def answers_alike(self, questions: Sequence[Question], digest: bytes) -> bool:
        """Ask what was asked of another submission, and say whether the very same comes back."""
        if any(isinstance(one.ask, Fresh) for one in questions):
            return False  # several workers would have to be asked anew: judging takes no more
        return _digest(self._in_one_frame(questions)) == digest

    def answers(self, questions: Sequence[Question]) -> bytes | None:
        """Return what tells these answers from all others, where all of them were given ahead; else None."""
        given = self._ahead or {}
        try:
            bodies = [given[id(one.ask)] for one in questions]
        except KeyError:
            return None
        return _digest(bodies) if bodies else None

    def answers_told(self, questions: Sequence[Question]) -> bytes | None:
        """Return the same once the last judge has asked, where its questions were asked one by one as well."""
        given = {id(one.ask): body for one, body in self.followups} | (self._ahead or {})
        bodies = [given[id(one.ask)] for one in questions if id(one.ask) in given]
        return _digest(bodies) if bodies and len(bodies) == len(questions) else None

    def followups_digest(self) -> bytes:
        """Return what tells the answers in `followups` from all others."""
        return _digest([body for _, body in self.followups])

    def _in_one_frame(self, questions: Sequence[Question]) -> Sequence[msgspec.Raw]:
        """Return the answers to several questions; none where they have to be asked one by one."""
        if self._ahead is None or not questions or self._unloadable is not None:
            return ()
        left = self._budget.left
        try:
            line = self._loaded()
            left = self._budget.left
            return line.call_all(questions, AHEAD_CPU)
        except WorkerStopped:
            self._ahead = None  # nor the next time: one question at a time from here on
            if self._line is not None and not self._line.loaded:
                self._stopped()
            else:
                self._line = None
                self._held.close()
                self._budget.left = left  # it is asked again, and charged then
            return ()

    def _body(self, ask: Any) -> msgspec.Raw:
        body = (self._ahead or {}).get(id(ask))
        if body is None:
            one = question(ask)
            body = self._loaded().call(one)
            self.followups.append((one, body))
        return body

    def _fresh_body(self, fresh: Fresh, one: Question) -> msgspec.Raw:
        line = self._loaded()
        ids = [id(other.ask) for other in self._asked_ahead]
        if id(fresh.instead_of) in ids and self._ahead is not None:
            place = ids.index(id(fresh.instead_of))
            frame = (*self._asked_ahead[:place], one, *self._asked_ahead[place + 1 :])
            body = line.call_all(frame, AHEAD_CPU)[place]
        else:
            if self._asked_ahead and self._ahead is not None:
                line.call_all(self._asked_ahead, AHEAD_CPU)
            body = line.call(one)
        self.followups.append((msgspec.structs.replace(one, ask=fresh), body))
        return body


class FirstLook(AheadSession):
    """Asks each question once, in frames. Whatever goes wrong is no verdict and costs nothing: others ask again.

    A frame that stopped its worker is left unanswered, and a new worker gets the next. After the second it is over.
    """

    _most_to_load = AHEAD_CPU
    _stops = 0

    def __enter__(self) -> FirstLook:
        super().__enter__()
        return self

    def ask_ahead(self, questions: Sequence[Question]) -> None:
        """Put several questions in one frame, unless it is over."""
        if self._stops == MOST_STOPS:
            return
        before, left = self._ahead, self._budget.left
        super().ask_ahead(questions)
        if self._ahead is None or self._unloadable is not None:
            self._ahead, self._budget.left = before, left
            self._stops = MOST_STOPS if self._unloadable is not None else self._stops + 1


def _digest(bodies: Sequence[msgspec.Raw]) -> bytes:
    if len(bodies) == 1:  # as nearly always
        return hashlib.blake2b(bodies[0], digest_size=32).digest()
    digest = hashlib.blake2b(digest_size=32, person=b"several")
    for body in bodies:
        digest.update(len(body).to_bytes(8, "big"))
        digest.update(body)
    return digest.digest()
