"""Judge a plain function by a property that its author wrote in Python, for what no formula says.

For every input that is drawn the function is called, in the box, at each point of `at`; outside, the author's function
of the check's name is given the arguments and the values that came back, and says whether that is right. The author's
Python is trusted like the reference is: it runs where the answers are, and never sees a student's code.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, read_formulas
from grader.assignment.kind import Call, Description, Kind, Outcomes, Problems
from grader.exercise_kinds import blame, describing, snippets, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.model import Counterexample, Outcome
from grader.oracle.expressions import Expression, ExpressionError, parse
from grader.oracle.inputs import draw
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.values import ValuesReply, ValuesRequest


class Broken(Exception):
    """The author's own judge did not judge: our side's fault, so the exercise is withheld."""


class OwnForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise with checks of its own as its file has it: `judge` holds a Python function for each check."""

    function: str
    arguments: dict[str, str]
    at: tuple[tuple[str, ...], ...] = ()
    judge: str
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()


class OwnSpec(msgspec.Struct, frozen=True):
    """A plain function, where it is asked for every input, and the text of what judges it."""

    name: str
    formulas: Formulas
    at: tuple[tuple[Expression, ...], ...]
    judge: str


Questions = QuestionSet[ValuesRequest]
"""It asks about every point of an input after the other."""


def read(form: OwnForm, problems: Problems) -> tuple[OwnSpec | None, tuple[str, ...]]:
    """Turn the exercise's own keys into its record."""
    if not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    formulas = read_formulas(problems, form.arguments, "0", (), (), 1, (), form.inputs, form.condition)
    at = tuple(
        tuple(_expression(problems, f"at.{i}.{j}", text, tuple(form.arguments)) for j, text in enumerate(point))
        for i, point in enumerate(form.at or (tuple(form.arguments),))
    )
    for i, point in enumerate(form.at):
        if len(point) != len(form.arguments):
            problems.add(f"at.{i}", f"a point needs one number per argument: {len(form.arguments)}, not {len(point)}")
    _look_at(form, problems)
    if formulas is None or problems.found:
        return None, ()
    return OwnSpec(form.function, formulas, at, form.judge), (form.function,)  # type: ignore[arg-type] # none is None


def _expression(problems: Problems, path: str, text: str, arguments: tuple[str, ...]) -> Expression | None:
    try:
        return parse(text, arguments)
    except ExpressionError as error:
        problems.add(path, error.message, error.column - 1)
        return None


def _look_at(form: OwnForm, problems: Problems) -> None:
    """Say where the judge is no Python, or has no function for a check. It is not run."""
    try:
        tree = ast.parse(form.judge)
    except (SyntaxError, ValueError, RecursionError) as error:
        problems.add("judge", f"is not Python: {getattr(error, 'msg', error)} (its line {getattr(error, 'lineno', 1)})")
        return
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in form.checks:
        if name not in defined:
            problems.add(f"checks.{name}#key", f"judge has no function {name!r}; write `def {name}(…)` there")


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw one half of the inputs. Raises ValueError where the domain has too few."""
    spec: OwnSpec = exercise.spec
    corpus = draw(spec.formulas.domains, spec.formulas.value, count, seed, spec.formulas.inputs if public else ())
    points = [tuple(one.value(given.args) for one in point) for given in corpus.inputs for point in spec.at]
    return QuestionSet(ValuesRequest(exercise.module, spec.name, tuple(points)), public, corpus)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check."""
    told: ValuesReply = call(half.ask)
    return {check.name: _outcome(exercise, half, told, check.name) for check in exercise.checks}


def _outcome(exercise: Exercise, half: Questions, told: ValuesReply, check: str) -> Outcome:
    spec: OwnSpec = exercise.spec
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, spec.name)
    if gone is not None:
        return gone
    fault = next((value for value in told.values if isinstance(value, Fault)), None)
    if fault is not None:
        return blame.of_fault(fault, spec.name)
    if len(told.values) != len(half.ask.inputs):
        return Outcome("wrong answer", f"{spec.name} did not answer every time")
    try:
        return _held_to(exercise, half, told, check)
    except Broken as broken:
        return Outcome("judge error", str(broken))


def _held_to(exercise: Exercise, half: Questions, told: ValuesReply, check: str) -> Outcome:
    spec: OwnSpec = exercise.spec
    holds = _functions(spec.judge)[check]
    for i in sorted(range(len(half.corpus.inputs)), key=lambda i: wording.effort(half.corpus.inputs[i].args)):
        values = told.values[i * len(spec.at) : (i + 1) * len(spec.at)]
        said = _judged(holds, half.corpus.inputs[i].args, values)
        if said is not None:
            return _wrong(exercise, half, i, values, said, inspect.getdoc(holds) or check.replace("_", " "))
    return Outcome("accepted", judged=len(told.values))


def _judged(
    holds: Callable[..., Any], args: Sequence[float], values: Sequence[float | NonNumeric | Fault]
) -> str | None:
    """Return what is wrong, blank where the author's function only says that something is; None where it is right."""
    if not all(isinstance(value, float) for value in values):
        return "a value that is no number came back"
    try:
        said = holds(*args, *values)
    except Exception as error:
        raise Broken(f"its own judge raised {type(error).__name__}: {error}") from error
    if isinstance(said, str):
        return said
    if said is True:
        return None
    if said is False:
        return ""
    raise Broken(f"its own judge returned {said!r}; it should return True, False or what is wrong")


def _wrong(
    exercise: Exercise, half: Questions, i: int, values: Sequence[float | NonNumeric | Fault], said: str, should: str
) -> Outcome:
    spec: OwnSpec = exercise.spec
    points = half.ask.inputs[i * len(spec.at) : (i + 1) * len(spec.at)]
    calls = [f"{spec.name}({', '.join(map(wording.plain, point))})" for point in points]
    shown = Counterexample(
        args=dict(zip(spec.formulas.arguments, half.corpus.inputs[i].args)),
        d_out=None,
        argument="",
        returned=", ".join(f"{call} = {wording.shown(value)}" for call, value in zip(calls, values)),
        expected=said or should,
        what=spec.name,
        snippet="; ".join(
            [snippets.imports(exercise.package, (exercise.module, spec.name)), *(f"print({call})" for call in calls)]
        ),
    )
    return Outcome(
        "wrong answer",
        f"{spec.name} does not have a property it should have",
        counterexample=shown if half.public else None,
        judged=len(values),
    )


@functools.lru_cache(64)
def _functions(source: str) -> dict[str, Callable[..., Any]]:
    """Run an author's definitions, with `math` at hand. Raises Broken where they do not come through."""
    space: dict[str, Any] = {"math": math}
    try:
        exec(compile(source, "its own judge", "exec"), space)
    except Exception as error:
        raise Broken(f"its own judge raised {type(error).__name__}: {error}") from error
    return space


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, as the author's functions say it of themselves, and at which inputs."""
    tree = ast.parse(exercise.spec.judge)
    said = {node.name: ast.get_docstring(node) for node in tree.body if isinstance(node, ast.FunctionDef)}
    return Description(
        {
            one.name: (said[one.name] or f"the exercise's own function {one.name}").rstrip(".")
            for one in exercise.checks
        },
        describing.inputs(exercise.spec.formulas, public, private),
        ("How closely is for the exercise's own functions to say.",),
    )


KIND = Kind(
    name="own",
    form=OwnForm,
    checks=(),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(OwnSpec, Questions),
    describe=describe,
    formula=lambda _: "",
    machinery=True,
    whole=True,
    shares=True,
)
"""A property has no formula to state."""
