"""A figure of the assignment sheet is a run of the reference: right, whole, and refused where it cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader import cli
from grader.authoring import figures, sheet
from grader.errors import JudgeError, UsageError
from grader.grading import config
from grader.grading.config import Assignment
from tests.conftest import ROOT
from tests.small_courses import with_one_exercise

FIGURE = 'figure: "h = log(z) + exp(z); z = x * y; x = 2; y = 3"'


def assignment(folder: Path, figure: str = FIGURE, module: str = "", right: str = "", wrong: str = "") -> Assignment:
    """Return lecture 8 with one exercise, its figure changed, and one line of the reference."""
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", folder)
    path = folder / "exercises" / "lecture8" / "11-log-plus-exp.yaml"
    text = path.read_text("utf-8")
    assert FIGURE in text
    path.write_text(text.replace(FIGURE, figure), "utf-8")
    if module:
        source = (folder / "reference" / module).read_text("utf-8")
        assert right in source
        (folder / "reference" / module).write_text(source.replace(right, wrong), "utf-8")
    return config.load(folder / "config.yaml", ("log-plus-exp",))


def test_the_lectures_figure_has_its_six_pictures(tmp_path: Path) -> None:
    one = assignment(tmp_path)
    (trace,) = figures.traces(one).values()
    said = [what for what, _ in figures.pictures(trace)]
    assert len(said) == 6
    assert said[0] == "h = log(z) + exp(z) = 405.221"
    assert said[-1] == "Mul.backward of z: d_out 403.595 → 1210.79 for x, 807.191 for y"
    page = sheet.html(one, {"log-plus-exp": figures.html(trace)})
    assert page.count("<img ") == 6
    assert "figure" not in sheet.markdown(one)


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ('figure: "h = log(z) + ; z = x * y"', "figure: 'h = log(z) +': column"),
        ('figure: "h = log(z); z = x * y; w = 3"', "figure: --at w"),
        ('figure: "h = log(z); z = 0 - x"', "has no value at x = 2"),
    ],
)
def test_a_figure_with_a_mistake_is_refused_with_its_place(tmp_path: Path, figure: str, said: str) -> None:
    one = assignment(tmp_path, figure)
    with pytest.raises(UsageError) as refused:
        figures.traces(one)
    (problem,) = figures.problems(one)
    for told in (str(refused.value), str(problem)):
        assert "11-log-plus-exp.yaml" in told
        assert said in told


def test_no_figure_is_drawn_of_a_wrong_reference(tmp_path: Path) -> None:
    right, wrong = "arrived.get(parent.unique_id, 0.0) + share", "share"
    one = assignment(tmp_path, FIGURE, "autodiff.py", right, wrong)
    with pytest.raises(JudgeError, match="the reference does not come through it"):
        figures.traces(one)
    assert [problem.message[:54] for problem in figures.problems(one)] == [
        "figure: the reference does not come through it: its de"
    ]


def test_a_sheet_without_figures_starts_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.contained, "of", None)
    assert figures.traces(config.load(ROOT / "config.yaml", ("square",))) == {}


SCALED = """\
format: 1
id: scaled
title: "{c} · x²"
statement: "{c} · x² and its derivative."
file: lecture8.py
class: Scaled
arguments: {x: -100..100}
parameters: {c: 3..9}
value: c * x ** 2
checks: {forward: 1, backward: 2}
"""
SOLVED = """

class Scaled(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        # solution: {scaled.c} * x ** 2
        ctx.save_for_backward(x)
        c = 3.0  # parameter: scaled.c
        return c * x * x
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        # solution: its derivative
        (x,) = ctx.saved_values
        c = 3.0  # parameter: scaled.c
        return 2 * c * x * d_out
        # end solution
"""


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Lay out two exercises, one with a figure and one with a parameter, and return the config."""
    made = with_one_exercise(tmp_path)
    figure = (ROOT / "exercises/lecture8/05-square.yaml").read_text() + 'figure: "y = x * x; x = 3"\n'
    (made / "exercises/05-square.yaml").write_text(figure.replace("id: square", "id: drawn-square"))
    (made / "exercises/scaled.yaml").write_text(SCALED)
    path = made / "reference/lecture8.py"
    path.write_text(path.read_text() + SOLVED)
    (made / "roster.csv").write_text("name,sid\nAda,u1001\n")
    (made / "parameters.secret").write_text("5be0cd19137e2179f00dfeed\n")
    with (made / "config.yaml").open("a") as file:
        file.write("course: {roster: roster.csv}\nsecret: parameters.secret\n")
    return made / "config.yaml"


def test_lint_draws_figures_beside_parameters(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lint", "--config", str(drawn)]) == 0, capsys.readouterr().out
    assert "2 exercises, nothing wrong" in capsys.readouterr().out


def test_a_sheet_has_figures_beside_parameters(drawn: Path, tmp_path: Path) -> None:
    for more in ([], ["--student", "u1001"]):
        path = tmp_path / f"sheet{len(more)}.html"
        assert cli.main(["preview", "--config", str(drawn), "--html", str(path), *more]) == 0
        assert path.read_text("utf-8").count("<img ") > 1


def test_a_template_with_parameters_names_what_writes_one(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["template", "--config", str(drawn), "--out", str(drawn.parent / "made")]) == 2
    assert "scaled has parameters that are drawn per student: `grader bundle student" in capsys.readouterr().err
