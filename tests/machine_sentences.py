"""What sentences on graphs, contexts and central differences claim, held against the student's files as at home.

What is shown is run twice: with the student's files, and with right ones. A name is tried on graphs, operands and calls
that grading never asked about.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import random
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.diagnosis import difference_mistakes, graph_mistakes, operator_mistakes
from grader.diagnosis.graph_mistakes import About, Left
from grader.model import Graph
from grader.oracle import graph_corpus
from grader.sandbox.probes.difference import FUNCTIONS, Difference
from grader.sandbox.probes.machine import OPERATORS
from tests import homes
from tests.claiming import Claim, Rule
from tests.machinery import REFERENCE

FRESH = 12
GROWTH = 2.5
"""Work on the paths of one more diamond doubles, and more; on its nodes it grows by a few per cent."""


def ran(code: str) -> tuple[dict[str, Any], list[str], str]:
    """Run code as it is pasted: its names, the lines it prints, and what it raises."""
    space: dict[str, Any] = {}
    raised = ""
    with contextlib.redirect_stdout(io.StringIO()) as lines:
        try:
            exec(code, space)
        except Exception as error:
            raised = type(error).__name__
    return space, lines.getvalue().splitlines(), raised


@functools.cache
def with_right_files(code: str, sources: tuple[tuple[str, str], ...]) -> tuple[tuple[str, ...], str]:
    """Return what the same code prints and raises in a folder with right files."""
    with tempfile.TemporaryDirectory() as folder, homes.home(Path(folder), dict(sources)):
        _, lines, raised = ran(code)
    return tuple(lines), raised


def code_of(claim: Claim) -> str:
    """Return what there is to try."""
    shown = claim.outcome.counterexample
    return shown.snippet if shown is not None and shown.snippet else claim.outcome.call


def differs(claim: Claim, __: re.Match[str]) -> bool:
    """What is shown comes out otherwise than with right files; where nothing is shown, another check shows it."""
    code = code_of(claim)
    if not code:
        return _is_lost_elsewhere(claim)
    claim.load(claim.exercise.module)
    right = with_right_files(code, tuple({**REFERENCE, **claim.right}.items()))
    for _ in range(2):  # what remembers shows it the second time
        _, lines, raised = ran(code)
        if (_plain(lines), raised) != (_plain(right[0]), right[1]):
            return True
    return False


def _plain(lines: Sequence[str]) -> list[str]:
    return [re.sub(r" at 0x[0-9a-f]+", "", line) for line in lines]


def _is_lost_elsewhere(claim: Claim) -> bool:
    """A large graph is told in words: the same is lost on small ones, or what it takes is a deep chain."""
    if claim.check.name == "network":
        return any(_derives_wrong(claim, graph_corpus.network(k)) for k in range(4))
    others = [one.outcome for one in claim.result.checks if one.name != claim.check.name]
    return claim.check.name == "depth" or any(one.verdict != "accepted" and one.reason for one in others)


def _raised_as_said(claim: Claim, _: re.Match[str]) -> bool:
    """What is there to try raises it; a large graph, of which nothing is shown, or another like it."""
    error = claim.outcome.said.partition(":")[0]
    if not code_of(claim):
        return claim.check.name in ("cost", "depth") or _raises_anywhere(claim, error)
    claim.load(claim.exercise.module)
    if _raises_anywhere(claim, error):
        return True
    return ran(code_of(claim))[2] != ""  # which one hangs on the functions around it: grading provides its own


def _derives_wrong(claim: Claim, graph: Graph) -> bool:
    """Send derivatives back through a graph, and look at its leaves."""
    built, exact = build(claim, graph), graph_corpus.answers(graph)
    leaves = [i for i, node in enumerate(graph.nodes) if node.op == "leaf"]
    totals = [0.0] * len(leaves)
    for node, d in graph.sends:
        _go(claim, built[node], d)
        totals = [total + d * partial for total, partial in zip(totals, exact[node].partials)]
    got = [built[i].derivative or 0.0 for i in leaves]
    return any(abs(one - total) > 1e-6 * max(1.0, abs(total)) for one, total in zip(got, totals))


def is_so(claim: Claim, found: re.Match[str]) -> bool:
    """`x > y is 0.0, expected 1.0`: look it up in what is shown."""
    what, shown, expected = found[1].removeprefix("the value of "), found[2], found[3]
    if what == "it":
        return differs(claim, found) and shown != expected
    claim.load(claim.exercise.module)
    space, _, _ = ran(code_of(claim))
    value = space[what] if what in space else eval(what, space)
    value = getattr(value, "data", value)
    return shown != expected and (str(value) == shown or _near(shown, value))


def _near(shown: str, value: object) -> bool:
    try:
        return abs(float(shown) - float(value)) <= 1e-4 * max(1e-3, abs(float(shown)))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def order_is(claim: Claim, found: re.Match[str]) -> bool:
    """`you returned b, x, a: x stands before a, but a is computed from x`: by identity, in what is shown."""
    space, _, _ = ran(code_of(claim))
    output = next(one for name, one in reversed(space.items()) if hasattr(one, "history"))
    got = list(space["topological_sort"](output))
    names = {id(one): name for name, one in space.items() if hasattr(one, "history")}
    told = ", ".join(names.get(id(one), "something that is no variable") for one in got) or "no variable"
    if told != found[1]:
        return False
    why = found[2] or ""
    before = re.match(r"(\w+) stands before (\w+), but (\w+) is computed from (\w+)", why)
    if before:
        place = {name: i for i, name in enumerate(told.split(", "))}
        parents = [names.get(id(one)) for one in space[before[3]].history.inputs]
        return place[before[1]] < place[before[2]] and before[4] in parents
    missing = re.match(r"(\w+) (?:is|are) missing", why)
    twice = re.match(r"(\w+) is in it (\d+) times", why)
    if missing:
        return missing[1] not in told.split(", ")
    return told.split(", ").count(twice[1]) == int(twice[2]) if twice else not why


def grows(claim: Claim, _: re.Match[str]) -> bool:
    """Count the calls of backward, or the visits of a sort, over ladders of diamonds."""
    counts = [_work(claim, graph_corpus.diamonds(k)) for k in (4, 6, 8)]
    return all(later > GROWTH * before for before, later in itertools.pairwise(counts))


def _work(claim: Claim, graph: Graph) -> int:
    steps = 0

    def count(frame: Any, event: str, _: Any) -> None:
        nonlocal steps
        steps += event == "call" and "minitorch" in frame.f_code.co_filename

    built = build(claim, graph)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        _go(claim, built[graph.sends[0][0]], graph.sends[0][1])
    finally:
        sys.setprofile(before)
    return steps


def build(claim: Claim, graph: Graph) -> list[Any]:
    """Build a graph of the student's scalars by operators and by apply."""
    scalar, functions = claim.load("scalar"), claim.load("scalar_functions")
    made: list[Any] = []
    for node in graph.nodes:
        given = [made[i] for i in node.inputs]
        if node.op == "number":
            made.append(node.value)
        elif not node.inputs:
            made.append(scalar.Scalar(node.value))
        elif node.op == "Inv":
            made.append(functions.Inv.apply(*given))
        else:
            made.append(OPERATORS[node.op](*given))
    return made


