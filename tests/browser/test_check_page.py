"""The page of a self-check in a browser: read on any screen, kept up to date while files are watched, inert."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.model import (
    CheckResult,
    Counterexample,
    Diagnosis,
    ExerciseResult,
    Hint,
    Outcome,
    Picture,
    PictureNode,
    Plot,
)
from grader.sandbox.fresh import Printed
from grader.selfcheck import finding, page
from grader.selfcheck.checking import Because, Checked, Status
from grader.selfcheck.page import Seen
from grader.selfcheck.showing import Pages
from tests.browser.conftest import PHONE, Faults, Opened
from tests.browser.planted import EXAMPLE, FORGOTTEN, RIGHT
from tests.conftest import ROOT
from tests.desk.homes import environment, home, solve
from tests.traces import WRONG, evil

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'&"
CURVES = (
    Plot("x", "value of Square", (-1.0, 0.0, 1.0, 2.0), (1.0, None, 1.0, 4.0), (1.0, 0.0, 1.0, 4.0)),
    Plot("x", "gradient of Square at d_out = 2", (-1.0, 0.0, 1.0, 2.0), (-2.0, 0.0, 2.0, 4.0), (-4.0, 0.0, 4.0, 8.0)),
)
SQUARE = "return float(2.0 * x * d_out)"


def checked(id: str, title: str, outcome: Outcome, status: Status, printed: str = "") -> Checked:
    check = CheckResult("backward", Fraction(0), Fraction(2), "visible", outcome, hints=(Hint(f"a hint on {title}"),))
    lines = printed.count("\n") + 1 if printed else 0
    exercise = ExerciseResult(id, title, Fraction(0), Fraction(2), (check,))
    return Checked(exercise, status, printed=Printed(lines, printed))


def seen() -> Seen:
    """Return a check with a bit of everything."""
    drawn = Picture(
        (PictureNode("x", "Scalar(2.0)", "2.0", (), "3.0", "4.0"), PictureNode("a", "-x", "-2.0", (0,))), ("a",)
    )
    graph = msgspec.structs.replace(EXAMPLE, picture=drawn, plot=None)
    crashed = Outcome("runtime error", "it raised", "ValueError: no", place="lecture8.py:3", call="f(1)")
    found = (
        checked("times-five-forward", "TimesFive", RIGHT, "done"),
        checked("square", "Square", FORGOTTEN, "wrong", "one\ntwo"),
        checked("log", "Log", Outcome("wrong answer", "a leaf is wrong", counterexample=graph), "wrong"),
        checked("exp", "Exp", crashed, "wrong"),
        checked("mul-forward", "Mul", RIGHT, "done", "in mul"),
        checked("add-times-2", "Add", Outcome("not attempted", "there is no Add in lecture8.py"), "not written"),
    )
    because = (Because("square", "Square.backward", "lecture8.py", "Square"),)
    found = tuple(msgspec.structs.replace(one, because=because) if one.exercise.id == "exp" else one for one in found)
    bundle = finding.assignment(ROOT, ROOT / "config.yaml").assignment
    return Seen(
        bundle, found, ("a note",), Printed(1, "while loading"), "", {"square": CURVES}, {"log": WRONG, "exp": WRONG}
    )


def written(folder: Path, what: Seen) -> Path:
    path = folder / "check.html"
    path.write_text(page.html(what), "utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{"viewport": {"width": 1100, "height": 800}}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    scheme: str, screen: dict[str, Any], tmp_path: Path, opened: Opened, faults: Faults
) -> None:
    shown = opened(written(tmp_path, seen()), color_scheme=scheme, **screen)
    assert faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tall = shown.locator("button:visible, input:visible").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert min(tall) >= 24


def test_the_list_leads_to_what_is_wrong_by_keyboard_alone(tmp_path: Path, opened: Opened) -> None:
    shown = opened(written(tmp_path, seen()))
    assert shown.title() == "2 of 6 done: Lecture 8: automatic differentiation"
    assert shown.locator(".list tbody .sign").all_inner_texts() == ["✓", "✗", "✗", "✗", "✓", "·"]
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Square"
    shown.keyboard.press("Enter")
    assert shown.url.endswith("#e0")
    assert shown.get_by_role("img", name="gradient of Square at d_out = 2: yours and the right one").is_visible()
    assert shown.get_by_text("Yours has no value at 1 of 4 points.").is_visible()
    assert shown.locator(".plot").count() == len(CURVES)  # and not the example's as well


def test_keys_go_to_a_trace_only_from_within(tmp_path: Path, opened: Opened) -> None:
    shown = opened(written(tmp_path, seen()))
    before = shown.locator(".count").all_inner_texts()
    shown.keyboard.press("Home")
    assert shown.locator(".count").all_inner_texts() == before
    shown.get_by_role("button", name="Next", exact=True).first.focus()
    shown.keyboard.press("Home")
    assert shown.locator(".count").all_inner_texts() == [f"1 of {len(WRONG.steps)}", before[1]]


def test_without_script_and_on_paper_all_of_it_is_there(tmp_path: Path, opened: Opened) -> None:
    shown = opened(written(tmp_path, seen()), java_script_enabled=False)
    assert shown.locator("button:visible, input:visible").count() == 0
    for text in ("It looks as if d_out was forgotten", "while loading", "in mul", "a hint on Square", "Note: a note."):
        assert shown.get_by_text(text).first.is_visible(), text
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.locator(".trace .steps > li:visible").count() == 2 * len(WRONG.steps)


def test_hostile_text_stays_text_in_every_field(tmp_path: Path, opened: Opened) -> None:
    node = PictureNode(EVIL, EVIL, EVIL, (), EVIL, "1.0")
    args: dict[str, float | str] = {EVIL: EVIL}
    table = Counterexample(args, 2.0, EVIL, EVIL, EVIL, EVIL, EVIL, EVIL)
    second = msgspec.structs.replace(EXAMPLE, picture=Picture((node,), (EVIL,)), plot=None)
    outcome = Outcome("runtime error", EVIL, EVIL, table, (Diagnosis(EVIL),), EVIL, 0, EVIL, (EVIL,), EVIL, help=EVIL)
    one = checked("square", EVIL, msgspec.structs.replace(outcome, second=second), "wrong", EVIL)
    one = msgspec.structs.replace(one, because=(Because(EVIL, EVIL, EVIL, EVIL),), needs=EVIL)
    bundle = msgspec.structs.replace(finding.assignment(ROOT, ROOT / "config.yaml").assignment, title=EVIL)
    plot = Plot(EVIL, EVIL, (0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
    hostile = Seen(bundle, (one,), (EVIL,), Printed(1, EVIL), EVIL, {"square": (plot,)}, {"square": evil(EVIL)})
    shown = opened(written(tmp_path, hostile))
    assert shown.title() == f"0 of 1 done: {EVIL}"
    assert shown.locator("script").count() == 1
    assert shown.locator("img:not(svg)").count() == 0
    assert EVIL in shown.locator("pre.paste").first.inner_text()
    assert EVIL in shown.locator("pre.said").first.inner_text()
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_watched_page_loads_anew_where_it_changed_and_only_there(tmp_path: Path, opened: Opened) -> None:
    before = seen()
    with Pages(tmp_path / "my check.html", watched=True) as pages:
        pages.write(before)
        shown = opened(pages.path, viewport={"width": 900, "height": 500})
        shown.evaluate("window.same = true; scrollTo(0, 400)")
        pages.write(before)  # a file was saved, to no effect
        with shown.expect_request("**/my%20check.stamp.css*"):
            pass
        with shown.expect_request("**/my%20check.stamp.css*"):
            pass
        assert shown.evaluate("window.same")
        right = msgspec.structs.replace(before.found[1], status="done")
        pages.write(msgspec.structs.replace(before, found=(before.found[0], right, *before.found[2:])))
        until(shown, lambda: shown.title().startswith("3 of 6 done"))
        until(shown, lambda: shown.evaluate("scrollY") == 400)
        until(shown, lambda: shown.locator("#said").text_content() == "Checked again: 3 of 6 done.")


def until(shown: Any, happens: Callable[[], bool]) -> None:
    """Wait for something that the page does by itself."""
    for _ in range(200):
        if happens():
            return
        shown.wait_for_timeout(50)
    pytest.fail("it did not happen")


def test_a_style_sheet_beside_the_page_is_all_that_it_takes(tmp_path: Path, browser: Any) -> None:
    with Pages(tmp_path / "check.html", watched=True) as pages:
        pages.write(seen())
        text = pages.path.read_text("utf-8")
        (tmp_path / "evil.js").write_text("document.title = 'owned'")
        pages.path.write_text(text.replace("<main", '<script src="evil.js"></script><main', 1))
        shown = browser.new_page()
        shown.goto(pages.path.as_uri())
        assert shown.title().startswith("2 of 6 done")
        shown.close()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    pytest.importorskip("watchfiles")
    template = home(tmp_path)
    solve(template, "lecture8")
    command = [sys.executable, "-m", "grader", "check", "--watch", "--html"]
    running = subprocess.Popen(command, cwd=template, env=environment(), stdout=subprocess.PIPE, text=True)
    yield template, running
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)


def test_saving_a_file_brings_an_open_page_up_to_date(
    watched: tuple[Path, subprocess.Popen[str]], opened: Opened
) -> None:
    template, running = watched
    assert running.stdout is not None
    assert any("the page: " in line for line in iter(running.stdout.readline, ""))
    shown = opened(template / "check.html")
    assert shown.title().startswith("all 11 done")
    path, count = template / "minitorch" / "lecture8.py", 0
    right = path.read_text()
    while not shown.title().startswith("10 of 11 done"):  # what is saved before it watches goes unseen
        count += 1
        assert count < 40
        path.write_text(right.replace(SQUARE, f"return 2 * x  # {count}"))
        shown.wait_for_timeout(700)
    assert shown.get_by_role("img", name="gradient of Square").is_visible()
