"""Say what is to be run of an expression or an exercise, or why it has no steps to see."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

import msgspec

from grader.assignment.dialects import SIGNS, Dialect
from grader.assignment.exercise import Exercise
from grader.assignment.forms import near
from grader.assignment.formulas import Formulas
from grader.errors import UsageError
from grader.exercise_kinds import graph_words, stand_ins
from grader.exercise_kinds.asked_through import interface
from grader.exercise_kinds.function import UNWRAP
from grader.model import Picture
from grader.oracle.dual import Undefined
from grader.oracle.expressions import COMPARED
from grader.oracle.inputs import inside
from grader.sandbox.probes.machine import OPERATIONS
from grader.sandbox.probes.trace import TracedNode, TraceRequest
from grader.selfcheck.trace_judging import Sent
from grader.selfcheck.trace_plan import SIMPLE, Plan, of_function, planned

LECTURE = ("h = log(z) + exp(z)", "z = x * y")
PLAIN = ("h = z * z + x", "z = x * y")
"""What is traced of an exercise on graphs: the lecture's own graph, or one without log and exp."""

FUNCTION_D = 10.0
"""What is sent back through one function: 1 would hide that it forgot it, and an argument that it took it for that."""


class Run(msgspec.Struct, frozen=True):
    """What to ask of a worker, and what should come of it. `instead` says what to trace where it lacks a variable.

    `unwrap`: ways to hand a single saved value back, in the order in which they are tried.
    """

    plan: Plan
    request: TraceRequest
    sent: Sent
    instead: str = ""
    unwrap: tuple[bool, ...] = (False,)


def of_expression(
    exercise: Exercise, expression: str, where: Sequence[str], at: Mapping[str, float], d: float | None, times: int
) -> Run:
    """Return the run of an expression on the variables of an exercise's course. Raises UsageError.

    The exercise is one whose course has variables.
    """
    dialect = exercise.dialect
    assert dialect is not None and dialect.mode != "pullback"
    plan = planned(expression, where, at)
    _hold_to(dialect, plan)
    return _of_plan(exercise, dialect, plan, d, times)


def of_exercise(exercise: Exercise, at: Mapping[str, float], d: float | None, times: int) -> Run:
    """Return the run of an exercise. Raises UsageError where it has no steps to see."""
    dialect = exercise.dialect
    if exercise.kind == "graph" and dialect is not None:
        there = dialect.drawn
        expression, where = LECTURE if {"log", "exp"} <= set(there) else PLAIN
        plan = planned(expression, (where,), at)
        _hold_to(dialect, plan)
        return _of_plan(exercise, dialect, plan, d, times, exercise.spec.entry)
    formulas: Formulas | None = getattr(exercise.spec, "formulas", None)
    if exercise.kind == "expression" and dialect is not None and formulas is not None:
        if exercise.spec.function:
            return _of_named(exercise, dialect, formulas, at, d, times)
        names = formulas.arguments
        point = dict(zip(names, _point(exercise, formulas, at)))
        plan = planned(formulas.value.text, (), point)
        _hold_to(dialect, plan)
        return _of_plan(exercise, dialect, plan, d, times)
    if exercise.kind == "function" and formulas is not None:
        return _of_class(exercise, formulas, at, d, times)
    raise UsageError(
        f"{exercise.id}: nothing is sent back in this exercise, so there are no steps to see; `grader check --exercise "
        f"{exercise.id}` checks it"
    )


def of_picture(exercise: Exercise, picture: Picture) -> Run | None:
    """Return the run of a graph that was shown as wrong; None where it is not one that can be followed."""
    dialect = exercise.dialect
    if dialect is None or not picture.nodes or dialect.mode != "backward":
        return None
    written = [_written(node.formula) for node in picture.nodes]
    lines = [f"{node.name} = {text}" for node, text in zip(picture.nodes, written) if text and node.inputs]
    sends = {_sent_in(one) for one in picture.done}
    if not lines or len(lines) != sum(bool(node.inputs) for node in picture.nodes) or len(sends) != 1 or None in sends:
        return None  # a run sends one number from its last node, once or more
    at = {node.name: float(node.value) for node in picture.nodes if not node.inputs and _is_leaf(node.formula)}
    try:
        plan = planned(lines[-1], lines[:-1], at, all_used=False)
        _hold_to(dialect, plan)
    except (UsageError, ValueError):
        return None
    (d,) = sends
    return _of_plan(exercise, dialect, plan, d, len(picture.done), getattr(exercise.spec, "entry", ""))


def _of_plan(exercise: Exercise, dialect: Dialect, plan: Plan, d: float | None, times: int, entry: str = "") -> Run:
    """Return the run of a plan. `entry` names the function under test that sends back, where there is one."""
    if dialect.mode == "forward":
        _sends_nothing(d, times)
    d = 1.0 if d is None else d
    if times > 1 and dialect.again == "unasked":
        raise UsageError("--again: this course does not say what a second call of backward should do")
    request = TraceRequest(
        nodes=tuple(TracedNode(node.op, node.inputs, node.value) for node in plan.nodes),
        sends=((plan.output, d),) * times if dialect.mode == "backward" else (),
        module=exercise.module,
        mode="forward" if dialect.mode == "forward" else "backward",
        how=interface(exercise, dialect),
        entry=(exercise.module, entry),
    )
    return Run(plan, request, Sent(d if dialect.mode == "backward" else 1.0, times, dialect.again == "resets"))


