"""The gate for authors: a good exercise of ten lines is proved and grades, and a bad one is told why it is not."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import cli

TEN_LINES = """\
format: 1
id: softplus
title: Softplus
statement: log(1 + exp(x)), and its derivative.
file: boxes.py
class: Softplus
arguments: {x: -30..30}
value: log(1 + exp(x))
checks: {forward: 1, backward: 2, contract: 1}
"""

SOLVED = """\
import math


class Softplus:
    @staticmethod
    def forward(ctx, x):
        # solution: save x, and return log(1 + exp(x))
        ctx.save_for_backward(x)
        return math.log(1 + math.exp(x))
        # end solution

    @staticmethod
    def backward(ctx, d_out):
        # solution: return the derivative times d_out
        (x,) = ctx.saved_values
        return d_out / (1 + math.exp(-x))
        # end solution
"""

CONTEXT = """\
class Context:
    def __init__(self, no_grad=False):
        self.saved_values = ()

    def save_for_backward(self, *values):
        self.saved_values = values
"""

CONFIG = """\
format: 1
assignment: mine
title: Mine
exercises: [softplus.yaml]
layout: {package: mine, modules: [autodiff, boxes], reference: solved}
"""

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Write an assignment of one exercise, with what is given for its parts, and go there."""

    def made(exercise: str = TEN_LINES, solved: str = SOLVED) -> Path:
        laid_out(tmp_path, exercise, solved, monkeypatch)
        return tmp_path

    return made


def laid_out(folder: Path, exercise: str, solved: str, patch: pytest.MonkeyPatch) -> None:
    (folder / "solved").mkdir()
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "softplus.yaml").write_text(exercise)
    (folder / "solved" / "boxes.py").write_text(solved)
    (folder / "solved" / "autodiff.py").write_text(CONTEXT)
    patch.chdir(folder)
    patch.setenv("COLUMNS", "80")


