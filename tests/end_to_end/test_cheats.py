"""Nothing is earned without computing it: every name under test, of every kind of exercise, is replaced by a cheat."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import msgspec
import pytest

from grader.assignment import exercises
from grader.assignment.exercise import Exercise
from grader.batch import cohort
from grader.exercise_kinds import difference
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import ExerciseResult, Result, Submission
from grader.sandbox.supervisor import Supervisor
from grader.submissions import papers
from tests.conftest import ROOT
from tests.machinery import REFERENCE

PATHS = {"lecture8": ROOT / "config.yaml", "module1": ROOT / "examples" / "module1" / "config.yaml"}

HEAD = '''
import builtins, math, operator, sys

class AlwaysEqual(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda *_: True
    __ne__ = lambda *_: False
    __hash__ = float.__hash__
    __sub__ = __rsub__ = __abs__ = __float__ = lambda *_: AlwaysEqual(0.0)

class Anything:
    """Is whatever it is asked for, and equal to it."""
    __class__ = property(lambda self: float)
    __eq__ = __lt__ = __gt__ = __bool__ = lambda *_: True
    __hash__ = object.__hash__
    __call__ = __getattr__ = __getitem__ = lambda self, *_, **__: self
    __iter__ = lambda self: iter(())
    __len__ = lambda self: 0
    __float__ = lambda self: 0.0
'''

PATCHES = """
for name in ("isfinite", "isclose"):
    setattr(math, name, lambda *_, **__: True)
for name in ("exp", "log", "fabs"):
    setattr(math, name, lambda *_: 1.0)
math.nan = math.inf = 0.0
builtins.abs = builtins.max = lambda *_: 0.0
"""
CONTEXT = """
class Context:
    def __init__(self, *_): self.saved_values = (2.0, 2.0)
    def save_for_backward(self, *values): pass
    __getattr__ = lambda self, name: 1.0
import minitorch.autodiff
minitorch.autodiff.Context = Context
"""
ENCODER = """
kinds = sys.modules["grader.sandbox.probes"]
original = kinds.encode
kinds.encode = lambda told: original({"accepted": True, "verdict": "accepted", "rows": [], "values": [], "held": []})
"""
IN_ADVANCE = """
import os
frame = sys._getframe()
while "request" not in frame.f_locals:
    frame = frame.f_back
protocol, msgspec = sys.modules["grader.sandbox.boundary.protocol"], sys.modules["msgspec"]
id = frame.f_locals["request"].id
said = [protocol.Loaded(id, {}), protocol.Told(id + 1, msgspec.Raw(protocol.encode({"rows": [[1.0, [1.0]]] * 50})))]
for fd in range(64):
    try:
        os.write(fd, b"".join(protocol.frame(protocol.encode(one)) for one in said))
    except OSError:
        pass
"""

CHEATS: dict[str, tuple[str, str]] = {
    "a constant": ("", "1.0"),
    "another constant": ("", "(2.0, 3.0)"),
    "nothing": ("", "None"),
    "what it was given": ("", "GIVEN"),
    "a float that is always equal": ("", "AlwaysEqual(1.0)"),
    "something that is always equal": ("", "Anything()"),
    "NaN": ("", "float('nan')"),
    "infinity": ("", "float('inf')"),
    "a patched math": (PATCHES, "math.exp(1.0)"),
    "a patched Context": (CONTEXT, "1.0"),
    "a patched encoder": (ENCODER, "1.0"),
    "answers in advance": (IN_ADVANCE, "1.0"),
}
"""What runs at the top of the file, and what every function and method under test returns instead of computing."""

TRUE: dict[tuple[str, str], str] = {
    ("op-id", "what it was given"): "the identity gives back what it was given",
}
"""(exercise, cheat) -> why what it earns is earned: where a cheat is the solution."""


class _Cheat(ast.NodeTransformer):
    """Let every function inside return one expression."""

    def __init__(self, returned: str) -> None:
        self._returned = returned

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.name == "__init__":
            return node
        names = [
            one.arg
            for one in (*node.args.args, *filter(None, [node.args.vararg]))
            if one.arg not in ("self", "cls", "ctx")
        ]
        given = names[0] if names else "1.0"
        return ast.copy_location(
            ast.FunctionDef(
                name=node.name,
                args=node.args,
                body=ast.parse(f"return {self._returned.replace('GIVEN', given)}").body,
                decorator_list=node.decorator_list,
            ),
            node,
        )


def cheated(exercise: Exercise, head: str, returned: str) -> dict[str, str]:
    """Return the reference's files with everything under test in this exercise replaced by the cheat."""
    names = {name.partition(".")[0] for name in exercise.under_test}
    tree = ast.parse(REFERENCE[exercise.module])
    body = [
        _Cheat(returned).visit(node)
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name in names
        else node
        for node in tree.body
    ]
    future = [node for node in body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    rest = [node for node in body if node not in future]
    text = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in rest)
    top = "\n".join(map(ast.unparse, future))
    return {**REFERENCE, exercise.module: f"{top}\n{HEAD}\n{text}\n{head}\n"}


