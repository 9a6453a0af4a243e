"""Gradescope's metadata is read whatever its shape, and its results say what they must and never more."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from grader.assignment.late import Policy
from grader.errors import JudgeError
from grader.model import CheckResult, Counterexample, Diagnosis, ExerciseResult, Hint, Outcome, Result
from grader.platforms.gradescope import metadata
from grader.platforms.gradescope.metadata import Metadata
from grader.platforms.gradescope.results import OUTPUT_CAP, Results, cut, encode, results

DUE = "2025-03-01T23:59:00.000000-08:00"
AFTER = "2025-03-02T01:59:00.000000-08:00"
POLICY = Policy(Fraction(10), "day")
IN_TIME = Metadata(seconds_late=0)


def shape(**changes: Any) -> bytes:
    """A submission as Gradescope's files have it, with some of it changed; `...` takes a key away."""
    whole: dict[str, Any] = {
        "id": 123456,
        "created_at": AFTER,
        "assignment_id": None,
        "submission_method": "upload",
        "assignment": {
            "id": 1,
            "title": "HW 1",
            "release_date": "2025-02-01T00:00:00.000000-08:00",
            "due_date": DUE,
            "late_due_date": None,
            "total_points": "35.0",
            "course_id": 2,
            "group_submission": False,
            "group_size": None,
            "outline": [],
        },
        "users": [{"id": 5, "email": "ada@example.edu", "name": "Ada", "sid": "", "assignment": {"due_date": DUE}}],
        "previous_submissions": [],
    }
    whole |= changes
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def student(due: Any = ...) -> dict[str, Any]:
    return {"id": 6, "name": "B", "assignment": {} if due is ... else {"due_date": due}}


# --- metadata ------------------------------------------------------------------------------------------------------


def test_the_shape_that_is_seen_is_read() -> None:
    assert metadata.read(shape()) == Metadata("123456", 7200, 1, 1, "35.0", ())


def test_the_shape_that_is_documented_is_read() -> None:
    raw = shape(
        users=[{"email": "a@example.edu", "id": 1, "name": "A"}], assignment={"due_date": DUE}, assignment_id=...
    )
    assert metadata.read(raw).seconds_late == 7200


def test_an_extension_beats_the_assignments_date_and_a_groups_latest_holds() -> None:
    extended = "2025-03-03T01:59:00-08:00"
    assert metadata.read(shape(users=[student(extended)])).seconds_late == -86400
    assert metadata.read(shape(users=[student(DUE), student(extended)])).seconds_late == -86400
    assert metadata.read(shape(users=[student(), student(None)])).seconds_late == 7200
    assert metadata.read(shape(users=[student(DUE), student(extended)])).students == 2


def test_where_nothing_is_due_nothing_is_late() -> None:
    assert metadata.read(shape(users=[student(None)], assignment={"due_date": None})).seconds_late == 0


@pytest.mark.parametrize(
    ("created", "due", "seconds"),
    [
        ("2025-03-02T07:59:00Z", DUE, 0),
        ("2025-03-02T07:58:59.999Z", DUE, -1),
        ("2025-03-02T07:59:00.999999999Z", DUE, 0),  # a fraction of a second is nobody's lateness
        ("2025-03-02T07:59:01Z", DUE, 1),
        ("2025-03-02 07:59:01 UTC", DUE, 1),
        ("2025-03-02T13:29:01+05:30", DUE, 1),
        ("2025-03-02T13:29:01+0530", DUE, 1),
        ("2025-03-09T03:30:00-07:00", "2025-03-09T01:30:00-08:00", 3600),  # the night the clocks go forward
        ("9999-12-31T23:59:59Z", "9999-12-30T23:59:59Z", 86400),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:01Z", -1),
    ],
)
def test_moments_are_exact_whatever_their_offset(created: str, due: str, seconds: int) -> None:
    found = metadata.read(shape(created_at=created, users=[student(due)]))
    assert found.seconds_late == seconds


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 200_000,
        b"\xff\xfe",
        b'{"created_at": NaN}',
        shape(created_at=...),
        shape(created_at=None),
        shape(created_at=1740902340),
        shape(created_at="2025-03-02T07:59:00"),  # it could be anywhere in a day
        shape(created_at="yesterday"),
        shape(created_at="2025-02-30T00:00:00Z"),
        shape(created_at="2025-03-02T07:59:00+99:00"),
        shape(created_at="9999-12-31T23:59:59-12:00"),
        shape(assignment=..., users=...),
        shape(assignment="HW 1", users=[student()]),
        shape(assignment={"due_date": 5}, users=[student()]),
        shape(users=[student("soon")]),
        shape(users=[student(DUE), student("soon")]),
        shape(users=[]),  # late, and nobody is named who may have an extension
        shape(users=...),
    ],
    ids=lambda raw: str(raw)[-40:],
)
def test_where_lateness_cannot_be_told_it_is_unknown_and_staff_hear_why(raw: bytes | None) -> None:
    found = metadata.read(raw)
    assert found.seconds_late is None
    assert found.concerns