def _go(claim: Claim, output: Any, d: float) -> Any:
    entry = getattr(claim.exercise.spec, "entry", "")
    module = claim.load(claim.exercise.module)
    if claim.exercise.id == "topological-sort":
        return module.topological_sort(output)
    return getattr(module, entry)(output, d) if entry else output.backward(d)


@functools.cache
def fresh() -> tuple[Graph, ...]:
    """Return graphs that grading never asks about."""
    source = random.Random("sentences")
    return tuple(graph_corpus.random_graph(source, 4, 10)[0] for _ in range(FRESH))


def named(claim: Claim, found: re.Match[str]) -> bool:
    """A known walk, or sort, explains what comes back on fresh graphs as well; two that tie may part there."""
    about: About = "order" if claim.check.name == "order" else "derivatives"
    graphs = fresh() if about == "order" else (*fresh(), *(one() for one in graph_corpus.REPEATED))
    came = [_came(claim, graph, about) for graph in graphs]
    known = graph_mistakes.foreseen(graphs, about)
    ways = [way for way in known.ways if known.mistakes[way.mistake].name == found[1]]
    told = [i for i, got in enumerate(came) if got is not None]
    return len(told) >= FRESH // 2 and any(
        all(graph_mistakes.matches(known.left[i][way.results[i]], came[i] or (), about) for i in told) for way in ways
    )


def _came(claim: Claim, graph: Graph, about: About) -> Left | None:
    built = build(claim, graph)
    after = []
    try:
        for node, d in graph.sends:
            back = _go(claim, built[node], d)
            if about == "order":
                places = {id(one): i for i, one in enumerate(built)}
                return graph_mistakes.as_order(graph, [places[id(one)] for one in back if id(one) in places])
            after.append(tuple(built[i].derivative for i, one in enumerate(graph.nodes) if one.op == "leaf"))
    except Exception:
        return None
    return tuple(after)


