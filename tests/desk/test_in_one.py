"""One interpreter that asks and answers, as in a browser: the same verdicts, and each has the library as it left it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import inline
from grader.sandbox.fresh import Fresh
from grader.selfcheck import handing_in, in_browser, lacking, prepared, report, rounds
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.finding import Place
from tests.conftest import ROOT
from tests.desk.in_one import asked, checked, checked_as_a_page_does, encoded, handed_in

MOST_LINES = 150
"""The transport's, as the design has it."""

COHORT = ROOT / "examples" / "cohort" / "submissions"
HOME = "minitorch/lecture8.py"

FIVE = """
class TimesFive(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        {}
        return 5.0 * x
"""
MUL = """
class Mul(ScalarFunction):
    @staticmethod
    def forward(ctx, x, y):
        return x * y
"""
HEAD = "import math\nfrom .scalar_functions import ScalarFunction\n"


def work(line: str = "pass", before: str = "", **stopped: Any) -> str:
    """Return a check of two functions, with a line of its own in the first."""
    files = {HOME: (HEAD + before + FIVE.format(line) + MUL).encode()}
    return asked(files, {int(number[1:]): how for number, how in stopped.items()})


def rows(records: list[dict[str, Any]]) -> dict[str, str]:
    """Return in short how each exercise came out."""
    return {one["exercise"]: f"{one['mark']} {one['said']}" for one in records if one["type"] == "row"}


def at_a_desk(name: str, folder: Path, home: Path) -> Any:
    """Return the document that `grader check --json` prints for a submission."""
    in_browser.put(home, handed_in(folder))
    assignment = prepared.decode(encoded(name), name)
    submission = rounds.read(Place(assignment, home))
    with Fresh() as workers:
        checker = SelfCheck(assignment, workers)
        found = {one.exercise.id: one for one in checker.check(submission, assignment.exercises)}
        found = checker.explained(submission, found)
        hand_in = handing_in.sentence(assignment, submission)
        notes = (*submission.notes, *checker.notes)
        in_order = [found[one.id] for one in assignment.exercises]
        return json.loads(report.as_json(in_order, assignment, hand_in, notes, workers.printing.while_loading))


def test_the_transport_stays_small() -> None:
    assert len(Path(inline.__file__).read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        *(("config.yaml", COHORT / one) for one in ("u1001", "u2003", "u2008", "u3001", "u3003", "u5001", "u2015")),
        ("examples/module1/config.yaml", ROOT / "examples/module1/submissions/v2001"),
        *(
            ("examples/micrograd/config.yaml", ROOT / "examples/micrograd/submissions" / one)
            for one in ("k1002", "k2001")
        ),
    ],
    ids=lambda one: one.name if isinstance(one, Path) else "",
)
def test_a_check_says_what_it_says_at_a_desk_and_says_it_again(name: str, folder: Path, tmp_path: Path) -> None:
    wanted = at_a_desk(name, folder, tmp_path / "homework")
    first, second = checked([asked(handed_in(folder))] * 2, name)
    assert first[-1]["json"] == wanted
    assert second[-1]["json"] == wanted


def test_a_loop_costs_its_exercises_says_where_it_is_and_the_rest_goes_on() -> None:
    (records,) = checked([work("while True: pass")])
    found = rows(records)
    assert found["times-five-forward"] == "✗ forward: time limit"
    assert found["mul-forward"] == "✓ right"
    told = next(one for one in records[-1]["json"]["exercises"] if one["exercise"]["id"] == "times-five-forward")
    assert "while True: pass" in str(told)
    late = [one for one in records if one["type"] == "question" and one["where"]]
    assert [one["where"]["what"] for one in late] == ["loop"] * len(late)
    assert late


def test_what_ends_a_process_costs_its_exercises_and_is_asked_once_each() -> None:
    source = HEAD + FIVE.format("import os; os._exit(1)") + MUL
    records, ended = checked_as_a_page_does({HOME: source.encode()})
    found = rows(records)
    assert found["times-five-forward"] == "✗ forward: runtime error"
    assert found["mul-forward"] == "✓ right"
    assert "it ended the whole process" in str(records[-1]["json"])
    assert 2 <= ended <= 8


def test_a_stack_that_was_used_up_is_nobodys_answer() -> None:
    (records,) = checked([work(n1=None)])
    found = rows(records)
    assert found["times-five-forward"] == f"? not checked: {lacking.NO_STACK}"
    assert found["mul-forward"] == "✓ right"
    assert records[-1]["json"]["exercises"][0]["status"] == "ours"


