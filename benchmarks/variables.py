"""Measure the micrograd pack beside bare calls, and beside pytest with Hypothesis: `python -m benchmarks.variables`.

All three do the same to right submissions: the same expressions, at as many inputs. The bare side makes the very same
variables, sends back the very same numbers and reads the same derivatives, in one process, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from grader.grading import config, planning
from grader.sandbox.probes.graph import GraphRequest

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "examples" / "micrograd" / "config.yaml"
ENGINE = ROOT / "examples" / "micrograd" / "reference" / "engine.py"
SIGNS = {"Add": "{} + {}", "Mul": "{} * {}", "Neg": "-{}", "Sub": "{} - {}", "Div": "{} / {}"}

BARE = """
import json, sys, time

asked = json.load(open(sys.argv[1]))
begin = time.process_time()
for source in asked["sources"]:
    names = {}
    exec(compile(source, "engine.py", "exec"), names)
    Value = names["Value"]
    for text, rows in asked["expressions"]:
        evaluate = eval(text)
        for args, d in rows:
            leaves = [Value(x) for x in args]
            out = evaluate(*leaves)
            out.data
            out.backward() if d == 1.0 else (out * Value(d)).backward()
            [x.grad for x in leaves]
    makes = {text: eval(f"lambda i: {text}") for text in asked["makes"]}
    for steps, sends in asked["graphs"]:
        nodes = []
        for text, inputs, value in steps:
            if text == "leaf":
                nodes.append(Value(value))
            else:
                nodes.append(value if text == "number" else makes[text]([nodes[k] for k in inputs]))
        for node, d in sends:
            nodes[node].backward() if d == 1.0 else (nodes[node] * Value(d)).backward()
            [x.grad for x in nodes if type(x) is Value]
print(json.dumps(time.process_time() - begin))
"""

TESTS = """
import math
from hypothesis import given, settings, strategies as st
from engine import Value

settings.register_profile("course", max_examples={count}, deadline=None, database=None, derandomize=True)
settings.load_profile("course")


def check(expression, plain, args, d):
    leaves = [Value(x) for x in args]
    out = expression(*leaves)
    assert math.isclose(out.data, plain(*args), rel_tol=1e-6, abs_tol=1e-6)
    out.backward() if d == 1.0 else (out * Value(d)).backward()
    for k, leaf in enumerate(leaves):
        h = 1e-5
        up, down = list(args), list(args)
        up[k] += h
        down[k] -= h
        slope = d * (plain(*up) - plain(*down)) / (2 * h)
        assert math.isclose(leaf.grad, slope, rel_tol=1e-2, abs_tol=1e-2 * max(1.0, abs(d)))
"""

TEST = """

@given({strategies}, d=st.floats(-5, 5))
def test_{name}({arguments}, d):
    check({expression}, {plain}, ({arguments},), d)
"""


def main() -> None:
    """Measure all three sides, pair by pair, and print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.variables", description="Measure the micrograd pack.")
    parser.add_argument("--submissions", type=int, default=60, metavar="N", help="how many in the class")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how often all sides are measured")
    parser.add_argument("--sample", type=int, default=3, metavar="N", help="submissions that pytest tests in each pair")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _lay_out(folder, options.submissions)
        ours, bare, peer = [], [], []
        for i in range(options.pairs):
            ours.append(_ours(folder, i) / options.submissions)
            bare.append(_bare(folder) / options.submissions)
            peer.append(_peer(folder, options.sample) / options.sample)
    for what, seconds in (("ours", ours), ("bare calls", bare), ("pytest + Hypothesis", peer)):
        print(f"{what}: {1000 * statistics.median(seconds):.1f} ms of CPU each ({_spread(seconds)})")
    print(f"ours / bare: {_ratio(ours, bare)}")
    print(f"pytest + Hypothesis / ours: {_ratio(peer, ours)}")


def _ratio(one: list[float], other: list[float]) -> str:
    found = [a / b for a, b in zip(one, other)]
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f}, {len(found)} pairs)"


def _spread(seconds: list[float]) -> str:
    return f"{1000 * min(seconds):.1f} to {1000 * max(seconds):.1f}"


