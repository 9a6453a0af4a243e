"""Ten random edits of every shipped exercise: each is refused with its place, or is an exercise that lint can read."""

from __future__ import annotations

import functools
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import cli
from grader.assignment import exercises
from grader.assignment.forms import FormError
from grader.authoring import linting
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config
from grader.grading.config import Assignment
from tests.conftest import ROOT

EDITS_EACH = 10
AUDITED_EACH = 1
CONFIGS = (
    "config.yaml",
    *sorted(f"examples/{one.parent.name}/config.yaml" for one in ROOT.glob("examples/*/config.yaml")),
)
PLACE = re.compile(r"[\w./-]+\.yaml:\d+:\d+: \S")
"""How every refusal begins: file, line, column, and what is wrong."""

Edit = Callable[[list[str], random.Random], list[str]]


def _a_line(lines: list[str], source: random.Random, holding: str = r"\S") -> int:
    found = [i for i, line in enumerate(lines) if re.search(holding, line)]
    return source.choice(found or [0])


def _with(lines: list[str], at: int, *new: str) -> list[str]:
    return [*lines[:at], *new, *lines[at + 1 :]]


def delete_a_key(lines: list[str], source: random.Random) -> list[str]:
    return _with(lines, _a_line(lines, source, r"^\s*[\w-]+:"))


def misspell_a_key(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"[\w-]{3,}:")
    word = source.choice(re.findall(r"([\w-]{3,}):", lines[at]) or ["x"])
    return _with(lines, at, lines[at].replace(f"{word}:", f"{word[1]}{word[0]}{word[2:]}:", 1))


def a_number_as_text(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"\d")
    return _with(lines, at, re.sub(r"\d+", "many", lines[at], count=1))


def swap_a_range(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"\.\.|real|positive|nonzero")
    turned = re.sub(r"(-?[\d.]+?)\.\.(-?[\d.]+)", r"\2..\1", lines[at])
    return _with(lines, at, turned if turned != lines[at] else re.sub(r"real|positive|nonzero", "9..-9", lines[at]))


def negative_points(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"checks:|points:|: \d")
    return _with(lines, at, re.sub(r": (\d)", r": -\1", lines[at], count=1))


def duplicate_an_id(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"^id:|^  [\w-]+:")
    return _with(lines, at, lines[at], lines[at])


def empty_a_list(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"[\[{].*[\]}]")
    return _with(lines, at, re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", source.choice(["{}", "[]", ""]), lines[at], count=1))


def change_the_indentation(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source)
    return _with(lines, at, source.choice([f" {lines[at]}", f"\t{lines[at]}", lines[at].lstrip(), f"   {lines[at]}"]))


def an_unknown_check(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source, r"checks:")
    return _with(lines, at, re.sub(r"\{(\w+):", r"{\1s:", lines[at], count=1))


def cut_a_line(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source)
    return _with(lines, at, lines[at][: source.randrange(len(lines[at]) + 1)])


def a_strange_character(lines: list[str], source: random.Random) -> list[str]:
    at = _a_line(lines, source)
    where = source.randrange(len(lines[at]) + 1)
    return _with(lines, at, lines[at][:where] + source.choice("\"'&*!{}[]:#,%@`|>-\0é") + lines[at][where:])


def exchange_two_lines(lines: list[str], source: random.Random) -> list[str]:
    one, other = source.randrange(len(lines)), source.randrange(len(lines))
    turned = list(lines)
    turned[one], turned[other] = lines[other], lines[one]
    return turned


EDITS: tuple[Edit, ...] = (
    delete_a_key,
    misspell_a_key,
    a_number_as_text,
    swap_a_range,
    negative_points,
    duplicate_an_id,
    empty_a_list,
    change_the_indentation,
    an_unknown_check,
    cut_a_line,
    a_strange_character,
    exchange_two_lines,
)


@functools.cache
def assignment(name: str) -> Assignment:
    """Read a shipped assignment, once."""
    return config.load(ROOT / name)


def files() -> dict[str, str]:
    """Return every shipped exercise file, with the first config that has it."""
    found: dict[str, str] = {}
    for name in CONFIGS:
        form = config.form(ROOT / name)
        root = (ROOT / name).parent
        for path in exercises.files([root / entry for entry in form.exercises]):
            found.setdefault(str(path.resolve().relative_to(ROOT)), name)
    return found


FILES = files()


def edited(path: str, count: int = EDITS_EACH) -> Iterator[tuple[str, str]]:
    """Yield (what was done, text), the same at every run."""
    source = random.Random(f"edits of {path}")
    text = (ROOT / path).read_text("utf-8")
    order = [*EDITS]
    source.shuffle(order)
    for edit in order[:count]:
        changed = "\n".join(edit(text.splitlines(), source)) + "\n"
        yield edit.__name__, changed


def read(text: str, path: str) -> bool:
    """Read an edited file as config loading does. Says whether it is one; what refuses it must have its place."""
    try:
        exercises.decode_all(text.encode(), Path(path).name, KINDS)
    except FormError as error:
        for line in str(error).splitlines():
            assert PLACE.match(line), line
        return False
    return True


@pytest.mark.parametrize("path", FILES)
def test_an_edited_exercise_is_refused_with_its_place_or_read(path: str, tmp_path: Path) -> None:
    for i, (what, text) in enumerate(edited(path)):
        if read(text, path):
            for line in linted(text, path, tmp_path / str(i)):
                assert PLACE.match(line), (what, line)


def linted(text: str, path: str, home: Path) -> list[str]:
    """Return what lint says of the file alone, in a copy of its assignment."""
    shipped = ROOT / FILES[path]
    made = copied(text, path, home)
    assert shipped.is_file()
    return [str(one) for one in linting.problems(made)]


def copied(text: str, path: str, home: Path) -> Path:
    """Write an assignment of the edited file alone, with its reference and dialects, and return its config."""
    of = assignment(FILES[path])
    home.mkdir()
    shutil.copytree(of.reference, home / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    for one in (ROOT / FILES[path]).parent.glob("*.py"):
        shutil.copy(one, home)
    (home / Path(path).name).write_text(text, "utf-8")
    settings = (ROOT / FILES[path]).read_text("utf-8")
    settings = re.sub(r"^exercises: .*$", f"exercises: [{Path(path).name}]", settings, flags=re.MULTILINE)
    settings = re.sub(r"reference: [\w./-]+", "reference: reference", settings)
    settings = re.sub(r"^weights:.*(\n  .*)*$", "weights: {}", settings, flags=re.MULTILINE)
    (home / "config.yaml").write_text(settings, "utf-8")
    return home / "config.yaml"


def test_every_edit_is_made_and_some_are_read() -> None:
    made = {what for path in FILES for what, _ in edited(path)}
    assert made == {one.__name__ for one in EDITS}
    outcomes = [read(text, path) for path in list(FILES)[:20] for _, text in edited(path)]
    assert 20 < sum(outcomes) < len(outcomes) - 20


@pytest.mark.prove
@pytest.mark.parametrize("path", FILES)
def test_what_is_read_can_be_audited(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = [text for _, text in edited(path) if read(text, path)]
    for i, text in enumerate(good[:AUDITED_EACH]):
        made = copied(text, path, tmp_path / str(i))
        if linting.problems(made):
            continue
        status = cli.main(["audit", "--config", str(made), "--seeds", "1", "--reference-seeds", "1", "--jobs", "1"])
        told = capsys.readouterr()
        assert status in (0, 1), told.err
        assert "Traceback" not in told.out + told.err
