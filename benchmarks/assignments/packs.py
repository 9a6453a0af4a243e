"""The assignments that are measured."""

from __future__ import annotations

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
)
PACKS = {pack.name: pack for pack in (MODULE1,)}
