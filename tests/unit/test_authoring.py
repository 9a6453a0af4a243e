"""The author's bench: formulas as people write them, the sheet, explanations, and exercises made from a few answers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader import cli
from grader.assignment import exercises
from grader.assignment.domains import DOMAINS
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError
from grader.authoring import explaining, linting, mathematics, packs, sheet, starting
from grader.authoring.starting import Idea
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from tests.conftest import ROOT
from tests.small_courses import with_one_exercise

CONFIGS = (
    "config.yaml",
    "examples/module1/config.yaml",
    "examples/minitorch-2020/config.yaml",
    "examples/minitorch-2021/config.yaml",
    "examples/micrograd/config.yaml",
    "examples/dual-numbers/config.yaml",
    "examples/cmu-11785/config.yaml",
    "examples/cse599w/config.yaml",
    "examples/needle-hw1/config.yaml",
    "examples/minitorch-module2/config.yaml",
    "examples/cse599w-arrays/config.yaml",
)


# --- mathematics ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("x ** 2", "x²"),
        ("x ** -1", "x⁻¹"),
        ("2 * x ** 3 + 1", "2 · x³ + 1"),
        ("(x + y) * 2", "(x + y) · 2"),
        ("x - (y - 1)", "x − (y − 1)"),
        ("x - y - 1", "x − y − 1"),
        ("x / (y * 2)", "x / (y · 2)"),
        ("x / y / 2", "x / y / 2"),
        ("x / (y / 2)", "x / (y / 2)"),
        ("1 / (1 + exp(-x))", "1 / (1 + exp(-x))"),
        ("-(x + 1) ** 2", "-(x + 1)²"),
        ("(-x) ** 2", "(-x)²"),
        ("(x ** 2) ** 3", "(x²)³"),
        ("x ** (y + 1)", "x^(y + 1)"),
        ("x ** y", "x^y"),
        ("abs(x) + sqrt(y)", "|x| + √(y)"),
        ("where(x > 0, x, 0)", "x if x > 0, else 0"),
        ("max(x, 0) * pi", "max(x, 0) · π"),
        ("(x < y) * 2", "(x < y) · 2"),
        ("1e-8 + 0.5", "1e-08 + 0.5"),
    ],
)
def test_a_formula_in_a_line(formula: str, shown: str) -> None:
    assert mathematics.line(formula) == shown
    ElementTree.fromstring(mathematics.mathml(formula))


def test_mathml_says_fractions_powers_and_roots_and_reads_as_the_line() -> None:
    text = mathematics.mathml("x ** 2 / sqrt(1 + exp(-x))")
    root = ElementTree.fromstring(text)
    assert {one.tag for one in root.iter()} >= {"mfrac", "msup", "msqrt"}
    assert root.get("aria-label") == "x² / √(1 + exp(-x))"


def test_every_formula_of_every_exercise_can_be_shown() -> None:
    for name in CONFIGS:
        for exercise in config.load(ROOT / name).exercises:
            if formula := sheet.formula_of(exercise):
                assert mathematics.line(formula)
                ElementTree.fromstring(mathematics.mathml(formula))


# --- sheet and explanation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONFIGS)
def test_the_sheet_has_every_exercise_and_its_points_and_no_hidden_check(name: str) -> None:
    assignment = config.load(ROOT / name)
    text, page = sheet.markdown(assignment), sheet.html(assignment)
    for exercise in assignment.exercises:
        assert exercise.title in text
    assert f"{len(assignment.exercises)} exercises" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_a_hidden_check_is_only_counted_on_the_sheet(tmp_path: Path) -> None:
    text = (ROOT / "exercises/lecture8/05-square.yaml").read_text()
    assert "contract: 1" in text
    path = tmp_path / "square.yaml"
    path.write_text(text.replace("contract: 1", "contract: {points: 1, visibility: hidden}"))
    (tmp_path / "config.yaml").write_text("format: 1\nassignment: a\ntitle: A\nexercises: [square.yaml]\n")
    told = sheet.markdown(config.load(tmp_path / "config.yaml"))
    assert "Points: forward 1, backward 2, 1 more for what is told once grades are out." in told
    assert "contract" not in told


@pytest.mark.parametrize("name", CONFIGS)
def test_every_check_of_every_exercise_is_explained(name: str) -> None:
    assignment = config.load(ROOT / name)
    plan = planning.prepare(assignment)
    for exercise in assignment.exercises:
        description = planning.description(plan, exercise)
        assert {check.name for check in exercise.checks} <= set(description.checks)
        assert description.inputs
        assert description.closeness


def test_every_check_of_every_kind_is_in_a_shipped_exercise() -> None:
    exercises = [one for pack in packs.known().values() for one in config.load(pack.config).exercises]
    shipped = {(one.kind, check.name) for one in exercises for check in one.checks}
    assert {(name, check) for name, kind in KINDS.items() for check in kind.checks} == shipped


def test_an_explanation_holds_no_private_input() -> None:
    assignment = config.load(ROOT / "config.yaml", ("square",))
    prepared = planning.prepare(assignment)
    (exercise,) = assignment.exercises
    told = explaining.text(assignment, exercise, planning.description(prepared, exercise))
    public = {f"x = {one.args[0]:.6g}" for one in prepared.public["square"].corpus.inputs}
    private = {f"x = {one.args[0]:.6g}" for one in prepared.private["square"].corpus.inputs} - public
    assert any(one in told for one in public)
    assert not any(f"{one}," in told for one in private)
    assert all(len(line) <= 80 for line in told.splitlines())


# --- linting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONFIGS)
def test_our_own_assignments_are_clean(name: str) -> None:
    assert linting.problems(ROOT / name) == []


def test_everything_wrong_is_told_at_once(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "exercises" / "05-square.yaml").write_text(
        (ROOT / "exercises/lecture8/05-square.yaml").read_text().replace("class: Square", "class: Sqare")
    )
    (course / "overrides.yaml").write_text("format: 1\noverrides:\n  - {student: a, exercise: sqare, points: 1}\n")
    assert cli.main(["lint"]) == 2
    told = capsys.readouterr().out
    assert "05-square.yaml:6:8: Sqare is not in the reference's lecture8.py; write its solution there" in told
    assert "overrides.yaml:3:5: no exercise has the id 'sqare'; did you mean 'square'?" in told
    assert "2 problems" in told


def test_a_reference_that_fails_its_exercise_is_told_with_error_and_line(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = course / "reference" / "lecture8.py"
    source.write_text(source.read_text().replace("return x * x\n", "return x * {}[x]\n"))
    line = source.read_text().splitlines().index("        return x * {}[x]") + 1
    assert cli.main(["lint"]) == 2
    told = capsys.readouterr().out
    assert "05-square.yaml:2:5: the reference itself fails its forward check (runtime error: " in told
    assert f"KeyError: 2.0, at lecture8.py:{line}: return x * {{}}[x]" in told


# --- what a sheet keeps back ---------------------------------------------------------------------------------------

BACK = (ROOT / "exercises" / "module1" / "14-log-back.yaml").read_text()


def read_back(text: str) -> Exercise:
    return exercises.decode(text.encode(), "back.yaml", KINDS)


def test_a_formula_that_is_the_answer_is_kept_back() -> None:
    exercise = read_back(BACK)
    assert exercise.show == "statement"
    assert "d / x" not in sheet.one(exercise, Fraction(1))
    assert "d / x" in sheet.one(read_back(BACK.replace("show: statement\n", "")), Fraction(1))


def test_a_statement_does_not_say_the_formula_that_is_kept_back() -> None:
    with pytest.raises(FormError, match="statement has the formula in it that `show: statement` is to keep back"):
        read_back(BACK.replace("The derivative of log at x, times d.", "Return d/x."))
    assert read_back(BACK.replace("The derivative of log", "The value d / x").replace("show: statement\n", ""))


def test_of_several_one_that_keeps_its_formula_back_states_itself() -> None:
    text = (
        "format: 1\nkind: values\nfile: operators.py\nchecks: {value: 1}\narguments: {x: positive, d: real}\n"
        "exercises:\n  back: {function: log_back, value: d / x, show: statement}\n"
    )
    with pytest.raises(FormError, match="statement"):
        exercises.decode_all(text.encode(), "back.yaml", KINDS)
    (stated,) = exercises.decode_all(text.replace("show:", "statement: It., show:").encode(), "back.yaml", KINDS)
    assert (stated.title, stated.statement) == ("back", "It.")


@pytest.mark.parametrize("path", CONFIGS)
def test_no_sheet_states_a_function_that_is_asked_to_go_backwards(path: str) -> None:
    assignment = config.load(ROOT / path)
    back = [one for one in assignment.exercises if any(name.endswith("_back") for name in one.under_test)]
    assert [one.id for one in back if sheet.formula_of(one)] == []


# --- a new exercise ------------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one exercise of the lecture's, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return with_one_exercise(tmp_path)


CUBE = ["new", "exercise", "--title", "Cube", "--statement", "x³ and its derivative.", "--argument", "x=real"]


@pytest.mark.slow
def test_a_new_exercise_is_written_solved_and_proved(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*CUBE, "--value", "x ** 3", "--derivative", "3 * x ** 2"]) == 0
    told = capsys.readouterr()
    assert "grader audit cube" in told.err
    assert (course / "exercises" / "06-cube.yaml").is_file()
    assert "# solution: Cube, forward" in (course / "reference" / "lecture8.py").read_text()
    assert cli.main(["lint"]) == 0
    assert cli.main(["audit", "cube", "--seeds", "1", "--reference-seeds", "2"]) == 0
    assert "cube" in capsys.readouterr().out


def test_a_new_exercise_leaves_an_author_s_own_editor_settings_alone(course: Path) -> None:
    settings = course / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text("{}\n")
    assert cli.main([*CUBE, "--value", "x ** 3", "--config", str(settings.parents[1] / "config.yaml")]) == 0
    assert settings.read_text() == "{}\n"
    assert (settings.parents[1] / ".schemas" / "exercise.json").is_file()


def test_a_new_exercise_takes_inputs_of_its_author_s_and_explains_them(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--value", "x ** 3", "--derivative", "3 * x ** 2", "--input", "x=6.5,d_out=3", "--input", "x=7"]
    assert cli.main([*CUBE, *given]) == 0
    assert "inputs: [{x: 6.5, d_out: 3}, {x: 7}]\n" in (course / "exercises" / "06-cube.yaml").read_text()
    assert cli.main(["lint"]) == 0
    capsys.readouterr()
    assert cli.main(["explain", "cube"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "2 of the public ones are the exercise's own (`inputs`), and come first." in told
    assert "the first of them: x = 6.5, d_out = 3; x = 7, d_out = 2;" in told


def test_two_arguments_and_python_of_the_formula() -> None:
    idea = Idea(
        id="d",
        title="Damped",
        statement="s",
        module="lecture8",
        class_="Damped",
        arguments={"x": "real", "y": "positive"},
        value="exp(-x) * log(y)",
        derivatives=("-exp(-x) * log(y)", "exp(-x) / y"),
    )
    made = starting.solution(idea, (DOMAINS["real"], DOMAINS["positive"]))
    assert "return math.exp(-x) * math.log(y)" in made
    assert "return (-math.exp(-x) * math.log(y)) * d_out, (math.exp(-x) / y) * d_out" in made
    assert "-> tuple[float, float]:" in made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--value", "x *"], "this is not a formula"),
        (["--value", "y ** 3"], "y"),
        (
            ["--value", "x ** 3", "--derivative", "1", "--derivative", "2"],
            "1 arguments need as many derivatives, not 2",
        ),
        (["--value", "x ** 3", "--id", "square"], "an exercise with the id 'square' is there already"),
        (["--value", "x ** 3", "--file", "nowhere.py"], "nowhere.py: no such file in the reference"),
        (["--value", "x ** 3", "--class", "Square"], "has a class Square already"),
        (["--value", "x ** 3", "--derivative", "2 * x"], "at x = 2 '2 * x' is 4, where 12 is right"),
        (["--value", "log(x)", "--derivative", "log(x) +"], "this is not a formula"),
        (["--value", "x ** 3", "--input", "x"], "--input x: should be NAME=NUMBER, as in x=6.5,d_out=3"),
        (["--value", "x ** 3", "--input", "y=1"], "unknown argument 'y'; an input names x, d_out"),
        ([], "no value is given"),
    ],
)
def test_what_makes_no_exercise_is_said_and_nothing_is_written(
    change: list[str], said: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    assert cli.main([*CUBE, *change]) == 2
    assert said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before


def test_previews_are_written_for_people(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preview", "square"]) == 0
    assert "    x²\n" in capsys.readouterr().out
    assert cli.main(["preview", "--html", "sheet.html"]) == 0
    assert "<msup>" in (course / "sheet.html").read_text()
    assert cli.main(["preview", "--markdown", "sheet.md"]) == 0
    assert (course / "sheet.md").read_text().startswith("# A\n")
    with pytest.raises(SystemExit):
        cli.main(["explain"])
    assert cli.main(["explain", "sqare"]) == 2
    assert "did you mean 'square'" in capsys.readouterr().err


def test_an_idea_that_is_no_exercise_is_an_error(course: Path) -> None:
    idea = Idea("Bad Id", "T", "s", "lecture8", "T", {"x": "real"}, "x")
    with pytest.raises(UsageError):
        starting.written(idea, config.load(course / "config.yaml"), course)
