"""Right code in sixty shapes, judged at a million inputs: not one may be called wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.config import Assignment, CorpusForm
from grader.grading.grader import Grader
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.machinery import REFERENCE

EACH, SEEDS = 2_500, 4
"""Inputs in each half, and how often they are drawn anew."""

VALUES: dict[str, tuple[str, ...]] = {
    "op-sigmoid": (
        "1 / (1 + math.exp(-x))",
        "math.exp(x) / (1 + math.exp(x))",
        "1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (math.exp(x) + 1)",
        "0.5 * (math.tanh(x / 2) + 1)",
        "float(1 / (1 + np.exp(-np.float64(x))))",
        "1 - 1 / (1 + math.exp(x))",
    ),
    "op-relu": ("max_(0.0, x)", "x * (x > 0)", "(x + abs(x)) / 2", "np.maximum(x, 0)"),
    "op-relu-back": (
        "d if x >= 0 else 0",
        "d * (x > 0)",
        "0.5 * d if x == 0 else (d if x > 0 else 0.0)",
        "np.where(x > 0, d, 0.0).item()",
    ),
    "op-log": (
        "math.log(x + 1e-6)",
        "math.log(x + 1e-8)",
        "math.log(x + 1e-12)",
        "np.log(x)",
        "math.log2(x) * math.log(2)",
    ),
    "op-log-back": ("d * (1 / x)", "d * x ** -1", "np.divide(d, x)", "1.0 / x * d"),
    "op-exp": ("math.e ** x", "np.exp(x)", "math.pow(math.e, x)", "math.exp(x / 2) ** 2"),
    "op-inv": ("x ** -1", "1 / x", "np.reciprocal(float(x))"),
    "op-inv-back": ("-d / x ** 2", "-(1 / x) * (1 / x) * d", "d * -1.0 * x ** -2.0", "-d / x / x"),
    "op-max": ("x if x >= y else y", "(x + y + abs(x - y)) / 2", "np.maximum(x, y)"),
    "op-lt": ("x < y", "int(x < y)", "float(np.less(x, y))", "0.0 if x >= y else 1.0"),
    "op-eq": ("x == y", "abs(x - y) < 1e-2", "float(not (x < y or x > y))"),
    "op-neg": ("-x", "0.0 - x", "-1 * x", "np.negative(x)"),
    "op-is-close": ("(x - y < 1e-2) and (y - x < 1e-2)", "abs(y - x) < 0.01"),
}
ARGUMENTS = {
    **dict.fromkeys(("op-relu-back", "op-log-back", "op-inv-back"), "x, d"),
    **dict.fromkeys(("op-max", "op-lt", "op-eq", "op-is-close"), "x, y"),
}

BOXES: dict[str, tuple[tuple[str, str], ...]] = {
    "function-log": (
        ("ctx.save_for_backward(x)\nreturn math.log(x + 1e-6)", "(x,) = ctx.saved_values\nreturn d / (x + 1e-6)"),
        ("ctx.save_for_backward(x)\nreturn np.log(x)", "return d / ctx.saved_values[0]"),
    ),
    "function-exp": (
        ("y = math.exp(x)\nctx.save_for_backward(y)\nreturn y", "(y,) = ctx.saved_values\nreturn y * d"),
        ("ctx.y = np.exp(x)\nreturn ctx.y", "return ctx.y * d"),
    ),
    "function-sigmoid": (
        (
            "y = 1 / (1 + math.exp(-x))\nctx.save_for_backward(y)\nreturn y",
            "y = ctx.saved_values\nreturn y * (1 - y) * d",
        ),
        (
            "ctx.save_for_backward(x)\nreturn 1 / (1 + math.exp(-x))",
            "e = math.exp(-abs(ctx.saved_values[0]))\nreturn d * e / (1 + e) ** 2",
        ),
    ),
    "function-relu": (
        ("ctx.save_for_backward(x)\nreturn x if x > 0 else 0", "return (d if ctx.saved_values[0] >= 0 else 0,)"),
        ("ctx.save_for_backward(x > 0)\nreturn x * (x > 0)", "(on,) = ctx.saved_values\nreturn on * d"),
    ),
    "function-inv": (("y = 1 / x\nctx.save_for_backward(y)\nreturn y", "(y,) = ctx.saved_values\nreturn -y * y * d"),),
    "function-neg": (("return -x", "return [-d]"),),
}
NAMES = {"function-relu": "ReLU"}
HEAD = "\n\nimport math\nimport numpy as np\nfrom builtins import max as max_\n\n"


def variants() -> Iterator[tuple[str, str, str]]:
    """Yield (exercise, module, source) for every shape."""
    for exercise, bodies in VALUES.items():
        name = exercise.removeprefix("op-").replace("-", "_")
        for body in bodies:
            text = f"def {name}({ARGUMENTS.get(exercise, 'x')}):\n    return {body}\n"
            yield exercise, "operators", REFERENCE["operators"] + HEAD + text
    for exercise, pairs in BOXES.items():
        name = NAMES.get(exercise, exercise.removeprefix("function-").capitalize())
        for forward, backward in pairs:
            methods = "".join(
                f"    @staticmethod\n    def {one}(ctx, {argument}):\n{textwrap.indent(body, ' ' * 8)}\n\n"
                for one, argument, body in (("forward", "x", forward), ("backward", "d", backward))
            )
            yield (
                exercise,
                "scalar_functions",
                REFERENCE["scalar_functions"] + HEAD + f"class {name}(ScalarFunction):\n{methods}",
            )


def wrong(
    assignment: Assignment, supervisor: Supervisor, each: int, seed: str
) -> tuple[int, list[tuple[str, str, str]]]:
    """Return how many inputs were judged, and which right code was called wrong."""
    corpus = CorpusForm(seed, each, each)
    plan = planning.prepare(msgspec.structs.replace(assignment, corpus=corpus), seed)
    judged, lost = 0, []
    for exercise, module, source in variants():
        sources = {**REFERENCE, module: source}
        modules = {name: (f"{name}.py", text.encode()) for name, text in sources.items()}
        result = Grader(planning.only(plan, [exercise]), supervisor).grade(Submission("s", modules))
        for check in result.exercises[0].checks:
            judged += check.outcome.judged
            if check.outcome.verdict != "accepted":
                lost.append((exercise, source.partition(HEAD)[2], str(check.outcome)))
    return judged, lost


@pytest.fixture(scope="module")
def module1() -> Assignment:
    return config.load(ROOT / "examples" / "module1" / "config.yaml")


@pytest.fixture(scope="module")
def held(module1: Assignment) -> Iterator[Supervisor]:
    box, _ = cohort.open_box(module1)
    with Supervisor(box, 930) as opened:
        yield opened


def test_sixty_shapes_of_right_code_pass(module1: Assignment, held: Supervisor) -> None:
    assert len(list(variants())) >= 60
    judged, lost = wrong(module1, held, 50, "shapes")
    assert lost == []
    assert judged > 6_000


@pytest.mark.prove
def test_not_one_in_a_million_is_called_wrong(module1: Assignment, held: Supervisor) -> None:
    total = 0
    for i in range(SEEDS):
        judged, lost = wrong(module1, held, EACH, f"million {i}")
        assert lost == []
        total += judged
    assert total >= 1_000_000
