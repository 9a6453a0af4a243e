"""Trace a course's reference, or a changed copy of it, as `grader trace` does."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec

from grader.batch import cohort
from grader.grading import config
from grader.grading.config import Assignment
from grader.model import Submission, Trace, TraceStep
from grader.sandbox.fresh import Fresh
from grader.selfcheck import making, prepared, tracing
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.prepared import AssignmentBundle
from grader.selfcheck.tracing import What
from tests.conftest import ROOT

H = "h = log(z) + exp(z)"
"""The lecture's graph, with Z."""

Z = "z = x * y"


@functools.cache
def assignment(pack: str) -> Assignment:
    """Return a pack's assignment."""
    return config.load(ROOT / "examples" / pack / "config.yaml" if pack else ROOT / "config.yaml")


@functools.cache
def reference(pack: str) -> Submission:
    """Return a pack's reference as somebody's work."""
    return cohort.reference_submission(assignment(pack))


@functools.cache
def course(pack: str) -> tuple[AssignmentBundle, Submission]:
    """Return a pack's assignment as a handout has it, and its reference as somebody's work."""
    return prepared.decode(prepared.encode(making.prepare(assignment(pack))), "handout"), reference(pack)


def trace(pack: str, what: What, changed: Mapping[str, str] | None = None) -> Trace:
    """Return the trace of a pack's reference; of some modules with another source."""
    bundle, work = course(pack)
    modules = {name: (path, raw) for name, (path, raw) in work.modules.items()}
    modules |= {name: (modules[name][0], source.encode()) for name, source in (changed or {}).items()}
    with Fresh() as workers:
        checker = SelfCheck(bundle, workers)
        return tracing.traced(checker, msgspec.structs.replace(work, modules=modules), tracing.run_of(bundle, what))


def source(pack: str, module: str) -> str:
    """Return the source of a reference's module."""
    return reference(pack).modules[module][1].decode()


def h(x: float = 2.0, y: float = 3.0, d: float = 1.0, times: int = 1) -> What:
    """Return the lecture's graph at a point."""
    return What(H, (Z,), {"x": x, "y": y}, d, times)


def name(one: Trace, node: int) -> str:
    """Return what a node is called."""
    return one.nodes[node].name if node >= 0 else "?"


def calls(one: Trace) -> list[tuple[str, str, dict[str, str]]]:
    """Return every call: of which node, with which d_out, and what it returned for each input."""
    made = [step for step in one.steps if step.kind == "call"]
    return [(name(one, step.node), step.d_out, {name(one, i): text for i, text in step.returned}) for step in made]


def marked(one: Trace) -> TraceStep | None:
    """Return the step that is marked as wrong; None where none is."""
    found = [step for step in one.steps if step.wrong]
    assert len(found) <= 1, found
    return found[0] if found else None
