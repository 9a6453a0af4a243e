"""What a file imports, prints, reads and is saved as costs nothing until something that is judged uses it.

Every case is graded, and checked as at a student's own machine: both must say the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Outcome, Result, Submission
from grader.sandbox.fresh import Fresh
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding
from grader.selfcheck.checking import Checked, SelfCheck
from grader.submissions.handed_in import read as read_handed_in
from tests.conftest import ROOT

RIGHT = (ROOT / "examples" / "cohort" / "submissions" / "u1001" / "minitorch" / "lecture8.py").read_text()
EXP = "return math.exp(x)\n"
LOG = "return math.log(x)\n"
Files = dict[str, str | bytes]


class Case:
    """Files, whose exercises are lost by it, words of the reason, and words of a note."""

    def __init__(self, files: Files | str, loses: tuple[str, ...] = (), says: str = "", notes: str = "") -> None:
        self.files: Files = {"lecture8.py": files} if isinstance(files, str) else files
        self.loses, self.says, self.notes = loses, says, notes


def head(text: str) -> str:
    """Put something at the top of a right file."""
    return f"{text}\n{RIGHT}"


def in_exp(text: str) -> str:
    """Use something in Exp, and nowhere else."""
    assert EXP in RIGHT
    return with_exp(RIGHT, text)


def with_exp(source: str, text: str) -> str:
    assert source.count(EXP) == 1
    return source.replace(EXP, f"return {text}\n")


def notebook(*cells: str) -> str:
    listed = [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed})


CLASSES = RIGHT[RIGHT.index("class ") :]
IMPORTS = RIGHT[: RIGHT.index("class ")]
EXP_CLASS = CLASSES[CLASSES.index("class Exp(") :].partition("\n\n\n")[0]

DRAWS = """
import matplotlib.pyplot as plt
from numba import njit
from torch import nn
import turtle

figure, axes = plt.subplots()
axes[0].plot([1, 2], label="x"); plt.rcParams["figure.dpi"] = 100
with plt.style.context("ggplot"):
    plt.show()
if turtle.screensize() or nn.cuda.is_available():
    raise RuntimeError("a stand-in is no evidence")
SCALE = 2 * plt.rcParams["x"] - 1

class Net(nn.Module):
    def forward(self, x: "nn.Tensor", y: nn.Tensor | None = None) -> nn.Tensor:
        return x

