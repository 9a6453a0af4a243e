"""The assignments that are measured."""

from __future__ import annotations

from benchmarks.assignments import clutter_elsewhere as elsewhere
from benchmarks.assignments.clutter import clutter
from benchmarks.assignments.pack import Pack
from benchmarks.assignments.student import Sort

SORTS: tuple[Sort, ...] = (
    *("right", "wrong", "right", "one-sided", "right", "exponential"),
    *("right", "wrong", "right", "both", "right", "wrong"),
    *("right", "one-sided", "right", "exponential", "right", "wrong"),
    *("right", "one-sided", "right", "wrong", "right", "both"),
    *("right", "wrong", "right", "one-sided", "right", "exponential"),
)
"""Of thirty, fifteen right, six wrong, six one-sided, five exponential: the last two meet in two of them."""

MODULE1 = Pack(
    "module1",
    "MiniTorch, Module 1",
    "examples/module1/config.yaml",
    {
        "operators": "minitorch/operators.py",
        "autodiff": "minitorch/autodiff.py",
        "scalar_functions": "minitorch/scalar_functions.py",
        "scalar": "minitorch/scalar.py",
        "lecture8": "minitorch/lecture8.py",
        "answers": "answers.yaml",
    },
    SORTS,
    clutter,
    all_peers=True,
    every_path=("queue-backpropagation",),
    given={"minitorch/__init__.py": ""},
)
WITHOUT_DIFFERENCES: tuple[Sort, ...] = tuple("right" if sort == "one-sided" else sort for sort in SORTS)
WITHOUT_DIFFERENCES = tuple("exponential" if sort == "both" else sort for sort in WITHOUT_DIFFERENCES)
"""The same where nothing is differentiated by differences: who would have taken a one-sided one is right."""

MICROGRAD = Pack(
    "micrograd",
    "Micrograd",
    "examples/micrograd/config.yaml",
    {"engine": "micrograd/engine.py"},
    WITHOUT_DIFFERENCES,
    elsewhere.clutter(elsewhere.MICROGRAD, "micrograd"),
    given={"micrograd/__init__.py": ""},
)
NEEDLE_REFERENCE = "examples/needle-hw1/reference"
NEEDLE = Pack(
    "needle-hw1",
    "needle, homework 1",
    "examples/needle-hw1/config.yaml",
    {"autograd": "python/needle/autograd.py", "ops_mathematic": "python/needle/ops/ops_mathematic.py"},
    WITHOUT_DIFFERENCES,
    elsewhere.clutter(elsewhere.NEEDLE, "hw1"),
    given={
        f"needle/{name}": f"{NEEDLE_REFERENCE}/{name}"
        for name in ("__init__.py", "ops/__init__.py", "backend_numpy.py")
    },
)
PACKS = {pack.name: pack for pack in (MODULE1, MICROGRAD, NEEDLE)}
