"""What the project's own files hold to: names of tests, hooks of git, and what CI runs."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

LONGEST_NAME = 70
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
DATA = re.compile(r"^(examples/.*/submissions|tests/submissions|tests/attacks)/")
"""Submissions and attacks are data: some are broken on purpose."""


def text_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no clone")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name and not DATA.match(name)]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def test_a_test_has_a_name_of_at_most_70_characters() -> None:
    long = [
        f"{path.name}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if not DATA.match(path.relative_to(ROOT).as_posix())
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and len(node.name) > LONGEST_NAME
    ]
    assert long == []


def test_every_text_file_ends_in_a_newline() -> None:
    assert [path for path in text_files() if path.stat().st_size and not path.read_bytes().endswith(b"\n")] == []


def test_the_hooks_are_local_and_use_what_is_installed() -> None:
    assert {repo["repo"] for repo in HOOKS} == {"local"}
    for hook in HOOKS[0]["hooks"]:
        assert hook["language"] in ("system", "pygrep")
        if hook["language"] == "system":
            tool = shlex.split(hook["entry"])[0]
            assert tool.startswith(".venv/bin/")
            assert (Path(sys.executable).parent / Path(tool).name).exists(), tool


def test_the_hook_for_yaml_tells_what_can_be_read(tmp_path: Path) -> None:
    (hook,) = (hook for hook in HOOKS[0]["hooks"] if hook["id"] == "yaml")
    command = [sys.executable, *shlex.split(hook["entry"])[1:]]
    good = [path for path in text_files() if path.suffix in (".yaml", ".yml")]
    assert subprocess.run([*command, *map(os.fspath, good)], capture_output=True).returncode == 0
    (tmp_path / "bad.yaml").write_text("a: [1\n")
    assert subprocess.run([*command, str(tmp_path / "bad.yaml")], capture_output=True).returncode == 1


def test_ci_lints_before_it_tests() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    (test,) = (line for line in lines if line.startswith("make test"))
    assert "make lint" in lines[: lines.index(test)]
    assert "make coverage" in lines


@pytest.mark.parametrize(
    ("arguments", "lints"),
    [((), True), (("ARGS=tests/unit/test_late.py",), False), (("ARGS=tests/unit/test_late.py", "CI=1"), True)],
)
def test_make_test_lints_unless_a_test_is_named(arguments: tuple[str, ...], lints: bool) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ARGS", "MAKEFLAGS")}
    command = ["make", "--dry-run", "test", *arguments]
    planned = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert ("mypy" in planned) == lints
