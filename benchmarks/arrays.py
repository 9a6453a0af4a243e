"""Measure the needle pack beside tests like the course's, and beside whole Jacobians: `python -m benchmarks.arrays`.

All sides are given right submissions. The tests send ones back and take central differences of the sum, one pytest run
per submission, as a course's own grader does. The Jacobians are checked entry by entry, by central differences at the
very same inputs that the pack asks, in one process for all submissions, and nothing is judged there but closeness.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import measure
from grader.grading import config, planning

ROOT = Path(__file__).parents[1]
PACK = ROOT / "examples" / "needle-hw1"
DIALECT = ROOT / "grader" / "sandbox" / "dialects" / "needle.py"

COURSE: dict[str, str] = {
    "power-scalar": "[{a: [5, 4], n: 2}]",
    "ewise-div": "[{a: [5, 4], b: [5, 4]}]",
    "div-scalar": "[{a: [5, 4]}]",
    "matmul": "[{a: [5, 4], b: [4, 5]}, {a: [3, 4, 5, 4], b: [3, 4, 4, 3]}, {a: [3, 4, 5, 4], b: [4, 3]}, "
    "{a: [5, 4], b: [3, 4, 4, 3]}]",
    "summation": "[{a: [5, 4], axes: [1]}, {a: [5, 4], axes: [0]}, {a: [5, 4], axes: [0, 1]}, "
    "{a: [5, 4, 1], axes: [0, 1]}]",
    "broadcast-to": "[{a: [3, 1], to: [3, 3]}, {a: [1, 3], to: [3, 3]}, {a: [1], to: [3, 3, 3]}, "
    "{a: [], to: [3, 3, 3]}, {a: [5, 4, 1], to: [5, 4, 3]}]",
    "reshape": "[{a: [5, 4], to: [4, 5]}]",
    "negate": "[{a: [5, 4]}]",
    "transpose": "[{a: [3, 5, 4], axes: [1, 2]}, {a: [3, 5, 4], axes: [0, 1]}]",
    "log": "[{a: [5, 4]}]",
    "exp": "[{a: [5, 4]}]",
    "relu": "[{a: [5, 4]}]",
}
"""The shapes that the course's own tests use, by exercise; stacks of 6 by 6 matrices are 3 by 4 here."""

JACOBIANS = """
import json, sys, time
import numpy as np

asked = json.load(open(sys.argv[1]))
entries = 0
begin = time.process_time()
for path in asked["submissions"]:
    for name in [one for one in sys.modules if one.partition(".")[0] == "needle"]:
        del sys.modules[name]
    sys.path.insert(0, path)
    import needle
    space = {**needle.autograd.__dict__, **needle.ops.__dict__}
    exec(asked["dialect"], space)
    for formula, shapes, inputs in asked["questions"]:
        evaluate = eval(formula, {**space, **space["OPERATIONS"]})
        for flat in inputs:
            arrays = [np.array(one).reshape(shape) for one, shape in zip(flat, shapes)]
            leaves = [needle.Tensor(one) for one in arrays]
            out = evaluate(*leaves)
            size = out.numpy().size
            by = [np.empty((size, one.size)) for one in arrays]
            for i in range(size):
                sent = np.zeros(size)
                sent[i] = 1.0
                out.backward(needle.Tensor(sent.reshape(out.shape)))
                for k, leaf in enumerate(leaves):
                    by[k][i] = leaf.grad.numpy().ravel()
            for k, one in enumerate(arrays):
                for j in range(one.size):
                    h = 1e-6 * max(1.0, abs(one.flat[j]))
                    moved = [array.copy() for array in arrays]
                    moved[k].flat[j] = one.flat[j] + h
                    up = evaluate(*map(needle.Tensor, moved)).numpy()
                    moved[k].flat[j] = one.flat[j] - h
                    down = evaluate(*map(needle.Tensor, moved)).numpy()
                    np.allclose((up - down).ravel() / (2 * h), by[k][:, j], rtol=1e-4, atol=1e-4)
                    entries += size
    sys.path.pop(0)
print(json.dumps([time.process_time() - begin, entries]))
"""

TESTS = """
import numpy as np
import needle
import pytest

SPACE = {{**needle.autograd.__dict__, **needle.ops.__dict__}}
exec({dialect!r}, SPACE)
CASES = {cases!r}


def gradient_check(f, *args, tol=1e-5):
    eps = 1e-4
    numerical = [np.zeros(a.shape) for a in args]
    for i, a in enumerate(args):
        data = a.realize_cached_data()
        for j in range(data.size):
            data.flat[j] += eps
            up = float(f(*args).numpy().sum())
            data.flat[j] -= 2 * eps
            down = float(f(*args).numpy().sum())
            data.flat[j] += eps
            numerical[i].flat[j] = (up - down) / (2 * eps)
    out = f(*args)
    out.backward(needle.Tensor(np.ones(out.shape)))
    error = sum(np.linalg.norm(a.grad.numpy() - n) for a, n in zip(args, numerical))
    assert error < tol * max(1.0, *[np.abs(n).max() for n in numerical])


@pytest.mark.parametrize("case", range(len(CASES)))
def test_backward(case):
    formula, shapes = CASES[case]
    f = eval(formula, {{**SPACE, **SPACE["OPERATIONS"]}})
    gradient_check(f, *[needle.Tensor(1 + np.random.rand(*shape)) for shape in shapes])
"""