@njit
def doubled(x): return 2 * x
@njit(parallel=True)
def tripled(x): return 3 * x
assert doubled(2) == 4 and tripled(2) == 6
"""

CASES: dict[str, Case] = {
    "an unused import that is not allowed": Case(head("from tkinter import NO\nimport turtle, pdb\nimport icecream.x")),
    "the same import at the end": Case(RIGHT + "\nfrom tkinter import NO\n"),
    "an unused import of what is nowhere": Case(head("import not_there_at_all")),
    "drawn, decorated, derived and annotated at the top": Case(head(DRAWS)),
    "an import that is used by one function": Case(
        head("\nimport torch").replace(EXP, "return float(torch.exp(x))\n"),
        ("exp",),
        "this assignment does not allow importing 'torch' (imported in line 2 of lecture8.py)",
    ),
    "a name from an import, used by one function": Case(
        head("from scipy.special import expit as e").replace(EXP, "return e(x)\n"),
        ("exp",),
        "does not allow importing 'scipy' (imported in line 1 of lecture8.py)",
    ),
    "a module of the package that was not handed in": Case(head("from .module import Module\nfrom . import datasets")),
    "the same, used by one function": Case(
        head("from .module import exp").replace(EXP, "return exp(x)\n"),
        ("exp",),
        "there is no module .module among your files (imported in line 1 of lecture8.py)",
    ),
    "a name that a module has not got": Case(head("from .operators import log_of_two")),
    "a guard": Case(
        head("try:\n    import torch\nexcept ModuleNotFoundError:\n    torch = None\nif torch: raise RuntimeError")
    ),
    "a guard for ImportError, and importlib": Case(
        head(
            "import importlib\ntry:\n    import torch.nn as nn\nexcept ImportError:\n    nn = None\n"
            "try:\n    importlib.import_module('not_there')\nexcept ModuleNotFoundError:\n    pass\n"
            "import contextlib\nwith contextlib.suppress(ImportError):\n    import jax\n    raise RuntimeError\n"
            "assert nn is None"
        )
    ),
    "a guard inside a function": Case(
        in_exp("exp_of(x)")
        + "\ndef exp_of(x):\n    try:\n        import torch\n    except ImportError:\n        return math.exp(x)\n"
    ),
    "an import in a function that is judged": Case(
        in_exp("__import__('math').exp(x)").replace(LOG, "return log_of(x)\n")
        + "\ndef log_of(x):\n    import scipy\n    return scipy.log(x)\n",
        ("log",),
        "does not allow importing 'scipy'",
    ),
    "a star that finds nothing": Case(
        head("from torch import *").replace(EXP, "return exp_of(x)\n"),
        ("exp",),
        "name 'exp_of' is not defined (`from torch import *` in line 1 of lecture8.py brought no names",
    ),
    "isinstance of what is not there": Case(
        head("import torch").replace(EXP, "return (math.exp(x) if not isinstance(x, torch.Tensor) else 0)\n"),
        ("exp",),
        "does not allow importing 'torch'",
    ),
    "much is printed": Case(
        head("print('x' * 3_000_000)").replace(EXP, "return (print('y' * 3_000_000), math.exp(x))[1]\n"),
        notes="printed more than is read",
    ),
    "the arguments of a program": Case(
        head(
            "import argparse, sys\nassert sys.argv == ['lecture8.py']\n"
            "EPS = float(sys.argv[1]) if sys.argv[1:] else 0\n"
            "args = argparse.ArgumentParser().parse_args()"
        )
    ),
    "streams as they are": Case(
        head(
            "import sys\nsys.stdout.reconfigure(encoding='utf-8', line_buffering=True)\nsys.stderr.buffer.write(b'x')\n"
            "print(sys.stdout.encoding, sys.stdout.errors, sys.stdout.isatty(), sys.stdout.name, sys.stdout.mode)\n"
            "print(sys.stdin.read(), sys.stdout.fileno(), sys.__stdout__.writable(), '\\udc80', file=sys.stderr)\n"
            "sys.stdout.writelines(['a', 'b']); sys.stdout.flush(); assert sys.stdin.readline() == ''"
        )
    ),
    "a log file": Case(
        head(
            "import logging, os\nos.makedirs('logs/deep', exist_ok=True)\n"
            "logging.basicConfig(filename='logs/deep/debug.log', level=logging.DEBUG)\nlogging.debug('x')\n"
            "assert os.listdir('logs') == ['deep'] and os.path.isfile('logs/deep/debug.log')"
        ).replace(EXP, "return (open('seen.txt', 'a').write('x'), math.exp(x))[1]\n"),
        notes="grading keeps no files",
    ),
    "files that are read and written": Case(
        head(
            "import os, pathlib\nhere = pathlib.Path(__file__).parent\n"
            "assert 'class Exp' in pathlib.Path(__file__).read_text()\n"
            "(here / 'notes').mkdir()\n(here / 'notes' / 'a.txt').write_text('one\\ntwo\\n')\n"
            "assert [one.strip() for one in open(here / 'notes' / 'a.txt')] == ['one', 'two']\n"
            "assert [one.name for one in os.scandir(here / 'notes')] == ['a.txt']\n"
            "assert [f for _, _, f in os.walk(here / 'notes')] == [['a.txt']]\n"
            "os.rename(here / 'notes' / 'a.txt', here / 'b.txt'); os.remove(here / 'b.txt'); (here / 'notes').rmdir()\n"
            "with open('b.bin', 'w+b') as f:\n    f.write(b'abc'); f.seek(1); assert f.read() == b'bc'\n"
            "try:\n    open('/etc/passwd')\nexcept FileNotFoundError:\n    pass\nelse:\n    raise RuntimeError"
        ),
        notes="grading keeps no files",
    ),
    "files that were handed in": Case(
        {
            "homework/lecture8.py": head(
                "import csv_of_mine\nassert open('table.csv').read() == '1,2\\n'\n"
                "assert open('../readme.txt').read() == 'x'\n"
                "from pathlib import Path\nassert csv_of_mine.rows == [['1', '2']] and not Path('other.json').exists()"
            ).replace(EXP, "return float(open('one.txt').read()) * math.exp(x)\n"),
            "homework/table.csv": "1,2\n",
            "homework/data/one.txt": "1.0",
            "readme.txt": "x",
            "homework/csv_of_mine.py": "rows = [line.strip().split(',') for line in open('table.csv')]\n",
        },
        ("exp",),
        "No such file or directory: 'one.txt'",
    ),
    "a file that is not there, in one function": Case(
        in_exp("float(open('weights.txt').read())"), ("exp",), "FileNotFoundError: [Errno 2] No such file or directory"
    ),
    "a notebook whose cells fail": Case(
        {
            "lecture8.ipynb": notebook(
                IMPORTS,
                "assert 1 == 2",
                "!pip install \\\n   torch \\\n   numpy\n%matplotlib inline",
                "def broken(:\n    pass",
                "await later()",
                CLASSES.replace(EXP_CLASS, ""),
                "async def later(): return 3\nvalue = await later()\nassert value == 3",
                EXP_CLASS,
            )
        }
    ),
    "a cell that fails, with what it defines": Case(
        {"lecture8.ipynb": notebook(IMPORTS, CLASSES.replace(EXP_CLASS, ""), "assert 1 == 2\n" + EXP_CLASS)},
        ("exp",),
        "AssertionError",
    ),
    "helpers in folders": Case(
        {
            "minitorch/lecture8.py": head(
                "from .utils.ops import e\nfrom .utils import l\nfrom ..engine import same\nimport utils.ops as again\n"
                "from . import only\nassert again.e is e and same(3) == 3 and only.ONE == 1"
            )
            .replace(EXP, "return e(x)\n")
            .replace(LOG, "return l(x)\n"),
            "minitorch/utils/__init__.py": "from .logs import l\n",
            "minitorch/utils/logs.py": "from math import log as l\nfrom ..utils.ops import e\n",
            "minitorch/utils/ops.py": "from math import exp\n\ndef e(x):\n    return exp(x)\n",
            "minitorch/only.py": "ONE = 1\n",
            "engine.py": "def same(x):\n    return x\n",
        }
    ),
    "a comparison with a library that is not there": Case(
        head(
            "import torch, pytest\nx = torch.tensor(2.0)\nprint(f'{x.item():.3f}', round(x.item(), 2))\n"
            "assert torch.allclose(x, x)\nassert abs(float(x) - 2) < 1e-6\nwith pytest.raises(ValueError):\n    pass\n"
            "SECOND = next(iter(x))"
        )
    ),
    "the same, with a name that is needed": Case(
        head("import torch\nSCALE = float(torch.tensor(1.0))").replace(EXP, "return SCALE * math.exp(x)\n"),
        ("exp",),
        "name 'SCALE' is not defined",
    ),
    "a wrong test of one's own, with nothing missing": Case(
        head("assert 1 == 2"),
        tuple(one.id for one in finding.assignment(ROOT).assignment.exercises),
        "AssertionError",
    ),
    "home, and what a prompt has": Case(
        head(
            "import os, pathlib\nhelp(print)\npathlib.Path.home()\nassert os.environ['HOME'] and os.environ.get('USER')"
        )
    ),
    "numpy's own files": Case(
        head(
            "import numpy as np\nnp.savetxt('x.csv', np.arange(3.0))\nassert list(np.loadtxt('x.csv')) == [0, 1, 2]\n"
            "np.save('x.npy', np.arange(3.0))\nassert list(np.load('x.npy')) == [0, 1, 2]"
        ),
        notes="grading keeps no files",
    ),
    "its own source": Case(
        RIGHT + "\nimport inspect\nassert 'class Exp' in inspect.getsource(inspect.getmodule(Exp))\n"
        "assert inspect.getsource(Exp)\n"
    ),
    "a guard around a helper that lacks something": Case(
        {
            "lecture8.py": head(
                "try:\n    from fast import e\nexcept ImportError:\n    e = lambda x: math.exp(x)\nimport math"
            ).replace(EXP, "return e(x)\n"),
            "fast.py": "import torch\n\ndef e(x):\n    return torch.exp(x)\n",
        }
    ),
    "a helper with the name of ours": Case(
        {
            "lecture8.py": head(
                "from grader import e\nimport grader, msgspec\nassert grader.e is e and msgspec.ONE == 1"
            ).replace(EXP, "return e(x)\n"),
            "grader.py": "from math import exp as e\n",
            "msgspec.py": "ONE = 1\n",
        }
    ),
    "a base class of one's own beside a draft": Case(
        {
            "lecture8.py": head("class Box:\n    def forward(ctx, x):\n        raise NotImplementedError\n"),
            "lecture8.ipynb": notebook(RIGHT.replace("5", "4")),
        },
        notes="lecture8.py was read; lecture8.ipynb beside it was not",
    ),
    "a helper that does not load": Case(
        {
            "lecture8.py": head("from helper import e").replace(EXP, "return e(x)\n"),
            "helper.py": "from math import exp\n\ndef e(x:\n    return exp(x)\n",
        },
        ("exp",),
        "helper.py did not load: SyntaxError: ",
    ),
    "what the package itself re-exports": Case(
        {
            "minitorch/lecture8.py": head("import minitorch").replace(EXP, "return minitorch.exponential(x)\n"),
            "minitorch/__init__.py": "from .tools.own import exponential\nfrom .datasets import *\n",
            "minitorch/tools/own.py": "from math import exp as exponential\n",
        }
    ),
    "UTF-16": Case({"lecture8.py": RIGHT.encode("utf-16")}),
    "CRLF and a byte order mark": Case({"lecture8.py": b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode()}),
    "another name": Case({"lecture8.py.txt": RIGHT}, notes="lecture8.py.txt was read as lecture8.py"),
    "a class in another case": Case(RIGHT.replace("class Exp(", "class EXP("), notes="EXP was taken for it"),
}


@pytest.fixture(scope="module")
def desk() -> Iterator[SelfCheck]:
    """A self-check of the sample assignment."""
    with Fresh() as workers:
        yield SelfCheck(finding.assignment(ROOT).assignment, workers)


@pytest.fixture
def read(tmp_path: Path, assignment: Assignment) -> Callable[[Files], Submission]:
    """Hand files in, and read them as any submission is."""

    def handed_in(files: Files) -> Submission:
        for name, text in files.items():
            path = tmp_path / "s" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        found = read_handed_in("s", tmp_path / "s", cohort.layout(assignment))
        assert not found.problem
        return found

    return handed_in


def lost_in(outcomes: dict[str, list[Outcome]]) -> dict[str, list[str]]:
    return {
        name: [f"{one.said} {one.detail} {one.reason}" for one in found if one.verdict != "accepted"]
        for name, found in outcomes.items()
        if any(one.verdict != "accepted" for one in found)
    }


def of_result(result: Result) -> dict[str, list[Outcome]]:
    return {one.id: [check.outcome for check in one.checks] for one in result.exercises}


def of_desk(found: list[Checked]) -> dict[str, list[Outcome]]:
    return {one.exercise.id: [check.outcome for check in one.exercise.checks] for one in found}


@pytest.mark.parametrize("name", CASES)
def test_it_costs_what_uses_it_and_nothing_else(
    name: str, read: Callable[[Files], Submission], plan: Plan, supervisor: Supervisor, desk: SelfCheck
) -> None:
    case = CASES[name]
    submission = read(case.files)
    result = Grader(plan, supervisor).grade(submission)
    checked = list(desk.check(submission, finding.assignment(ROOT).assignment.exercises))
    for outcomes, notes in (
        (of_result(result), result.notes),
        (of_desk(checked), (*submission.notes, *desk.notes)),
    ):
        found = lost_in(outcomes)
        assert tuple(found) == case.loses, found
        assert all(any(case.says in text for text in said) for said in found.values()), found
        assert any(case.notes in note for note in notes) or not case.notes, notes


def test_a_self_check_leaves_a_students_own_files_alone(
    read: Callable[[Files], Submission], desk: SelfCheck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    list(desk.check(read(CASES["a log file"].files), finding.assignment(ROOT).assignment.exercises))
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
