"""A trace drawn: what has arrived by each step and nothing sooner, the first wrong step marked, all text inert."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import msgspec
import pytest

from grader.model import Trace, TraceNode, TraceStep
from grader.reports import trace_drawing, trace_frames, trace_page, trace_view
from grader.reports.trace_drawing import MARK, first_wrong
from grader.reports.trace_text import sentence
from tests.traces import RIGHT, WRONG, evil, row

EVIL = "</text></svg></script><script>document.title='owned'</script><img src=x onerror=alert(1)>\x1b[31m\u202e'\"&"


def drawn(trace: Trace, step: int) -> ElementTree.Element:
    found = trace_drawing.drawing(trace)
    assert found is not None
    return ElementTree.fromstring(f"<svg>{found.at(step)}</svg>")


def texts(root: ElementTree.Element, kind: str = "") -> list[str]:
    return [one.text or "" for one in root.iter("text") if not kind or (one.get("class") or "").split()[0] == kind]


def step_of(trace: Trace, kind: str, node: int) -> int:
    return next(i for i, one in enumerate(trace.steps) if (one.kind, one.node) == (kind, node))


def test_a_value_is_there_from_the_step_that_gave_it() -> None:
    at = step_of(RIGHT, "forward", 3)
    assert "1.791759" not in texts(drawn(RIGHT, at - 1))
    assert "1.791759" in texts(drawn(RIGHT, at))
    assert "1.791759" in texts(drawn(RIGHT, len(RIGHT.steps) - 1))


def test_a_derivative_is_there_from_the_step_that_wrote_it() -> None:
    at = step_of(RIGHT, "write", 0)
    assert texts(drawn(RIGHT, at - 1), "derivative") == []
    assert texts(drawn(RIGHT, at), "derivative") == ["∂ 1210.786"]


def test_arrows_light_up_backwards_with_the_number_they_carry() -> None:
    at = step_of(RIGHT, "call", 4)
    root = drawn(RIGHT, at)
    lit = [one.text for one in root.iter("text") if one.get("class") == "number now"]
    assert lit == ["403.4288"]
    heads = [one for one in root.iter("path") if one.get("class") == "edge now head"]
    x, _ = trace_layout(RIGHT, 2)
    assert [float((one.get("d") or "M0").split()[0][1:]) > x for one in heads] == [True]  # it points at z
    later = drawn(RIGHT, at + 1)
    assert "403.4288" in texts(later, "number")  # it stays to be read
    assert [one.text for one in later.iter("text") if one.get("class") == "number now"] == ["0.166667"]


def trace_layout(trace: Trace, node: int) -> tuple[float, float]:
    """Return where a node's box begins, from its drawing."""
    boxes = [one for one in drawn(trace, 0).iter("rect") if (one.get("class") or "").startswith("box")]
    return float(boxes[node].get("x") or 0), float(boxes[node].get("y") or 0)


def test_what_is_sent_is_drawn_from_the_step_that_sends_it() -> None:
    at = step_of(RIGHT, "send", 5)
    assert texts(drawn(RIGHT, at - 1), "number") == []
    assert texts(drawn(RIGHT, at), "number") == ["1"]


def test_a_node_that_is_used_twice_gets_each_gradient_on_its_own_edge() -> None:
    nodes = (TraceNode("x", "", (), "3"), TraceNode("a", "x * x", (0, 0), "9"))
    trace = Trace("a", nodes, 1, "1", (TraceStep("call", 1, "Mul", "1", ((0, "3"), (0, "4"))),), ())
    assert texts(drawn(trace, 0), "number") == ["3", "4"]
    other = msgspec.structs.replace(trace, steps=(TraceStep("call", 1, "Mul", "1", ((0, "3"), (-1, "4"))),))
    assert texts(drawn(other, 0), "number") == ["3"]


def test_a_closure_that_returns_nothing_lights_what_it_adds_to() -> None:
    nodes = (TraceNode("x", "", (), "3"), TraceNode("a", "x * x", (0, 0), "9"))
    writes = (TraceStep("write", 0, before="0", after="3"), TraceStep("write", 0, before="3", after="6"))
    again = (TraceStep("send", 1, d_out="1"), TraceStep("call", 1, d_out="1"))
    trace = Trace("a", nodes, 1, "1", (TraceStep("call", 1, d_out="1"), *writes, *writes[:1], *again), ())
    carried = [texts(drawn(trace, i), "number") for i in range(6)]
    assert carried == [[], ["+3"], ["+3", "+3"], ["+3", "+3"], ["1"], ["1"]]
    lit = [sum(one.get("class") == "edge now" for one in drawn(trace, i).iter("path")) for i in range(4)]
    assert lit == [0, 1, 1, 0]


def test_in_forward_mode_a_box_has_the_derivative_by_each_argument() -> None:
    nodes = (TraceNode("x", "", (), "2"), TraceNode("y", "", (), "3"), TraceNode("x * y", "x * y", (0, 1), "6"))
    steps = (*(TraceStep("forward", i) for i in (0, 1)), TraceStep("forward", 2, returned=((0, "3"), (1, "2"))))
    assert texts(drawn(Trace("x * y", nodes, 2, "", steps, ()), 2), "derivative") == ["∂ by x: 3", "∂ by y: 2"]