def test_whoever_is_in_time_needs_no_extension() -> None:
    assert metadata.read(shape(users=[], created_at="2025-03-01T00:00:00Z")).seconds_late == -115140


def test_earlier_submissions_count_as_attempts_except_those_we_failed() -> None:
    earlier = [
        {"submission_time": DUE, "score": "20.0", "autograder_error": False, "results": {}},
        {"submission_time": DUE, "score": 0.0},
        {"submission_time": DUE, "score": None, "autograder_error": True},
    ]
    assert metadata.read(shape(previous_submissions=earlier)).attempt == 3
    assert metadata.read(shape(previous_submissions=...)).attempt == 1
    odd = metadata.read(shape(previous_submissions="none"))
    assert (odd.attempt, len(odd.concerns), odd.seconds_late) == (1, 1, 7200)


def test_nothing_of_who_handed_in_is_kept() -> None:
    kept = repr(metadata.read(shape(id="../../etc\x00", users=[{"name": "Ada", "email": "ada@example.edu"}])))
    assert "Ada" not in kept
    assert "ada@" not in kept
    assert "/" not in metadata.read(shape(id="../../etc\x00")).id


# --- results -------------------------------------------------------------------------------------------------------

WRONG = Outcome(
    "wrong answer",
    "the gradient of Square is wrong",
    counterexample=Counterexample({"x": 3.0}, 2.0, "", "6.0", "12.0", snippet="Square.forward(ctx, 3.0)"),
    diagnosis=(Diagnosis("d_out was forgotten", "Multiply by it."),),
    detail="at 3.0 it is 6.0",
)
RIGHT = Outcome("accepted")


def check(outcome: Outcome, name: str = "backward", **rest: Any) -> CheckResult:
    earned = Fraction(int(outcome.verdict == "accepted"))
    return CheckResult(name, earned, Fraction(1), rest.pop("visibility", "visible"), outcome, **rest)


def graded(*checks: CheckResult, attempt: int = 1, problem: str = "") -> Result:
    earned, possible = (sum((one[i] for one in map(_points, checks)), Fraction(0)) for i in (0, 1))
    held = any(one.outcome.verdict == "judge error" for one in checks)
    exercise = ExerciseResult("square", "Square", earned, possible, checks, held)
    return Result(1, "7", "a", "d1g357", {"tier": "2"}, earned, possible, (exercise,), (), problem, attempt)


def _points(one: CheckResult) -> tuple[Fraction, Fraction]:
    return one.earned, one.possible


def shown(record: Results, *visibilities: str) -> str:
    """Return all that students can read of the results, of tests with these visibilities."""
    kept = [one for one in record.tests if one.visibility in visibilities]
    return repr((record.output, record.leaderboard, kept))


def test_a_lost_check_reads_like_this() -> None:
    record = results(graded(check(RIGHT, "forward"), check(WRONG)), POLICY, Metadata(seconds_late=7200))
    assert record.output == (
        "**1 of 2 points** before lateness\n"
        "\n"
        "Handed in 2 hours late: 1 started day, at 10 %. 10 % of the possible points (0.2 of 2) are taken off.\n"
        "\n"
        "That leaves **0.8 of 2 points**."
    )
    assert record.score == 0.8
    right, wrong = record.tests
    assert (right.status, right.score, right.max_score, right.output) == ("passed", 1, 1, "")
    assert (wrong.name, wrong.number, wrong.status, wrong.score) == ("Square: backward", "1.2", "failed", 0)
    assert wrong.output == (
        "**wrong answer**: the gradient of Square is wrong\n"
        "\n"
        "at 3.0 it is 6.0\n"
        "\n"
        "```text\n"
        "at x = 3.0, d_out = 2.0\n"
        "  your backward returned   6.0\n"
        "  expected                 12.0\n"
        "try it:\n"
        "  Square.forward(ctx, 3.0)\n"
        "```\n"
        "\n"
        "It looks as if d_out was forgotten. Multiply by it."
    )


