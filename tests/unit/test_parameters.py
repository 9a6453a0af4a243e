"""Parameters that are drawn per student: how they are written, drawn and put in, and whose a submission is."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import cloudpickle
import pytest

from grader.assignment import exercises, parameters
from grader.assignment.exercise import Exercise, Parameter
from grader.assignment.forms import FormError
from grader.batch import whose
from grader.course import students
from grader.errors import JudgeError, UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, drawing, per_student, planning
from grader.submissions.people import Handed, Person
from tests.drawn import IDS, course

EXERCISE = """format: 1
id: scaled
title: "{c} times x squared"
statement: Write it.
file: functions.py
class: Scaled
arguments: {x: -100..100}
parameters: {c: 3..9}
value: c * x ** 2
checks: {forward: 1}
"""


def read(old: str = "", new: str = "") -> Exercise:
    assert old in EXERCISE
    return exercises.decode(EXERCISE.replace(old, new).encode(), "e.yaml", KINDS)


def test_the_numbers_stand_in_formula_title_and_mistakes() -> None:
    own = 'misconceptions: [{returns: [c * x * d_out], say: the 2 is missing, why: "x² has {c} times"}]\nchecks'
    exercise = read("checks", own)
    assert (exercise.title, exercise.spec.formulas.value.text) == ("6 times x squared", "6 * x ** 2")
    other = exercises.with_values(exercise, {"c": 9}, KINDS)
    (mistake,) = other.spec.formulas.misconceptions
    assert (other.title, other.spec.formulas.value.text) == ("9 times x squared", "9 * x ** 2")
    assert (mistake.returns[0].text, mistake.why) == ("9 * x * d_out", "x² has 9 times")
    assert other.digest != exercise.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{c: 3..9}",
            "{c: 9..3}",
            "e.yaml:8:17: c should be drawn from two or more whole numbers, as 2..9 or [2, 3, 5]",
        ),
        ("{c: 3..9}", "{c: 3..9.5}", "e.yaml:8:17: c should be drawn from two or more whole numbers"),
        ("{c: 3..9}", "{c: [3]}", "e.yaml:8:17: c should be drawn from two or more whole numbers"),
        ("{c: 3..9}", "{c: [3, 3]}", "e.yaml:8:17: c should be drawn from two or more whole numbers"),
        ("{c: 3..9}", "{c: [3, 4.5]}", "e.yaml:8:21: 1: should be a whole number, not '4.5'"),
        ("{c: 3..9}", "{c: 1..2000}", "e.yaml:8:13: these can be drawn in 1001 ways, and more than 1000 are too many"),
        ("{c: 3..9}", "{x: 3..9}", "e.yaml:8:14: parameter 'x' should be a Python name that means nothing yet"),
        ("{c: 3..9}", "{log: 3..9}", "e.yaml:8:14: parameter 'log' should be a Python name that means nothing yet"),
        ("{c: 3..9}", "{c: 3..9, k: 1..2}", "e.yaml:8:23: parameter 'k' is not in the formula"),
        ("c * x ** 2", "c * y ** 2", "e.yaml:9:12: in 'c * y ** 2': unknown name 'y'"),
        ('{c} times x squared"', '{c} * x ** 2"\nshow: statement', "e.yaml:3:8: title has the formula in it that"),
    ],
)
def test_what_cannot_be_drawn_is_told_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(FormError) as caught:
        read(old, new)
    assert str(caught.value).splitlines()[0].startswith(said)


def test_a_kind_without_a_formula_has_no_parameters() -> None:
    text = "format: 1\nkind: context\nid: c\ntitle: C\nstatement: C.\nfile: a.py\nclass: Context\nchecks: {save: 1}\n"
    with pytest.raises(FormError, match="an exercise of kind context has no formula that a parameter could stand in"):
        exercises.decode(f"{text}parameters: {{c: 1..2}}\n".encode(), "e.yaml", KINDS)


def test_a_draw_depends_on_all_that_it_should_and_is_even() -> None:
    c = Parameter("c", tuple(range(3, 10)))

    def drawn(
        secret: str = "s", of: str = "hw1", exercise: str = "scaled", student: str = "u1", name: str = "c"
    ) -> int:
        return parameters.drawn(secret.encode(), of, exercise, student, [Parameter(name, c.values)])[name]

    assert [drawn(student=f"u{i}") for i in range(8)] == [drawn(student=f"u{i}") for i in range(8)]
    for key in ("secret", "of", "exercise", "name"):
        assert len({drawn(**{key: f"n{i}"}) for i in range(40)}) == len(c.values), key
    counts = Counter(drawn(student=str(i)) for i in range(7000))
    assert set(counts) == set(c.values)
    assert all(850 < one < 1150 for one in counts.values())  # 1000 each; 29 is one standard deviation


def test_numbers_are_put_into_code_and_comments_of_the_reference_alone() -> None:
    text = (
        "c = 3.0  # parameter: scaled.c\n"
        "    self.n: int = -2  # parameter: scaled.n\n"
        "d = 3.0  # parameter: other.c\n"
        "e = c + 3.0  # the parameter of scaled\n"
        "# solution: {scaled.c} * x + {scaled.n}, {scaled.z} {other}\n"
    )
    assert parameters.in_source(text, {"scaled": {"c": 7, "n": -5}}) == (
        "c = 7.0\n"
        "    self.n: int = -5\n"
        "d = 3.0  # parameter: other.c\n"
        "e = c + 3.0  # the parameter of scaled\n"
        "# solution: 7 * x + -5, {scaled.z} {other}\n"
    )


ROSTER = (
    Person(sid="0755", login="ada", email="ada@x.edu", name="Ada Lovelace"),
    Person(login="Bo", email="bo@x.edu", name="Bo"),
    Person(email="cy@x.edu", name="Cy"),
)


def test_an_id_is_the_rosters_however_a_submission_is_called() -> None:
    assert list(students.all_of(ROSTER, "roster.csv")) == ["0755", "Bo", "cy@x.edu"]
    handed = [Handed("ada"), Handed("0755 (1)", called="0755 (1)"), Handed("BO"), Handed("CY@x.edu"), Handed("dan")]
    found = students.of(ROSTER, handed)
    assert found.ids == {"ada": ("0755",), "0755 (1)": ("0755",), "BO": ("Bo",), "CY@x.edu": ("cy@x.edu",)}
    assert found.unknown == {"dan": "not on the roster"}


def test_who_could_be_two_people_is_nobody() -> None:
    found = students.of(ROSTER, [Handed("s1", people=(Person(sid="0755", login="bo"),))])
    assert found.ids == {}
    assert found.unknown == {"s1": "not on the roster (could be Ada Lovelace (0755) or Bo (Bo))"}


def test_a_roster_without_ids_is_refused() -> None:
    with pytest.raises(UsageError, match=r"roster.csv: Dan has no id, and parameters are drawn by that"):
        students.all_of((*ROSTER, Person(name="Dan")), "roster.csv")
    with pytest.raises(UsageError, match=r"roster.csv: two people have the id '0755'"):
        students.all_of((*ROSTER, Person(login="0755")), "roster.csv")


def test_a_group_is_graded_only_where_all_have_the_same_numbers(tmp_path: Path) -> None:
    assignment = config.load(course(tmp_path))
    roster = tuple(Person(sid=id) for id in IDS)
    group = Handed("g1", people=roster[:2])
    alone = Handed("g2", people=roster[:1])
    part = Handed("g3", people=(roster[0], Person(sid="nobody")))
    found = whose.drawn(assignment, roster, [group, alone, part])
    assert found is not None
    assert set(found.numbers) == {"g2"}
    assert found.unknown["g1"].startswith("handed in by u1001, u1002, whose parameters differ, so nobody knows")
    assert found.unknown["g3"].startswith("not on the roster, so nobody knows its parameters")


def test_a_plan_with_everyones_numbers_can_be_sent_and_holds_no_secret(tmp_path: Path) -> None:
    assignment = config.load(course(tmp_path))
    found = whose.drawn(assignment, tuple(Person(sid=id) for id in IDS), [Handed(id) for id in IDS])
    assert found is not None
    raw = cloudpickle.dumps(per_student.planned(planning.prepare(assignment), found, None))
    assert drawing.secret(assignment) not in raw
    plan = pickle.loads(raw)
    one = per_student.of_submission(plan, IDS[0])
    assert one.assignment.exercises[0].values == drawing.of_student(assignment, IDS[0]).exercises[0].values
    with pytest.raises(JudgeError, match="nobody knows whose it is"):
        per_student.of_submission(plan, "stranger")
