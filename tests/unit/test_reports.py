"""Reports say what happened, in words that fit, and are inert wherever they are opened."""

from __future__ import annotations

import csv
import json
import tracemalloc
from fractions import Fraction

import msgspec
import pytest

from grader.authoring import schemas
from grader.model import CheckResult, Counterexample, Diagnosis, ExerciseResult, Hint, Outcome, Result, Verdict
from grader.reports import audience, feedback, grades, rows, stored, terminal
from grader.reports.text import points, shortened

EXAMPLE = Counterexample(
    {"x": 3.0}, 2.0, "", "6.0", "12.0", "12.000000 ± 4e-10", "ctx = Context(); Square.forward(ctx, 3.0)"
)
WRONG = Outcome(
    "wrong answer",
    "the gradient of Square is wrong",
    counterexample=EXAMPLE,
    diagnosis=(Diagnosis("d_out was forgotten", "Multiply by it."),),
)


def result(*outcomes: Outcome, submission: str = "u1", problem: str = "", visibility: str = "visible") -> Result:
    checks = tuple(
        CheckResult(f"check {i}", Fraction(int(one.verdict == "accepted")), Fraction(1), visibility, one)  # type: ignore[arg-type]
        for i, one in enumerate(outcomes)
    )
    earned = sum((check.earned for check in checks), Fraction(0))
    held = any(one.verdict == "judge error" for one in outcomes)
    exercise = ExerciseResult("square", "Square", earned, Fraction(len(checks)), checks, held)
    return Result(1, submission, "a", "d", {}, earned, Fraction(len(checks)), (exercise,), (), problem)


def test_a_wrong_gradient_reads_like_this() -> None:
    assert feedback.markdown(result(Outcome("accepted"), WRONG)) == (
        "# u1: 1 of 2 points\n"
        "\n"
        "## ✗ Square — 1 / 2\n"
        "\n"
        "- check 0: accepted\n"
        "- **check 1: wrong answer**: the gradient of Square is wrong\n"
        "\n"
        "  ```text\n"
        "  at x = 3.0, d_out = 2.0\n"
        "    your backward returned   6.0\n"
        "    expected                 12.0   (central difference of your own forward: 12.000000 ± 4e-10)\n"
        "  try it:\n"
        "    ctx = Context()\n"
        "    Square.forward(ctx, 3.0)\n"
        "  ```\n"
        "\n"
        "  - it looks as if d_out was forgotten. Multiply by it.\n"
    )


def test_what_cost_everything_is_said_once() -> None:
    broken = Outcome("runtime error", "loading lecture8.py raised an exception", "SyntaxError", place="lecture8.py, 3")
    assert feedback.markdown(result(broken, broken)) == (
        "# u1: 0 of 2 points\n"
        "\n"
        "- **everything: runtime error**: loading lecture8.py raised an exception\n"
        "\n"
        "  ```text\n"
        "  lecture8.py, 3\n"
        "  SyntaxError\n"
        "  ```\n"
    )


def test_a_hidden_check_is_not_named_to_students_and_is_to_staff() -> None:
    hidden = result(WRONG, visibility="hidden")
    assert "check 0" not in feedback.markdown(audience.for_student(hidden))
    assert "check 0" in feedback.markdown(hidden)


def staged(attempt: int, level: str, verdict: Verdict = "wrong answer") -> list[str]:
    hints = (Hint("look at the power rule"), Hint("it is 2x", after=2))
    one = result(Outcome(verdict, "wrong"))
    checks = (msgspec.structs.replace(one.exercises[0].checks[0], hints=hints, feedback=level),)
    exercise = msgspec.structs.replace(one.exercises[0], checks=checks)
    told = audience.for_student(msgspec.structs.replace(one, exercises=(exercise,), attempt=attempt))
    return [line.strip() for line in feedback.markdown(told).splitlines() if "hint:" in line]


def test_hints_come_with_the_attempts_and_never_below_their_level() -> None:
    first, second = "- hint: look at the power rule", "- hint: it is 2x"
    assert staged(1, "full") == staged(2, "full") == [first]
    assert staged(3, "full") == staged(3, "hint") == [first, second]
    assert staged(9, "verdict") == []
    assert staged(9, "full", "accepted") == []


def test_hidden_points_are_in_no_total_before_they_are_published() -> None:
    one = result(Outcome("accepted"), WRONG)
    seen, hidden = one.exercises[0].checks
    checks = (seen, msgspec.structs.replace(hidden, visibility="hidden", feedback="verdict"))
    mixed = msgspec.structs.replace(one, exercises=(msgspec.structs.replace(one.exercises[0], checks=checks),))
    before, after = audience.for_student(mixed), audience.for_student(mixed, published=True)
    assert feedback.markdown(before).startswith("# u1: 1 of 1 points\n\nPart of this is not shown here")
    assert "## ✓ Square — 1 / 1, and more that is not shown here" in feedback.markdown(before)
    assert feedback.markdown(after).startswith("# u1: 1 of 2 points\n\n## ✗")
    assert "**check 1: wrong answer**\n" in feedback.markdown(after)


