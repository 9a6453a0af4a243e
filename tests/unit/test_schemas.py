"""What an editor says of a file as it is typed: one error per mistake, where it is; and none of what we ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from grader.assignment import exercises
from grader.assignment.forms import FormError
from grader.authoring import schemas
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config
from tests.conftest import ROOT

Path_ = tuple[Any, ...]


def validator(of: Literal["exercise", "config"]) -> Any:
    """Return a validator, after the schema itself was validated."""
    schema = schemas.schema(of)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


EXERCISE, CONFIG = validator("exercise"), validator("config")


def errors(held: Any, text: str) -> list[tuple[Path_, str]]:
    """Return every error with its path, those of alternatives as well."""
    found = []
    for error in held.iter_errors(yaml.safe_load(text)):
        assert not error.context, f"an alternative: {error.message}"
        found.append((tuple(error.absolute_path), error.message))
    return found


def shipped(pattern: str) -> list[Path]:
    return [path for path in sorted(ROOT.glob(pattern)) if path.is_file()]


EXERCISES = [
    *shipped("exercises/**/*.yaml"),
    *shipped("examples/*/exercises/**/*.yaml"),
    *shipped("tests/arrays/exercises/*.yaml"),
]
CONFIGS = [ROOT / "config.yaml", *shipped("examples/*/config.yaml"), ROOT / "tests/arrays/config.yaml"]


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_exercise_is_valid(path: Path) -> None:
    assert errors(EXERCISE, path.read_text()) == []


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_config_is_valid(path: Path) -> None:
    assert errors(CONFIG, path.read_text()) == []


def test_exercises_of_every_kind_are_shipped() -> None:
    kinds = {one.kind for path in CONFIGS for one in config.load(path).exercises}
    assert kinds == set(KINDS) - {"own"}  # below


SQUARE = (ROOT / "exercises/lecture8/05-square.yaml").read_text()
SEVERAL = (ROOT / "examples/cmu-11785/exercises/functional.yaml").read_text()

IN_EXERCISES: dict[str, tuple[str, str, Path_]] = {
    "a misspelt key": ("arguments:", "argumens:", ()),
    "a key that is missing": ("value: x ** 2\n", "", ()),
    "a key too many": ("value: x ** 2", "value: x ** 2\ncolour: red", ()),
    "an unknown kind": ("class: Square", "class: Square\nkind: fucntion", ("kind",)),
    "an unknown check": ("contract: 1", "contrct: 1", ("checks",)),
    "negative points": ("backward: 2", "backward: -2", ("checks", "backward")),
    "points that are no number": ("backward: 2", "backward: many", ("checks", "backward")),
    "points that are a list": ("backward: 2", "backward: [2]", ("checks", "backward")),
    "negative points, written out": ("backward: 2", "backward: {points: -2}", ("checks", "backward", "points")),
    "an unknown visibility": (
        "backward: 2",
        "backward: {points: 2, visibility: hiden}",
        ("checks", "backward", "visibility"),
    ),
    "a hint before the first attempt": (
        "backward: 2",
        "backward: {points: 2, hints: [{say: s, after: -1}]}",
        ("checks", "backward", "hints", 0, "after"),
    ),
    "no checks": ("checks: {forward: 1, backward: 2, contract: 1}", "checks: {}", ("checks",)),
    "an id with capitals": ("id: square", "id: Square", ("id",)),
    "a file that is no module": ("file: lecture8.py", "file: lecture8", ("file",)),
    "a class that is no name": ("class: Square", "class: the square", ("class",)),
    "an unknown domain": ("x: real", "x: reel", ("arguments", "x")),
    "no arguments": ("arguments: {x: real}", "arguments: {}", ("arguments",)),
    "a list for a mapping": ("arguments: {x: real}", "arguments: [x]", ("arguments",)),
    "another format": ("format: 1", "format: 2", ("format",)),
    "an unknown way of showing": ("value: x ** 2", "value: x ** 2\nshow: nothing", ("show",)),
    "text for a list": ("value: x ** 2", "value: x ** 2\nalso_accept: x * x", ("also_accept",)),
}


@pytest.mark.parametrize("mistake", IN_EXERCISES)
def test_a_mistake_in_an_exercise_is_one_error_where_it_is(mistake: str) -> None:
    old, new, path = IN_EXERCISES[mistake]
    assert old in SQUARE
    found = errors(EXERCISE, SQUARE.replace(old, new))
    assert [one for one, _ in found] == [path], found


@pytest.mark.parametrize("mistake", IN_EXERCISES)
def test_what_the_schema_refuses_the_reader_refuses_too(mistake: str) -> None:
    old, new, _ = IN_EXERCISES[mistake]
    with pytest.raises(FormError):
        exercises.decode(SQUARE.replace(old, new).encode(), "square.yaml", KINDS)


IN_SEVERAL: dict[str, tuple[str, Path_]] = {
    "exercises: {a: {function: f, arguments: {x: real}, value: x}}": (),
    "exercises: {A: {function: f, arguments: {x: real}, value: x}}": ("exercises",),
    "exercises: {a: {function: f, valu: x}}": ("exercises", "a"),
    "exercises: {a: {kind: valeus}}": ("exercises", "a", "kind"),
    "exercises: {a: {kind: function, checks: {value: 1}}}": ("exercises", "a", "checks"),
    "exercises: {a: {checks: {gradient: 1}}}": ("exercises", "a", "checks"),
    "exercises: {a: {checks: {value: -1}}}": ("exercises", "a", "checks", "value"),
    "exercises: {}": ("exercises",),
    "exercises: [a]": ("exercises",),
}


@pytest.mark.parametrize("text", IN_SEVERAL)
def test_of_several_in_a_file_a_mistake_is_one_error_where_it_is(text: str) -> None:
    path = IN_SEVERAL[text]
    found = errors(EXERCISE, f"format: 1\nkind: values\nfile: operators.py\nchecks: {{value: 1}}\n{text}\n")
    assert [one for one, _ in found] == ([path] if path else []), found


@pytest.mark.parametrize(
    ("change", "path"), [("checks: {gradient: 1}", ("checks",)), ("checks: {value: -1}", ("checks", "value"))]
)
def test_what_several_share_is_held_to_their_kind(change: str, path: Path_) -> None:
    text = f"format: 1\nkind: values\nfile: operators.py\n{change}\nexercises: {{a: {{function: f, value: x}}}}\n"
    assert [one for one, _ in errors(EXERCISE, text)] == [path]


CONFIG_TEXT = "format: 1\nassignment: a\ntitle: A\nexercises: [exercises]\n"
IN_CONFIGS: dict[str, Path_] = {
    "jobs: -1": ("jobs",),
    "jobs: many": ("jobs",),
    "limits: {memory_mib: 1}": ("limits", "memory_mib"),
    "corpus: {public: 2}": ("corpus", "public"),
    "corpus: {publik: 20}": ("corpus",),
    "required_tier: 4": ("required_tier",),
    "late: {percent: 200}": ("late", "percent"),
    "late: {per: week}": ("late", "per"),
    "weights: {square: -1}": ("weights", "square"),
    "layout: {modules: [a.py/b]}": ("layout", "modules", 0),
    "feedback: {hidden: all}": ("feedback", "hidden"),
    "course: {attempts: first}": ("course", "attempts"),
    "colour: red": (),
    "through: {minitorch: 5}": ("through", "minitorch"),
}


@pytest.mark.parametrize("line", IN_CONFIGS)
def test_a_mistake_in_a_config_is_one_error_where_it_is(line: str) -> None:
    assert errors(CONFIG, CONFIG_TEXT) == []
    found = errors(CONFIG, f"{CONFIG_TEXT}{line}\n")
    assert [one for one, _ in found] == [IN_CONFIGS[line]], found


def test_what_looks_like_a_number_to_an_editor_is_text() -> None:
    text = SQUARE.replace("value: x ** 2", "value: 1").replace("title: Square, with a saved argument", "title: 2048")
    assert errors(EXERCISE, text) == []
    assert errors(CONFIG, f"{CONFIG_TEXT}corpus: {{seed: 1}}\n") == []


def test_a_name_for_a_check_of_one_s_own_is_free() -> None:
    text = (
        "format: 1\nkind: own\nid: a\ntitle: A\nstatement: s\nfile: operators.py\n"
        "function: f\narguments: {x: -30..30}\n"
        "judge: |\n  def symmetric(x, value):\n      return True\nchecks: {symmetric: 1}\n"
    )
    assert errors(EXERCISE, text) == []
    assert [one for one, _ in errors(EXERCISE, text.replace("symmetric: 1", "symmetric: -1"))] == [
        ("checks", "symmetric")
    ]
