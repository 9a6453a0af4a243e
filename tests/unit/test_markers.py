"""The markers of solutions: a broken one is told by its line everywhere, and nothing that is asked goes out solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import cli
from grader.assignment import template
from grader.authoring import linting
from grader.grading import config, unmarked
from tests.conftest import ROOT
from tests.small_courses import laid_out, with_one_exercise

START, END = "        # solution: ", "        # end solution\n"

BROKEN = {
    "end of solution": (
        lambda text: text.replace("# end solution", "# end of solution", 1),
        "starts inside the one of",
    ),
    "Solution": (lambda text: text.replace("# solution:", "# Solution:", 1), "'# Solution: "),
    "no prompt": (lambda text: f"{text}\n# solution:\nx = 1\n# end solution\n", "'# solution:' marks nothing"),
    "no end": (lambda text: f"{text}\n# solution: one\nx = 1\n", "this solution never ends; write `# end solution`"),
    "no start": (lambda text: f"{text}\nx = 1\n# end solution\n", "a solution ends that never started; write"),
    "a blank after the end": (lambda text: text.replace("# end solution\n", "# end solution \n", 1), "marks nothing"),
    "another tool's": (lambda text: f"{text}\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", "marks nothing; write"),
}
"""What is done to the reference's lecture8.py, and a part of what is said of it."""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one exercise, in which its commands are run."""
    monkeypatch.chdir(tmp_path)
    return with_one_exercise(tmp_path)


@pytest.mark.parametrize("broken", BROKEN)
def test_lint_names_the_line_of_a_broken_marker(broken: str, course: Path) -> None:
    change, said = BROKEN[broken]
    path = course / "reference" / "lecture8.py"
    path.write_text(change(path.read_text()))
    told = linting.problems(course / "config.yaml")
    assert any(said in one.message for one in told), told
    lines = path.read_text().splitlines()
    for one in told:
        assert one.file == "reference/lecture8.py"
        assert "solution" in lines[one.line - 1].casefold()
        assert lines[one.line - 1][one.column - 1 :].startswith("#")


