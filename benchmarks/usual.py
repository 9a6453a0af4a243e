"""The usual way of testing a function, on the same planted mistakes as `grader audit`: `python -m benchmarks.usual`.

A course's test today: Hypothesis draws arguments, values are compared with the formula, gradients with the central
difference of the student's own forward at d_out = 1, `assert_allclose(rtol=1e-2, atol=1e-2)`. Each mistake is tested
in a process of its own, forked after everything is imported, and killed when it takes too long.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tqdm import tqdm

from grader.assignment.exercise import Exercise
from grader.audit import plants
from grader.grading import config, planning, provided
from grader.grading.config import Assignment
from grader.model import Domain

ASSIGNMENTS = ("config.yaml", "examples/module1/config.yaml")
EXAMPLES, SECONDS, STEP = 100, 10.0, 1e-6
TOLERANCE = 1e-2
MOST, LEAST = 100.0, 0.1
"""Arguments lie within [-100, 100], as in MiniTorch's tests; positive ones in [0.1, 100]."""

_fork = multiprocessing.get_context("fork")


class Tally(msgspec.Struct, frozen=True):
    """How one assignment fared: mistakes caught, of how many, and tests that fail the solution itself."""

    caught: int
    mistakes: int
    failing: tuple[str, ...]
    tests: int


def main() -> None:
    """Test every mistake, and print how many are caught."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.usual", description=__doc__)
    parser.add_argument("configs", nargs="*", default=ASSIGNMENTS, help="assignments (default: %(default)s)")
    tallies = {name: tested(config.load(Path(name))) for name in parser.parse_args().configs}
    for name, one in tallies.items():
        print(f"{name}: {one.caught} of {one.mistakes} mistakes caught by the usual way")
        print(f"  {len(one.failing)} of {one.tests} tests fail the solution itself, and are left out: {one.failing}")
    caught, of = (sum(getattr(one, what) for one in tallies.values()) for what in ("caught", "mistakes"))
    print(f"together: {caught} of {of}, {100 * caught / of:.1f} %")


def tested(assignment: Assignment) -> Tally:
    """Test the solution, and then every mistake in a function that is one (the ones listed as none are left out)."""
    sources = provided.read(assignment.reference, assignment.layout.modules)
    public = planning.prepare(assignment).public
    sets = [
        plants.planted(code, sources, {}, public)
        for code in plants.codes(assignment.exercises, sources)
        if all(exercise.kind in ("function", "values") for exercise in code.exercises)
    ]
    asked = [
        (held.code, exercise, check.name)
        for held in sets
        for exercise in held.code.exercises
        for check in exercise.checks
        if check.name in TESTS
    ]
    failing = {(exercise.id, check) for _, exercise, check in asked if _fails([(exercise, check)], sources, assignment)}
    caught = mistakes = 0
    for held in tqdm(sets, unit="function", disable=None, file=sys.stderr, leave=False):
        usable = [
            (exercise, check)
            for code, exercise, check in asked
            if code is held.code and (exercise.id, check) not in failing
        ]
        for one, _ in held.wrong:
            if usable and not held.code.lists(one.name):
                mistakes += 1
                caught += _fails(usable, {**sources, one.module: one.source}, assignment)
    return Tally(caught, mistakes, tuple(sorted(f"{id}.{check}" for id, check in failing)), len(asked))


def _fails(tests: Sequence[tuple[Exercise, str]], sources: Mapping[str, str], assignment: Assignment) -> bool:
    """Say whether any of some tests fails, or takes too long, in a process of its own."""
    process = _fork.Process(target=_test, args=(tests, sources, assignment.layout.package), daemon=True)
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return True
    return process.exitcode != 0


def _test(tests: Sequence[tuple[Exercise, str]], sources: Mapping[str, str], package: str) -> None:
    """Be the process: exit with 0 where every test passes."""
    sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of a short life
    modules = _load(sources, package)
    for exercise, check in tests:
        TESTS[check](exercise, modules)()


def _load(sources: Mapping[str, str], package: str) -> dict[str, Any]:
    root = types.ModuleType(package)
    root.__path__ = []
    sys.modules[package] = root
    made: dict[str, Any] = {}
    for name, text in sources.items():
        made[name] = sys.modules[f"{package}.{name}"] = types.ModuleType(f"{package}.{name}")
        made[name].__package__ = package
        setattr(root, name, made[name])
        exec(compile(text, f"{name}.py", "exec"), made[name].__dict__)
    return made


def _drawn(domains: tuple[Domain, ...]) -> st.SearchStrategy[tuple[float, ...]]:
    each = [
        st.floats(max(one.lo, LEAST if one.nonzero and one.lo >= 0 else -MOST), min(one.hi, MOST)).filter(bool)
        if one.nonzero
        else st.floats(max(one.lo, -MOST), min(one.hi, MOST))
        for one in domains
    ]
    return st.tuples(*each)


def _course(test: Callable[..., None], domains: tuple[Domain, ...]) -> Callable[[], None]:
    settled = settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
    return settled(given(_drawn(domains))(test))


def _forward(exercise: Exercise, modules: dict[str, Any]) -> Callable[[], None]:
    box, formulas = getattr(modules[exercise.module], exercise.spec.name), exercise.spec.formulas
    context = modules["autodiff"].Context

    def test(args: tuple[float, ...]) -> None:
        assert_allclose(box.forward(context(), *args), formulas.value.value(args), rtol=TOLERANCE, atol=TOLERANCE)

    return _course(test, formulas.domains)


def _value(exercise: Exercise, modules: dict[str, Any]) -> Callable[[], None]:
    function, formulas = getattr(modules[exercise.module], exercise.spec.name), exercise.spec.formulas

    def test(args: tuple[float, ...]) -> None:
        assert_allclose(function(*args), formulas.value.value(args), rtol=TOLERANCE, atol=TOLERANCE)

    return _course(test, formulas.domains)


def _backward(exercise: Exercise, modules: dict[str, Any]) -> Callable[[], None]:
    box, formulas = getattr(modules[exercise.module], exercise.spec.name), exercise.spec.formulas
    context = modules["autodiff"].Context

    def test(args: tuple[float, ...]) -> None:
        ctx = context()
        box.forward(ctx, *args)
        gradients = box.backward(ctx, 1.0)
        for i, gradient in enumerate(gradients if isinstance(gradients, tuple) else (gradients,)):
            up, down = (
                box.forward(context(), *args[:i], args[i] + side, *args[i + 1 :]) for side in (STEP / 2, -STEP / 2)
            )
            assert_allclose(gradient, (up - down) / STEP, rtol=TOLERANCE, atol=TOLERANCE)

    return _course(test, formulas.domains)


TESTS = {"forward": _forward, "value": _value, "backward": _backward}

if __name__ == "__main__":
    main()
