"""Name a mistake in a machine by what comes back on the graphs of a check, and on small ones that bear the name out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.assignment.kind import Outcomes
from grader.diagnosis import graph_mistakes
from grader.diagnosis.graph_mistakes import About, Foreseen, Left, Named
from grader.exercise_kinds import graph_verdicts as verdicts
from grader.exercise_kinds.graph_checks import GraphCheck
from grader.exercise_kinds.graph_verdicts import Trial
from grader.exercise_kinds.labels import NodeRow
from grader.exercise_kinds.question_set import QuestionSet
from grader.model import Graph
from grader.oracle.graph_corpus import answers
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.graph import GraphRequest

LEFT_ALONE = ("cost", "depth")


class Question(msgspec.Struct, frozen=True):
    """What one check asks, and the exact answers. `foreseen`: what known mistakes would leave, for who cannot tell."""

    ask: GraphRequest
    trials: tuple[Trial, ...]
    foreseen: Foreseen | None = None


Questions = QuestionSet[dict[str, Question]]
"""A question per check; a check without any is asked in the other half only."""

Asked = Callable[[Sequence[Graph]], Sequence[NodeRow]]
"""Ask about more graphs: as many rows, or fewer where the worker tells of no more."""


def borne_out(
    name: str, rule: GraphCheck, question: Question, rows: Sequence[NodeRow], others: Outcomes, asked: Asked
) -> tuple[Named, Sequence[NodeRow]]:
    """Return the names that explain the graphs of `EXAMPLES` as well, and what came of those."""
    named, about = _named(name, rule, question, rows, others), _about(question)
    if not named.diagnosis or about is None:
        return named, ()
    examples = asked(graph_mistakes.EXAMPLES)
    more = [
        None if about == "closures" and len(graph.sends) > 1 else _came(rule, Trial(graph, ()), row)
        for graph, row in zip(graph_mistakes.EXAMPLES, examples)  # what a second backward does, few courses say
    ]
    told = [*_told_by(rule, question, rows), *more]
    return graph_mistakes.named(_foreseen(question, about), told, about, _before(others)), examples


def example(
    rule: GraphCheck, question: Question, named: Named, examples: Sequence[NodeRow]
) -> tuple[Trial, NodeRow] | None:
    """Return the simplest graph at which the named mistake shows, and where what comes back is what it would leave."""
    about = _about(question)
    if about is None or not named.diagnosis:
        return None
    for graph, left, row in zip(graph_mistakes.EXAMPLES, named.examples, examples):
        if about == "closures" and len(graph.sends) > 1:
            continue
        trial = Trial(graph, answers(graph))
        came = _came(rule, trial, row)
        if came and rule.wrong(trial, row) and any(graph_mistakes.matches(one, came, about) for one in left):
            return trial, row
    return None


def _about(question: Question) -> About | None:
    """Return what mistakes in an answer are told by; None where none is known. A dialect's variables have closures."""
    if question.ask.want == "derivatives":
        return "derivatives" if question.ask.how is None else "closures"
    return "order" if question.ask.want == "order" else None


def _foreseen(question: Question, about: About) -> Foreseen:
    return question.foreseen or graph_mistakes.foreseen(tuple(one.graph for one in question.trials), about)


def _named(name: str, rule: GraphCheck, question: Question, rows: Sequence[NodeRow], others: Outcomes) -> Named:
    """Name the mistake that explains what came back on every graph that it was acted out on.

    Where all of those are right there is nothing to name. Of several, what was named in a check before is meant.
    """
    about = _about(question)
    if about is None or name in LEFT_ALONE:
        return Named()
    told = _told_by(rule, question, rows)
    if not any(came and rule.wrong(trial, row) for trial, row, came in zip(question.trials, rows, told)):
        return Named()
    return graph_mistakes.named(_foreseen(question, about), told, about, _before(others))


def _before(others: Outcomes) -> set[str]:
    return {one.name for outcome in others.values() for one in outcome.diagnosis}


def _told_by(rule: GraphCheck, question: Question, rows: Sequence[NodeRow]) -> list[Left | None]:
    """Return what came of each graph of a question; None of one that no mistake was acted out on."""
    found = [
        _came(rule, trial, row) if graph_mistakes.is_acted_out(trial.graph) else None
        for trial, row in zip(question.trials, rows)
    ]
    return found + [None] * (len(question.trials) - len(found))


def _came(rule: GraphCheck, trial: Trial, row: NodeRow) -> Left | None:
    """Return what came back as a mistake is told by it: each leaf's derivative after each send, or an order."""
    if row.fault is not None:
        return None
    if rule.want == "order":
        if isinstance(row.order, NonNumeric):
            return None
        return graph_mistakes.as_order(trial.graph, verdicts.variables_of(trial.graph, row.order))
    if len(row.derivatives) != len(trial.graph.sends):
        return None
    return tuple(tuple(one if isinstance(one, float) else None for one in after) for after in row.derivatives)


def for_handout(half: Questions) -> Questions:
    """Return the half with what known mistakes would leave: a handout cannot act them out."""
    ask = {}
    for name, one in half.ask.items():
        about = _about(one)
        told = about is not None and name not in LEFT_ALONE
        ask[name] = msgspec.structs.replace(one, foreseen=_foreseen(one, about) if told and about else None)
    return msgspec.structs.replace(half, ask=ask)
