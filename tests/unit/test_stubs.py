"""Stubs: imported, never loaded, never in the way of a student's function, and never taken for a number."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from grader.assignment.forms import FormError
from grader.authoring import explaining
from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.model import Outcome
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.worker import absent, stubs
from grader.submissions.handed_in import find

CONFIG = """\
format: 1
assignment: hw
title: Homework
exercises: [half.yaml]
layout: {package: hw, modules: [ops]}
corpus: {public: 8, private: 8}
stubs: [numba, numba.cuda]
"""

HALF = """\
format: 1
kind: values
id: half
title: Half
statement: Half of x.
file: ops.py
function: half
arguments: {x: real}
value: x / 2
checks: {value: 1}
"""

Grade = Callable[[str], Outcome]


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """An assignment with stubs, whose own solution uses one."""
    root = tmp_path_factory.mktemp("stubs")
    (root / "reference").mkdir()
    (root / "reference" / "ops.py").write_text("from numba import njit\n\n@njit\ndef half(x):\n    return x / 2\n")
    (root / "half.yaml").write_text(HALF)
    (root / "config.yaml").write_text(CONFIG)
    return config.load(root / "config.yaml")


@pytest.fixture(scope="module")
def grade(assignment: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grade]:
    """Grade a text as ops.py, beside a numba.py of the student's own."""
    box, _ = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        grader = Grader(cohort.plan(assignment, supervisor, 1), supervisor)

        def graded(source: str, beside: str = "raise SystemExit") -> Outcome:
            home = tmp_path_factory.mktemp("class") / "u1" / "hw"
            home.mkdir(parents=True)
            (home / "ops.py").write_text(source)
            (home / "numba.py").write_text(beside)
            (found,) = find(home.parents[1], cohort.layout(assignment))
            assert "numba" in found.extras
            return grader.grade(found).exercises[0].checks[0].outcome

        yield graded


DECORATED = {
    "bare": "from numba import njit\n@njit\n",
    "called": "from numba import njit\n@njit()\n",
    "with options": "import numba as nb\n@nb.njit(inline='always', cache=True)\n",
    "with a signature": "from numba import float64, jit\n@jit(float64(float64), nopython=True)\n",
    "with a signature in words": "from numba import cuda\n@cuda.jit('float32(float32)', device=True)\n",
    "of what lies below": "import numba.cuda\n@numba.cuda.jit(device=True)\n",
    "of what lies far below": "from numba.core.extending import overload\n@overload(abs)\n",
    "with a list": "from numba import vectorize, float64\n@vectorize([float64(float64)], target='cuda')\n",
    "by a function of theirs": (
        "from numba import njit as jit\ndef njit(fn, **said):\n    return jit(inline='always', **said)(fn)\n@njit\n"
    ),
    "guarded": "try:\n    from numba import njit\nexcept ImportError:\n    njit = None\n@njit\n",
    "everything, by name": "import numba\nif numba.cuda.is_available():\n    raise SystemExit\n@numba.jit\n",
}


@pytest.mark.parametrize("way", DECORATED)
def test_what_a_stub_decorates_is_the_plain_function(way: str, grade: Grade) -> None:
    assert grade(f"{DECORATED[way]}def half(x):\n    return x / 2\n").verdict == "accepted"


@pytest.mark.parametrize(
    "source",
    [
        "def half(x):\n    return x / 2\nhalf = njit()(half)\n",
        "half = njit(inline='always')(lambda x: x / 2)\n",
        "def half(x):\n    for i in prange(2):\n        x -= x / 4 * (1 + i / 3)\n    return x\n",
        "@njit\ndef half(x):\n    y = 0.0\n    for i in numba.prange(4):\n        y += x / 8\n    return y\n",
        "THREADS = 32 * numba.x\nBLOCK = int(cuda.y)\nSHAPE = [0] * cuda.z\ndef half(x):\n    return x / 2 + BLOCK\n",
        "@numba.experimental.jitclass([('x', numba.float64)])\nclass Pair:\n    pass\ndef half(x):\n    return x / 2\n",
        "class A(numba.Base):\n    size: numba.int64[:]\ndef half(x):\n    with numba.mode():\n        return x / 2\n",
        "def half(x):\n    import numba.typed\n    from numba import njit\n    return njit(lambda: x / 2)()\n",
        "def half(x):\n    return x if isinstance(x, numba.float64) else x / 2\n",
    ],
)
def test_a_file_that_uses_stubs_is_graded_as_plain_python(source: str, grade: Grade) -> None:
    outcome = grade(f"import numba\nfrom numba import cuda, njit, prange\n{source}")
    assert outcome.verdict == "accepted", outcome


