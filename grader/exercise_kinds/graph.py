"""Judge the machinery: Scalar, apply, the chain rule, topological order, backpropagation, on graphs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from grader.assignment.dialects import KNOWN_OPERATIONS, Dialect
from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.forms import near
from grader.assignment.kind import Call, Description, Kind, Needs, Outcomes, Problems
from grader.diagnosis import graph_mistakes, operator_mistakes
from grader.exercise_kinds import blame, graph_cost, graph_naming, graph_words, labels
from grader.exercise_kinds import graph_verdicts as verdicts
from grader.exercise_kinds.asked_through import in_its_words, interface
from grader.exercise_kinds.graph_checks import (
    GRAPH_CHECKS,
    GraphCheck,
    Restriction,
    restricted_trials,
    rule_of,
    trials,
)
from grader.exercise_kinds.graph_naming import Asked, Question, Questions
from grader.exercise_kinds.graph_pictures import Writing, counterexample, smallest, snippet
from grader.exercise_kinds.graph_verdicts import Trial, Wrong, budget
from grader.exercise_kinds.graph_words import method_of
from grader.exercise_kinds.labels import NodeRow
from grader.exercise_kinds.question_set import QuestionSet
from grader.exercise_kinds.quoting import quoted
from grader.judging.tolerance import EXACT, NETWORK
from grader.model import Diagnosis, Graph, Node, Outcome
from grader.sandbox.probes.graph import GraphReply, GraphRequest
from grader.sandbox.probes.machine import MACHINES, OPERATIONS, parts_of_a_machine

SHRUNK_UNDER = 200
"""Nodes. A larger graph is told of in words."""

KEEPS = "asked again it answers otherwise: does it keep something on the class, or in a global name?"
OR_A_SET = "asked again it answers otherwise: a set has another order each time; and what is kept on a class lasts"

OPERATED = ("arithmetic", "comparisons")
OPERANDS = ((5.0, 2.0), (-1.5, 4.0), (2.0, 2.0), (0.5, -3.0))
"""What an operator is asked about once more, before its mistake is named."""


class GraphForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A machinery exercise as its file has it.

    `under_test`: the names in `file` that stay the student's, or `everything`: all their files, nothing provided.
    `functions`: the module whose functions the graphs are made of. `entry`: the function under test that
    backpropagates, where it is not a scalar's own `backward`. `operations`: what graphs are made of, where not of all
    that the dialect has: a slip in another operation, or in how numbers are dealt with, is then not charged again.
    """

    functions: str = "scalar_functions"
    build: Literal["apply", "operators"] = "apply"
    entry: str = ""
    operations: tuple[str, ...] = ()


class GraphSpec(msgspec.Struct, frozen=True):
    """How an exercise's graphs are built and sent back through."""

    functions: str
    build: Literal["apply", "operators"]
    entry: str
    operations: tuple[str, ...] = ()


def read(form: GraphForm, problems: Problems) -> tuple[GraphSpec, tuple[str, ...]]:
    """Turn the machinery's own keys into its record."""
    if not form.under_test:
        problems.add("under_test", "should name what is under test, or be `everything`")
    for i, name in enumerate(form.operations):
        if name not in KNOWN_OPERATIONS:
            problems.add(f"operations.{i}", f"unknown operation {name!r}{near(name, KNOWN_OPERATIONS)}")
    return GraphSpec(form.functions, form.build, form.entry, form.operations), ()


def _through(exercise: Exercise) -> str:
    return exercise.dialect.name if exercise.dialect else "minitorch"


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Make one half's graphs, with their answers."""
    questions = {}
    for check in exercise.checks:
        rule = _rule(exercise, check.name)
        limits = _restriction(exercise, check.name)
        if limits:
            made = restricted_trials(rule, count, seed, public, limits)
        else:
            made = tuple(one for one in trials(rule, count, seed, public) if _is_asked_for(exercise, rule, one.graph))
        if made:
            questions[check.name] = Question(_ask(exercise, rule, [one.graph for one in made]), made)
    return QuestionSet(questions, public)


def _is_asked_for(exercise: Exercise, rule: GraphCheck, graph: Graph) -> bool:
    """Say whether the course asks for all that a graph is made of. Every function can be applied."""
    machine = MACHINES[_through(exercise)]
    if rule.want == "derivatives" and not machine.meets_constants and any(one.op == "constant" for one in graph.nodes):
        return False
    if exercise.spec.build == "apply":
        return True
    reflected = {one.op for one in graph.nodes if one.inputs and graph.nodes[one.inputs[0]].op == "number"}
    return not ({one.op for one in graph.nodes} & machine.lacks or reflected & machine.lacks_reflected)