def test_the_file_holds_the_documented_keys_and_equal_records_equal_bytes() -> None:
    record = results(graded(check(WRONG)), POLICY, IN_TIME, leaderboard=True)
    whole = json.loads(encode(record))
    assert encode(record) == encode(record)
    assert set(whole) <= {
        *("score", "output", "output_format", "visibility", "stdout_visibility", "extra_data", "leaderboard", "tests"),
    }
    assert set(whole["tests"][0]) == {
        *("name", "number", "score", "max_score", "status", "visibility", "output", "output_format", "tags"),
    }
    assert whole["stdout_visibility"] == "hidden"
    assert whole["leaderboard"] == [
        {"name": "Points", "value": 0, "order": "desc"},
        {"name": "Attempts", "value": 1, "order": "asc"},
    ]
    assert whole["extra_data"]["digest"] == "d1g357"
    assert "leaderboard" not in json.loads(encode(results(graded(check(WRONG)), POLICY, IN_TIME)))


def test_the_automatic_score_stays_beside_what_lateness_left() -> None:
    late = results(graded(check(RIGHT), check(WRONG, "contract")), POLICY, Metadata(seconds_late=3 * 86400))
    assert late.score == pytest.approx(0.4)
    assert (late.extra_data["automatic_score"], late.extra_data["late_deduction"]) == ("1", "3/5")


def test_a_score_is_stated_even_where_it_is_nothing_and_never_below() -> None:
    for seconds in (0, 10**9):
        whole = json.loads(encode(results(graded(check(WRONG)), Policy(Fraction(100)), Metadata(seconds_late=seconds))))
        assert whole["score"] == 0


def test_our_own_fault_is_never_written() -> None:
    with pytest.raises(JudgeError, match="withheld"):
        results(graded(check(RIGHT), check(Outcome("judge error", "ours"), "contract")), POLICY, IN_TIME)


@pytest.mark.parametrize("level", ["full", "hint", "verdict"])
def test_a_hidden_check_waits_for_publication_then_says_what_it_may(level: Any) -> None:
    hidden = check(WRONG, "secret", visibility="hidden", feedback=level, hints=(Hint("the power rule"),))
    record = results(graded(check(RIGHT), hidden), POLICY, Metadata(seconds_late=7200), leaderboard=True)
    before = shown(record, "visible")
    for word in ("secret", "gradient of Square", "12.0", "d_out was", "power rule", "of 2"):
        assert word not in before.replace("(0.2 of 2)", ""), word
    assert record.output.startswith(
        "**1 of 1 points** before lateness, on the checks that are shown before grades are published\n"
    )
    test = record.tests[1]
    assert test.visibility == "after_published"
    assert ("12.0" in test.output) == (level == "full")
    assert ("d_out was forgotten" in test.output) == (level in ("full", "hint"))
    assert ("power rule" in test.output) == (level in ("full", "hint"))
    assert test.output.startswith("**wrong answer**")


@pytest.mark.parametrize("visibility", ["visible", "hidden"])
def test_a_check_that_says_nothing_is_for_staff_and_shows_its_points_only(visibility: str) -> None:
    silent = check(WRONG, "secret", visibility=visibility, feedback="none")
    record = results(graded(check(RIGHT), silent), POLICY, IN_TIME)
    assert "secret" not in shown(record, "visible", "after_published", "after_due_date")
    assert (record.tests[1].visibility, record.tests[1].output) == ("hidden", "")
    assert record.score == 1


def test_what_is_visible_is_the_same_whatever_hidden_checks_came_to() -> None:
    both = [
        results(graded(check(RIGHT), check(one, "secret", visibility="hidden")), POLICY, Metadata(seconds_late=90000))
        for one in (RIGHT, WRONG)
    ]
    assert shown(both[0], "visible") == shown(both[1], "visible")
    assert both[0].score != both[1].score


def test_hints_come_with_the_attempts() -> None:
    hints = (Hint("look at the power rule"), Hint("it is 2x", after=2))
    outputs = [results(graded(check(WRONG, hints=hints), attempt=n), POLICY, IN_TIME).tests[0].output for n in (1, 3)]
    assert "Hint: look at the power rule" in outputs[0]
    assert "it is 2x" not in outputs[0]
    assert "Hint: it is 2x" in outputs[1]


def test_unknown_lateness_takes_nothing_off_and_staff_and_student_know() -> None:
    unknown = Metadata(concerns=("created_at is <b>missing</b>",))
    record = results(graded(check(RIGHT)), POLICY, unknown)
    assert record.score == 1
    assert "something may still be taken off" in record.output
    staff = record.tests[-1]
    assert (staff.visibility, staff.status, staff.max_score) == ("hidden", "failed", 0)
    assert "created_at is &lt;b>missing&lt;/b>" in staff.output
    assert record.extra_data["seconds_late"] is None
    assert len(results(graded(check(RIGHT)), Policy(), unknown).tests) == 1  # where lateness costs nothing


