"""What a comment in Canvas says: what was lost, in plain text that fits, and nothing that students may not know."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from grader.course import told
from grader.course.standings import Part, Standing
from grader.model import Outcome
from grader.platforms.canvas.push import plan
from grader.reports import audience, in_short
from grader.submissions.people import Person
from tests.browser.planted import CRASHED, FORGOTTEN, RIGHT, graded


def test_each_exercise_that_lost_points_is_said_with_why() -> None:
    said = in_short.text(graded("cleo", RIGHT, FORGOTTEN, CRASHED))
    assert said.count(" (0 / ") == 2
    assert "d_out was forgotten" in said
    assert "<" not in said.replace("x < 1", "")


def test_who_lost_nothing_is_told_nothing() -> None:
    assert in_short.text(graded("ada", RIGHT, RIGHT, RIGHT)) == ""


def test_what_is_hidden_is_not_in_it() -> None:
    hidden = Outcome("wrong answer", "a planted reason", detail="a planted detail")
    result = graded("ann", RIGHT, FORGOTTEN, RIGHT, hidden=[hidden])
    assert "planted" in in_short.text(result)
    assert "planted" not in in_short.text(audience.for_student(result))


def test_a_long_one_ends_with_where_the_rest_is() -> None:
    long = msgspec.structs.replace(CRASHED, said="E" * 900, reason="r" * 900)
    said = in_short.text(graded("x", long, FORGOTTEN, long))
    assert len(said) <= in_short.MOST + len(in_short.CUT) + 10
    assert said.endswith(in_short.CUT)


def test_one_reason_for_all_is_said_once() -> None:
    assert in_short.text(graded("x", CRASHED, CRASHED, CRASHED)).count(CRASHED.reason) == 1


def test_an_unusable_submission_is_said_to_be_one() -> None:
    said = in_short.text(graded("x", RIGHT, RIGHT, RIGHT, problem="no file could be read"))
    assert said == "This submission could not be used: no file could be read."


def test_canvas_shows_it_between_staffs_words_and_the_file() -> None:
    one = Standing(Person(sid="1"), "u1", "graded", Fraction(4), comments=("See me.",), late="2 days late.")
    said = plan.comment_on(one, {"u1": "digest"}, "Square (1 / 4)")
    assert said is not None
    assert said.text == f"See me.\n2 days late.\n\nSquare (1 / 4)\n\n{plan.WITH_FILE}"
    by_hand = told.by_hand(
        msgspec.structs.replace(one, parts=(Part("square", Fraction(1), Fraction(3)), Part("exp", Fraction(4)))),
        partial=False,
        titles={"square": "Square"},
    )
    decided = plan.comment_on(one, {"u1": "digest"}, "Square (1 / 4)", by_hand)
    assert decided is not None
    assert "\nSquare: 3 points, set by hand; grading gave 1.\n\nSquare (1 / 4)\n" in decided.text
    alone = plan.comment_on(msgspec.structs.replace(one, comments=(), late=""), {"u1": "digest"}, "Square (1 / 4)")
    assert alone is not None
    assert alone.text == f"Square (1 / 4)\n\n{plan.WITH_FILE}"