def test_what_comes_behind_an_answer_is_not_laid_to_the_student() -> None:
    (records,) = checked([work()])
    put = [one for one in records if one["type"] == "question"]
    assert [one["number"] for one in put[::2]] == [one["number"] for one in put[1::2]]
    assert all(one["seconds"] > 0 for one in put[::2])
    assert not any(one["seconds"] for one in put[1::2])
    assert records[-1]["type"] == "done"


def test_a_file_that_takes_all_the_stack_to_load_is_nobodys_answer() -> None:
    (records,) = checked([work(n0=None)])
    assert set(rows(records).values()) == {f"? not checked: {lacking.NO_STACK}"}


@pytest.mark.parametrize(
    ("imports", "answer", "said"),
    [
        ("import numpy as np", "float(np.exp(0.0)) * 5.0 * x", True),
        ("import numpy as np", "4.0 * x", False),
        ("try:\n    import numpy as np\nexcept ImportError:\n    np = None", "4.0 * x", True),
        ('"""\n    import numpy\n"""', "4.0 * x", False),
        ("import numpy.linalg", "numpy.linalg.norm(x)", True),
        ("from math import exp", "4.0 * x", False),
    ],
)
def test_only_what_may_be_wrong_for_want_of_it_is_not_checked(imports: str, answer: str, said: bool) -> None:
    source = imports + "\n" + HEAD + FIVE.format(f"return {answer}")
    (records,) = checked([asked({HOME: source.encode()})], without=("numpy",))
    told = rows(records)["times-five-forward"]
    assert (told == f"? not checked: {lacking.not_there('numpy')}") == said
    assert said or told.startswith("✗")


def test_a_file_that_never_loads_is_charged_once() -> None:
    (records,) = checked([work(before="while True: pass\n")])
    questions = [one for one in records if one["type"] == "question" and not one["where"]]
    assert len(questions) <= 3  # the check, what explains it, and the curves
    assert all("time limit" in one for one in rows(records).values())


PATCH = "math.exp = math.log = lambda x: 0.0\nimport sys\nsys.setrecursionlimit(300)\n"


def test_what_a_student_does_to_the_library_is_theirs_alone() -> None:
    plain, patched, after = checked(
        [work(), work(before=PATCH), work("import sys; print(math.exp(0), sys.getrecursionlimit())")]
    )
    assert rows(patched)["mul-forward"] == rows(plain)["mul-forward"] == "✓ right"
    printed = str(after[-1]["json"])
    assert "1.0 1000" in printed


def test_a_students_own_module_is_gone_after_a_check() -> None:
    helper = {"minitorch/helper.py": b"NUMBER = 5.0\n"}
    first = HEAD + "from .helper import NUMBER\nimport helper\n" + FIVE.format("return NUMBER * x")
    second = HEAD + "from .helper import NUMBER\n" + FIVE.format("return NUMBER * x")
    one, two = checked([asked({HOME: first.encode(), **helper}), asked({HOME: second.encode()})])
    assert rows(one)["times-five-forward"] == "✓ right"
    assert "✓" not in rows(two)["times-five-forward"]


def test_what_is_printed_is_kept_and_an_exit_ends_nothing() -> None:
    (records,) = checked([work("print('here'); import sys; sys.exit(3)")])
    told = records[-1]["json"]["exercises"][0]
    assert told["printed"]["text"].startswith("here")
    assert rows(records)["times-five-forward"] == "✗ forward: SystemExit: 3"
    assert rows(records)["mul-forward"] == "✓ right"


def test_a_file_outside_of_the_homework_is_refused_and_no_homework_is_told() -> None:
    outside, nothing = checked([asked({"../x.py": b""}), asked({"notes.txt": b"hello"})])
    assert outside == [
        {"type": "problem", "said": "../x.py: a file has to lie in the folder of the homework", "ours": False}
    ]
    assert [one["type"] for one in nothing][-1] in ("done", "problem")
    assert "✓" not in "".join(rows(nothing).values())


def test_a_package_that_only_a_browser_lacks_costs_nothing() -> None:
    files = {HOME: (HEAD + "import numpy as np\n" + FIVE.format("return float(np.exp(0.0)) * 5.0 * x")).encode()}
    (records,) = checked([asked(files)], without=("numpy",))
    assert rows(records)["times-five-forward"] == f"? not checked: {lacking.not_there('numpy')}"
    (records,) = checked([asked({HOME: (HEAD + FIVE.format("return 4.0 * x")).encode()})], without=("numpy",))
    assert rows(records)["times-five-forward"].startswith("✗")
