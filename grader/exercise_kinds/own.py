"""Judge a function, or a class with a backward, by a property that its author wrote in Python: what no formula says.

For every input that is drawn it is called, in the box, at each point of `at`; outside, the author's function
of the check's name is given the arguments and the values that came back, and says whether that is right. The author's
Python is trusted like the reference is: it runs where the answers are, and never sees a student's code.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, read_formulas
from grader.assignment.kind import Call, Description, Kind, Needs, Outcomes, Problems
from grader.exercise_kinds import blame, describing, own_class, snippets, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.model import Counterexample, Outcome
from grader.oracle.expressions import Expression, ExpressionError, parse
from grader.oracle.inputs import draw
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.function import FunctionReply, FunctionRequest
from grader.sandbox.probes.values import ValuesReply, ValuesRequest

D_OUT = "d_out"
NO_NUMBER = "a value that is no number came back"


class Broken(Exception):
    """The author's own judge did not judge: our side's fault, so the exercise is withheld."""


class OwnForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise with checks of its own as its file has it: `judge` holds a Python function for each check."""

    function: str = ""
    class_: str = msgspec.field(name="class", default="")
    arguments: dict[str, str]
    at: tuple[tuple[str, ...], ...] = ()
    judge: str
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()


class OwnSpec(msgspec.Struct, frozen=True):
    """A plain function or a class, where it is asked for every input, and the text of what judges it.

    A point of a class ends with the `d_out` to send back there; it may name the one that was drawn.
    """

    name: str
    formulas: Formulas
    at: tuple[tuple[Expression, ...], ...]
    judge: str
    is_class: bool = False


class Questions(QuestionSet[ValuesRequest | None], frozen=True, kw_only=True):
    """One half's question, about every point of an input after the other: `ask` of a function, `sent` of a class."""

    sent: FunctionRequest | None = None


def read(form: OwnForm, problems: Problems) -> tuple[OwnSpec | None, tuple[str, ...]]:
    """Turn the exercise's own keys into its record."""
    name, key = form.function or form.class_, "class" if form.class_ else "function"
    if bool(form.function) == bool(form.class_):
        problems.add("judge", "its judge is for a function or for a class: name one of the two")
    elif not name.isidentifier():
        problems.add(key, f"{key} {name!r} should be a Python name")
    extra = (D_OUT,) if form.class_ else ()
    formulas = read_formulas(problems, form.arguments, "0", (), (), 1, extra, form.inputs, form.condition)
    at = tuple(
        tuple(_expression(problems, f"at.{i}.{j}", text, (*form.arguments, *extra)) for j, text in enumerate(point))
        for i, point in enumerate(_points(form))
    )
    for i, point in enumerate(form.at):
        if len(point) not in (len(form.arguments), len(form.arguments) + len(extra)):
            more = f", and the {D_OUT} to send if it is not the one that is drawn" if extra else ""
            said = f"a point needs one number per argument{more}: {len(form.arguments)}, not {len(point)}"
            problems.add(f"at.{i}", said)
    _look_at(form, problems)
    if formulas is None or problems.found:
        return None, ()
    return OwnSpec(name, formulas, at, form.judge, bool(form.class_)), (name,)  # type: ignore[arg-type] # none is None