def test_a_stub_is_no_number(grade: Grade) -> None:
    outcome = grade("from numba import cuda\ndef half(x):\n    return x / 2 + float(cuda.gridsize(1))\n")
    assert outcome.verdict == "runtime error"
    assert "numba.cuda.gridsize(…) is only a stub where this is graded, and has no value" in outcome.said
    outcome = grade("from numba import cuda\ndef half(x):\n    return x / 2 + cuda.gridsize(1)\n")
    assert outcome.verdict == "wrong answer"


def test_a_star_brings_nothing_and_says_so(grade: Grade) -> None:
    outcome = grade("from numba import *\ndef half(x):\n    return halved(x)\n")
    assert outcome.verdict == "runtime error"
    assert "from numba import *" in f"{outcome.said} {outcome.help}"


def test_a_file_of_that_name_is_theirs_by_its_full_name_only(grade: Grade) -> None:
    own = "def njit(function):\n    return lambda x: x\n"
    assert grade("from numba import njit\n@njit\ndef half(x):\n    return x / 2\n", own).verdict == "accepted"
    assert grade("from .numba import njit\n@njit\ndef half(x):\n    return x / 2\n", own).verdict == "wrong answer"


def test_what_is_no_stub_is_as_it_was(grade: Grade) -> None:
    assert "torch" in grade("import torch\ndef half(x):\n    return torch.half(x)\n").said


def test_while_a_file_is_loaded_a_stub_counts_as_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absent, "loading", 1)
    stub = stubs.Stub("numba.x")
    assert (int(stub), float(stub), len(stub), list(stub), bool(stub)) == (0, 0.0, 0, [], False)  # type: ignore[arg-type]
    assert functools.reduce(lambda total, _: total + 1, range(stub), 0) == 0  # type: ignore[call-overload]
    assert repr(stub + 1) == "<numba.x is a stub>"  # type: ignore[operator]


def test_explain_says_what_a_stub_is(assignment: Assignment) -> None:
    plan = planning.prepare(assignment)
    (exercise,) = assignment.exercises
    text = explaining.text(assignment, exercise, planning.description(plan, exercise))
    assert "stubs for numba, numba.cuda: they may be imported" in text


def test_another_stub_is_another_plan(assignment: Assignment) -> None:
    path = assignment.root / "other.yaml"
    path.write_text(CONFIG.replace("numba, numba.cuda", "numba"))
    digests = [
        planning.environment(planning.prepare(one), 1).environment["plan"] for one in (assignment, config.load(path))
    ]
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("numba-cuda", "7:9: stub 'numba-cuda' should be a module's name, such as numba or numba.cuda"),
        ("numba, math", "7:16: stub 'math': math may be imported; leave one of the two out"),
        ("ops", "7:9: stub 'ops': students write ops themselves; leave it out"),
        ("hw.ops", "7:9: stub 'hw.ops': students write hw themselves; leave it out"),
    ],
)
def test_a_stub_is_the_name_of_what_is_not_there(given: str, told: str, assignment: Assignment) -> None:
    path = assignment.root / "bad.yaml"
    path.write_text(CONFIG.replace("numba, numba.cuda", given))
    with pytest.raises(FormError) as caught:
        config.load(path)
    assert str(caught.value) == f"bad.yaml:{told}"
