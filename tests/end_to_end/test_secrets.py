"""What the private half asks does not come out: by no text, no number, no print, no later exercise, and no clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config, planning, scoring
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.reports import audience, feedback, page, rows, stored, terminal
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.machinery import REFERENCE

PATHS = {"lecture8": ROOT / "config.yaml", "module1": ROOT / "examples" / "module1" / "config.yaml"}

SPY = """
import builtins, sys
SEEN = sys.modules["math"].__dict__.setdefault("seen", [])

def spied(function, limit, how):
    def spy(*args, **kwargs):
        SEEN.append([float(one) for one in args if type(one) in (int, float)])
        if len(SEEN) > limit:
            return how(SEEN, function, args, kwargs)
        return function(*args, **kwargs)
    return spy

def raising(seen, function, args, kwargs):
    raise ValueError(repr(seen[-20:]))

def naming(seen, function, args, kwargs):
    raise type("E" + repr(seen[-3:]), (Exception,), {})()

def returning(seen, function, args, kwargs):
    known = [one for some in seen[-20:] for one in some]
    return known[0] if known else 0.0

def texting(seen, function, args, kwargs):
    return repr(seen[-4:])

def printing(seen, function, args, kwargs):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try: print(seen[-4:], file=stream)
        except BaseException: pass
    return function(*args, **kwargs)

def exiting(seen, function, args, kwargs):
    raise SystemExit(repr(seen[-20:]))

def recursing(seen, function, args, kwargs):
    raise NotImplementedError("is under test in another file, and hollow here: write it there " + repr(seen[-3:]))

def importing(seen, function, args, kwargs):
    __import__("x" + repr(seen[-3:]))

def compiling(seen, function, args, kwargs):
    raise SyntaxError(repr(seen[-3:]), ("lecture8.py", 1, 1, repr(seen[-9:])))
"""
WAYS = ("raising", "naming", "returning", "texting", "printing", "exiting", "recursing", "importing", "compiling")
LIMITS = (0, 15, 40, 130)
"""So many calls are honest: an exercise or more is through before anything is said, and then the private half."""


class _Spied(ast.NodeTransformer):
    """Let every function be called through the spy."""

    def __init__(self, limit: int, how: str) -> None:
        self._decorator = ast.parse(f"lambda f: spied(f, {limit}, {how})").body[0].value  # type: ignore[attr-defined]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if not node.name.startswith("__") or node.name in ("__add__", "__mul__"):
            node.decorator_list.append(self._decorator)
        return node


def spying(module: str, limit: int, how: str) -> str:
    tree = ast.parse(REFERENCE[module])
    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    rest = [_Spied(limit, how).visit(node) for node in tree.body if node not in future]
    text = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in rest)
    return "\n".join(map(ast.unparse, future)) + f"\n{SPY}\n{text}\n"


def numbers(value: Any) -> Iterator[float]:
    """Return every number anywhere inside."""
    if isinstance(value, float):
        yield abs(value)
    elif isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from numbers(getattr(value, name))


def secrets(plan: Plan) -> set[str]:
    """Return the private inputs as they would be written; what is short or public could stand there by chance."""
    public = set().union(*(numbers(half) for half in plan.public.values()))
    private = set().union(*(numbers(half) for half in plan.private.values())) - public
    return {repr(one) for one in private if len(repr(one)) > 6}


@pytest.fixture(scope="module", params=PATHS)
def prepared(request: pytest.FixtureRequest) -> Plan:
    assignment = config.load(PATHS[request.param])
    small = msgspec.structs.replace(assignment.corpus, public=12, private=12)
    return planning.prepare(msgspec.structs.replace(assignment, corpus=small))


@pytest.fixture(scope="module")
def held(prepared: Plan) -> Iterator[Supervisor]:
    box, _ = cohort.open_box(prepared.assignment)
    with Supervisor(box, 916) as opened:
        yield opened


@pytest.mark.parametrize("how", WAYS)
def test_no_report_holds_a_private_input(how: str, prepared: Plan, held: Supervisor) -> None:
    known = secrets(prepared)
    assert len(known) > 50
    lost, shown = 0, set()
    for limit in LIMITS:
        sources = {name: spying(name, limit, how) for name in REFERENCE}
        modules = {name: (f"{name}.py", text.encode()) for name, text in sources.items()}
        result = Grader(prepared, held).grade(Submission("spy", modules))
        assert not result.withheld
        lost += result.earned < result.possible
        told = [
            stored.encode(result).decode(),
            feedback.markdown(result),
            page.html(result),
            terminal.table([rows.of(result)], 1000, colour=False),
        ]
        for text in told:
            found = set(re.findall(r"\d+\.\d+(?:e[+-]\d+)?", text))
            assert not known & found, (how, limit)
            shown |= found
    assert lost or how == "printing"
    if how == "raising":  # it would have come out: what is public did
        assert shown & {repr(one) for half in prepared.public.values() for one in numbers(half)}


def test_a_private_half_says_one_sentence_and_staff_read_the_verdict(prepared: Plan, held: Supervisor) -> None:
    """And so is all it can carry: right or not, for each check, whatever became of it."""
    coded = [one for one in prepared.assignment.exercises if not one.on_paper]
    said, told, verdicts = set(), set(), set()
    for limit in LIMITS:
        sources = {name: spying(name, limit, "raising") for name in REFERENCE}
        modules = {name: (f"{name}.py", text.encode()) for name, text in sources.items()}
        result = Grader(prepared, held).grade(Submission("spy", modules))
        for exercise, one in zip(prepared.assignment.exercises, result.exercises):
            if exercise in coded:
                private = [c.outcome for c in one.checks if c.outcome.private]
                said |= {(outcome.verdict, outcome.reason) for outcome in private}
                verdicts |= {outcome.private for outcome in private}
        told |= {c.outcome.private for one in audience.for_student(result).exercises for c in one.checks}
    assert said == {("wrong answer", scoring.ON_PRIVATE)}
    assert len(verdicts) > 1
    assert told == {""}