def test_our_own_fault_is_told_without_its_particulars() -> None:
    told = audience.for_student(result(Outcome("judge error", "internal error (KeyError; judging.py line 3)")))
    assert "judging.py" not in feedback.markdown(told)
    assert "through no fault of yours" in feedback.markdown(told)


def test_students_text_is_inert_everywhere() -> None:
    evil = Outcome("runtime error", "it raised", "\x1b[31mE: <script>\r\n````\n# =cmd()", place="a\x00```.py")
    shown = feedback.markdown(result(evil))
    assert "\x1b" not in shown
    assert "\x00" not in shown
    lines = shown.splitlines()
    fenced = lines[lines.index("  `````text") + 1 : lines.index("  `````")]
    assert any("<script>" in line for line in fenced)
    assert "<script>" not in "".join(line for line in lines if line not in fenced)
    assert "\x1b" not in terminal.table([rows.of(result(evil))], 100, colour=False)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_name_is_never_a_formula_in_a_spreadsheet(name: str) -> None:
    _, row = csv.reader(grades.lines(["square"], [rows.of(result(Outcome("accepted"), submission=name))]))
    assert row[0] == f"'{name}"


def test_a_withheld_score_is_an_empty_cell_and_never_a_zero() -> None:
    head, row = csv.reader(grades.lines(["square"], [rows.of(result(Outcome("judge error", "ours")))]))
    assert dict(zip(head, row)) == {
        "submission": "u1",
        "total": "",
        "possible": "1",
        "status": "withheld",
        "square": "",
    }
    assert "withheld" in feedback.markdown(result(Outcome("judge error", "ours")))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits_the_terminal(width: int) -> None:
    verdicts: list[Verdict] = ["accepted", "wrong answer", "not attempted", "judge error"]
    outcomes = [WRONG if verdict == "wrong answer" else Outcome(verdict, "x" * 50) for verdict in verdicts]
    table = terminal.table([rows.of(result(one, submission="a" * 60)) for one in outcomes], width, colour=False)
    assert max(map(len, table.splitlines())) <= width


def test_colour_is_only_paint() -> None:
    both = [rows.of(result(WRONG)), rows.of(result(Outcome("accepted")))]
    plain, painted = terminal.table(both, 80, colour=False), terminal.table(both, 80, colour=True)
    assert "\x1b[" in painted
    assert "\x1b[" not in plain
    assert len(plain.splitlines()) == len(painted.splitlines())


def test_the_table_says_what_went_wrong_once_for_all_its_exercises() -> None:
    assert rows.trouble(result(Outcome("accepted"), WRONG)) == "square: d_out was forgotten"
    one_only = msgspec.structs.replace(WRONG, diagnosis=(Diagnosis("d_out was forgotten", "Multiply by it.", "y"),))
    assert rows.trouble(result(one_only)) == "square: d_out was forgotten (for y)"
    assert rows.trouble(result(Outcome("accepted"))) == ""
    assert rows.trouble(result(Outcome("skipped"), problem="the zip holds a link")) == "the zip holds a link"


def lost(*outcomes: tuple[str, Outcome, int]) -> Result:
    """Return a result of exercises of one check each: (id, outcome, possible points)."""
    made = []
    for name, outcome, worth in outcomes:
        earned, possible = Fraction(worth * (outcome.verdict == "accepted")), Fraction(worth)
        one = CheckResult("backward", earned, possible, "visible", outcome)
        made.append(ExerciseResult(name, name, earned, possible, (one,)))
    return msgspec.structs.replace(result(*[one for _, one, _ in outcomes]), exercises=tuple(made))


def test_what_cost_most_comes_first_and_what_was_not_attempted_last() -> None:
    left, slow = Outcome("not attempted", "there is no Log in lecture8.py"), Outcome("time limit")
    several = lost(("log", left, 9), ("mul", WRONG, 1), ("exp", left, 9), ("neg", slow, 4), ("inv", slow, 1))
    assert rows.trouble(several) == "neg, inv: time limit; mul: d_out was forgotten; 2 not attempted"
    assert rows.trouble(lost(("log", left, 9), ("mul", Outcome("accepted"), 1))) == "1 not attempted"
    after = lost(("mul-backward", Outcome("skipped"), 3), ("mul-forward", slow, 1), ("log", Outcome("accepted"), 1))
    assert rows.trouble(after) == "mul-forward: time limit; mul-backward: skipped"
    assert rows.trouble(lost(("log", left, 9), ("mul", left, 1))) == f"not attempted: {left.reason}"