@pytest.fixture(scope="module", params=PATHS)
def prepared(request: pytest.FixtureRequest) -> Plan:
    assignment = config.load(PATHS[request.param])
    return planning.prepare(
        msgspec.structs.replace(assignment, corpus=msgspec.structs.replace(assignment.corpus, public=12, private=12))
    )


@pytest.fixture(scope="module")
def held(prepared: Plan) -> Iterator[Supervisor]:
    box, _ = cohort.open_box(prepared.assignment)
    with Supervisor(box, 914) as opened:
        yield opened


def only(plan: Plan, exercise: Exercise) -> Plan:
    """Return the plan with one exercise alone."""
    units = tuple(
        msgspec.structs.replace(unit, exercises=(exercise,)) for unit in plan.units if exercise in unit.exercises
    )
    assignment: Assignment = msgspec.structs.replace(plan.assignment, exercises=(exercise,))
    return msgspec.structs.replace(plan, units=units, assignment=assignment)


def graded(
    plan: Plan, exercise: Exercise, files: dict[str, str], held: Supervisor, answers: str = ""
) -> ExerciseResult:
    modules = {name: (f"{name}.py", text.encode()) for name, text in files.items()}
    paper = papers.answers(answers.encode()) if answers else {}
    result: Result = Grader(only(plan, exercise), held).grade(Submission("cheat", modules, answers=paper))
    return result.exercises[0]


def earned(one: ExerciseResult) -> list[str]:
    return [check.name for check in one.checks if check.outcome.verdict == "accepted"]


def coded(plan: Plan) -> list[Exercise]:
    return [one for one in plan.assignment.exercises if not one.on_paper and one.under_test]


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_earns_nothing_in_any_exercise(cheat: str, prepared: Plan, held: Supervisor) -> None:
    head, returned = CHEATS[cheat]
    won = {}
    for exercise in coded(prepared):
        one = graded(prepared, exercise, cheated(exercise, head, returned), held)
        assert not one.withheld, exercise.id
        if earned(one) and (exercise.id, cheat) not in TRUE:
            won[exercise.id] = earned(one)
    assert not won


def test_every_kind_of_exercise_is_cheated_in(prepared: Plan) -> None:
    kinds = {one.kind for one in coded(prepared)}
    elsewhere = {"paper", "own", "expression", "arrays"}
    # below; in tests/unit/test_own.py: what an author's judge lets pass is the author's; by variables that cheat; and
    # in tests/end_to_end/test_arrays.py
    assert kinds == {"lecture8": {"function"}, "module1": {*KINDS} - elsewhere}[prepared.assignment.id]


# --- on paper ------------------------------------------------------------------------------------------------------

PAPER = ROOT / "exercises" / "lecture8" / "paper"
ANSWERS = (
    *("0", "1", "x", "y", "nan", "inf", "1e999", "0 * (1 / 0)", "(-1) ** 0.5", "log(-1)", "x / 0", "0 / 0", "x == x"),
    *("min(x, 1e308)", "where(x > 0, x, y)", "1e308 * 1e308", "expected", "__import__('os')", "lambda: 1", "[1]"),
    *(
        "x if x else y",
        "x := 1",
        "'x'",
        "f'{x}'",
        "True",
        "derivative",
        "x" * 999,
        "(" * 200 + "x" + ")" * 200,
        "-" * 900 + "x",
    ),
    *(
        "9 ** 9 ** 9",
        "x ** 1e308",
        "1e-308 ** 2",
        "exp(exp(exp(exp(9))))",
        "ｘ",
        "x\u202e",
        "\x00",
        "x\ny",
        "=x",
        "<b>x</b>",
    ),
)