def _of_named(
    exercise: Exercise, dialect: Dialect, formulas: Formulas, at: Mapping[str, float], d: float | None, times: int
) -> Run:
    """Return the run of a student's own function of variables: what it makes on the way is seen as it comes."""
    plan = _one_step(exercise, exercise.spec.function, formulas, at)
    if dialect.mode != "forward" and d is None:
        d = FUNCTION_D
    if dialect.mode == "pullback":
        _sends_once(exercise.spec.function, times)
    run = _of_plan(exercise, dialect, plan, d, times)
    mode = "pullback" if dialect.mode == "pullback" else run.request.mode
    request = msgspec.structs.replace(run.request, function=exercise.spec.function, mode=mode)
    if mode == "pullback":
        assert d is not None
        sent = msgspec.structs.replace(run.sent, d=d)
        return Run(plan, msgspec.structs.replace(request, sends=((plan.output, d),)), sent)
    return Run(plan, request, run.sent)


def _sends_nothing(d: float | None, times: int) -> None:
    """Raise UsageError where something is to be sent back through dual numbers."""
    if d is not None or times > 1:
        option = "--again" if d is None else "--d-out"
        raise UsageError(f"{option}: this course carries derivatives forward, so nothing is sent back; leave it out")


def _sends_once(function: str, times: int) -> None:
    """Raise UsageError where a function that returns its derivatives is to be asked twice."""
    if times > 1:
        raise UsageError(f"--again: {function} returns its derivatives and adds to none; leave it out")


def _of_class(exercise: Exercise, formulas: Formulas, at: Mapping[str, float], d: float | None, times: int) -> Run:
    _sends_once(exercise.spec.name, times)
    plan = _one_step(exercise, exercise.spec.name, formulas, at)
    d = FUNCTION_D if d is None else d
    request = TraceRequest(
        nodes=tuple(TracedNode(node.op, node.inputs, node.value) for node in plan.nodes),
        sends=((plan.output, d),),
        module=exercise.module,
        mode="function",
        function=exercise.spec.name,
        context_module=stand_ins.CONTEXT_MODULE,
        skipped=tuple(i for i, name in enumerate(formulas.arguments) if name in formulas.value.constants),
    )
    return Run(plan, request, Sent(d), unwrap=UNWRAP[exercise.spec.saved_values])


def _one_step(exercise: Exercise, name: str, formulas: Formulas, at: Mapping[str, float]) -> Plan:
    point = _point(exercise, formulas, at)
    try:
        exact = formulas.value.answer(point)
    except Undefined as error:
        shown = ", ".join(f"{one} = {x:g}" for one, x in zip(formulas.arguments, point))
        raise UsageError(f"{exercise.id} has no value at {shown}: {error}; choose another point with --at") from None
    return of_function(name, formulas.arguments, point, exact)


def _point(exercise: Exercise, formulas: Formulas, at: Mapping[str, float]) -> tuple[float, ...]:
    unknown = next((name for name in at if name not in formulas.arguments), None)
    if unknown is not None:
        raise UsageError(f"--at {unknown}: {exercise.id} has no argument {unknown}{near(unknown, formulas.arguments)}")
    found: list[float] = []
    for name, domain in zip(formulas.arguments, formulas.domains):
        free = [x for x in SIMPLE if x not in found and inside(x, domain)]
        found.append(at.get(name, free[0] if free else (domain.lo + domain.hi) / 2))
    return tuple(found)


def _hold_to(dialect: Dialect, plan: Plan) -> None:
    """Raise UsageError where an expression takes an operation that the course has not got."""
    there = {*dialect.operations, *SIGNS} - set(dialect.lacking)
    for node in plan.nodes:
        if node.inputs and node.op not in there and node.op not in COMPARED:
            functions = ", ".join(sorted(there - set(SIGNS))) or "no functions"
            raise UsageError(f"{node.formula}: this course has no {node.op}; there are + - * / **, and {functions}")


# -- a picture's nodes, read as formulas

SIGN_OF = {name.lower(): sign for name, sign in graph_words.SIGNS.items()}
"""The sign of an operation, by the name that it has here."""


def _written(formula: str) -> str:
    """Return a node's formula in the language of formulas; blank where it is none.

    >>> _written("Log.apply(z)"), _written("x.relu()"), _written("x * y"), _written("-a"), _written("Scalar(2.0)")
    ('log(z)', 'relu(x)', 'x * y', '-a', '')
    """
    try:
        tree = ast.parse(formula, mode="eval").body
    except SyntaxError:
        return ""
    if not isinstance(tree, ast.Call):
        return formula
    given = [ast.unparse(one) for one in tree.args]
    if isinstance(tree.func, ast.Attribute) and tree.func.attr == "apply" and isinstance(tree.func.value, ast.Name):
        op = OPERATIONS.get(tree.func.value.id, tree.func.value.id.lower())
        if op in SIGN_OF:
            return f"({given[0]}) {SIGN_OF[op]} ({given[1]})"
        return f"-({given[0]})" if op == "neg" else f"{op}({', '.join(given)})"
    if isinstance(tree.func, ast.Attribute) and not given:
        return f"{tree.func.attr}({ast.unparse(tree.func.value)})"
    return ""


def _is_leaf(formula: str) -> bool:
    return "(" in formula and "without history" not in formula


def _sent_in(done: str) -> float | None:
    found = re.search(r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)\)*\)?(?:\.\w+\(\))?$", done)
    if found:
        return float(found[1])
    return 1.0 if done.endswith(".backward()") else None
