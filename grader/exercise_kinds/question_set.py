"""One half of an exercise's questions, public or private, with what is expected of the answers."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from grader.judging.bands import Targets
from grader.model import Corpus

Request = TypeVar("Request")


class QuestionSet(msgspec.Struct, Generic[Request], frozen=True):
    """What is asked, and whether students may be shown it.

    `corpus` are the inputs, with exact answers, where a kind draws inputs; `accepted` is what each accepted formula
    expects at them.
    """

    ask: Request
    public: bool
    corpus: Corpus = Corpus((), ())
    accepted: tuple[Targets, ...] = ()