@pytest.mark.parametrize("room", range(20, 80))
def test_a_text_is_cut_between_words_and_never_at_a_colon(room: int) -> None:
    text = "square, log: the sign is flipped (for y); exp: d_out was forgotten; 9 not attempted"
    cut = shortened(text, room)
    assert len(cut) <= room
    assert cut.endswith("…")
    assert not cut[:-1].endswith((" ", ":", ";", ",", "("))
    assert text.startswith(cut[:-1])
    assert text[len(cut) - 1] in " :;,"


def test_the_summary_counts_and_says_whom_to_look_at() -> None:
    three = [rows.of(result(one)) for one in (WRONG, Outcome("accepted"), Outcome("judge error"))]
    text = terminal.summary(["square"], three, 100)
    assert "3 submissions: mean 0.5, median 0.5 of 1; 1 with full marks" in text
    assert "most often wrong: square (1)" in text
    assert "look at u1: withheld" in text


def test_a_result_of_an_earlier_version_is_read_with_its_names() -> None:
    now = result(WRONG)
    text = json.loads(stored.encode(now))
    for one in (check["outcome"] for exercise in text["exercises"] for check in exercise["checks"]):
        one["diagnosis"] = [name["name"] for name in one["diagnosis"]]
    read = stored.decode(json.dumps(text).encode())
    names = [d for e in read.exercises for c in e.checks for d in c.outcome.diagnosis]
    assert names and set(names) == {Diagnosis("d_out was forgotten")}


def test_a_result_comes_back_from_its_file_as_it_was() -> None:
    one = result(Outcome("accepted"), WRONG)
    raw = stored.encode(one)
    assert stored.decode(raw) == one
    assert stored.encode(stored.decode(raw)) == raw
    with pytest.raises(msgspec.MsgspecError):
        stored.decode(raw[:-20])


def test_schemas_describe_what_is_written() -> None:
    for of in ("exercise", "config", "result"):
        schema = schemas.schema(of)  # type: ignore[arg-type]
        assert schema["$schema"].startswith("https://json-schema.org")
        assert schema["$defs"]
    check = schemas.schema("result")["$defs"]["CheckResult"]
    assert check["properties"]["earned"]["pattern"]
    exercise = schemas.schema("exercise")["$defs"]["FunctionForm"]
    (known,) = (one["then"]["required"] for one in exercise["allOf"])  # once all keys are known
    assert {"format", "id", "class"} < set(known)
    assert "points" not in known
    assert not exercise["additionalProperties"]
    assert not exercise["properties"]["checks"]["additionalProperties"]
    assert {"number", "string"} <= set(schemas.schema("exercise")["$defs"]["Check"]["type"])


@pytest.mark.parametrize(("value", "text"), [("2", "2"), ("3/2", "1.5"), ("1/3", "0.33"), ("10", "10"), ("0", "0")])
def test_points_read_as_people_write_them(value: str, text: str) -> None:
    assert points(Fraction(value)) == text


def test_rows_come_back_in_the_order_of_the_class_without_what_is_missing() -> None:
    held = rows.Rows(["square"], ["a", "b", "c"])
    assert list(held.missing()) == [0, 1, 2]
    held.put(2, rows.of(result(WRONG, submission="c")))
    held.put(0, rows.of(result(Outcome("accepted"), submission="a")))
    assert list(held) == [
        rows.of(result(Outcome("accepted"), submission="a")),
        rows.of(result(WRONG, submission="c")),
    ]
    assert (len(held), list(held.missing())) == (2, [1])


@pytest.mark.slow
def test_a_class_of_50_000_is_a_few_megabytes() -> None:
    ids = [f"s{i:05d}" for i in range(50_000)]
    tracemalloc.start()
    held = rows.Rows(["square"], ids)
    for i, name in enumerate(ids):
        held.put(i, rows.of(result(WRONG if i % 5 else Outcome("runtime error", f"kind {i}"), submission=name)))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 5_000_000


def test_a_large_class_shows_its_first_lines_and_those_to_look_at() -> None:
    held = [rows.of(result(Outcome("accepted"), submission=f"u{i}")) for i in range(1000)]
    held[700] = rows.of(result(Outcome("judge error", "ours"), submission="u700"))
    table = terminal.table(held, 80, colour=False)
    lines = [line.split()[0] for line in table.splitlines()[2:]]
    assert lines == [*(f"u{i}" for i in range(40)), "u700", "…"]
    assert table.endswith("… and 959 more, all in grades.csv")
