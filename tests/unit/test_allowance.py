"""What a worker says is shown as far as it is the student's own or Python's, and else counted."""

from __future__ import annotations

import random
from typing import Any

import pytest

from grader.exercise_kinds import blame, quoting, wording
from grader.grading import allowance
from grader.grading.allowance import LEFT_OUT, TEXT_BYTES, Allowance
from grader.grading.python_messages import is_pythons_own
from grader.model import Counterexample, Outcome
from grader.sandbox.boundary.protocol import Fault, NonNumeric, Place

SOURCE = b"""
import math

class OwnError(Exception):
    pass

def f(x, y):
    if x < 0:
        raise OwnError("x should be positive")
    return undefined_name + x
"""
FILES = {"lecture8.py": SOURCE}


def caught(code: str) -> str:
    """The text of a real exception of this Python's."""
    try:
        exec(code, {"math": __import__("math")})
    except BaseException as error:
        return str(error)
    raise AssertionError(code)


REAL = (
    "undefined_name",
    "None + 1.0",
    "1.0 < 'x'",
    "-[]",
    "f = None; f()",
    "f = None; f[0]",
    "for _ in 1: pass",
    "1 / 0",
    "1.0 / 0",
    "math.log(0)",
    "math.exp(1e9)",
    "[][1]",
    "[].pop()",
    "x, y = (1,)",
    "x, y = (1, 2, 3)",
    "f = lambda x: x; f()",
    "f = lambda x: x; f(1, 2)",
    "f = lambda x: x; f(x=1, y=2)",
    "None.f",
    "math.f",
    "len(1)",
    "float('x')",
    "float([])",
    "0.0 ** -1",
    "def f():\n y = x\n x = 1\nf()",
    "def f(): f()\nf()",
    "'x' + 1",
    "[] + 1",
    "if True:\npass",
    "x = (1",
    "x = 1)",
    "return 1",
    "x = 'y",
    "def f(x) y",
    "import f_no_such",
    "raise 1",
    "min([])",
    "{}[[]]",
    "abs('x')",
)


@pytest.mark.parametrize("code", REAL)
def test_what_this_python_says_is_known_for_its_own(code: str) -> None:
    said = caught(code).partition(" (<string>")[0]
    assert is_pythons_own(said, {"f", "x", "y", "undefined_name", "f_no_such"}.__contains__), said