def operator_named(claim: Claim, found: re.Match[str]) -> bool:
    """A method gives, for operands that were never asked about, what its mistake would give."""
    known = next(one for one in operator_mistakes.KNOWN[found[2]] if one.name == found[1])
    scalar = claim.load("scalar").Scalar
    operate = {
        "__sub__": lambda a, b: scalar(a) - scalar(b),
        "__rsub__": lambda a, b: a - scalar(b),
        "__truediv__": lambda a, b: scalar(a) / scalar(b),
        "__rtruediv__": lambda a, b: a / scalar(b),
        "__lt__": lambda a, b: scalar(a) < scalar(b),
        "__gt__": lambda a, b: scalar(a) > scalar(b),
    }[found[2]]
    pairs = [(1.5, 4.0), (7.0, -2.0), (-3.0, -0.5), (2.0, 2.0)]
    return all(abs(operate(a, b).data - known.value(a, b)) < 1e-9 for a, b in pairs)


def difference_named(claim: Claim, found: re.Match[str]) -> bool:
    """The quotient at calls that were never asked about gets the same name."""
    source, rows = random.Random("calls"), []
    code = getattr(claim.load(claim.exercise.module), claim.exercise.spec)
    for name, count in (("cube", 1), ("line", 1), ("product", 2), ("mixed", 3)) * 4:
        vals = tuple(source.choice((-1, 1)) * source.randint(2, 40) / 8 for _ in range(count))
        arg = source.randrange(count)
        epsilon = source.choice((2.0, 1.0, 0.5, 0.25, None))
        call = Difference(name, vals, arg, epsilon)
        options = {"arg": arg, **({} if epsilon is None else {"epsilon": epsilon})}
        with contextlib.suppress(Exception):
            rows.append((call, float(code(FUNCTIONS[name], *vals, **options))))
    return found[1] in [one.name for one in difference_mistakes.names(rows)]


def context_holds(claim: Claim, found: re.Match[str]) -> bool:
    """Play the scene that is told, and look at what the context holds."""
    make = claim.load("autodiff").Context
    context = make(True) if "Context(True)" in found[1] else make()
    for one in re.findall(r"save_for_backward\(([^)]*)\)", found[1]):
        context.save_for_backward(*(float(value) for value in one.split(", ")))
    if "another context" in found[1]:
        other = make()
        context.save_for_backward(1.5, 2.5)
        other.save_for_backward(3.5, 4.5)
    if found[1].startswith("other contexts"):
        return found[2] != found[3] and _shares(make)
    held = context.saved_values
    held = () if held is None else held if isinstance(held, tuple) else (held,)
    if "nothing saved" in found[1]:
        return found[2] != found[3]  # another scene may have come before, on the class
    return ", ".join(map(str, held)) == found[2] != found[3]


def _shares(make: Callable[[], Any]) -> bool:
    """One context holds what another saved."""
    one, other = make(), make()
    other.save_for_backward(3.5, 4.5)
    return tuple(one.saved_values) == (3.5, 4.5)


def _is_saved(claim: Claim) -> bool:
    return claim.other("save").verdict == "accepted"


def is_known(_: Claim, __: re.Match[str]) -> bool:
    """Why a mistake is one belongs to its name, whose truth is held elsewhere."""
    return True


def unlike(claim: Claim, found: re.Match[str]) -> bool:
    """What came is another than what was expected, and what is shown comes out otherwise than with right files."""
    return differs(claim, found) and not found[1].endswith(f" {found[2]}")


def another_raises(claim: Claim, found: re.Match[str]) -> bool:
    return _raises_anywhere(claim, found[1])


def _raises_anywhere(claim: Claim, error: str) -> bool:
    """Some graph of those that are asked raises it."""
    for make in (*graph_corpus.SMALL, *graph_corpus.LOCAL, *graph_corpus.REPEATED, graph_corpus.with_constants):
        graph = make()
        try:
            built = build(claim, graph)
            for node, d in graph.sends:
                _go(claim, built[node], d)
                for one in built:
                    _ = hasattr(one, "is_leaf") and (one.is_leaf(), one.is_constant())
        except Exception as raised:
            if type(raised).__name__ == error:
                return True
    return _applied_raises(claim, error)


