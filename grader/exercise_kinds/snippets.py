"""Code to paste into a file in a student's folder and run: first the imports that it takes."""

from __future__ import annotations

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
