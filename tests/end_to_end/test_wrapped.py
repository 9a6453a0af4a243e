"""Every right style keeps full marks in the wrappings that real files come in: imports, helpers, notebooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from grader.submissions.handed_in import read
from tests.conftest import ROOT
from tests.end_to_end.test_machinery import held, lost, module1, prepared
from tests.end_to_end.test_variants import COUNT, submission
from tests.machinery import RIGHT, replaced

__all__ = ["held", "module1", "prepared"]

Files = dict[str, bytes]

LOG_FILE = """
import logging, os
os.makedirs("logs", exist_ok=True)
logging.basicConfig(filename="logs/debug.log", level=logging.INFO)
logging.info("loaded")
"""
ARGUMENTS = """
import argparse
_parser = argparse.ArgumentParser()
_parser.add_argument("--epsilon", type=float, default=1e-6)
_arguments = _parser.parse_args()
"""
HELPERS = """
from .helpers_of_mine.numbers import as_float
from . import helpers_of_mine
"""


def _plain(sources: dict[str, str], above: str = "") -> Files:
    return {f"minitorch/{name}.py": _with(text, above).encode() for name, text in sources.items()}


def _with(text: str, above: str) -> str:
    """Put lines below the `__future__` import, where Python wants that first."""
    future = "from __future__ import annotations\n"
    return text.replace(future, future + above, 1) if future in text else above + text


def _in_helper_folder(sources: dict[str, str]) -> Files:
    helper = {
        "minitorch/helpers_of_mine/__init__.py": b"from .numbers import as_float\n",
        "minitorch/helpers_of_mine/numbers.py": b"def as_float(x):\n    return float(x)\n",
    }
    return {**_plain(sources, HELPERS), **helper}


def _as_notebooks(sources: dict[str, str]) -> Files:
    files = {}
    for name, text in sources.items():
        cells = ["%matplotlib inline\n!pip install \\\n  numpy", text, "assert False, 'scratch'"]
        listed = [{"cell_type": "code", "source": one, "outputs": [], "metadata": {}} for one in cells]
        whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}
        files[f"minitorch/{name}.ipynb"] = json.dumps(whole).encode()
    return files


WRAPPINGS: dict[str, Callable[[dict[str, str]], Files]] = {
    "an unused import": lambda sources: _plain(sources, "from tkinter import NO\n"),
    "a helper folder": _in_helper_folder,
    "a notebook": _as_notebooks,
    "a log file": lambda sources: _plain(sources, LOG_FILE),
    "an argparse block": lambda sources: _plain(sources, ARGUMENTS),
    "CRLF": lambda sources: {name: text.replace(b"\n", b"\r\n") for name, text in _plain(sources).items()},
    "UTF-16": lambda sources: {name: text.decode().encode("utf-16") for name, text in _plain(sources).items()},
}

Hand = Callable[[Files, Assignment], Submission]


@pytest.fixture
def hand_in(tmp_path: Path) -> Hand:
    """Write files as a submission, and read them as one."""

    def handed(files: Files, assignment: Assignment) -> Submission:
        for name, raw in files.items():
            path = tmp_path / "s" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        (tmp_path / "s" / "answers.yaml").write_bytes((ROOT / "reference" / "answers.yaml").read_bytes())
        return read("s", tmp_path / "s", cohort.layout(assignment))

    return handed


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_right_functions_keep_full_marks(
    wrapping: str, hand_in: Hand, assignment: Assignment, plan: Plan, supervisor: Supervisor
) -> None:
    grader = Grader(plan, supervisor)
    for index in range(COUNT):
        result = grader.grade(hand_in(WRAPPINGS[wrapping]({"lecture8": submission(index)}), assignment))
        assert lost(result) == {}, index


def keeps_full_marks(
    style: str, wrapping: str, hand_in: Hand, module1: Assignment, prepared: Plan, held: Supervisor
) -> None:
    handed = hand_in(WRAPPINGS[wrapping](replaced(*RIGHT[style])), module1)
    missing = lost(Grader(prepared, held).grade(handed))
    if "without leaves" in style or "leaves first" in style:  # the reference's own backpropagate wants outputs first
        missing.pop("all-together", None)
    assert missing == {}


STYLES = list(RIGHT)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_right_machinery_keeps_full_marks(
    wrapping: str, hand_in: Hand, module1: Assignment, prepared: Plan, held: Supervisor
) -> None:
    chosen = list(WRAPPINGS).index(wrapping) * 3 % len(STYLES)
    keeps_full_marks(STYLES[chosen], wrapping, hand_in, module1, prepared, held)


@pytest.mark.prove
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_style_of_machinery_keeps_full_marks_in_every_wrapping(
    style: str, wrapping: str, hand_in: Hand, module1: Assignment, prepared: Plan, held: Supervisor
) -> None:
    keeps_full_marks(style, wrapping, hand_in, module1, prepared, held)