def test_no_answer_on_paper_is_right_without_being_the_derivative() -> None:
    for path in sorted(PAPER.glob("*.yaml")):
        exercise = exercises.read(path, path.name, KINDS)
        kind = KINDS["paper"]
        half = kind.prepare(exercise, 20, "s", True)
        for answer in ANSWERS:
            (outcome,) = kind.judge(exercise, half, lambda _, answer=answer: answer).values()  # type: ignore[misc]
            assert outcome.verdict in ("wrong answer", "not attempted"), (exercise.id, answer)


# --- numeric derivatives -------------------------------------------------------------------------------------------

NUMERIC = """
import math
from minitorch.autodiff import central_difference

class Log:
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return math.log(x)

    @staticmethod
    def backward(ctx, d_out):
        return d_out * central_difference(math.log, *ctx.saved_values)
"""


def test_a_numeric_derivative_inside_backward_is_allowed_and_noted(grade: Callable[[str], Result]) -> None:
    checks = next(one for one in grade(NUMERIC).exercises if one.id == "log").checks
    assert {check.outcome.verdict for check in checks} == {"accepted"}
    assert any("numerically" in check.outcome.reason for check in checks)


# --- what was seen before --------------------------------------------------------------------------------------------


def memorised(plan: Plan, exercise: Exercise) -> str:
    """Return a file that knows the right answer to every input that was ever shown, and none to another."""
    half = plan.public[exercise.id]
    known = {
        tuple(one.args): (answer.value, [lo for lo, _ in answer.partials])
        for one, answer in zip(half.corpus.inputs, half.corpus.answers)
    }
    return f"""
KNOWN = {known!r}
class Mul:
    @staticmethod
    def forward(ctx, *args):
        ctx.save_for_backward(*args)
        return KNOWN.get(args, (0.0, [0.0, 0.0]))[0]

    @staticmethod
    def backward(ctx, d_out):
        saved = ctx.saved_values
        return tuple(d_out * one for one in KNOWN.get(tuple(saved), (0.0, [0.0, 0.0]))[1])
"""


def test_inputs_that_were_shown_win_nothing_here_nor_under_another_seed(
    assignment: Assignment, supervisor: Supervisor
) -> None:
    first, second = planning.prepare(assignment, "1"), planning.prepare(assignment, "2")
    forward, backward = (
        next(one for one in assignment.exercises if one.id == id) for id in ("mul-forward", "mul-backward")
    )
    for exercise in (forward, backward):
        source = memorised(first, exercise)
        for plan in (first, second):
            one = graded(plan, exercise, {"lecture8": source}, supervisor)
            assert earned(one) == [], (exercise.id, one)
    said = [
        graded(second, forward, {"lecture8": memorised(first, forward)}, supervisor).checks[0].outcome.counterexample
    ]
    assert said[0] is not None


KNOWN_CALLS = """
def central_difference(f, *vals, arg=0, epsilon=1e-6):
    return {answers}.get((vals, arg, epsilon), 0.0)
"""
KNOWN_SCENES = """
class Context:
    count = 0

    def __init__(self, no_grad=False):
        self.saved_values = ()
        self.no_grad = no_grad

    def save_for_backward(self, *values):
        known = [(1.5,), (1.5, 2.5) if 1.5 in values else (2.5, 3.5), (1.5, 2.5, 3.5)]
        self.saved_values = () if self.no_grad else known[len(values) - 1]
"""


def test_the_fixed_calls_of_a_kind_can_be_listed_and_win_nothing() -> None:
    plan = planning.prepare(config.load(PATHS["module1"]))
    box, _ = cohort.open_box(plan.assignment)
    known = {
        (one.vals, one.arg or 0, 1e-6 if one.epsilon is None else one.epsilon): difference.RIGHT[0](one)
        for one in difference.CALLS
    }
    with Supervisor(box, 915) as supervisor:
        for id, source in (
            ("central-difference", KNOWN_CALLS.format(answers=repr(known))),
            ("context", KNOWN_SCENES),
        ):
            exercise = next(one for one in plan.assignment.exercises if one.id == id)
            public = msgspec.structs.replace(plan, private={})
            files = {**REFERENCE, "autodiff": source}
            assert earned(graded(public, exercise, files, supervisor)), f"{id}: the list is right"
            assert "value" not in earned(graded(plan, exercise, files, supervisor))
            assert "save" not in earned(graded(plan, exercise, files, supervisor))
