"""Judge a function, a class with a backward, or a function of variables, by a property that its author wrote in Python.


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
from typing import Any, Literal

import msgspec

from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, read_formulas
from grader.assignment.kind import Call, Description, Kind, Needs, Outcomes, Problems
from grader.exercise_kinds import describing, own_class, own_function, own_scalars, wording
from grader.exercise_kinds.asked_through import in_its_words
from grader.exercise_kinds.own_answers import Answers
from grader.exercise_kinds.question_set import QuestionSet
from grader.model import Counterexample, Input, Outcome
from grader.oracle.expressions import Expression, ExpressionError, parse
from grader.oracle.inputs import draw
from grader.sandbox.probes.expression import ExpressionRequest
from grader.sandbox.probes.function import FunctionRequest
from grader.sandbox.probes.values import ValuesRequest

D_OUT = "d_out"
ASKED = ("function", "class", "scalars")
"""The keys that say what is asked, one of them per exercise."""


class Broken(Exception):
    """The author's own judge did not judge: our side's fault, so the exercise is withheld."""


class OwnForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise with checks of its own as its file has it: `judge` holds a Python function for each check."""

    function: str = ""
    class_: str = msgspec.field(name="class", default="")
    scalars: str = ""
    arguments: dict[str, str]
    at: tuple[tuple[str, ...], ...] = ()
    judge: str
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()


class OwnSpec(msgspec.Struct, frozen=True):
    """What is asked, where it is asked for every input, and the text of what judges it.

    `of`: a plain function, a class, or a function of variables (`scalars`). A point of the latter two ends with the
    `d_out` to send back there; it may name the one that was drawn.
    """

    name: str
    formulas: Formulas
    at: tuple[tuple[Expression, ...], ...]
    judge: str
    of: Literal["function", "class", "scalars"] = "function"


class Questions(QuestionSet[ValuesRequest | None], frozen=True, kw_only=True):
    """One half's question, about every point of an input after the other.

    `ask` is of a function, `sent` of a class, and `built` of a function of variables.
    """

    sent: FunctionRequest | None = None
    built: ExpressionRequest | None = None


def read(form: OwnForm, problems: Problems) -> tuple[OwnSpec | None, tuple[str, ...]]:
    """Turn the exercise's own keys into its record."""
    named = {key: name for key, name in zip(ASKED, (form.function, form.class_, form.scalars)) if name}
    key, name = next(iter(named.items()), ("function", ""))
    if len(named) != 1:
        problems.add("judge", "its judge is for a function, a class or scalars: name one of the three")
    elif not name.isidentifier():
        problems.add(key, f"{key} {name!r} should be a Python name")
    extra = () if key == "function" and len(named) == 1 else (D_OUT,)
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
    return OwnSpec(name, formulas, at, form.judge, key), (name,)  # type: ignore[arg-type] # none is None; of ASKED


def _points(form: OwnForm) -> list[tuple[str, ...]]:
    """Return the points as they are written, with the d_out that is drawn where they say none and one is sent."""
    points = form.at or (tuple(form.arguments),)
    if form.function:
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
    if spec.of == "scalars":
        built = own_scalars.request(exercise, spec.name, spec.at, corpus.inputs)
        return Questions(None, public, corpus, built=built)
    if spec.of == "class":
        sent = own_class.request(exercise.module, spec.name, spec.at, corpus.inputs)
        return Questions(None, public, corpus, sent=sent)
    return Questions(own_function.request(exercise.module, spec.name, spec.at, corpus.inputs), public, corpus)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check."""
    answers = _asked(exercise, half, call)
    found = {
        check.name: answers if isinstance(answers, Outcome) else _held_to(exercise, half, answers, check.name)
        for check in exercise.checks
    }
    return found if half.built is None else in_its_words(exercise, found)


def _asked(exercise: Exercise, half: Questions, call: Call) -> Answers | Outcome:
    if half.built is not None:
        return own_scalars.asked(half.built, call, exercise, half.public)
    if half.sent is not None:
        return own_class.asked(half.sent, call, exercise.package, half.public)
    assert half.ask is not None
    return own_function.asked(half.ask, call, exercise.package, half.public)


def _held_to(exercise: Exercise, half: Questions, answers: Answers, check: str) -> Outcome:
    """Hold every input to the author's function, the simplest first."""
    spec: OwnSpec = exercise.spec
    inputs, count = half.corpus.inputs, len(spec.at)
    try:
        holds = _functions(spec.judge)[check]
        for i in sorted(range(len(inputs)), key=lambda i: wording.effort(inputs[i].args)):
            points = range(i * count, (i + 1) * count)
            drawn = inputs[i].args if spec.of == "function" else (*inputs[i].args, inputs[i].d_out)
            came = answers.given(points)
            said = answers.no_number if came is None else _said(holds, (*drawn, *came))
            if said is not None:
                should = inspect.getdoc(holds) or f"the property “{check.replace('_', ' ')}”"
                return _wrong(spec, half, inputs[i], answers, points, said, should)
    except Broken as broken:
        return Outcome("judge error", str(broken))
    return Outcome("accepted", judged=len(answers))


def _said(holds: Callable[..., Any], given: Sequence[Any]) -> str | None:
    """Return what is wrong, blank where the author's function only says that something is; None where it is right.

    Raises Broken where it does not judge.
    """
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
    spec: OwnSpec, half: Questions, at: Input, answers: Answers, points: Sequence[int], said: str, should: str
) -> Outcome:
    shown = Counterexample(
        args=dict(zip(spec.formulas.arguments, at.args)),
        d_out=None if spec.of == "function" else at.d_out,
        argument="",
        returned=answers.shown(points),
        expected=should,
        what=spec.name,
        snippet=answers.snippet(points),
    )
    return Outcome(
        "wrong answer",
        f"{spec.name} does not have a property it should have",
        counterexample=shown if half.public else None,
        judged=len(answers),
        detail=said if half.public else "",
    )


def among_own(exercise: Exercise, half: Questions, handed: Collection[str]) -> tuple[Questions, ...]:  # noqa: ARG001 - as all kinds
    """Return the half to ask; a class's with a plain Context, and with the student's own where they have one."""
    if half.sent is None:
        return (half,)
    plain = msgspec.structs.replace(half, sent=own_class.with_plain_context(half.sent))
    return (plain, half) if half.sent.context_module in handed else (plain,)


def needs(exercise: Exercise) -> Needs:
    """Return what a class, or a function of variables, cannot be asked without."""
    if exercise.spec.of == "scalars":
        return own_scalars.needs(exercise.dialect or Dialect(""))
    return Needs(((own_class.CONTEXT_MODULE, "Context"),), bases=False) if exercise.spec.of == "class" else Needs()


def fits(exercise: Exercise, dialect: Dialect) -> str:
    """Return why an exercise cannot be asked through a dialect; blank where it can."""
    return own_scalars.fits(dialect) if exercise.spec.of == "scalars" else ""


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
        describing.inputs(exercise.spec.formulas, public, private, "" if exercise.spec.of == "function" else D_OUT),
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
    questions=lambda half: tuple(one for one in (half.ask, half.sent, half.built) if one is not None),
    formula=lambda _: "",
    among_own=among_own,
    needs=needs,
    fits=fits,
    machinery=True,
    whole=True,
    shares=True,
)
"""A property has no formula to state."""
