"""A run is seen in every course's way of going back: histories, closures, tapes, graphs of nodes, dual numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grader.model import Trace
from grader.sandbox.fresh import Fresh
from grader.selfcheck import rounds, tracing
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.finding import Place
from grader.selfcheck.tracing import What
from tests.conftest import ROOT
from tests.trace.runs import calls, course, marked, name, trace

TWICE = What("h = z * z + x", ("z = x * y",))
"""z is used twice by one operation, and x at two distances. Its derivatives at 2 and 3: 37 and 24."""

SENT_BACK = (
    *("module1", "minitorch-2021", "minitorch-2020", "micrograd"),
    *("cse599w", "needle-hw1", "minitorch-module2", "cse599w-arrays"),
)


@pytest.mark.parametrize("pack", SENT_BACK)
def test_each_backward_is_seen_with_what_it_was_given(pack: str) -> None:
    found = trace(pack, TWICE)
    taken = {node: d for node, d, _ in calls(found)}
    assert taken == {"h": "1", "z * z": "1", "z": "12"}
    assert [(name(found, one.node), one.derivative, one.right) for one in found.ends] == [
        ("x", "37", True),
        ("y", "24", True),
    ]
    assert marked(found) is None


@pytest.mark.parametrize("pack", ["module1", "minitorch-2021", "cse599w", "needle-hw1"])
def test_an_order_is_told_where_the_dialect_names_one(pack: str) -> None:
    orders = [step for step in trace(pack, TWICE).steps if step.kind == "order"]
    assert orders
    listed = [name(trace(pack, TWICE), i) for i in orders[0].listed if i >= 0]
    assert set(listed) >= {"h", "z * z", "z"}


@pytest.mark.parametrize("pack", ["micrograd", "minitorch-2020"])
def test_no_order_is_told_where_the_dialect_names_none(pack: str) -> None:
    assert not any(step.kind == "order" for step in trace(pack, TWICE).steps)


def test_forward_mode_shows_the_derivatives_that_come_along() -> None:
    found = trace("dual-numbers", TWICE)
    steps = {name(found, step.node): dict(step.returned) for step in found.steps}
    x, y = (i for i, node in enumerate(found.nodes) if not node.inputs)
    assert steps["z"] == {x: "3", y: "2"}
    assert steps["h"] == {x: "37", y: "24"}
    assert all(one.right for one in found.ends)
    assert "Forward mode" in found.notes[0]


def test_a_function_that_is_given_d_shows_what_it_returned() -> None:
    pack = course("cmu-11785")[0]
    two = next(one.id for one in pack.exercises if one.kind == "expression")
    found = trace("cmu-11785", What(two))
    assert any(step.kind == "call" and step.d_out == "10" for step in found.steps)
    assert marked(found) is None


def test_operators_that_make_variables_on_the_way_are_seen() -> None:
    found = trace("micrograd", What("h = (x - 2) / y"))
    between = {node.name for node in found.nodes if node.extra}
    assert "1 / y" in between
    assert all(one.right for one in found.ends)


RIGHT_STYLES = [one for one in sorted((ROOT / "examples/micrograd/submissions").iterdir()) if one.name.startswith("k1")]


@pytest.mark.parametrize("home", RIGHT_STYLES, ids=lambda home: home.name)
def test_no_step_of_right_code_is_marked_in_any_style(home: Path) -> None:
    for what in (What("h = z * z + x * relu(y) - x", ("z = x * y",)), What("(x - 2) / y + exp(x) ** 2")):
        found = of_sample("micrograd", home, what)
        assert marked(found) is None
        assert all(one.right for one in found.ends)
        assert len(found.ends) == 2


WRONG_STYLES = {
    "k2001": ("h = z * z + x|z = x * y", "it gave z 6; 12 × 1 = 12 is right"),
    "k2008": ("h = z * z|z = x * y", "3 × 12 = 36 is right"),
    "k2009": ("h = z * z + z|z = x * y", "z had passed on"),
    "k2010": ("h = z * z|z = x * y", "arrives later and is never passed on"),
    "k2013": ("h = -x + y", "-x is 2, and -2 is right"),
    "k2015": ("h = x / y", "is right"),
    "k2017": ("h = x + x", "it gave x 1; 2 × 1 = 2 is right"),
    "k2018": ("h = x * y", "h passes on 0 alone; 1 had arrived as well"),
}
"""Sample of a wrong submission -> an expression that shows its mistake, and what is said of the first wrong step."""


@pytest.mark.parametrize("sample", WRONG_STYLES)
def test_the_mistakes_of_real_closures_are_marked(sample: str) -> None:
    expression, *where = WRONG_STYLES[sample][0].split("|")
    found = of_sample("micrograd", ROOT / "examples/micrograd/submissions" / sample, What(expression, tuple(where)))
    step = marked(found)
    assert step is not None, found.ends
    assert WRONG_STYLES[sample][1] in step.wrong


def test_wrong_dual_numbers_are_marked_where_they_first_go_wrong() -> None:
    folder = ROOT / "examples" / "dual-numbers"
    expected = yaml.safe_load((folder / "expected.yaml").read_text("utf-8"))
    assert "product rule" in str(expected)
    found = of_sample("dual-numbers", folder / "submissions" / "d2001", TWICE)
    step = marked(found)
    assert step is not None
    assert step.wrong == "the derivative of z by y is 0; 2 is right"


def of_sample(pack: str, home: Path, what: What) -> Trace:
    """Return the trace of a sample submission's files."""
    bundle, _ = course(pack)
    with Fresh() as workers:
        checker = SelfCheck(bundle, workers)
        return tracing.traced(checker, rounds.read(Place(bundle, home)), tracing.run_of(bundle, what))
