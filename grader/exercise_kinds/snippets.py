"""Code to paste into a file in a student's folder and run: first the imports that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.sandbox.boundary.protocol import dotted


def imports(package: str, *pairs: tuple[str, str]) -> str:
    """Return import statements for (module, name) pairs of a student's package, each module once, in one line.

    >>> imports("minitorch", ("scalar", "Scalar"), ("autodiff", "backpropagate"), ("scalar", "ScalarHistory"))
    'from minitorch.scalar import Scalar, ScalarHistory; from minitorch.autodiff import backpropagate'
    """
    by_module: dict[str, dict[str, None]] = {}
    for module, name in pairs:
        by_module.setdefault(module, {})[name] = None
    return "; ".join(f"from {dotted(package, module)} import {', '.join(names)}" for module, names in by_module.items())


def one_after_another(calls: Iterable[str]) -> str:
    """Return several lines to paste as one: what they import is imported once, and everything else is done each time.

    >>> one_after_another(["from m import f; x = 1; f(x)", "from m import f; x = 2; f(x)"])
    'from m import f; x = 1; f(x); x = 2; f(x)'
    """
    lines = [line for call in calls for line in call.split("; ")]
    first = dict.fromkeys(line for line in lines if line.startswith(("from ", "import ")))
    return "; ".join([*first, *(line for line in lines if line not in first)])


NOTHING = ("None", "nothing")
"""How a value reads that is not there."""


def of(snippet: str, returned: str, gradient: bool = False) -> str:
    """Return what there is to try, with nothing read of a value that is not there, for that would raise.

    A gradient that is not there is itself what is read; only what turns it into an array goes.

    >>> of("out = x.tanh(); print(out.data)", "None"), of("print(a.grad.numpy(), b.grad)", "None", True)
    ('out = x.tanh(); print(out)', 'print(a.grad, b.grad)')
    """
    before, found, read = snippet.rpartition("print(")
    if returned not in NOTHING or not found:
        return snippet
    last = r"\.\w+\(\)$" if gradient else r"\.\w+(\(\))?$"
    return f"{before}{found}{', '.join(re.sub(last, '', one) for one in read[:-1].split(', '))})"
