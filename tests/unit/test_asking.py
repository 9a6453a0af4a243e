"""`grader new exercise` without its options: it asks for each, and holds each answer before the next question."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import cli
from grader.authoring import linting
from tests.small_courses import with_one_exercise


class Terminal(io.StringIO):
    """What a terminal is to the grader."""

    def isatty(self) -> bool:
        return True


Ask = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one exercise, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return with_one_exercise(tmp_path)


@pytest.fixture
def ask(course: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Start an exercise with these answers and options; return the exit status and the questions that came."""

    def asked(answers: list[str], *options: str) -> tuple[int, list[str]]:
        left, questions = iter(answers), []

        def answer(question: str = "") -> str:
            questions.append(question)
            said = next(left, None)
            if said is None:
                raise EOFError
            return said

        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("builtins.input", answer)
        return cli.main(["new", "exercise", *options]), [one.partition(" ")[0] for one in questions]

    assert course.is_dir()
    return asked


def written(course: Path) -> str:
    (path,) = (one for one in (course / "exercises").glob("*.yaml") if "square" not in one.name)
    return path.read_text()


def test_every_option_is_asked_for_the_derivative_as_well(ask: Ask, course: Path) -> None:
    answers = ["Mixed", "A product.", "x=real y=0 < y <= 1 n=whole 0..4", "x * y + n", "y", "x", "1"]
    status, asked = ask(answers)
    assert status == 0
    assert asked == ["title", "statement", "argument", "value", *["derivative"] * 3]
    assert "arguments: {x: real, y: 0 < y <= 1, n: whole 0..4}\nvalue: x * y + n\n" in written(course)
    assert linting.problems(course / "config.yaml") == []


def test_a_blank_derivative_leaves_all_to_be_worked_out(ask: Ask, course: Path) -> None:
    status, asked = ask(["Mixed", "A product.", "x=x >= 2 y=real", "x * y", ""])
    assert (status, asked[-1]) == (0, "derivative")
    assert "return y * d_out, x * d_out" in (course / "reference" / "lecture8.py").read_text()


def test_nothing_is_asked_that_an_option_says(ask: Ask) -> None:
    options = ("--title=Mixed", "--statement=S", "--argument=x=real", "--value=x ** 3")
    assert ask([], *options) == (0, [])


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("x=reel", "x=real", "domain 'reel' of x should be one of real, positive"),
        ("x=0...5", "x=0..5", "; a range has two dots, write 0..5"),
        ("real", "x=real", "real should be NAME=DOMAIN, as in x=real"),
        ("x=real x=0..5", "x=real", "an argument is there twice; give each once"),
        ("", "x=real", "something has to be said"),
    ],
)
def test_a_wrong_answer_is_told_and_asked_once_more(
    wrong: str, right: str, said: str, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    status, asked = ask(["Mixed", "S", wrong, right, "2 x", "2 * x", ""])
    assert (status, asked) == (0, ["title", "statement", *["argument"] * 2, *["value"] * 2, "derivative"])
    told = capsys.readouterr().err
    assert f"{said}" in told and told.index(said) < told.index("'2 x', column 2: between factors write *")
    assert "; once more\n" in told


def test_what_is_wrong_with_all_answers_loses_none(ask: Ask, course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = ask(["A ratio", "It's one.", "x=real", "log(x)", ""])
    told = capsys.readouterr().err
    assert status == 2
    assert "log(x) has no value at x = 0" in told
    command = "grader new exercise --title 'A ratio' --statement 'It'\"'\"'s one.' --class ARatio --argument x=real"
    assert f"nothing was written; what you said, to be mended:\n  {command} '--value=log(x)'\n" in told
    assert not [one for one in (course / "exercises").glob("*.yaml") if "square" not in one.name]


def test_the_end_of_answers_is_a_sentence(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(["Mixed"]) == (2, ["title", "statement"])
    assert "no statement is given (what is asked, in a sentence); say --statement" in capsys.readouterr().err


@pytest.mark.parametrize("there", [True, False])
def test_the_first_exercise_of_all_can_be_made(there: bool, course: Path) -> None:
    (course / "exercises" / "05-square.yaml").unlink()
    if not there:
        (course / "exercises").rmdir()
    command = ["new", "exercise", "--title=Cube", "--statement=S", "--argument=x=real", "--value=x ** 3"]
    assert cli.main(command) == 0
    assert (course / "exercises" / "01-cube.yaml").is_file()
    assert linting.problems(course / "config.yaml") == []


def test_an_empty_folder_names_what_writes_an_exercise(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "exercises" / "05-square.yaml").unlink()
    assert cli.main(["lint"]) == 2
    assert "holds no exercise (*.yaml); `grader new exercise` writes one" in capsys.readouterr().err


REFUSED = {
    (
        "--argument=x=real",
        "--value=log(x)",
    ): "--value: log(x) has no value at x = 0, which the domains allow (x: real); ",
    ("--argument=x=real", "--argument=y=real", "--value=2 * x"): "--argument: argument 'y' is not in the formula 2 * x",
    ("--argument=ctx=positive", "--value=ctx ** 2"): "--argument: argument 'ctx' has the name of the context; call",
    ("--argument=x=real", "--value=3"): "--argument: argument 'x' is not in the formula 3; use it, or leave it out",
    ("--argument=x=real", "--argument=n=whole 0..4", "--value=x ** n"): "; here every argument has a gradient: write",
    ("--argument=x=positive", "--argument=x=real", "--value=x"): "--argument x=real: x is there already; give it once",
    ("--argument=x=real", "--value=x ** 2", "--input=x=1,x=2"): "--input x=2: x is there already; give it once",
    ("--argument=x=real", "--value=2 x"): "--value, column 2: in '2 x': between factors write *, as in 2 * x",
    ("--argument=x=real", "--value=-x + z"): "--value, column 6: in '-x + z': unknown name 'z'; known are x, pi, e",
    ("--argument=x=0...5", "--value=x ** 2"): "--argument: domain '0...5' of x should be one of real, positive, ",
    ("--argument=x=0..5", "--value=x ** 2", "--input=x=9"): "--input: x = 9.0 is outside its domain, 0 to 5",
    ("--argument=x=real", "--value=x ** 2", "--id=A B"): "--id: id 'A B' should be lower-case letters, digits and ",
}


@pytest.mark.parametrize("options", REFUSED, ids=" ".join)
def test_what_lint_would_refuse_is_not_written(
    options: tuple[str, ...], course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    assert cli.main(["new", "exercise", "--title=Made", "--statement=S", *options]) == 2
    said = capsys.readouterr().err
    assert REFUSED[options] in said
    assert ".yaml" not in said  # nothing was written that could be named
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before


def test_an_interrupt_says_that_nothing_was_written(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: str = "") -> str:
        raise KeyboardInterrupt

    assert course.is_dir()
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", interrupted)
    assert cli.main(["new", "exercise"]) == 130
    assert capsys.readouterr().err.endswith("interrupted: nothing was written\n")
