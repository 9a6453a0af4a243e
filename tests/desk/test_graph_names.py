"""A self-check names mistakes on graphs by numbers that came with its questions; the walks that show them stay away."""

from __future__ import annotations

import sys

import msgspec
import pytest

from grader.batch import cohort
from grader.bundle import wheel
from grader.diagnosis import graph_mistakes
from grader.grading import config
from grader.sandbox.fresh import Fresh
from grader.selfcheck import making, prepared
from grader.selfcheck.checking import SelfCheck
from tests.conftest import ROOT
from tests.machinery import RIGHT, WRONG, replaced

WALKS = "grader.diagnosis.graph_walks"
ASKED = ("backpropagate", "topological-sort")


@pytest.fixture(scope="module")
def handout() -> prepared.AssignmentBundle:
    assignment = config.load(ROOT / "examples" / "module1" / "config.yaml", ASKED)
    return prepared.decode(prepared.encode(making.prepare(assignment)), "handout")


def names(where: str, source: str, handout: prepared.AssignmentBundle) -> set[str]:
    """Return the names that a self-check of one changed solution gives."""
    reference = cohort.reference_submission(config.load(ROOT / "examples" / "module1" / "config.yaml"))
    sources = replaced(where, source)
    modules = {name: (path, sources[name].encode()) for name, (path, _) in reference.modules.items()}
    with Fresh() as workers:
        found = list(
            SelfCheck(handout, workers).check(msgspec.structs.replace(reference, modules=modules), handout.exercises)
        )
    return {one.name for each in found for check in each.exercise.checks for one in check.outcome.diagnosis}


@pytest.mark.parametrize(
    ("mistake", "named"),
    [
        ("breadth first, sums passed on early", "variables pass on in breadth-first order"),
        ("what arrives overwrites", "what arrives over a second way overwrites the first"),
        ("pre-order", "this is the order in which a depth-first walk first meets the variables (preorder)"),
        ("every path walked", "every arrival is passed on"),
    ],
)
def test_a_self_check_names_mistakes_on_graphs_without_the_walks(
    mistake: str, named: str, handout: prepared.AssignmentBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph_mistakes.foreseen.cache_clear()
    monkeypatch.setitem(sys.modules, WALKS, None)
    found = names(WRONG[mistake].where, WRONG[mistake].source, handout)
    assert len(found) <= 2
    assert any(one.startswith(named) for one in found)


def test_a_right_walk_has_no_name_at_a_self_check(
    handout: prepared.AssignmentBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, WALKS, None)
    assert names(*RIGHT["by the longest depth"], handout) == set()


def test_no_handout_has_the_walks() -> None:
    assert "diagnosis.graph_mistakes" in wheel.modules()
    assert not {"diagnosis.graph_walks", "diagnosis.graph_sorts"} & set(wheel.modules())


def test_without_walks_and_numbers_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    graph_mistakes.foreseen.cache_clear()
    monkeypatch.setitem(sys.modules, WALKS, None)
    known = graph_mistakes.foreseen(graph_mistakes.EXAMPLES, "derivatives")
    graph_mistakes.foreseen.cache_clear()
    assert known == graph_mistakes.Foreseen()
    assert graph_mistakes.named(known, [((1.0,),)] * 3, "derivatives").diagnosis == ()