def _ask(exercise: Exercise, rule: GraphCheck, graphs: Sequence[Graph]) -> GraphRequest:
    spec: GraphSpec = exercise.spec
    dialect, through = exercise.dialect, _through(exercise)
    budgeted = bool(rule.growth) and rule.want == "derivatives" and through in MACHINES
    plain = graphs[: graph_cost.PLAINLY] if budgeted else ()
    return GraphRequest(
        graphs=tuple(map(labels.steps, (*plain, *graphs))),
        want=rule.want,
        module=exercise.module,
        functions=spec.functions,
        build=spec.build,
        entry=(exercise.module, spec.entry),
        budget=max(map(budget, graphs)) if budgeted else 0,
        growth=rule.growth,
        steep=graph_cost.STEEP if rule.growth else 0,
        plain=len(plain),
        through=through,
        how=None if dialect is None or through in MACHINES else interface(exercise, dialect),
        needed=tuple(name for name in exercise.under_test if dialect and name in dialect.names),
    )


def _restriction(exercise: Exercise, check: str) -> Restriction | None:
    """Return what an exercise's graphs are held to by its dialect; None where MiniTorch's machine has everything."""
    dialect = exercise.dialect
    if dialect is None or dialect.name in MACHINES:
        return None
    drawn = exercise.spec.operations or dialect.drawn
    there = tuple(name for name, op in OPERATIONS.items() if op in drawn)
    once = dialect.again == "unasked" and check != "again"
    numbers = dialect.numbers != "unasked" and not exercise.spec.operations
    return Restriction(there, dialect.depth, numbers, dialect.again == "resets", once)


def fits(exercise: Exercise, dialect: Dialect) -> str:
    """Return why an exercise on graphs cannot be asked through a dialect; blank where it can."""
    if dialect.name in MACHINES:
        return ""
    names = [check.name for check in exercise.checks]
    if dialect.mode != "backward":
        return f"{dialect.name} sends nothing back through a graph"
    drawn = exercise.spec.operations or dialect.drawn
    unknown = next((op for op in drawn if op not in dialect.drawn), "")
    if unknown:
        return f"{dialect.name} has no {unknown}; graphs are made of what OPERATIONS names"
    missing = next((op for op in ("add", "mul", "neg") if op not in drawn), "")
    if missing:
        return f"graphs are made of sums, products and negations, and {dialect.name} has no {missing}"
    other = next((name for name in names if name not in ANYWHERE), "")
    if other:
        return f"the check {other!r} looks into MiniTorch's own machine; there are {', '.join(ANYWHERE)}"
    if "order" in names and "order" not in dialect.functions:
        return f"{dialect.name} does not say how an order is asked for: def order(v)"
    if "again" in names and dialect.again == "unasked":
        return f'{dialect.name} does not say what a second backward does: AGAIN = "accumulates" or "resets"'
    return ""


ANYWHERE = ("gradients", "again", "lone_leaf", "cost", "depth", "order", "network")
"""The checks that look at values, orders and derivatives alone, and so can be asked of any course's variables."""


