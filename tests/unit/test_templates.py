"""The pages' templates go where the code goes, and hold nothing that a page must not."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
