"""Ask a function of a student's own variables at the points of an exercise with checks of its own.

At each point of `at` fresh variables are made, the function is called with them, and the `d_out` of that point is sent
back through what it returns: by the course's dialect, as for an expression. The author's function is given the same
as for a class.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.assignment.kind import Call, Needs
from grader.exercise_kinds import blame, snippets, speaking, wording
from grader.exercise_kinds.asked_through import interface
from grader.exercise_kinds.own_answers import Returned
from grader.exercise_kinds.own_answers import points as asked_at
from grader.exercise_kinds.speaking import Speaking
from grader.model import Input, Outcome
from grader.oracle.expressions import Expression
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.expression import ExpressionRequest
from grader.sandbox.probes.function import Evaluation, FunctionReply

NO_VARIABLE = "what came back is no variable of yours, or its value or a derivative is no number"


def request(
    exercise: Exercise, name: str, at: Sequence[Sequence[Expression]], inputs: Sequence[Input]
) -> ExpressionRequest:
    """Return the question: every point of an input after the other. A point's last formula is its `d_out`."""
    if exercise.dialect is None:
        raise ValueError("it says through which dialect it is asked neither itself nor in the config (`through:`)")
    return ExpressionRequest(
        module=exercise.module,
        how=interface(exercise, exercise.dialect),
        mode="backward",
        formula="",
        operations=(),
        needed=(),
        arity=len(at[0]) - 1,
        inputs=asked_at(at, inputs),
        function=name,
    )


def fits(dialect: Dialect) -> str:
    """Return why a function of variables cannot be asked through a dialect; blank where it can."""
    if dialect.mode != "backward":
        return f"{dialect.name} sends nothing back through what a function returns"
    return "" if "leaf" in dialect.functions else f"{dialect.name} does not say how a variable is made: def leaf(value)"


def needs(dialect: Dialect) -> Needs:
    """Return what the dialect takes; derivatives are sent back."""
    return Needs(spoken=dialect.taken(()), walks=True)


def asked(ask: ExpressionRequest, call: Call, exercise: Exercise, public: bool) -> Answers | Outcome:
    """Return what came back; or the outcome of a function that is not there, raises, or builds nothing."""
    reply: FunctionReply = call(ask)
    missing = blame.of_what_is_not_there(reply.missing, reply.absent, ask.module, ask.function)
    if missing is not None:
        return missing
    spoken = speaking.of(exercise, ask.function, exercise.spec.formulas.arguments, ask.function)
    answers = Answers(ask, reply.rows, spoken)
    for i, row in enumerate(reply.rows):
        for came, backward in ((row.forward, False), (row.backward, True)):
            if isinstance(came, Fault):
                return blame.of_fault(came, spoken.doing(backward), answers.snippet([i]) if public else "")
    if len(reply.rows) != len(ask.inputs):
        return Outcome("wrong answer", f"{ask.function} did not answer every time")
    return answers


class Answers(msgspec.Struct, frozen=True):
    """What came of a function of variables at every point."""

    ask: ExpressionRequest
    rows: Sequence[Evaluation]
    speaking: Speaking
    no_number: str = NO_VARIABLE

    def __len__(self) -> int:
        """Return how many points were answered."""
        return len(self.rows)

    def given(self, points: Sequence[int]) -> Sequence[Returned] | None:
        """Return a record per point, None where anything of it is no number.

        A variable that nothing arrived at has no derivative yet in some courses: None is 0, as it is in others.
        """
        found = []
        for row in (self.rows[i] for i in points):
            if not isinstance(row.forward, float) or not isinstance(row.backward, tuple):
                return None
            numbers = [0.0 if _is_none(one) else one for one in row.backward]
            gradients = tuple(one for one in numbers if isinstance(one, float))
            if len(gradients) != self.ask.arity:
                return None
            found.append(Returned(row.forward, gradients))
        return found

    def shown(self, points: Sequence[int]) -> str:
        """Return what came back at some points, in words."""
        words, said = self.speaking.dialect.words, []
        for i in points:
            row, (args, d_out) = self.rows[i], self.ask.inputs[i]
            came = f"{self.ask.function}({', '.join(map(wording.plain, args))}) = {wording.shown(row.forward)}"
            back = row.backward if isinstance(row.backward, tuple) else ()
            named = [words.gradient.format(name) for name in self.speaking.arguments]
            gradients = [f"{name} = {wording.shown(one)}" for name, one in zip(named, back)]
            said.append(", ".join([came, f"{words.sent_name} = {wording.plain(d_out)}", *gradients]))
        return "; ".join(said)

    def snippet(self, points: Sequence[int]) -> str:
        """Return the calls at some points, to paste and run: imports once, and fresh variables for each."""
        return snippets.one_after_another(self.speaking.snippet(*self.ask.inputs[i]) for i in points)


def _is_none(one: object) -> bool:
    return isinstance(one, NonNumeric) and one.was == "None"