def _rule(exercise: Exercise, name: str) -> GraphCheck:
    return rule_of(name, [check.name for check in exercise.checks])


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check of the exercise on this half."""
    found: Outcomes = {}
    for check in exercise.checks:
        found[check.name] = _outcome(exercise, half, check.name, call, found)
    return in_its_words(exercise, found)


def _outcome(exercise: Exercise, half: Questions, name: str, call: Call, others: Outcomes) -> Outcome:
    """Return the outcome of one check; `others` are those of the checks before it."""
    question = half.ask.get(name)
    if question is None:
        return Outcome("accepted")
    told: GraphReply = call(question.ask)
    if told.missing is not None:
        return blame.of_fault(told.missing, f"loading {exercise.file}")
    if told.absent or not told.rows:  # whatever the box may say: no rows are no evidence
        return Outcome("not attempted", f"{exercise.file} gave no answer")
    graphs, one_each = [trial.graph for trial in question.trials], question.ask.want == "accumulated"
    rows = labels.rows([*graphs[: question.ask.plain], *graphs], told.rows, one_each)
    rows = graph_cost.telling(graphs, rows, question.ask.plain)
    rule = _rule(exercise, name)
    if question.ask.walked:
        rule = msgspec.structs.replace(rule, wrong=verdicts.walked(rule.wrong, deep=rule.want == "derivatives"))
    if rule.growth and len(rows) == len(question.trials) and all(row.fault is None for row in rows):
        return _cost(rule, question, rows, others)
    through = question.ask.through
    wrong = [i for i, (trial, row) in enumerate(zip(question.trials, rows)) if _is_wrong(rule, trial, row, through)]
    if not wrong and len(rows) == len(question.trials):
        return Outcome("accepted", judged=len(rows))
    wrong = wrong or [len(rows) - 1]  # the fault after which the rest was left unasked: unasked is not passed
    first = min(wrong, key=lambda i: _size(question.trials[i].graph))
    fault = rows[first].fault
    if fault is not None:
        writing = _writing(exercise, name, question.ask)
        if exercise.spec.build == "apply" and through in MACHINES:  # as it was: nobody's operators may be right
            writing = msgspec.structs.replace(writing, applied=True)
        called = snippet(question.trials[first].graph, writing, again=rows[first].again) if half.public else ""
        outcome = blame.of_fault(fault, _doing(name), called)
        besides = _besides(rule, question, rows, None) if half.public else ""
        return msgspec.structs.replace(outcome, detail="; ".join(filter(None, (outcome.detail, besides))))
    return _told(exercise, name, rule, half, question, rows, first, call, others)


def _cost(rule: GraphCheck, question: Question, rows: Sequence[NodeRow], others: Outcomes) -> Outcome:
    """Return the outcome of a check on how work grows. Right on small graphs is what the check on answers found."""
    small = others.get("gradients" if rule.want == "derivatives" else "order")
    wrong = graph_cost.wrong(rule.wrong, question.trials, rows, small is not None and small.verdict == "accepted")
    if wrong is None:
        return Outcome("accepted", judged=len(rows))
    named = wrong.instead and graph_cost.passes_every_arrival(question.trials, rows)
    numbers = (wrong.numbers, "" if named else wrong.instead)
    return Outcome(
        "wrong answer",
        wrong.says,
        diagnosis=(graph_cost.EVERY_ARRIVAL,) if named else (),
        judged=len(rows),
        detail="; ".join(filter(None, numbers)),
    )


def _size(graph: Graph) -> tuple[int, int]:
    """Order graphs by how simple they read: `x > y` before `3.0 < y`."""
    return len(graph.nodes), sum(node.op == "number" for node in graph.nodes)


def _is_wrong(rule: GraphCheck, trial: Trial, row: NodeRow, through: str) -> bool:
    """Say whether a row is wrong. A scalar need not know how to be taken from a number, nor what is optional."""
    if row.fault is None:
        return rule.wrong(trial, row) is not None
    nodes = trial.graph.nodes
    last = nodes[-1].op
    if through not in MACHINES:
        return True
    if last in MACHINES[through].optional and row.fault.error == "AttributeError":
        return f"'{graph_words.METHODS[last]}'" not in row.fault.message
    reflected = last == "Sub" and nodes[nodes[-1].inputs[0]].op == "number"
    return not (reflected and row.fault.error == "TypeError")


def _told(
    exercise: Exercise,
    name: str,
    rule: GraphCheck,
    half: Questions,
    question: Question,
    rows: Sequence[NodeRow],
    first: int,
    call: Call,
    others: Outcomes,
) -> Outcome:
    trial, row = question.trials[first], rows[first]
    wrong = rule.wrong(trial, row) or Wrong("")
    if not half.public:
        return Outcome("wrong answer", wrong.says, judged=len(rows))
    asked = _asking(question.ask, call)
    named, examples = graph_naming.borne_out(name, rule, question, rows, others, asked)
    operators = _operator(question, rows, first, call) if name in OPERATED else ()
    shown = None
    if name not in graph_naming.LEFT_ALONE and len(trial.graph.nodes) <= SHRUNK_UNDER:
        found = graph_naming.example(rule, question, named, examples)
        if found is None and named.diagnosis:  # of the graphs that the name explains the simplest
            found = next(one for one in _by_size(question, rows) if _shows(rule, *one))
        found = found or _smallest(rule, trial, asked, wrong)
        trial, row = found or (trial, row)
        wrong = rule.wrong(trial, row) or wrong
        if found is None and not wrong.remembers:
            keeps = KEEPS if question.ask.how is None else OR_A_SET
            wrong = msgspec.structs.replace(wrong, numbers=f"{wrong.numbers}; {keeps}" if wrong.numbers else keeps)
        row = _with_values(exercise, trial, row, question.ask, call)
        numbers = filter(None, (wrong.numbers, "" if wrong.look else verdicts.first_wrong_value(trial, row)))
        wrong = msgspec.structs.replace(wrong, numbers="; ".join(numbers))
        shown = counterexample(trial, row, _writing(exercise, name, question.ask), wrong)
    besides = "" if named.diagnosis else _besides(rule, question, rows, wrong)
    return Outcome(
        "wrong answer",
        wrong.says,
        counterexample=shown,
        diagnosis=named.diagnosis or operators,
        judged=len(rows),
        detail="; ".join(filter(None, (wrong.numbers, besides))),
    )


def _shows(rule: GraphCheck, trial: Trial, row: NodeRow) -> bool:
    """Say whether a graph that mistakes were acted out on is wrong."""
    return row.fault is None and graph_mistakes.is_acted_out(trial.graph) and rule.wrong(trial, row) is not None


def _by_size(question: Question, rows: Sequence[NodeRow]) -> list[tuple[Trial, NodeRow]]:
    return sorted(zip(question.trials, rows), key=lambda one: _size(one[0].graph))


def _besides(rule: GraphCheck, question: Question, rows: Sequence[NodeRow], shown: Wrong | None) -> str:
    """Say what else is wrong with other graphs, in words. `shown` is what is told already; None: an exception is."""
    for trial, row in _by_size(question, rows):
        if row.fault is not None:
            if shown is not None and _is_wrong(rule, trial, row, question.ask.through):
                return f"another graph raised {quoted(row.fault.error)}"
            continue
        other = rule.wrong(trial, row)
        if other is not None and (shown is None or not other.is_of_the_same(shown)):
            return f"in another graph, {other.says}"
    return ""


def _operator(question: Question, rows: Sequence[NodeRow], first: int, call: Call) -> tuple[Diagnosis, ...]:
    """Name the mistake in the operator that made a wrong graph, if it explains its values at other operands as well."""
    graph = question.trials[first].graph
    method = method_of(graph, len(graph.nodes) - 1)
    if method not in operator_mistakes.KNOWN:
        return ()
    left, right = (graph.nodes[i] for i in graph.nodes[-1].inputs)
    more = [Graph((Node(left.op, (), a), Node(right.op, (), b), *graph.nodes[2:]), graph.sends) for a, b in OPERANDS]
    told = [(trial.graph, row) for trial, row in zip(question.trials, rows) if trial.graph.nodes[-1].inputs]
    same = [(one, row) for one, row in told if method_of(one, len(one.nodes) - 1) == method]
    same += zip(more, _asking(question.ask, call)(more))
    came = []
    for one, row in same:
        value = row.values[row.output] if row.fault is None and 0 <= row.output < len(row.values) else None
        if not isinstance(value, float):
            return ()
        a, b = (one.nodes[i].value for i in one.nodes[-1].inputs)
        turned = one.nodes[-1].op != operator_mistakes.COMPARES.get(method, one.nodes[-1].op)  # 2.0 < x calls __gt__
        came.append((b, a, value) if turned else (a, b, value))
    return operator_mistakes.named(method, came)


def _with_values(exercise: Exercise, trial: Trial, row: NodeRow, ask: GraphRequest, call: Call) -> NodeRow:
    """Return the row with the nodes' own values, where the student's own operators have made them."""
    if row.values or exercise.spec.build != "operators":
        return row
    told: GraphReply = call(
        msgspec.structs.replace(ask, want="values", graphs=(labels.steps(trial.graph),), walked=False)
    )
    return msgspec.structs.replace(row, values=labels.rows([trial.graph], told.rows)[0].values) if told.rows else row


def _asking(ask: GraphRequest, call: Call) -> Asked:
    def asked(graphs: Sequence[Graph]) -> Sequence[NodeRow]:
        rows: list[NodeRow] = []
        while len(rows) < len(graphs):  # after a few faults the rest is left unasked: go on behind them
            left = graphs[len(rows) :]
            told: GraphReply = call(msgspec.structs.replace(ask, graphs=tuple(map(labels.steps, left))))
            if not told.rows:
                break
            rows += labels.rows(left, told.rows, ask.want == "accumulated")
        return rows

    return asked


def _smallest(rule: GraphCheck, trial: Trial, asked: Asked, fault: Wrong) -> tuple[Trial, NodeRow] | None:
    """Return the smallest graph that goes wrong in the same way, and what came of it."""
    smaller = smallest(trial, rule, asked, fault)
    again = asked([smaller.graph, smaller.graph])
    if len(again) == 2 and again[0].fault is None and repr(again[0]) == repr(again[1]):
        return smaller, again[0]
    return None  # it says something else each time it is asked


def _writing(exercise: Exercise, name: str, ask: GraphRequest) -> Writing:
    """Return how a student writes down what a check did."""
    spec: GraphSpec = exercise.spec
    is_machine = _through(exercise) in MACHINES
    return Writing(
        exercise.package,
        spec.functions,
        ask.want,
        ask.entry,
        through=_through(exercise),
        applied=name in ("history", "boxes"),
        roles=name == "roles",
        words=exercise.dialect.words if exercise.dialect and not is_machine else None,
        taken=tuple((exercise.module, one) for one in exercise.under_test),
    )


def _doing(name: str) -> str:
    return {"order": "topological_sort", "chain_rule": "chain_rule", "roles": "asking what a scalar is"}.get(
        name, "building a graph and going through it"
    )


METHODS = {"chain_rule": "chain_rule", "accumulate": "accumulate_derivative", "history": "apply"}
"""Check -> the one method that it is about, of the class under test."""


def about(exercise: Exercise, check: str) -> str:
    """Return the function, class or method that a check is about; blank where several are."""
    if len(exercise.under_test) != 1:
        return ""
    name = exercise.under_test[0]
    return f"{name}.{METHODS[check]}" if check in METHODS and name[:1].isupper() else name


def questions(half: Questions) -> tuple[GraphRequest, ...]:
    """Return every check's question."""
    return tuple(one.ask for one in half.ask.values())