def main() -> None:
    """Measure all sides, pair by pair, and print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arrays", description="Measure the needle pack.")
    parser.add_argument("--submissions", type=int, default=30, metavar="N", help="how many in the class")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how often all sides are measured")
    parser.add_argument(
        "--sample", type=int, default=3, metavar="N", help="submissions that the others test in each pair"
    )
    parser.add_argument(
        "--course-shapes", action="store_true", help="ask the ops alone, at the shapes of the course's tests"
    )
    parser.add_argument("--tests", metavar="FILE", help="a course's own tests, to be measured as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = _at_course_shapes(folder) if options.course_shapes else PACK
        _lay_out(folder, home, options.submissions, options.sample, options.tests)
        sides: dict[str, list[float]] = {"ours": []}
        for i in range(options.pairs):
            sides["ours"].append(_ours(folder, home, i) / options.submissions)
            sides.setdefault("every entry", []).append(_jacobians(folder) / options.sample)
            sides.setdefault("pytest", []).append(_tests(folder, "test_like_the_course.py", options.sample))
            if options.tests:
                sides.setdefault("the course's tests", []).append(
                    _tests(folder, "test_of_the_course.py", options.sample)
                )
    for what, seconds in sides.items():
        print(f"{what}: {1000 * statistics.median(seconds):.1f} ms of CPU each ({_spread(seconds)})")
    for what, seconds in sides.items():
        if what != "ours":
            print(f"{what} / ours: {_ratio(seconds, sides['ours'])}")


def _ratio(one: list[float], other: list[float]) -> str:
    found = [a / b for a, b in zip(one, other)]
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f}, {len(found)} pairs)"


def _spread(seconds: list[float]) -> str:
    return f"{1000 * min(seconds):.1f} to {1000 * max(seconds):.1f}"


def _at_course_shapes(folder: Path) -> Path:
    """Write the pack anew with the ops alone, at the shapes of the course's tests."""
    home = folder / "pack"
    shutil.copytree(PACK, home, ignore=shutil.ignore_patterns("__pycache__", "submissions"))
    written = (home / "exercises" / "ops.yaml").read_text("utf-8")
    head, _, rest = written.partition("exercises:\n")
    kept = []
    for part in re.split(r"(?m)^(?=  [a-z-]+:$)", rest):
        name = part.strip().partition(":")[0]
        if name in COURSE:
            part = re.sub(r"(?m)^    shapes:.*\n(      - .*\n)*", f"    shapes: {COURSE[name]}\n", part)
            kept.append(part)
    shutil.rmtree(home / "exercises")
    (home / "exercises").mkdir()
    (home / "exercises" / "ops.yaml").write_text(f"{head}exercises:\n{''.join(kept)}", "utf-8")
    return home


def _lay_out(folder: Path, home: Path, count: int, sample: int, tests: str | None) -> None:
    for i in range(count):
        there = folder / "class" / f"s{i:04}" / "needle"
        shutil.copytree(PACK / "reference", there, ignore=shutil.ignore_patterns("*.md", "__pycache__"))
        for path in ("autograd.py", "ops/ops_mathematic.py"):
            (there / path).write_text(f"{(there / path).read_text('utf-8')}\n# {i}\n", "utf-8")
    dialect = DIALECT.read_text("utf-8")
    plan = planning.prepare(config.load(home / "config.yaml"))
    questions = []
    for exercise in plan.assignment.exercises:
        for half in (plan.public, plan.private) if exercise.kind == "arrays" else ():
            ask = half[exercise.id].ask
            for k, row in enumerate(ask.rows):
                names = ", ".join(f"_{i}" for i in range(len(row.shapes)))
                inputs = [list(args) for which, args, _ in half[exercise.id].ask.inputs if which == k]
                questions.append((f"lambda {names}: {row.formula}", list(row.shapes), inputs))
    submissions = [str(folder / "class" / f"s{i:04}") for i in range(sample)]
    asked = {"dialect": dialect, "submissions": submissions, "questions": questions}
    (folder / "asked.json").write_text(json.dumps(asked))
    (folder / "jacobians.py").write_text(JACOBIANS)
    cases = list(dict.fromkeys((formula, tuple(map(tuple, shapes))) for formula, shapes, _ in questions))
    (folder / "tests").mkdir()
    (folder / "tests" / "test_like_the_course.py").write_text(TESTS.format(dialect=dialect, cases=cases))
    if tests:
        shutil.copy(tests, folder / "tests" / "test_of_the_course.py")


def _ours(folder: Path, home: Path, turn: int) -> float:
    command = [sys.executable, "-m", "grader", "grade", str(folder / "class"), "--config", str(home / "config.yaml")]
    ran = measure([*command, "--jobs", "2", "--out", str(folder / f"out{turn}")], ROOT)
    if ran.status:
        raise RuntimeError(ran.output)
    return ran.cpu


def _jacobians(folder: Path) -> float:
    ran = measure([sys.executable, str(folder / "jacobians.py"), str(folder / "asked.json")], folder)
    if ran.status:
        raise RuntimeError(ran.output)
    return float(json.loads(ran.output.splitlines()[-1])[0])


def _tests(folder: Path, file: str, sample: int) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    total = 0.0
    for i in range(sample):
        paths = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(folder / "class" / f"s{i:04}")}
        ran = measure(command, folder / "tests", paths)
        if ran.status:
            raise RuntimeError(ran.output)
        total += ran.cpu
    return total / sample


if __name__ == "__main__":
    main()