def _applied_raises(claim: Claim, error: str) -> bool:
    functions, scalar = claim.load("scalar_functions"), claim.load("scalar").Scalar
    for name, count in (("Mul", 2), ("Neg", 1), ("Add", 2), ("Sigmoid", 1)):
        code = getattr(functions, name)
        for given in ([scalar(2.0)] * count, [scalar(2.0), 3.0][:count], [3.0, scalar(2.0)][:count]):
            try:
                made = code.apply(*given)
                made.history.last_fn.backward(made.history.ctx, 4.0)
                made.backward()
            except Exception as raised:
                if type(raised).__name__ == error:
                    return True
    constant = scalar(2.0)
    constant.history = None
    try:
        _ = constant.is_leaf(), constant.is_constant()
    except Exception as raised:
        return type(raised).__name__ == error
    return False


SHOWN = (
    r"a leaf's derivative is wrong|no leaf got a derivative|a constant got a derivative|it did not come to an end"
    r"|(?:.+) has the wrong value(?: \(your \w+\))?|(?:.+) returned .+, not a Scalar(?: \(your \w+\))?"
    r"|the history of what .+|what .+ makes of the context in .+|(?:\w+\.)?is_(?:leaf|constant) is wrong for .+"
    r"|a variable is on the wrong side of one that is computed from it|a variable is in it twice"
    r"|something that is no variable is in it"
    r"|it returned no (?:list of variables|pairs of a variable and its derivative)"
    r"|\d+ of \d+ variables? that functions made (?:is|are) not in it"
    r"|it gives \d+ pairs? for inputs that are variables, expected \d+"
    r"|a leaf's derivative is not the sum of what was added|its pairs are not in the order of the inputs"
    r"|(?:.+) has the right value, and another derivative along its history.*|a variable gets a wrong derivative"
    r"|two calls of apply share one context, .*|it gives \d+ pairs for \d+ inputs?"
    r"|a variable is in it that the given one was not computed from"
    r"|the difference quotient is wrong|its history does not lead back to the leaves|backward .+|.+backward.+"
)
TAIL = r"(?:; (?:another graph raised|in another graph).*)?"

NAMES = "|".join(
    re.escape(one.name)
    for about in ("derivatives", "order")
    for one in graph_mistakes.foreseen((graph_corpus.twice("Mul"),), about).mistakes  # type: ignore[arg-type]
)

RULES: list[tuple[str, Rule]] = [
    (r"reason: (.+), so how its work grows was not judged", lambda c, _: _is_lost_elsewhere(c)),
    (r"reason: right, but its work grows with the number of paths, not of nodes", grows),
    (r"reason: \w+ took more .*|reason: its work .*", grows),
    (r"reason: (?:.+) raised an exception", _raised_as_said),
    (r"reason: saved_values does not hold what it should", lambda c, _: bool(c.outcome.detail)),
    (
        r"reason: it is judged once save_for_backward saves something",
        lambda c, _: c.other("save").verdict != "accepted",
    ),
    (r"reason: (?:this is not the derivative by|at column|central_difference is right) .*", is_known),
    (rf"reason: (?:{SHOWN})", differs),
    (r"detail: (.+) it holds \((.*)\) and should hold \((.*)\)", context_holds),
    (rf"detail: you returned (.*?)(?:: (.*?))?{TAIL}", order_is),
    (r"detail: (?:besides, )?another graph raised (\w+)", another_raises),
    (rf"detail: (?:after|along the history of|it gave) (.+), expected (.+?){TAIL}", unlike),
    (r"detail: the value of (\w+) is wrong already: (.+), expected (.+)", is_so),
    (rf"detail: (.+?) is (.+), expected (.+?)(?: \(your \w+\))?{TAIL}", is_so),
    (r"detail: \d+ nodes took .*", grows),
    (r"detail: asked again it answers otherwise: .*", differs),
    (r"detail: does it keep what it found in a graph before, .*", differs),
    (r"detail: (?:it returned|after|the history of|in another graph,) .*", differs),
    (r"counterexample", differs),
    (r"second", differs),
    (r"name: every arrival is passed on: .*", grows),
    (r"detail: \w+\.is_(?:leaf|constant)\(\) should be (?:True|False).*", differs),
    (rf"name: ({NAMES})", lambda c, f: grows(c, f) if c.check.name == "cost" else named(c, f)),
    (r"name: ((__\w+__) .*)", operator_named),
    (r"name: no `return` gives a value back", differs),
    (r"name: (.*)", difference_named),
    (r"why: .*", is_known),
]
"""A sentence of an exercise without a formula of its own, by its form, and what makes it true."""