def among_own(exercise: Exercise, half: Questions, handed: Collection[str]) -> tuple[Questions, ...]:  # noqa: ARG001 - as all kinds
    """Return the half with the exercise's own checks only, and with every walk held to calling the backwards.

    Among a student's own files a `Scalar.derivative` could differentiate numerically, and `backpropagate` do nothing.
    """
    asked = {check.name for check in exercise.checks}
    walked = {
        name: msgspec.structs.replace(
            one, ask=msgspec.structs.replace(one.ask, walked=_walks(name) and one.ask.how is None)
        )
        for name, one in half.ask.items()
        if name in asked
    }
    return (msgspec.structs.replace(half, ask=walked),)


def _walks(name: str) -> bool:
    """Say whether what a check wants takes calling backwards. How often is left alone where growth is what is held."""
    return GRAPH_CHECKS[name].want in ("derivatives", "chain") and name not in graph_naming.LEFT_ALONE


def _needs(exercise: Exercise) -> Needs:
    """Return the parts of a machine that graphs are built of."""
    rules = [_rule(exercise, check.name) for check in exercise.checks]
    parts = parts_of_a_machine(exercise.spec.functions) if _restriction(exercise, "") is None else ()
    dialect = exercise.dialect
    beside = dialect is not None and dialect.name not in MACHINES
    spoken = dialect.taken(exercise.spec.operations or dialect.drawn) if dialect and beside else ()
    return Needs(parts, spoken, walks=any(one.want == "derivatives" for one in rules))


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, on which graphs and how closely."""
    rough = ", a network's by " + f"{NETWORK.relative:g}" if "network" in public.ask else ""
    return Description(
        {check.name: _holds(exercise, check.name) for check in exercise.checks},
        (
            *(_graphs(check.name, _rule(exercise, check.name), public, private) for check in exercise.checks),
            "The random ones are drawn once from the assignment's seed, and the same for everyone. Students see public "
            "ones only.",
        ),
        (
            f"Numbers may be off by {EXACT.relative:g} of the size of the terms they are made from{rough}. "
            "What else is held is equal or not.",
        ),
    )


def _holds(exercise: Exercise, check: str) -> str:
    limits = _restriction(exercise, check)
    if check == "depth" and limits is not None:
        return f"a chain of {limits.depth} nodes"
    return _rule(exercise, check).holds


def _graphs(name: str, rule: GraphCheck, public: Questions, private: Questions | None) -> str:
    counts = [len(half.ask[name].trials) if half and name in half.ask else 0 for half in (public, private)]
    named = len(rule.named) if rule.random else counts[0]
    made = f"{name}: {named} made for what they show"
    drawn = f", {counts[0] - named} random ones and {counts[1]} private random ones"
    return f"{made}{drawn if rule.random else ''}"


KIND = Kind(
    name="graph",
    form=GraphForm,
    checks=tuple(GRAPH_CHECKS),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(GraphSpec, Questions),
    describe=describe,
    questions=questions,
    machinery=True,
    walks=True,
    among_own=among_own,
    for_handout=graph_naming.for_handout,
    about=about,
    needs=_needs,
    fits=fits,
)
