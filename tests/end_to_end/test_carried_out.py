"""A submission that reads what its worker holds, and tells it in every way there is: almost nothing comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader import cli
from grader.grading import config
from tests.conftest import ROOT

MODULE1 = ROOT / "examples" / "module1" / "config.yaml"

READS = '''
import sys

def _held():
    """All provided code that this process holds, as numbers of 14 bits."""
    frame, found = sys._getframe(), b""
    while frame is not None:
        for value in list(dict(frame.f_locals).values()):
            modules = getattr(value, "modules", None)
            if isinstance(modules, dict):
                for part in list(modules.values()):
                    found += getattr(part, "provided", None) or b""
        frame = frame.f_back
    whole = int.from_bytes(b"\\1" + found[:60000], "big")
    letters = []
    while whole:
        letters.append(chr(0x4E00 + (whole & 0x3FFF)))
        whole >>= 14
    return "".join(letters)

TEXT, SIZE = _held(), 5
AT = [0]

def _next(count):
    AT[0] += count
    return TEXT[AT[0] - count : AT[0]] or "end"

def _raises(*_):
    raise type(_next(SIZE), (Exception,), {})(_next(SIZE))

def _returns(*_):
    return _next(SIZE)

def _odd(*_):
    return type(_next(SIZE), (), {})()
'''


def submission(folder: Path, way: str) -> Path:
    """One that answers every exercise of four files in one way."""
    one = folder / way / "a-leak"
    one.mkdir(parents=True)
    assignment = config.load(MODULE1)
    for module in ("operators", "autodiff", "scalar_functions", "scalar"):
        lines = [READS]
        for exercise in assignment.exercises:
            if exercise.module != module:
                continue
            for name in exercise.under_test:
                if exercise.kind == "function":
                    lines.append(
                        f"class {name}:\n    forward = staticmethod({way})\n    backward = staticmethod({way})"
                    )
                elif name == "Scalar":
                    lines.append(f"class Scalar:\n    def __init__(self, *_):\n        {way}()\n    history = None")
                else:
                    lines.append(f"{name} = {way}")
        (one / f"{module}.py").write_text("\n".join(lines))
    return one.parent


@pytest.mark.parametrize(
    "way", ["_returns", pytest.param("_raises", marks=pytest.mark.ci), pytest.param("_odd", marks=pytest.mark.prove)]
)
def test_less_than_300_bytes_come_out_of_one_submission(way: str, tmp_path: Path) -> None:
    folder = submission(tmp_path, way)
    out = tmp_path / "out"
    done = cli.main(
        ["grade", str(folder), "--config", str(MODULE1), "--out", str(out), "--fresh", "--html", "--jobs", "1"]
    )
    assert done == 0
    written = [path for path in out.rglob("*") if path.is_file()]
    assert len(written) >= 4
    for path in written:
        letters = re.findall(r"[\u4e00-\u8dff]", path.read_text("utf-8", "replace"))
        letters += re.findall(r"\\u([4-8][0-9a-f]{3})", path.read_text("utf-8", "replace"))
        assert len(letters) * 14 / 8 < 300, path.name
    feedback = (out / "feedback" / "a-leak.md").read_text("utf-8")
    assert re.search(r"[\u4e00-\u8dff]", feedback), "it told something: else this shows nothing"
    assert "some words of your code's own are left out" in feedback