def audited(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    status = cli.main(["audit", "--seeds", "2", "--reference-seeds", "4", "--jobs", "2", *options])
    return status, capsys.readouterr().out


def test_an_exercise_of_ten_lines_is_proved_and_grades(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(TEN_LINES.splitlines()) <= 10
    home = make()
    status, told = audited(capsys, "--json", "audit.json")
    assert status == 0, told
    assert "proved: 1 exercise" in told
    assert max(map(len, told.splitlines())) <= 84
    (code,) = json.loads((home / "audit.json").read_text())["codes"]
    assert {one["fate"] for one in code["mistakes"]} == {"caught"}
    assert len(code["mistakes"]) > 30
    assert code["inputs"] <= 32

    (home / "class").mkdir()
    (home / "class" / "right.py").write_text(SOLVED)
    (home / "class" / "wrong.py").write_text(SOLVED.replace("return d_out /", "return 1 /"))
    for one in ("right", "wrong"):
        folder = home / "class" / f"student-{one}"
        folder.mkdir()
        (home / "class" / f"{one}.py").rename(folder / "boxes.py")
    assert cli.main(["grade", "class", "--out", "out", "--jobs", "2"]) == 0
    assert (home / "out" / "feedback" / "student-right.md").read_text().startswith("# student-right: 4 of 4")
    wrong = (home / "out" / "feedback" / "student-wrong.md").read_text()
    assert wrong.startswith("# student-wrong: 1 of 4")
    assert "d_out was forgotten" in wrong
    assert "Softplus.backward(ctx, 2.0)" in wrong


@pytest.mark.parametrize(
    ("exercise", "solved", "said"),
    [
        pytest.param(
            TEN_LINES.replace("-30..30", "20..30"),
            SOLVED,
            "boxes.py:16, Softplus.backward: return d_out / (1 + math.exp(-x)) → return d_out / 1: not caught; a "
            "submission with it gets 4 of 4 points for softplus",
            id="a domain that shows nothing",
        ),
        pytest.param(
            TEN_LINES.replace("value: log(1 + exp(x))", "value: log(2 + exp(x))"),
            SOLVED,
            "softplus: the reference itself loses points under 4 seeds: the reference itself fails its forward check "
            "(wrong answer: the value of Softplus is wrong, at boxes.py:6, at x = 2.0: it returned 2.1",
            id="a formula for something else",
        ),
        pytest.param(
            TEN_LINES,
            SOLVED.replace("return d_out /", "return {}[x] /"),
            "fails its backward check (runtime error: Softplus.backward raised an exception: KeyError: 2.0, "
            "at boxes.py:16: return {}[x] / (1 + math.exp(-x))",
            id="a reference that raises",
        ),
        pytest.param(
            TEN_LINES,
            SOLVED.replace("# solution: save x, and return log(1 + exp(x))", "#").replace("# end solution", "#", 1),
            "softplus: the untouched template earns forward",
            id="a solution left in the template",
        ),
        pytest.param(
            TEN_LINES + 'equivalent: [{mistake: "Softplus.forward: * pass", because: "I say so"}]\n',
            SOLVED,
            "'Softplus.forward: * pass' is listed as equivalent, and no such mistake goes uncaught",
            id="an excuse that is not needed",
        ),
        pytest.param(
            TEN_LINES.replace("1}", "1}\nsaved_values: unwrapped"),
            SOLVED.replace("(x,) = ctx.saved_values", "x = ctx.saved_values"),
            "",
            id="the lecture's way of saving",
        ),
    ],
)
def test_an_exercise_that_does_not_hold_is_told_why(
    exercise: str, solved: str, said: str, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    make(exercise, solved)
    status, told = audited(capsys)
    assert status == (1 if said else 0), told
    assert said in " ".join(told.split())


def test_a_check_that_no_mistake_loses_is_no_check(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    unsaved = textwrap.dedent("""\
        class Softplus:
            @staticmethod
            def forward(ctx, x):
                # solution: five times x
                return 5.0 * x
                # end solution

            @staticmethod
            def backward(ctx, d_out):
                # solution: five
                return 5.0 * d_out
                # end solution
        """)
    make(TEN_LINES.replace("log(1 + exp(x))\nchecks", "5 * x\nchecks").replace("-30..30", "real"), unsaved)
    status, told = audited(capsys)
    assert status == 1
    assert "softplus: no mistake was planted that loses the points of contract" in " ".join(told.split())


def test_an_exercise_that_is_not_there_is_a_usage_error(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make()
    assert cli.main(["audit", "softplos"]) == 2
    assert "did you mean 'softplus'" in capsys.readouterr().err


CLIP = (
    TEN_LINES.replace("-30..30", "real")
    .replace("softplus", "clip")
    .replace("Softplus", "Clip")
    .replace("value: log(1 + exp(x))", "value: min(max(x, 0), 6)")
)
CLIPPED = """\
class Clip:
    @staticmethod
    def forward(ctx, x):
        # solution: save x, and return it between 0 and 6
        ctx.save_for_backward(x)
        return min(max(x, 0.0), 6.0)
        # end solution

    @staticmethod
    def backward(ctx, d_out):
        # solution: d_out inside, 0 outside
        (x,) = ctx.saved_values
        return d_out if 0 < x < 6 else 0.0
        # end solution
"""


WRONG_BORDERS = (
    "d_out if 0 < x < 7 else 0.0",
    "d_out if 0 < x < 5.9 else 0.0",
    "d_out if -0.1 < x < 6 else 0.0",
    "d_out * (x > 0)",
)
RIGHT_BORDERS = (
    "d_out if 0 <= x <= 6 else 0.0",
    "d_out * (x > 0) * (x < 6)",
    "0.5 * d_out if x in (0, 6) else d_out * (0 < x < 6)",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The first lines of what students are told who write each `backward`, under eight seeds: they are one class."""
    home = tmp_path_factory.mktemp("clip")
    found: dict[str, set[str]] = {backward: set() for backward in (*WRONG_BORDERS, *RIGHT_BORDERS)}
    with pytest.MonkeyPatch.context() as patch:
        laid_out(home, CLIP, CLIPPED, patch)
        for i, backward in enumerate(found):
            folder = home / "class" / f"student{i}"
            folder.mkdir(parents=True)
            (folder / "boxes.py").write_text(CLIPPED.replace("d_out if 0 < x < 6 else 0.0", backward))
        for seed in range(8):
            assert cli.main(["grade", "class", "--out", "out", "--jobs", "1", "--fresh", "--seed", f"clip {seed}"]) == 0
            for i, lines in enumerate(found.values()):
                text = (home / "out" / "feedback" / f"student{i}.md").read_text()
                lines.add(text.splitlines()[0].replace(f"student{i}", "student"))
    return found


@pytest.mark.parametrize("backward", WRONG_BORDERS)
def test_a_border_in_the_wrong_place_loses_its_points_under_every_seed(
    backward: str, told: dict[str, set[str]]
) -> None:
    assert told[backward] == {"# student: 1 of 4 points"}


@pytest.mark.parametrize("backward", RIGHT_BORDERS)
def test_any_slope_on_the_border_itself_is_right_under_every_seed(backward: str, told: dict[str, set[str]]) -> None:
    assert told[backward] == {"# student: 4 of 4 points"}
