"""The pages' templates go where the code goes, and hold nothing that a page must not."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jinja2
import pytest

from grader.reports import inlined
from grader.reports.inlined import HERE
from tests.conftest import ROOT


def test_nothing_in_a_template_is_fetched_or_left_unescaped() -> None:
    for path in HERE.iterdir():
        text = path.read_text()
        assert not re.search(r"https?:|url\(|@import|\bsrc=|innerHTML|insertAdjacentHTML|\|\s*safe\b", text), path.name


def test_what_is_inlined_cannot_end_early() -> None:
    for path in (*HERE.glob("*.css"), *HERE.glob("*.js")):
        assert "</" not in path.read_text(), path.name
        assert "\r" not in path.read_text(), path.name


@pytest.mark.ci
def test_the_templates_are_in_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"grader/reports/templates/{path.name}" for path in HERE.iterdir()} <= held


def test_a_template_is_compiled_once_where_that_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(inlined, "COMPILED", tmp_path / "kept")
    make = inlined.template.__wrapped__
    make("page")
    (kept,) = (tmp_path / "kept").iterdir()
    whole = kept.read_bytes()
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *_, **__: pytest.fail("it was compiled again"))
    make("page")
    monkeypatch.undo()
    monkeypatch.setattr(inlined, "COMPILED", tmp_path / "kept")
    kept.write_bytes(whole[:-9])
    make("page")
    monkeypatch.setattr(inlined, "COMPILED", tmp_path / "no" / "such place")
    make("page")
    assert not (tmp_path / "no").exists()
