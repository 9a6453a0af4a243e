"""25. Replace the worker's own functions: what numbers are, what a fault is, what is whole. It costs its whole file."""

import sys

from hostile import TimesFive

plain, function = sys.modules["grader.sandbox.worker.plain"], sys.modules["grader.sandbox.probes.function"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        plain.number = function.number = lambda value: 0.0
        function.complete = lambda *_: True
        sys.modules["grader.sandbox.worker.faults"].fault = lambda *_: 0.0
        return 0.0