def _lay_out(folder: Path, count: int) -> None:
    source = ENGINE.read_text("utf-8")
    sources = [f"{source}\n# {i}\n" for i in range(count)]
    for i, text in enumerate(sources):
        (folder / "class" / f"s{i:04}").mkdir(parents=True)
        (folder / "class" / f"s{i:04}" / "engine.py").write_text(text)
    assignment = config.load(CONFIG)
    plan = planning.prepare(assignment)
    expressions, graphs, tests = [], [], []
    for exercise in assignment.exercises:
        for half in (plan.public, plan.private):
            for ask in _asks(half[exercise.id]):
                if isinstance(ask, GraphRequest):
                    graphs += [_graph(one) for one in ask.graphs]
                else:
                    names = ", ".join(f"_{i}" for i in range(ask.arity))
                    expressions.append((f"lambda {names}: {_methods(ask.formula)}", ask.inputs))
        if exercise.kind == "expression":
            tests.append(exercise)
    makes = sorted({text for steps, _ in graphs for text, inputs, _ in steps if inputs})
    asked = {"sources": sources, "expressions": expressions, "graphs": graphs, "makes": makes}
    (folder / "asked.json").write_text(json.dumps(asked))
    (folder / "bare.py").write_text(BARE)
    (folder / "tests").mkdir()
    (folder / "tests" / "engine.py").write_text(source)
    count = assignment.corpus.public + assignment.corpus.private
    (folder / "tests" / "test_engine.py").write_text(TESTS.replace("{count}", str(count)) + "".join(map(_test, tests)))


def _asks(half: Any) -> list[Any]:
    ask = half.ask
    return [one.ask for one in ask.values()] if isinstance(ask, dict) else [ask]


def _methods(formula: str) -> str:
    for name in ("relu", "tanh", "exp"):
        formula = formula.replace(f"{name}(", f"Value.{name}(")
    return formula


def _graph(one: Any) -> tuple[list[tuple[str, list[int], float]], list[tuple[int, float]]]:
    steps, sends = one.steps, one.sends
    place = {step.label: i for i, step in enumerate(steps)}
    made = []
    for step in steps:
        inputs = [f"i[{k}]" for k in range(len(step.inputs))]
        text = (
            SIGNS[step.op].format(*inputs) if step.op in SIGNS else f"i[0].{step.op.lower()}()" if inputs else step.op
        )
        made.append((text, [place[label] for label in step.inputs], step.value))
    return made, [(place[label], d) for label, d in sends]


def _test(exercise: Any) -> str:
    formulas = exercise.spec.formulas
    ranges = [(max(one.lo, -100.0), min(one.hi, 100.0)) for one in formulas.domains]
    away = [".filter(lambda x: abs(x) > 0.1)" if one.nonzero else "" for one in formulas.domains]
    names = formulas.arguments
    strategies = ", ".join(f"{n}=st.floats({lo}, {hi}){f}" for n, (lo, hi), f in zip(names, ranges, away))
    text = formulas.value.text
    plain = (
        text.replace("tanh(", "math.tanh(").replace("exp(", "math.exp(").replace("relu(", "(lambda x: max(x, 0.0))(")
    )
    for name in ("relu", "tanh", "exp"):
        text = text.replace(f"{name}(", f"Value.{name}(")
    given = ", ".join(names)
    return TEST.format(
        strategies=strategies,
        name=exercise.id.replace("-", "_"),
        arguments=given,
        expression=f"lambda {given}: {text}",
        plain=f"lambda {given}: {plain}",
    )


def _ours(folder: Path, turn: int) -> float:
    command = [sys.executable, "-m", "grader", "grade", str(folder / "class"), "--config", str(CONFIG), "--jobs", "2"]
    ran = measure([*command, "--out", str(folder / f"out{turn}")], ROOT)
    if ran.status:
        raise RuntimeError(ran.output)
    return ran.cpu


def _bare(folder: Path) -> float:
    ran = measure([sys.executable, str(folder / "bare.py"), str(folder / "asked.json")], folder)
    if ran.status:
        raise RuntimeError(ran.output)
    return float(json.loads(ran.output.splitlines()[-1]))


def _peer(folder: Path, sample: int) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_engine.py"]
    total = 0.0
    for _ in range(sample):
        ran = measure(command, folder / "tests", {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
        if ran.status not in (0, 1):
            raise RuntimeError(ran.output)
        total += ran.cpu
    return total


if __name__ == "__main__":
    main()
