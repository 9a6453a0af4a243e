"""What cannot be undercut: starting Python, and the students' own calls with nothing around them."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import yaml

from benchmarks.cohort import Student
from benchmarks.measure import measure
from benchmarks.peers.places import ROOT, lay_out_parts

CALLS = Path(__file__).with_name("calls.py")
EXERCISES = ROOT / "exercises" / "lecture8"
EXAMPLES = 100
"""An exercise, on either side."""


class Floors(msgspec.Struct, frozen=True):
    """CPU seconds: one bare interpreter, and loading and calling one submission's code, uncontained."""

    interpreter: float
    load: float
    calls: float


def interpreter() -> float:
    """Return the CPU seconds of starting Python and ending it."""
    return measure([sys.executable, "-I", "-S", "-c", "pass"], ROOT).cpu


def calls(students: Sequence[Student]) -> tuple[float, float]:
    """Return the CPU seconds a submission for loading, and for every call at as many inputs as we grade at.

    One process without any containment. Raises RuntimeError where it fails.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out_parts(folder)
        asked = {"inputs": _inputs(), "sources": [student.source for student in students]}
        (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
        ran = measure([sys.executable, str(CALLS), "asked.json"], folder, {"PYTHONPATH": str(folder)})
    if ran.status != 0:
        raise RuntimeError(f"the calls alone ended with status {ran.status}:\n{ran.output}")
    load, called = msgspec.json.decode(ran.output.encode(), type=tuple[float, float])
    return load / len(students), called / len(students)


def _inputs() -> list[tuple[str, bool, list[tuple[list[float], float]]]]:
    """Return, for every exercise, its class, whether backward is asked for, and inputs inside every domain."""
    source = random.Random("floors")
    asked = []
    for path in sorted(EXERCISES.glob("*.yaml")):
        exercise = yaml.safe_load(path.read_text("utf-8"))
        points = [[source.uniform(0.1, 10) for _ in exercise["arguments"]] for _ in range(EXAMPLES)]
        rows = [(point, source.uniform(-3, 3)) for point in points]
        asked.append((exercise["class"], "backward" in exercise["checks"], rows))
    return asked