def test_an_order_numbers_the_nodes() -> None:
    at = step_of(RIGHT, "order", -1)
    assert texts(drawn(RIGHT, at), "place") == ["no. 6", "no. 5", "no. 4", "no. 3", "no. 2", "no. 1"]


def test_the_first_wrong_step_is_marked_from_then_on_and_not_before() -> None:
    at = first_wrong(WRONG)
    assert at is not None
    assert [bool(texts(drawn(WRONG, i), "mark")) for i in (at - 1, at, len(WRONG.steps) - 1)] == [False, True, True]
    off = [one.get("class") for one in drawn(WRONG, at).iter("rect") if "off" in (one.get("class") or "")]
    assert off == ["box now off"]
    assert not texts(drawn(RIGHT, len(RIGHT.steps) - 1), "mark")
    nowhere = msgspec.structs.replace(RIGHT, steps=(TraceStep("order", listed=(0, 5), wrong="x comes before z"),))
    assert texts(drawn(nowhere, 0), "mark") == [MARK]


def test_a_value_that_is_wrong_says_what_it_should_be() -> None:
    node = msgspec.structs.replace(RIGHT.nodes[2], expected="7")
    trace = msgspec.structs.replace(RIGHT, nodes=(*RIGHT.nodes[:2], node, *RIGHT.nodes[3:]))
    assert "6, not 7" in texts(drawn(trace, 4))


@pytest.mark.parametrize("trace", [RIGHT, WRONG, row(12), evil("x")], ids=["right", "wrong", "row", "all kinds"])
def test_a_page_and_its_frames_draw_the_same(trace: Trace) -> None:
    page = trace_page.html(trace)
    for number, frame in enumerate(trace_frames.frames(trace).values()):
        parts = re.findall(r'<g class="part[^"]*" data-start="(\d+)" data-stop="(\d+)">(.*?)</g>', page)
        shown = "".join(svg for start, stop, svg in parts if int(start) <= number < int(stop))
        assert shown
        assert shown in frame


def test_without_script_a_page_shows_the_last_step_and_lists_all() -> None:
    page = trace_page.html(WRONG)
    last = re.findall(r'<g class="part last" data-start="(\d+)" data-stop="(\d+)">', page)
    assert last
    assert {stop for _, stop in last} == {str(len(WRONG.steps))}
    assert page.count("<li ") == len(WRONG.steps)
    assert page.count("first wrong step: ") == 1
    assert 'class="controls" hidden' in page
    assert WRONG.notes[0] in page


def test_a_frame_is_legible_on_a_slide() -> None:
    frames = trace_frames.frames(WRONG)
    assert list(frames) == [f"step-{i:02}.svg" for i in range(1, len(WRONG.steps) + 1)]
    for frame in frames.values():
        root = ElementTree.fromstring(frame)
        assert root.get("viewBox") == "0 0 1280 720"
        (scale,) = re.findall(r"scale\(([\d.]+)\)", frame)
        assert 14 * float(scale) >= 18  # of 720: as 12 points on a page that is printed large
        assert "url(" not in frame
        assert "href" not in frame
    said = " ".join(text.text or "" for text in ElementTree.fromstring(frames["step-12.svg"]).iter() if text.text)
    assert "✗ first wrong step: z is taken with 403.4288" in said


def test_a_graph_of_more_than_40_nodes_is_told_and_not_drawn() -> None:
    assert "<svg" in trace_view.html(row(40), "a")
    large = trace_view.html(row(41), "a")
    assert "<svg" not in large
    assert "The graph has 41 nodes. That is too large to draw" in large
    assert large.count("<li ") == 40
    assert trace_frames.frames(row(41)) == {}


def test_a_trace_without_a_node_or_a_step_is_a_page_all_the_same() -> None:
    nothing = Trace("x", (), -1, "", (TraceStep("stopped", said="its time was up"),), ())
    assert "its time was up" in trace_page.html(nothing)
    assert "<svg" not in trace_page.html(nothing)
    assert "No step could be seen." in trace_page.html(msgspec.structs.replace(RIGHT, steps=()))
    assert trace_frames.frames(nothing) == {}


def test_a_students_text_is_only_text_wherever_it_stands() -> None:
    page = trace_page.html(evil(EVIL))
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert not {"\x1b", "\u202e"} & set(page)
    frames = trace_frames.frames(evil(EVIL))
    assert len(frames) == len(evil(EVIL).steps)
    for frame in frames.values():
        tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(frame).iter()}
        assert tags <= {"svg", "style", "rect", "text", "g", "path"}


def test_a_step_is_told_in_the_words_of_the_terminal() -> None:
    page = trace_page.html(WRONG)
    for step in WRONG.steps:
        assert sentence(WRONG, step) in page
