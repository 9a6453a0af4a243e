"""The page of a trace in a browser: stepped through by mouse, keyboard and clock, seen and heard, on any screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.model import Trace
from grader.reports import trace_page
from grader.reports.trace_drawing import first_wrong
from tests.browser.conftest import PHONE, Faults, Opened
from tests.traces import RIGHT, WRONG, evil, row

COUNT = len(WRONG.steps)
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'&"


def written(folder: Path, trace: Trace) -> Path:
    path = folder / "trace.html"
    path.write_text(trace_page.html(trace), "utf-8")
    return path


def press(page: Any, name: str) -> Any:
    """Return one of the controls."""
    return page.get_by_role("button", name=name, exact=True)


def at(page: Any) -> int:
    """Return which step the page is at, by everything that says so."""
    current = page.locator(".steps > li[aria-current=step]")
    assert current.count() == 1
    number = current.evaluate("one => Array.from(one.parentElement.children).indexOf(one) + 1")
    assert page.get_by_role("slider").input_value() == str(number)
    assert page.locator(".count").inner_text() == f"{number} of {page.locator('.steps > li').count()}"
    assert current.locator(".what").inner_text() in page.get_by_role("status").inner_text()
    shown = page.locator(".part").evaluate_all(
        "(all, n) => all.every(one => (getComputedStyle(one).display !== 'none')"
        " === (Number(one.dataset.start) < n && n <= Number(one.dataset.stop)))",
        number,
    )
    assert shown
    return int(number)


def test_buttons_a_slider_and_the_list_step_through_it(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, RIGHT))
    assert at(page) == 1
    press(page, "Next").click()
    assert at(page) == 2
    press(page, "Last").click()
    assert at(page) == COUNT
    press(page, "Back").click()
    assert at(page) == COUNT - 1
    page.get_by_role("slider").fill("5")
    assert at(page) == 5
    page.get_by_role("button", name="Exp.backward of exp(z)").click()
    assert at(page) == 10
    assert "403.4288" in page.locator(".part.now .number.now").all_text_contents()
    press(page, "First").click()
    assert at(page) == 1


def test_it_opens_at_the_first_wrong_step_and_says_why(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, WRONG))
    assert at(page) - 1 == first_wrong(WRONG)
    assert "first wrong step: z is taken with 403.4288" in page.get_by_role("status").inner_text()
    assert page.locator(".part.now .mark").text_content() == "✗ first wrong"
    dashes = page.locator(".part.now .box.off").evaluate("one => getComputedStyle(one).strokeDasharray")
    assert dashes != "none"  # more than a colour


def test_it_plays_to_the_wrong_step_and_stops_there(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, WRONG))
    page.clock.install()
    page.reload()
    press(page, "First").click()
    press(page, "Play").click()
    page.clock.run_for(1500)
    assert at(page) == 2
    press(page, "Pause").click()
    page.clock.run_for(9000)
    assert at(page) == 2
    press(page, "Play").click()
    page.clock.run_for(60_000)
    assert at(page) - 1 == first_wrong(WRONG)
    assert press(page, "Play").is_visible()
    press(page, "Play").click()
    page.clock.run_for(60_000)
    assert at(page) == COUNT


def test_the_keyboard_alone_does_everything(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, RIGHT))
    for key, step in (("ArrowRight", 2), ("ArrowDown", 3), ("ArrowLeft", 2), ("End", COUNT), ("Home", 1)):
        page.keyboard.press(key)
        assert at(page) == step, key
    page.keyboard.press("Space")
    assert press(page, "Pause").is_visible()
    page.keyboard.press("Space")
    assert press(page, "Play").is_visible()
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.do || document.activeElement.className"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached[:7] == ["wide", "first", "back", "play", "next", "last", ""]  # the last is the slider
    page.locator(".controls [data-do=next]").focus()
    page.keyboard.press("Space")
    assert at(page) == 2  # pressed, and not played
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert at(page) == 3  # once
    page.locator(".steps [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert at(page) == 4
    assert page.evaluate("document.activeElement.closest('li').getAttribute('aria-current')") == "step"


@pytest.mark.ci
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("trace", [RIGHT, WRONG, row(41)], ids=["right", "wrong", "large"])
def test_axe_finds_nothing(trace: Trace, scheme: str, tmp_path: Path, opened: Opened, faults: Faults) -> None:
    page = opened(written(tmp_path, trace), color_scheme=scheme)
    assert faults(page) == []
    press(page, "Last").click()
    assert faults(page) == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


def test_a_phone_scrolls_the_graph_and_not_the_page(tmp_path: Path, opened: Opened, faults: Faults) -> None:
    page = opened(written(tmp_path, WRONG), **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tall = page.locator("button:visible, input:visible").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert min(tall) >= 24
    graph = page.locator(".stage > .wide").first
    assert graph.evaluate("one => one.scrollWidth > one.clientWidth")
    for button in ("First", "Last"):  # the box whose turn it is comes into sight
        press(page, button).click()
        box, frame = page.locator(".part.now .box.now").bounding_box(), graph.bounding_box()
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert faults(page) == []


def test_without_script_the_last_step_is_drawn_and_all_are_listed(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, RIGHT), java_script_enabled=False)
    assert page.locator(".steps > li:visible").count() == COUNT
    assert page.locator("button:visible, input:visible").count() == 0
    assert page.locator("text.derivative:visible").first.text_content() == "∂ 1210.786"


def test_paper_gets_all_steps_and_the_last_drawing(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, RIGHT), color_scheme="dark")
    assert page.locator("text.derivative:visible").count() == 0
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("text.derivative:visible").first.text_content() == "∂ 1210.786"
    assert page.locator(".steps > li:visible").count() == COUNT
    assert page.locator(".steps").evaluate("one => one.scrollHeight <= one.clientHeight")
    assert page.locator(".controls").is_hidden()
    assert page.locator(".steps .what").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_want_it_still(motion: str, tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, RIGHT), reduced_motion=motion)
    page.get_by_role("slider").fill("10")
    moving = page.locator(".part.now .edge.now").first.evaluate("one => getComputedStyle(one).animationName")
    assert (moving == "none") == (motion == "reduce")


def test_hostile_text_stays_text(tmp_path: Path, opened: Opened) -> None:
    page = opened(written(tmp_path, evil(EVIL)))
    assert page.title() == f"{EVIL}: step by step"
    for _ in range(len(evil(EVIL).steps)):
        page.keyboard.press("ArrowRight")
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
