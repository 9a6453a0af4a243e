"""A student's own helper modules are found in files and folders, below the homework and beside its package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.model import Submission
from grader.submissions.entries import SOURCE_CAP
from grader.submissions.handed_in import find
from grader.submissions.helpers import COUNT_CAP
from grader.submissions.homes import Layout

LAYOUT = Layout("minitorch", ("operators", "autodiff", "lecture8"), ("lecture8",))


def read(folder: Path, files: Mapping[str, str]) -> Submission:
    for name, text in files.items():
        path = folder / "u1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (found,) = find(folder, LAYOUT)
    return found


@pytest.mark.parametrize(
    ("source", "others", "names"),
    [
        ("from .utils.ops import f", ["utils/__init__.py", "utils/ops.py"], ["utils", "utils.ops"]),
        ("from .utils.ops import f", ["utils/ops.py", "utils/unused.py"], ["utils.ops"]),
        ("from .a.b.c import d", ["a/__init__.py", "a/b/c.py", "a/b/e.py"], ["a", "a.b.c"]),
        ("from . import utils", ["utils/__init__.py"], ["utils"]),
        ("from .utils import f", ["utils.py", "utils/__init__.py"], ["utils"]),
        ("from .utils import ops", ["utils.py", "utils/ops.py"], ["utils"]),
        ("from .core.operators import f", ["core/operators.py"], ["core.operators"]),
        ("from .lib import f", ["lib.py", "__init__.py"], ["__init__", "lib"]),
        ("import importlib; importlib.import_module('lib' + 'rary')", ["library.py"], ["library"]),
        ("from ..engine import Value", ["../engine.py", "../unused.py"], ["engine"]),
        (
            "from engine.values import Value",
            ["../engine/values.py", "../engine/__init__.py"],
            ["engine", "engine.values"],
        ),
        ("from ..engine import Value", ["engine.py", "../engine.py"], ["engine"]),
        ("import random", ["../random.py", "../__init__.py"], []),
        ("from .tests.lib import f; import docs, venv", ["tests/lib.py", "docs/a.py", "../venv/lib.py"], []),
        ("import operators, lecture8", ["../operators.py", "old/operators.py", "week1/lecture8.ipynb"], []),
        ("import notes, my_lib", ["notes.ipynb", "my-lib/a.py", "1st/a.py", "a.b/c.py", "a b.py"], []),
    ],
)
def test_what_is_named_comes_along_under_its_name_in_the_package(
    source: str, others: list[str], names: list[str], tmp_path: Path
) -> None:
    found = read(tmp_path, {"minitorch/lecture8.py": source, **{f"minitorch/{name}": "" for name in others}})
    assert sorted(found.extras) == names
    assert not found.problem


def test_a_helper_that_only_a_helper_names_comes_along(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "minitorch/lecture8.py": "from .one import f",
            "minitorch/one/__init__.py": "from .two import f",
            "minitorch/one/two.py": "from three.four import f",
            "three/four.py": "f = abs",
            "three/five.py": "f = abs",
        },
    )
    assert list(found.extras) == ["one", "one.two", "three.four"]
    assert found.extras["three.four"] == ("three/four.py", b"f = abs")


def test_of_two_of_a_name_the_package_counts_and_the_nearer(tmp_path: Path) -> None:
    files = {"minitorch/utils/__init__.py": "1", "minitorch/utils.py": "2", "utils.py": "3", "utils/ops.py": "4"}
    found = read(tmp_path, {"minitorch/lecture8.py": "from .utils import ops", **files})
    assert {name: raw for name, (_, raw) in found.extras.items()} == {"utils": b"1"}


def test_homework_above_its_package_has_what_is_in_the_package(tmp_path: Path) -> None:
    files = {"minitorch/tools.py": "", "minitorch/operators.py": "", "minitorch/deep/a.py": ""}
    found = read(
        tmp_path, {"lecture8.py": "from minitorch import tools, operators; from minitorch.deep.a import b", **files}
    )
    assert list(found.extras) == ["tools", "deep.a"]
    assert list(found.modules) == ["lecture8"]


def test_names_that_python_and_the_grader_have_are_helpers_of_those_names(tmp_path: Path) -> None:
    names = ("grader", "os", "sys", "minitorch", "__main__")
    found = read(tmp_path, {"lecture8.py": "", **{f"{name}.py": "" for name in names}})
    assert sorted(found.extras) == sorted(names)


def test_a_link_is_no_helper(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.py").write_text("x = 1")
    (tmp_path / "class" / "u1").mkdir(parents=True)
    (tmp_path / "class" / "u1" / "folder").symlink_to(tmp_path / "secret")
    (tmp_path / "class" / "u1" / "key.py").symlink_to(tmp_path / "secret" / "key.py")
    found = read(tmp_path / "class", {"lecture8.py": "from .folder import key"})
    assert (found.extras, found.problem) == ({}, "")


def test_folders_without_end_cost_nothing_but_what_is_in_them(tmp_path: Path) -> None:
    deep = "/".join("abcdefghij")
    found = read(tmp_path, {"lecture8.py": f"import {deep.replace('/', '.')}.x, a.b", f"{deep}/x.py": "", "a/b.py": ""})
    assert list(found.extras) == ["a.b"]


@pytest.mark.slow
def test_of_thousands_those_that_are_named_are_read_and_the_rest_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, {"lecture8.py": "from . import m4999", **{f"m{i:04}.py": "" for i in range(5000)}})
    assert len(found.extras) == COUNT_CAP
    assert "m4999" in found.extras
    assert found.notes == ("4940 of its other modules were left out: 60 are read, of 1 MiB in all",)


def test_a_repository_around_the_homework_is_not_read(tmp_path: Path) -> None:
    others = {f"{folder}/m{i}.py": "x = 1" for folder in ("logs", "tests", "lib") for i in range(100)}
    found = read(tmp_path, {"minitorch/lecture8.py": "from lib import m7", "README.md": "", "setup.py": "", **others})
    assert list(found.extras) == ["lib.m7"]
    assert found.notes == ()


def test_a_helper_that_is_too_large_costs_itself_alone(tmp_path: Path) -> None:
    found = read(tmp_path, {"lecture8.py": "x = 1", "data.py": "#" * (SOURCE_CAP + 1)})
    assert (list(found.modules), found.extras, found.problem) == (["lecture8"], {}, "")
    assert found.notes == ("data.py was left out: data.py is far too large for homework",)
