"""What the end-to-end tests share: the sample assignment, and a way to grade a source text."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.grading import config
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.sandbox.supervisor import Supervisor
from tests.shared import once

ROOT = Path(__file__).parents[1]
PACKS = (
    "module1",
    "minitorch-2020",
    "minitorch-2021",
    "micrograd",
    "dual-numbers",
    "cmu-11785",
    "cse599w",
    "needle-hw1",
    "minitorch-module2",
    "cse599w-arrays",
)
SAMPLES = {"cohort": ROOT / "config.yaml", **{name: ROOT / "examples" / name / "config.yaml" for name in PACKS}}
"""Sample class -> its assignment. Each has an expected.yaml beside its submissions."""


def pytest_configure() -> None:
    """Hear Ctrl-C, and let what the tests start hear it: a shell that runs this in the background has it ignored.

    And keep what is compiled, as containers' images often forbid: else every process that runs tests compiles all of
    them, and each of the hundreds of commands that they start compiles the grader.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_collection_finish() -> None:
    """Spare the garbage collector the tests, of which there are thousands, and which stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    """The assignment that `make grade` grades."""
    return config.load(ROOT / "config.yaml")


@pytest.fixture(scope="session")
def supervisor(assignment: Assignment) -> Iterator[Supervisor]:
    """A supervisor with the best containment this machine has."""
    box, _ = cohort.open_box(assignment)
    with Supervisor(box, 900) as opened:
        yield opened


@pytest.fixture(scope="session")
def plan(assignment: Assignment, supervisor: Supervisor) -> Plan:
    """The sample assignment, prepared."""
    return cohort.plan(assignment, supervisor.box, 1)


@pytest.fixture(scope="session")
def sample_reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return where the reports on a sample class are, as `grader grade` writes them. Nobody changes them."""

    def written(sample: str) -> Path:
        def make(out: Path) -> None:
            command = [sys.executable, "-m", "grader", "grade", "--config", SAMPLES[sample], "--out", out]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, done.stderr

        return once(tmp_path_factory, sample, make)

    return written


@pytest.fixture
def grade(plan: Plan, supervisor: Supervisor) -> Callable[[str], Result]:
    """Grade one lecture8.py, given as text."""

    def graded(source: str) -> Result:
        modules = {"lecture8": ("lecture8.py", source.encode())}
        return Grader(plan, supervisor).grade(Submission("someone", modules))

    return graded