@pytest.mark.parametrize(
    "command",
    [
        ["template", "--out", "made"],
        ["template", "--config", "config.yaml", "--out", "made"],
        ["bundle", "student", "-o", "made.zip"],
        ["audit", "square"],
        ["lint"],
        ["new", "exercise", "--title=Cube", "--statement=S", "--argument=x=real", "--value=x ** 3"],
    ],
    ids=" ".join,
)
def test_each_command_refuses_a_broken_marker_by_line(
    command: list[str], course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course / "reference" / "operators.py"  # nothing of it is handed out
    text = path.read_text()
    path.write_text(text + "\n# solution: a helper\nx = 1\n")
    assert cli.main(command) == 2
    said = capsys.readouterr()
    line = len(text.splitlines()) + 2
    assert f"reference/operators.py:{line}:1: this solution never ends; write" in said.out + said.err
    assert "internal error" not in said.err
    assert not (course / "made").exists() and not (course / "made.zip").exists()


def test_comments_that_speak_of_solutions_are_no_markers() -> None:
    for line in ("# the solution is in the notes", "# solution of an equation", "x = 1  # end solution", "# solutions"):
        assert list(template.faults(f"{line} and more\n")) == []
    for path in sorted(ROOT.glob("examples/*/reference*")):
        assert template.problems(path) == []


def without_markers(text: str, name: str, methods: int = 2) -> str:
    """Return a module in which a class, or only the first of its methods, marks no solution."""
    before, head, rest = text.partition(f"class {name}(")
    own, following, after = rest.partition("\n\n\n")
    own += "\n"
    for _ in range(methods):
        start = own.index(START)
        end = own.index("\n", start) + 1
        own = own[:start] + own[end:].replace(END, "", 1)
    return before + head + own.rstrip() + following + after


@pytest.mark.parametrize(("methods", "parts"), [(2, ["forward", "backward"]), (1, ["forward"])])
def test_what_is_asked_and_unmarked_is_refused(
    methods: int, parts: list[str], course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course / "reference" / "lecture8.py"
    path.write_text(without_markers(path.read_text(), "Square", methods))
    told = [str(one) for one in linting.problems(course / "config.yaml")]
    lines = path.read_text().splitlines()
    top = next(i for i, line in enumerate(lines) if line.startswith("class Square("))
    places = [next(i for i in range(top, len(lines)) if f"def {part}(" in lines[i]) + 1 for part in parts]
    assert [one.partition(";")[0] for one in told] == [
        f"reference/lecture8.py:{line}:5: Square.{part} marks no solution, so a handout would have square solved"
        for line, part in zip(places, parts)
    ]
    assert all("; put what students are to write between `# solution: " in one for one in told)
    for command in (["bundle", "student", "-o", "made.zip"], ["template", "--config", "config.yaml", "--out", "made"]):
        assert cli.main(command) == 2
        assert told[0] in capsys.readouterr().err
    assert not (course / "made.zip").exists() and not (course / "made").exists()


def test_markers_around_nothing_mark_nothing(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = course / "reference" / "lecture8.py"
    text = path.read_text()
    top = text.index("class Square(")
    bare = without_markers(text[top:], "Square")
    head = bare.index("def backward")
    inside = bare.index("        (x,) = ", head)
    empty = f"{bare[:inside]}{START}the gradient\n{END}{bare[inside:]}"
    path.write_text(text[:top] + empty)
    assert cli.main(["bundle", "student", "-o", "made.zip"]) == 2
    assert "Square.backward marks no solution" in capsys.readouterr().err
    assert not (course / "made.zip").exists()


def test_a_template_of_ones_own_may_be_cut_by_hand(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["template", "--out", "student_template"]) == 0
    path = course / "reference" / "lecture8.py"
    path.write_text(without_markers(path.read_text(), "Square"))
    assert cli.main(["bundle", "student", "--template", "student_template", "-o", "made.zip"]) == 0
    assert cli.main(["template", "--out", "student_template"]) == 0  # knows no exercises: Square goes out solved
    assert cli.main(["bundle", "student", "--template", "student_template", "-o", "other.zip"]) == 2
    assert "Square.forward marks no solution" in capsys.readouterr().err


EXERCISE = (
    "format: 1\nkind: values\nid: one\ntitle: T\nstatement: S\nfile: ours.py\nfunction: one\narguments: {x: real}\n"
    "value: x\nchecks: {value: 1}\n"
)
CONFIG = "format: 1\nassignment: a\ntitle: A\nexercises: [one.yaml]\nlayout: {package: p, modules: [ours]}\n"

MARKED = {
    "in it": "def one(x):\n    # solution: x\n    return x\n    # end solution\n",
    "around it": "# solution: one\ndef one(x):\n    return x\n\n\n# end solution\n",
    "in a helper": "def one(x):\n    return _two(x)\n\n\n# solution: two\ndef _two(x):\n    return x\n# end solution\n",
}
UNMARKED = {
    "nowhere": ("def one(x):\n    return x\n", "reference/ours.py:1:1: one marks"),
    "nothing between": (
        "def one(x):\n    # solution: x\n    # end solution\n    return x\n",
        "reference/ours.py:1:1: ",
    ),
    "elsewhere": (MARKED["in it"].replace("one", "two") + "\n\none = abs\n", "reference/ours.py:7:1: one marks"),
}


@pytest.mark.parametrize("where", MARKED)
def test_a_function_is_marked_wherever_something_is_cut(where: str, tmp_path: Path) -> None:
    made = laid_out(tmp_path, {"reference/ours.py": MARKED[where], "one.yaml": EXERCISE, "config.yaml": CONFIG})
    assert linting.problems(made) == []


@pytest.mark.parametrize("where", UNMARKED)
def test_a_function_without_a_cut_is_found(where: str, tmp_path: Path) -> None:
    text, said = UNMARKED[where]
    made = laid_out(tmp_path, {"reference/ours.py": text, "one.yaml": EXERCISE, "config.yaml": CONFIG})
    (found,) = linting.problems(made)
    assert str(found).startswith(said)


def test_of_several_names_some_may_be_given(tmp_path: Path) -> None:
    text = MARKED["in it"] + "\n\ndef given(x):\n    return x\n"
    exercise = EXERCISE.replace("checks:", "under_test: [given]\nchecks:")
    made = laid_out(tmp_path, {"reference/ours.py": text, "one.yaml": exercise, "config.yaml": CONFIG})
    assert linting.problems(made) == []


def test_all_files_asked_and_none_marked_is_found(tmp_path: Path) -> None:
    exercise = EXERCISE.replace("kind: values", "kind: own").replace("value: x\n", "under_test: everything\n")
    exercise = (
        exercise.replace("value: 1", "right: 1") + 'judge: |\n  def right(x, value):\n      "x"\n      return True\n'
    )
    files = {"reference/ours.py": "def one(x):\n    return x\n", "one.yaml": exercise, "config.yaml": CONFIG}
    (found,) = unmarked.found(config.load(laid_out(tmp_path, files)))
    assert str(found.problem(config.load(tmp_path / "config.yaml"))).startswith(
        "reference: nothing here marks a solution"
    )


def test_a_new_course_says_what_is_not_marked_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    solved = (ROOT / "examples/micrograd/reference/engine.py").read_text().splitlines(keepends=True)
    bare = "".join(line for line in solved if "# solution:" not in line and "# end solution" not in line)
    (tmp_path / "engine.py").write_text(bare)
    answers = {"class": "Value", "leaf": "Value({})", "value": "{}.data", "backward": "{}.backward()"}
    given = [word for name, text in {**answers, "gradient": "{}.grad"}.items() for word in (f"--{name}", text)]
    command = ["new", "course", str(tmp_path / "hw"), "--solved", str(tmp_path / "engine.py"), *given]
    assert cli.main(command) == 0
    said = capsys.readouterr().err
    assert "before you hand it out: reference/engine.py:" in said and "Value marks no solution" in said
    assert cli.main(["lint", "--config", str(tmp_path / "hw" / "config.yaml")]) == 2
