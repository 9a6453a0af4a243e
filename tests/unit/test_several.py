"""Several exercises in one file: they are those of as many files, and every mistake is told once, at its key."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from grader.assignment import exercises
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError
from grader.authoring import linting, schemas
from grader.cli import main
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.selfcheck import making
from tests.conftest import ROOT

OPERATORS = """\
format: 1
kind: values
file: operators.py
checks: {value: 1}
exercises:
  add: {function: add, arguments: {x: real, y: real}, value: x + y}
  relu: {title: ReLU, function: relu, arguments: {x: real}, value: "max(x, 0)"}
  cube:
    kind: function
    class: Cube
    arguments: {x: real}
    value: x ** 3
    checks: {forward: 1}
"""


def read(text: str) -> dict[str, Exercise]:
    return {one.id: one for one in exercises.decode_all(text.encode(), "o.yaml", KINDS)}


def problems(text: str) -> list[str]:
    with pytest.raises(FormError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def test_own_keys_come_before_the_shared_ones() -> None:
    found = read(OPERATORS)
    assert list(found) == ["add", "relu", "cube"]
    assert [one.kind for one in found.values()] == ["values", "values", "function"]
    assert {one.module for one in found.values()} == {"operators"}
    assert [check.name for check in found["cube"].checks] == ["forward"]


def test_arguments_may_be_shared() -> None:
    text = OPERATORS.replace("arguments: {x: real, y: real}, ", "").replace(
        "checks:", "arguments: {x: 1..2}\nchecks:", 1
    )
    found = read(text.replace("x + y", "x + 1"))
    assert found["add"].spec.formulas.domains[0].hi == 2.0
    assert found["relu"].spec.formulas.domains[0].hi > 2.0


def test_the_formula_says_what_nobody_says() -> None:
    found = read(OPERATORS)
    assert (found["add"].title, found["add"].statement) == ("x + y", "add(x, y) returns x + y.")
    assert (found["relu"].title, found["relu"].statement) == ("ReLU", "relu(x) returns max(x, 0).")
    assert (found["cube"].title, found["cube"].statement) == ("x ** 3", "x ** 3 and its derivative.")


def test_a_formula_of_two_arguments_has_derivatives() -> None:
    text = OPERATORS.replace(
        "arguments: {x: real}\n    value: x ** 3", "arguments: {x: real, y: real}\n    value: x * y"
    )
    assert read(text)["cube"].statement == "x * y and its derivatives."


def test_what_has_no_formula_is_called_by_its_id_and_says_what_it_asks() -> None:
    text = "format: 1\nkind: context\nfile: autodiff.py\nchecks: {save: 1}\nexercises:\n  ctx: {statement: It saves.}\n"
    assert read(text)["ctx"].title == "ctx"
    assert problems(text.replace("statement: It saves.", "")) == ["o.yaml:6:8: 'statement' is missing"]


def test_a_file_of_one_exercise_still_says_what_it_is() -> None:
    text = "format: 1\nkind: values\nid: f\nfile: o.py\nfunction: f\narguments: {x: real}\nvalue: x\nchecks: {value: 1}"
    assert problems(text) == ["o.yaml:1:1: 'title' is missing", "o.yaml:1:1: 'statement' is missing"]


MISTAKES = {
    "no exercises": ("format: 1\nexercises: {}\n", ["2:12: exercises: names none; write each as `id: {its own keys}`"]),
    "a list": ("format: 1\nexercises: [a]\n", ["2:12: exercises: should be a mapping of ids to exercises, not a list"]),
    "nothing": ("format: 1\nexercises:\n", ["2:11: exercises: should be a mapping of ids to exercises, not nothing"]),
    "an exercise that is nothing": (
        OPERATORS + "  neg:\n",
        ["14:7: neg: should be a mapping of keys to values, not nothing"],
    ),
    "no format": (OPERATORS.replace("format: 1\n", ""), ["1:1: 'format' is missing"]),
    "another format": (OPERATORS.replace("format: 1", "format: 2"), ["1:9: format: unknown '2'; one of 1"]),
    "a format of its own": (
        OPERATORS.replace("title: ReLU", "format: 1"),
        ["7:10: format belongs to the whole file; write it once, at the top"],
    ),
    "an id twice": (
        OPERATORS.replace("relu:", "add:"),
        ["7:3: duplicate id 'add': line 6 has it too; give one another"],
    ),
    "an id that is none": (
        OPERATORS.replace("relu:", "ReLU:"),
        ["7:3: id 'ReLU' should be lower-case letters, digits and hyphens"],
    ),
    "an id inside": (
        OPERATORS.replace("title: ReLU", "id: relu"),
        ["7:10: id is the key in `exercises`; leave it out here"],
    ),
    "an id that all share": (
        OPERATORS.replace("file:", "id: all\nfile:"),
        ["3:1: id: each exercise has its own, as its key in `exercises`; leave it out here"],
    ),
    "an unknown key of its own": (
        OPERATORS.replace("title: ReLU", "tittle: ReLU"),
        ["7:10: unknown key 'tittle'; did you mean 'title'?"],
    ),
    "an unknown key that all share": (
        OPERATORS.replace("file:", "colour: red\nfile:"),
        ["3:1: unknown key 'colour'"],
    ),
    "a key that some kinds have": (
        OPERATORS.replace("file:", "saved_values: tuple\nfile:"),
        ["3:1: unknown key 'saved_values' (in add, relu)"],
    ),
    "a kind that all share": (
        OPERATORS.replace("kind: values", "kind: valeus"),
        ["2:7: unknown kind 'valeus'; did you mean 'values'?; one of " + ", ".join(KINDS) + " (in add, relu)"],
    ),
    "a check that all share": (
        OPERATORS.replace("{value: 1}", "{valeu: 1}"),
        ["4:10: unknown check 'valeu'; did you mean 'value'? (in add, relu)"],
    ),
    "a formula of its own": (
        OPERATORS.replace("x ** 3", "x ** y"),
        ["12:17: in 'x ** y': unknown name 'y'; known are x, pi, e"],
    ),
    "a comma that ends a formula": (
        OPERATORS.replace('"max(x, 0)"', "max(x, 0)"),
        ["7:75: unknown key '0)'; quote a formula with a comma"],
    ),
    "what every exercise lacks": (
        OPERATORS.replace("file: operators.py\n", ""),
        ["1:1: 'file' is missing, in every exercise"],
    ),
    "what one exercise lacks": (OPERATORS.replace("value: x + y", ""), ["6:8: 'value' is missing"]),
    "exercises inside": (OPERATORS.replace("title: ReLU", "exercises: {}"), ["7:10: unknown key 'exercises'"]),
    "exercises twice": (OPERATORS + "exercises: {}\n", ["14:1: duplicate key 'exercises'; keep one of the two"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_once_at_its_key(mistake: str) -> None:
    text, told = MISTAKES[mistake]
    assert problems(text) == [f"o.yaml:{one}" for one in told]


def test_an_id_of_another_file_is_told_at_its_key(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(OPERATORS)
    with pytest.raises(FormError) as caught:
        exercises.load(exercises.files([tmp_path]), tmp_path, KINDS)
    first, *_ = caught.value.problems
    assert str(first) == "b.yaml:6:3: duplicate id 'add': a.yaml has it too; give one another"


def together(folder: Path) -> str:
    """Return the exercises of a folder as one file."""
    found = {}
    for path in exercises.files([folder]):
        one = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
        found[one["id"]] = {key: value for key, value in one.items() if key not in ("format", "id")}
    return yaml.safe_dump({"format": 1, "exercises": found}, sort_keys=False, allow_unicode=True)


@pytest.mark.parametrize("folder", ["lecture8", "module1", "lecture8/paper", "lecture8/graphs"])
def test_one_file_holds_what_many_files_do(folder: str) -> None:
    path = ROOT / "exercises" / folder

    def bare(one: Exercise) -> Exercise:
        return msgspec.structs.replace(one, source="", place=(0, 0), equivalent=())

    apart = exercises.load(exercises.files([path]), ROOT, KINDS)
    assert list(map(bare, read(together(path)).values())) == list(map(bare, apart))


def test_another_exercise_of_a_file_changes_no_digest() -> None:
    before, after = read(OPERATORS), read(OPERATORS.replace("x + y", "x - y"))
    assert before["add"].digest != after["add"].digest
    assert before["relu"].digest == after["relu"].digest


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Module 1's operators as one file, beside a copy of the reference."""
    root = tmp_path_factory.mktemp("several")
    shutil.copytree(ROOT / "reference", root / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    text = OPERATORS.replace("cube:", "square:").replace("Cube", "Square").replace("x ** 3", "x ** 2")
    (root / "operators.yaml").write_text(text.replace("kind: function", "kind: function\n    file: lecture8.py"))
    text = "format: 1\nassignment: hw\ntitle: Homework\nexercises: [operators.yaml]\ncorpus: {public: 8, private: 8}\n"
    (root / "config.yaml").write_text(text)
    return root / "config.yaml"


def test_what_reads_exercises_reads_those_of_one_file(assignment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--config", str(assignment)]) == 0
    assert main(["explain", "relu", "--config", str(assignment)]) == 0
    assert "relu" in capsys.readouterr().out
    assert main(["preview", "--config", str(assignment), "--html", str(assignment.parent / "sheet.html")]) == 0
    assert "max(x, 0)" in (assignment.parent / "sheet.html").read_text("utf-8")
    prepared = making.prepare(config.load(assignment))
    assert prepared.exercises[0].statement == "add(x, y) returns x + y."
    assert [one.id for one in config.load(assignment, ("relu",)).exercises] == ["relu"]


@pytest.mark.slow
def test_the_audit_proves_an_exercise_of_several(assignment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "add", "--config", str(assignment)]) == 0
    assert "add" in capsys.readouterr().out


def test_lint_names_the_line_of_an_exercise_among_several(assignment: Path) -> None:
    path = assignment.parent / "operators.yaml"
    text = path.read_text("utf-8")
    try:
        path.write_text(text.replace("function: relu", "function: rely"))
        (found,) = linting.problems(assignment)
        assert str(found).startswith("operators.yaml:7:3: rely is not in the reference's operators.py")
        assert planning.prepare(config.load(assignment)).assignment.exercises[1].written == "operators.yaml:7:3"
    finally:
        path.write_text(text)


def test_the_schema_knows_a_file_of_several() -> None:
    schema = json.loads(json.dumps(schemas.schema("exercise")))
    assert (schema["if"], schema["then"]) == ({"required": ["exercises"]}, {"$ref": "#/$defs/SeveralExercises"})
    several: dict[str, Any] = schema["$defs"]["SeveralExercises"]
    own = several["properties"]["exercises"]["additionalProperties"]
    assert several["required"] == ["format", "exercises"]
    parts = [schema["$defs"][one["then"]["$ref"].rpartition("/")[2]] for one in own["allOf"]]
    assert len(parts) == len(KINDS)
    keys = {key for part in parts for key in part["properties"]}
    assert keys == {"kind", *(set(several["properties"]) - {"format", "exercises"})}
    assert "id" not in several["properties"]
    assert not any(part["additionalProperties"] for part in parts)
    assert not several["additionalProperties"]
