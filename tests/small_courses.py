"""Courses of a few files, laid out for one test."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT


def laid_out(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a course's files by their paths, and return its config."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder / "config.yaml"


def with_one_exercise(folder: Path) -> Path:
    """Lay out a course with one exercise of the lecture's, and return its folder."""
    (folder / "exercises").mkdir()
    shutil.copy(ROOT / "exercises/lecture8/05-square.yaml", folder / "exercises")
    shutil.copytree(ROOT / "reference", folder / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "config.yaml").write_text("format: 1\nassignment: a\ntitle: A\nexercises: [exercises]\n")
    return folder