def test_what_cost_everything_is_said_once_at_the_top() -> None:
    broken = Outcome("runtime error", "loading lecture8.py raised an exception", "SyntaxError", place="lecture8.py, 3")
    record = results(graded(check(broken), check(broken, "contract")), POLICY, IN_TIME)
    assert record.output.count("SyntaxError") == 1
    assert {one.output for one in record.tests} == {"**runtime error** (why is said once, at the top)"}
    skipped = Outcome("skipped", "it holds a <link>")
    unread = results(graded(check(skipped), problem="it holds a <link>"), POLICY, IN_TIME)
    assert "could not be used: it holds a &lt;link>." in unread.output
    assert {one.output for one in unread.tests} == {"**skipped** (why is said once, at the top)"}


EVIL = "\x00\x1b[31m<script>alert(1)</script>\r\n````\n![](http://evil) \u202e\ud800"


def test_students_text_is_inert_and_the_file_is_utf_8() -> None:
    evil = Outcome("runtime error", "it raised", EVIL, place=EVIL, callers=(EVIL,), call=EVIL, detail=EVIL)
    raw = encode(results(graded(check(evil), check(RIGHT, "b")), POLICY, IN_TIME)).decode("utf-8")
    output = json.loads(raw)["tests"][0]["output"]
    assert not {c for c in output if not c.isprintable()} - {"\n"}
    outside = output[: output.index("`````text")]
    assert "<script" not in outside
    assert "![" not in outside.replace("!\\[", "")
    assert "\n`````" in output


def test_a_megabyte_of_output_is_cut_to_whole_lines_in_a_closed_block() -> None:
    lines = ["before", "````text", *(f"line {i} of many" for i in range(100_000)), "````", "after"]
    text = cut(lines)
    assert len(text) <= OUTPUT_CAP
    *shown, empty, last = text.splitlines()
    assert shown[-1] == "````"  # which is ours
    assert shown[:-1] == lines[: len(shown) - 1]
    assert (empty, last) == ("", f"({len(lines) - len(shown) + 1} more lines are left out here.)")


def test_a_line_of_a_megabyte_is_cut_and_says_how_long_it_was() -> None:
    text = cut(["x" * 1_000_000])
    assert len(text) < OUTPUT_CAP
    assert text.endswith("… (1000000 characters)")


def test_what_fits_is_left_alone() -> None:
    lines = ["one", "", "", "two", "```text", "code", "```"]
    assert cut(lines) == "one\n\ntwo\n```text\ncode\n```"


@pytest.mark.ci
def test_a_result_with_endless_text_makes_a_file_of_a_sane_size() -> None:
    long = Outcome("runtime error", "it raised", "y" * 1_000_000)
    checks = [check(msgspec.structs.replace(long, said=f"{i}" + long.said), f"c{i}") for i in range(100)]
    raw = encode(results(graded(*checks), POLICY, IN_TIME))
    assert len(raw) < 1_000_000
    assert max(len(one["output"]) for one in json.loads(raw)["tests"]) < OUTPUT_CAP


# --- clocks that are changed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "created", "days"),
    [
        ("2026-10-31T20:00:00-07:00", "2026-11-01T19:59:00-08:00", 1),
        ("2026-10-31T20:00:00-07:00", "2026-11-01T20:01:00-08:00", 2),
        ("2026-10-10T20:00:00-07:00", "2026-10-11T19:59:00-07:00", 1),
        ("2026-03-07T20:00:00-08:00", "2026-03-08T20:30:00-07:00", 2),
        ("2026-03-28T23:59:00+00:00", "2026-03-29T23:58:00+01:00", 1),
        ("2026-10-31T20:00:00-07:00", "2026-11-02T04:59:00+01:00", 2),  # from another continent: 24 h 59 min passed
    ],
)
def test_a_late_day_on_gradescope_ends_by_the_clock_there(due: str, created: str, days: int) -> None:
    handed_in = metadata.read(shape(created_at=created, users=[student(due)]))
    found = results(graded(check(RIGHT)), POLICY, handed_in)
    assert f"{days} started day" in found.output and f"{10 * days} % of the possible points" in found.output


def test_the_clock_is_that_of_the_due_date_that_holds() -> None:
    extended = [student("2026-10-30T20:00:00-07:00"), student("2026-11-01T19:00:00-08:00")]
    found = metadata.read(shape(created_at="2026-11-01T20:00:00-08:00", users=extended))
    assert (found.seconds_late, found.clock_shift) == (3600, 0)