def _points(form: OwnForm) -> list[tuple[str, ...]]:
    """Return the points as they are written; a class's with the d_out that is drawn where they say none."""
    points = form.at or (tuple(form.arguments),)
    if not form.class_:
        return list(points)
    return [(*point, D_OUT) if len(point) == len(form.arguments) else point for point in points]


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
    if spec.is_class:
        sent = own_class.request(exercise.module, spec.name, spec.at, corpus.inputs)
        return Questions(None, public, corpus, sent=sent)
    points = [tuple(one.value(given.args) for one in point) for given in corpus.inputs for point in spec.at]
    return Questions(ValuesRequest(exercise.module, spec.name, tuple(points)), public, corpus)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check."""
    if half.sent is not None:
        reply, asked = own_class.told(half.sent, call)
        return {check.name: _of_class(exercise, half, asked, reply, check.name) for check in exercise.checks}
    told: ValuesReply = call(half.ask)
    return {check.name: _outcome(exercise, half, told, check.name) for check in exercise.checks}


def _of_class(exercise: Exercise, half: Questions, asked: FunctionRequest, reply: FunctionReply, check: str) -> Outcome:
    """Return the outcome of a check of a class."""
    gone = own_class.gone(asked, reply)
    if gone is not None:
        return gone
    spec: OwnSpec = exercise.spec
    try:
        holds, count = _functions(spec.judge)[check], len(spec.at)
        for i in _simplest_first(half):
            one, points = half.corpus.inputs[i], range(i * count, (i + 1) * count)
            rows = reply.rows[points.start : points.stop]
            came = own_class.returned(rows)
            said = NO_NUMBER if came is None else _said(holds, (*one.args, one.d_out, *came))
            if said is not None:
                should = said or inspect.getdoc(holds) or check.replace("_", " ")
                shown = Counterexample(
                    args=dict(zip(spec.formulas.arguments, one.args)),
                    d_out=one.d_out,
                    argument="",
                    returned=own_class.shown(asked, points, rows),
                    expected=should,
                    what=spec.name,
                    snippet=own_class.snippet(exercise.package, asked, points),
                )
                return _without(spec.name, shown if half.public else None, len(reply.rows))
    except Broken as broken:
        return Outcome("judge error", str(broken))
    return Outcome("accepted", judged=len(reply.rows))


def _simplest_first(half: Questions) -> list[int]:
    return sorted(range(len(half.corpus.inputs)), key=lambda i: wording.effort(half.corpus.inputs[i].args))


def _outcome(exercise: Exercise, half: Questions, told: ValuesReply, check: str) -> Outcome:
    spec: OwnSpec = exercise.spec
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, spec.name)
    if gone is not None:
        return gone
    fault = next((value for value in told.values if isinstance(value, Fault)), None)
    if fault is not None:
        return blame.of_fault(fault, spec.name)
    assert half.ask is not None
    if len(told.values) != len(half.ask.inputs):
        return Outcome("wrong answer", f"{spec.name} did not answer every time")
    try:
        return _held_to(exercise, half, told, check)
    except Broken as broken:
        return Outcome("judge error", str(broken))


def _held_to(exercise: Exercise, half: Questions, told: ValuesReply, check: str) -> Outcome:
    spec: OwnSpec = exercise.spec
    holds = _functions(spec.judge)[check]
    for i in _simplest_first(half):
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
        return NO_NUMBER
    return _said(holds, (*args, *values))


def _said(holds: Callable[..., Any], given: Sequence[Any]) -> str | None:
    """Return what the author's function says, as `_judged` does. Raises Broken where it does not judge."""
    try:
        said = holds(*given)
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
    assert half.ask is not None
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
    return _without(spec.name, shown if half.public else None, len(values))


def _without(name: str, shown: Counterexample | None, judged: int) -> Outcome:
    return Outcome(
        "wrong answer",
        f"{name} does not have a property it should have",
        counterexample=shown,
        judged=judged,
    )


def among_own(exercise: Exercise, half: Questions, handed: Collection[str]) -> tuple[Questions, ...]:  # noqa: ARG001 - as all kinds
    """Return the half to ask; a class's with a plain Context, and with the student's own where they have one."""
    if half.sent is None:
        return (half,)
    plain = msgspec.structs.replace(half, sent=own_class.with_plain_context(half.sent))
    return (plain, half) if half.sent.context_module in handed else (plain,)


def needs(exercise: Exercise) -> Needs:
    """Return what a class cannot be asked without."""
    return Needs(((own_class.CONTEXT_MODULE, "Context"),), bases=False) if exercise.spec.is_class else Needs()


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
        describing.inputs(exercise.spec.formulas, public, private, D_OUT if exercise.spec.is_class else ""),
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
    questions=lambda half: tuple(one for one in (half.ask, half.sent) if one is not None),
    formula=lambda _: "",
    among_own=among_own,
    needs=needs,
    machinery=True,
    whole=True,
    shares=True,
)
"""A property has no formula to state."""