@pytest.mark.parametrize(
    "text",
    ["name 'a b' is not defined", "f() missing 4711 required", "x" * 50, "division by zero!", "\n", "name '' is"],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert not is_pythons_own(text, lambda _: True)


def test_a_message_about_a_name_that_is_not_theirs_is_text() -> None:
    allow = Allowance(FILES)
    assert allow("name 'undefined_name' is not defined") == "name 'undefined_name' is not defined"
    assert allow._bytes == TEXT_BYTES
    assert allow("name 'somebody_else' is not defined") == "name 'somebody_else' is not defined"
    assert allow._bytes == TEXT_BYTES - len("name 'somebody_else' is not defined")


@pytest.mark.parametrize(
    "text",
    [
        "math.f.x.y.OwnError.math.f.x.y",
        "name 'f.x.y.undefined_name' is not defined",
        "'f.x' object has no attribute 'y.undefined_name'",
        "name 'f' is not defined (import f, x, y, math, undefined_name: not here)",
        "f() takes 123 positional arguments but 456 were given",
    ],
)
def test_many_words_of_theirs_are_a_text(text: str) -> None:
    allow = Allowance(FILES)
    allow(text)
    assert allow._bytes == TEXT_BYTES - len(text)


def test_what_is_theirs_costs_no_bytes() -> None:
    allow = Allowance(FILES)
    for words in (
        "OwnError",
        "x should be positive",
        'lecture8.py:9: raise OwnError("x should be positive")',
        "lecture8.py",
        "ValueError",
    ):
        assert allow(words) == words
    assert allow._bytes == TEXT_BYTES


@pytest.mark.parametrize(
    "place",
    [
        "lecture8.py:9: what was carried out",
        "other.py:9: return undefined_name + x",
        "lecture8.py:2: return undefined_name + x",
        "lecture8.py, code cell 4711471147114711, line 2",
        "lecture8.py:99999999999999999999999999999",
    ],
)
def test_a_place_that_is_not_theirs_is_text(place: str) -> None:
    allow = Allowance(FILES)
    assert allow(place) == place
    assert allow._bytes == TEXT_BYTES - len(place)


def test_text_is_shown_once_for_all_and_then_left_out() -> None:
    allow = Allowance(FILES)
    assert [allow("a" * 100) for _ in range(3)] == ["a" * 100] * 3
    assert allow("b" * 100) == LEFT_OUT
    assert allow.left_out
    assert allow("a" * 100) == "a" * 100
    assert allow("c" * (TEXT_BYTES - 100)) == "c" * (TEXT_BYTES - 100)


def test_a_file_of_many_words_or_lines_is_no_book_to_spell_from() -> None:
    words = " ".join(f"w{i}" for i in range(allowance.MOST_WORDS + 1)).encode()
    lines = b"\n".join(b"raise E%d" % i for i in range(allowance.LONGEST_FILE + 1))
    allow = Allowance({"a.py": words, "b.py": lines})
    for text in ("w17", "b.py:18: raise E17"):
        allow(text)
    assert allow._bytes == TEXT_BYTES - len("w17") - len("b.py:18: raise E17")


@pytest.mark.parametrize("seed", range(5))
def test_no_choice_of_texts_says_more_than_is_promised(seed: int) -> None:
    """The count of SECURITY.md: bytes of free text, and the choices among what is theirs."""
    source = random.Random(seed)
    files = {
        "a.py": " ".join(f"w{i}" for i in range(2000)).encode() + b"\n" + b"\n".join(b"x = %d" % i for i in range(2000))
    }
    allow, bits = Allowance(files), 0.0
    for _ in range(3000):
        kind = source.randrange(4)
        if kind == 0:
            text = "".join(chr(0x4E00 + source.randrange(0x4000)) for _ in range(source.randrange(1, 20)))
        elif kind == 1:
            text = f"name 'w{source.randrange(2000)}' is not defined"
        elif kind == 2:
            text = f"w{source.randrange(2000)}"
        else:
            i = source.randrange(2000)
            text = f"a.py:{i + 2}: x = {i}"
        before = allow._bytes, allow._messages, allow._lines
        if text not in allow._shown and allow(text) == text:
            spent = before[0] - allow._bytes
            bits += 8 * spent if spent else 40 if before[1] > allow._messages else 12
    assert allow._bytes < 4 and allow._messages == allow._lines == 0
    assert bits / 8 < 500
    assert (bits - 12 * allowance.MOST_LINES) / 8 < 300  # lines of their own files are theirs


def hostile_outcomes() -> dict[str, dict[str, Outcome]]:
    secret = "\ue000\ue001secret" + "\ue000" * 3
    fault = Fault("exception", secret, secret, secret, 3, secret, (Place(secret, 4, secret),))
    shown = Counterexample({"x": 2.0}, None, "", wording.shown(NonNumeric(secret, secret)), "4.0")
    return {
        "one": {"a": blame.of_fault(fault, "f"), "b": Outcome("wrong answer", "r", counterexample=shown)},
        "two": {"a": blame.of_fault(Fault("missing module", message=secret, file=secret, line=1), "f")},
    }


def test_every_text_of_a_worker_is_marked_and_no_worker_removes_a_mark() -> None:
    replaced = {
        id: {name: quoting.of_outcome(one, lambda _: "<left out>") for name, one in checks.items()}
        for id, checks in hostile_outcomes().items()
    }
    assert "secret" not in repr(replaced)
    assert not {quoting.OPEN, quoting.CLOSE} & set(repr(replaced))


def test_the_note_is_said_once_and_only_where_something_is_left_out() -> None:
    fine, notes = allowance.shown({"one": {"a": Outcome("accepted")}}, ["as it was"], FILES)
    assert (fine, notes) == ({"one": {"a": Outcome("accepted")}}, ("as it was",))
    long: dict[str, Any] = {"one": {"a": blame.of_fault(Fault("exception", "E", "z" * 300), "f")}}
    told, notes = allowance.shown(long, [], FILES)
    assert told["one"]["a"].said == f"E: {LEFT_OUT}"
    assert notes == (allowance.NOTE,)
