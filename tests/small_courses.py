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


def impatient(folder: Path) -> Path:
    """Write the sample's config with half of its time for an exercise into a folder, and return it.

    It is for tests in which something never ends and for how long that is borne is not what they show: with all of its
    time, each who hangs burns it twice, for the verdict and to find where it hung. Honest ones take a hundredth of it,
    and have five times as long by the clock, on a busy machine.
    """
    text = (ROOT / "config.yaml").read_text("utf-8")
    for old, new in (
        ("exercise_cpu_seconds: 2\n", "exercise_cpu_seconds: 1\n"),
        ("[exercises/lecture8]", f"[{ROOT}/exercises/lecture8]"),
        ("reference: reference\n", f"reference: {ROOT}/reference\n"),
        ("submissions: examples/", f"submissions: {ROOT}/examples/"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "config.yaml"
    path.write_text(text, "utf-8")
    return path
