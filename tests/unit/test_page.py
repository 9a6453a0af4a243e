"""The page of one result: what it shows, and that nothing of a student's is ever more than text in it."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader.model import CheckResult, ExerciseResult, Outcome, Picture, PictureNode, Plot, Result
from grader.reports import audience, drawing, page, plotting
from tests.unit.test_reports import WRONG, result

EVIL = "</text><script>document.title='owned'</script><img src=x onerror=alert(1)>\x1b[31m"
GRAPH = Picture(
    (
        PictureNode("x", "Scalar(3.0)", "3.0", (), "6.0", "12.0"),
        PictureNode("a", "x * x", "9.0", (0, 0)),
    ),
    ("a.backward(2.0)",),
)


def with_picture(picture: Picture) -> Outcome:
    assert WRONG.counterexample is not None
    return msgspec.structs.replace(
        WRONG, counterexample=msgspec.structs.replace(WRONG.counterexample, picture=picture), said=EVIL, place=EVIL
    )


def test_a_graph_is_drawn_with_every_node_and_every_way() -> None:
    root = ElementTree.fromstring(drawing.svg(GRAPH))
    assert len(root.findall("rect")) == 2
    assert len(root.findall("path")) == 2
    assert "got 6.0, not 12.0" in [text.text for text in root.findall("text")]
    assert [rect.get("class") for rect in root.findall("rect")] == ["box off", "box"]


def test_a_page_says_what_the_feedback_says() -> None:
    text = page.html(result(Outcome("accepted"), with_picture(GRAPH)))
    assert "<title>u1: 1 of 2 points</title>" in text
    assert text.count("<svg") == 2  # the picture, and how much of the points that is
    assert "x.derivative   6.0   expected 12.0" in text
    assert "It looks as if d_out was forgotten" in text


def test_hidden_checks_are_for_staff() -> None:
    hidden = result(WRONG, visibility="hidden")
    assert "check 0" not in page.html(audience.for_student(hidden))
    assert "check 0" in page.html(hidden)


def test_students_text_is_only_text() -> None:
    evil = Picture((PictureNode(EVIL, EVIL, EVIL, (), EVIL, "1.0"),), (EVIL,))
    text = page.html(result(with_picture(evil), submission="<b>", problem=EVIL))
    assert text.count("<script>") == 1  # the page's own
    assert "document.title" not in text.partition("<script>")[2]
    assert "<img" not in text
    assert "\x1b" not in text
    ElementTree.fromstring(drawing.svg(evil))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed; CI installs it")
def test_a_browser_sees_a_page_and_runs_nothing(tmp_path: Path) -> None:
    evil = Picture((PictureNode(EVIL, EVIL, EVIL, (), EVIL, "1.0"),), (EVIL,))
    (tmp_path / "page.html").write_text(page.html(result(with_picture(evil))))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"]
    command = ["chromium", *flags, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "<title>u1: 0 of 1 points</title>" in done.stdout
    assert done.stdout.count("<script") == 1


CURVE = Plot("x", f"gradient of {EVIL}", (-1.0, 0.0, 1.0), (1.0, None, float(10**9)), (-2.0, 0.0, 2.0))


def test_a_curve_is_drawn_beside_the_right_one_and_its_text_is_only_text() -> None:
    root = ElementTree.fromstring(plotting.svg(CURVE))
    assert [line.get("class") for line in root.findall("polyline")] == ["curve right"]  # one point alone is no line
    whole = msgspec.structs.replace(CURVE, returned=(2.0, 0.0, -2.0))
    kinds = [line.get("class") for line in ElementTree.fromstring(plotting.svg(whole)).findall("polyline")]
    assert kinds == ["curve right", "curve yours"]
    assert "<script>" not in plotting.svg(CURVE)
    flat = Plot("x", "value", (0.0, 1.0), (None, None), (None, None))
    ElementTree.fromstring(plotting.svg(flat))


def test_what_of_a_curve_is_not_seen_is_said() -> None:
    steep = Plot("x", "v", (0.0, 1.0, 2.0, 3.0), (1e9, None, 2.0, 1e9), (0.0, 1.0, None, 2.0))
    assert plotting.unseen(steep) == "Yours has no value at 1 and lies above or below the picture at 2 of 4 points."
    both = Plot("x", "v", tuple(map(float, range(61))), (*[1.0] * 60, 1e9), (*[1.0] * 60, 1e9))
    assert plotting.unseen(both) == ""  # the right one is cut there as well


def test_what_led_to_an_exception_is_shown() -> None:
    outcome = Outcome("runtime error", "it raised", "E: x", place="a.py:2", callers=("a.py:9",), call="f(0.0)")
    text = page.html(result(outcome))
    for line in ("a.py:2", "called from a.py:9", "E: x", "<code>f(0.0)</code>"):
        assert line in text


def test_a_page_says_nothing_twice_within_one_exercise() -> None:
    outcome = Outcome("wrong answer", "a leaf's derivative is wrong", help="What helps.", detail="what came back")
    other = Outcome("wrong answer", outcome.reason, help=outcome.help, detail=outcome.detail, place="a.py:2")
    checks = tuple(
        CheckResult(name, Fraction(0), Fraction(1), "visible", one)
        for name, one in (("gradients", outcome), ("again", other))
    )
    exercise = ExerciseResult("walk", "Walk", Fraction(0), Fraction(2), checks)
    text = page.html(Result(1, "ann", "a", "", {}, Fraction(0), Fraction(2), (exercise, exercise)))
    for said in ("A leaf&#x27;s derivative is wrong", "What helps.", "What came back"):
        assert text.count(f"{said}<") == 2, said  # once per exercise
