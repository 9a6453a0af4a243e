"""Frames are bounded and replies decoded strictly: anything else is a violation, never a pass."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import probes
from grader.sandbox.boundary.protocol import (
    FRAME_CAP,
    Fault,
    Loaded,
    NonNumeric,
    Reply,
    Violation,
    decode_reply,
    encode,
    frame,
    frame_length,
)
from grader.sandbox.probes.function import Evaluation, FunctionReply, FunctionRequest


def test_a_reply_comes_back_as_it_was() -> None:
    told = FunctionReply(
        rows=(Evaluation(1.0, (2.0, NonNumeric("str"))), Evaluation(Fault("exception", "ValueError"), None))
    )
    reply = decode_reply(encode(Reply(7, msgspec.Raw(encode(told)))))
    assert isinstance(reply, Reply)
    ask = FunctionRequest("lecture8", "Mul", "autodiff", 2, (((1.0, 2.0), 1.0), ((2.0, 2.0), 1.0)))
    assert probes.read(probes.of(ask), ask, reply.body) == told
    one = msgspec.structs.replace(ask, arity=1)
    assert probes.read(probes.of(one), one, reply.body) is None, "as many gradients as there are arguments"


def test_an_answer_that_is_not_whole_is_none() -> None:
    ask = FunctionRequest("lecture8", "Square", "autodiff", 1, (((1.0,), 1.0), ((2.0,), 1.0)))
    for rows in ((), (Evaluation(1.0, (2.0,)),), (Evaluation(1.0, (2.0,)),) * 3):
        assert probes.read(probes.of(ask), ask, msgspec.Raw(encode(FunctionReply(rows=rows)))) is None
    for junk in (b"\xc0", b"\x91" * 60_000, encode({"rows": 1})):
        assert probes.read(probes.of(ask), ask, msgspec.Raw(junk)) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reply_or_a_violation(raw: bytes) -> None:
    with contextlib.suppress(Violation):
        assert isinstance(decode_reply(raw).id, int)


@pytest.mark.parametrize(
    "reply",
    [
        {"type": "loaded", "id": "1", "failures": {}},
        {"type": "loaded", "id": 1},
        {"type": "told", "id": 1.5, "body": 1},
        {"type": "load", "id": 1},
        {"id": 1, "failures": {}},
        [1, 2, 3],
        {"type": "loaded", "id": 10**30 % 2**64, "failures": {"a": {"type": "fault", "kind": "victory"}}},
    ],
)
def test_a_reply_of_the_wrong_shape_is_a_violation(reply: object) -> None:
    with pytest.raises(Violation):
        decode_reply(encode(reply))


def test_deep_nesting_is_a_violation() -> None:
    with pytest.raises(Violation):
        decode_reply(b"\x91" * 60_000)


def test_a_length_over_the_cap_is_refused_unread() -> None:
    with pytest.raises(Violation):
        frame_length(b"\xff\xff\xff\xff")
    with pytest.raises(Violation):
        frame(b"x" * (FRAME_CAP + 1))
    assert frame_length(frame(b"abc")[:4]) == 3


def test_a_loaded_reply_names_what_failed() -> None:
    loaded = Loaded(1, {"lecture8": Fault("syntax", "SyntaxError", "invalid syntax", "lecture8.py", 3, "def f(:")})
    assert decode_reply(encode(loaded)) == loaded
