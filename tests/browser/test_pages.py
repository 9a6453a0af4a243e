"""The pages in a browser: they sort, filter and lead on, fit a phone, print, and run nothing that is not ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch import class_page
from grader.model import Diagnosis, Outcome, Picture, PictureNode
from grader.reports import overview
from grader.submissions.people import Person
from tests.browser.conftest import LEVELS, PHONE, Opened
from tests.browser.planted import (
    CLASS,
    CRASHED,
    EXAMPLE,
    FAULT,
    FORGOTTEN,
    RIGHT,
    graded,
    renamed,
    rows_of,
    written,
)

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'&"


def names(page: Any) -> list[str]:
    """Return the students that the table shows, from top to bottom."""
    return [one.strip() for one in page.locator("#class tbody tr:visible th").all_text_contents()]


def test_the_table_is_filtered_by_section_and_searched_by_name(tmp_path: Path, opened: Opened) -> None:
    who = {
        "ben": (Person("Ben Example", section="Sec 1, Tue"),),
        "cleo": (Person("Cleo", section="Sec 2"), Person("Dee", section="Sec 1, Tue")),
        "ada": (Person("Ada", section="Sec 2"),),
    }
    text = class_page.html("Lecture 8", rows_of(CLASS), overview.heads(CLASS[0]), known=class_page.Known(who))
    (tmp_path / "index.html").write_text("".join(text))
    page = opened(tmp_path / "index.html")
    page.get_by_role("combobox", name="Section").select_option("Sec 1, Tue")
    assert [one[:3] for one in names(page)] == ["ben", "cle"]
    page.get_by_role("searchbox", name="Search").fill("dee")
    assert [one[:3] for one in names(page)] == ["cle"]
    page.get_by_role("button", name="Show all").click()
    assert len(names(page)) == len(CLASS)


def test_what_is_filtered_stands_in_the_address_and_can_be_copied(index: Path, opened: Opened) -> None:
    page = opened(index)
    page.get_by_role("combobox", name="Score").select_option("some")
    page.get_by_role("searchbox", name="Search").fill("flipped")
    shown = names(page)
    assert 0 < len(shown) < len(CLASS)
    address = page.url
    assert address.endswith("#students&search=flipped&state=some")
    page.get_by_role("button", name="Copy the names shown").click()
    said = f"Copied {len(shown)} name{'s' * (len(shown) > 1)}."
    page.locator(
        "#shown", has_text=re.compile(f"^{re.escape(said)}$")
    ).wait_for()  # a function would be evaluated there
    page.goto("about:blank")
    page.goto(address)
    assert names(page) == shown
    assert page.get_by_role("combobox", name="Score").input_value() == "some"
    page.get_by_role("button", name="Show all").click()
    assert page.url.endswith("#students")
    page.goto("about:blank")
    page.goto(address.replace("state=some", "state=gone"))  # of an older page: what is not there filters nothing
    assert names(page) == [one.submission for one in CLASS if one.submission in ("cleo", "dina")]


def test_the_table_sorts_filters_and_leads_to_a_students_page(index: Path, opened: Opened) -> None:
    page = opened(index)
    assert names(page) == [one.submission for one in CLASS]
    score = page.get_by_role("button", name="Score")
    score.click()
    assert names(page)[-1] == "gwen"  # withheld: last, whichever way
    score.click()
    assert names(page)[0] == "ada"
    assert names(page)[-1] == "gwen"
    assert page.locator("#class th[aria-sort]").all_inner_texts() == ["Score"]
    assert page.locator("#class th[aria-sort]").get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Student").click()
    assert names(page)[-2:] == ["s9", "s10"]
    page.get_by_role("searchbox", name="Search").fill("FORGOTTEN square")
    assert names(page) == ["ben", "cleo", "emil"]
    assert page.get_by_role("status").inner_text() == "3 of 9 students"
    page.get_by_role("combobox", name="Exercise").select_option(label="2 Log")
    page.get_by_role("combobox", name="Verdict").select_option("wrong answer")
    assert names(page) == ["cleo", "emil"]
    page.get_by_role("combobox", name="Score").select_option("withheld")
    assert names(page) == []
    assert page.get_by_text("No student fits").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(names(page)) == len(CLASS)
    page.get_by_role("combobox", name="Verdict").select_option("time limit")
    assert names(page) == ["dina"]
    page.locator("#class").get_by_role("link", name="dina").click()
    assert page.title() == "dina: 2 of 6 points"
    assert page.get_by_role("heading", level=1).inner_text() == "dina"


def test_hostile_text_stays_text_on_both_pages_and_no_script_of_it_runs(tmp_path: Path, opened: Opened) -> None:
    node = PictureNode(EVIL, EVIL, EVIL, (), EVIL, "1.0")
    drawn = msgspec.structs.replace(EXAMPLE, picture=Picture((node,), (EVIL,)))
    evil = Outcome("runtime error", EVIL, EVIL, drawn, (Diagnosis(EVIL),), f"{EVIL}.py", 0, EVIL, (EVIL,), EVIL)
    name = f"{EVIL.replace('/', '⁄')}\u202e{'w' * 90}"
    plotted = msgspec.structs.replace(FORGOTTEN, said=EVIL)
    results = [
        renamed(graded("x", evil, plotted, RIGHT, problem=""), name),
        graded("y", evil, evil, evil, problem=EVIL),
    ]
    results = [msgspec.structs.replace(one, notes=(EVIL,)) for one in results]
    page = opened(written(tmp_path, results))
    link = page.locator("#class tbody a").first
    assert link.text_content() == name.replace("\u202e", "\ufffd")
    assert page.title() == "Lecture 8: the class"
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    link.click()
    page.wait_for_load_state()
    assert page.title() == f"{name}: 2 of 6 points".replace("\u202e", "\ufffd")
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert EVIL in page.locator("pre.said").first.inner_text()
    assert EVIL in page.locator("pre.paste").first.inner_text()


def test_a_script_that_is_not_the_pages_own_never_runs_even_as_markup(
    index: Path, tmp_path: Path, browser: Any
) -> None:
    owned = tmp_path / "owned.html"
    text = index.read_text().replace(
        "<main>", "<main><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    )
    owned.write_text(text.replace("<h1>", '<h1 style="color: red" onmouseover="document.title=\'owned\'">'))
    page = browser.new_page()
    page.goto(owned.as_uri())
    page.locator("h1").hover()
    assert page.title() == "Lecture 8: the class"
    assert page.locator("h1").evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"
    page.close()


def test_hidden_checks_are_not_in_the_students_file(tmp_path: Path) -> None:
    hidden = Outcome(
        "wrong answer", "a planted reason", detail="a planted detail", diagnosis=(Diagnosis("a planted name"),)
    )
    written(tmp_path, [graded("ann", RIGHT, FORGOTTEN, RIGHT, hidden=[hidden])])
    told = (tmp_path / "feedback" / "ann.html").read_text()
    assert "secret" not in told
    assert "planted" not in told
    assert "hidden from students" not in told
    assert "a planted name" in (tmp_path / "index.html").read_text()  # staff read of it
    written(tmp_path, [], published=True)
    assert "secret" in (tmp_path / "feedback" / "ann.html").read_text()


@pytest.mark.ci
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        *(f"feedback/{one}.html" for one in ("ada", "cleo", "emil", "finn")),
        *(f"staff/{one}.html" for one in ("ada", "cleo", "emil", "finn")),
    ],
)
def test_axe_finds_nothing_against_wcag_2_2_aa(name: str, scheme: str, index: Path, opened: Opened) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = opened(index.parent / name, color_scheme=scheme)
    found = axe.Axe().run(page, options={"runOnly": LEVELS}).response
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert len(found["passes"]) > 20
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


@pytest.mark.ci
@pytest.mark.parametrize("name", ["index.html", "feedback/cleo.html", "feedback/emil.html", "staff/cleo.html"])
def test_a_phone_shows_a_page_without_scrolling_sideways(name: str, index: Path, opened: Opened) -> None:
    page = opened(index.parent / name, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tall = page.locator("button:visible, select:visible, input:visible").evaluate_all(
        "all => all.map(e => e.offsetHeight)"
    )
    assert min(tall, default=24) >= 24  # WCAG 2.2, 2.5.8


@pytest.mark.ci
def test_everything_can_be_done_with_the_keyboard_alone(index: Path, opened: Opened) -> None:
    page = opened(index)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the table of students"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("flipped")
    assert names(page) == ["cleo", "dina"]
    for _ in range(7):  # three choices, the two buttons, and the first two heads of the table
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Score"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert page.locator("#class th[aria-sort]").get_attribute("aria-sort") == "descending"
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cleo.html")


@pytest.mark.ci
def test_a_snippet_is_copied_as_it_stands(index: Path, opened: Opened) -> None:
    page = opened(index.parent / "feedback" / "ben.html", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.get_by_role("status").inner_text() == "Copied."
    assert page.evaluate("navigator.clipboard.readText()") == EXAMPLE.snippet.replace("; ", "\n")


@pytest.mark.ci
def test_without_script_all_of_it_is_there_and_nothing_that_would_not_work(index: Path, opened: Opened) -> None:
    page = opened(index, java_script_enabled=False)
    assert page.locator("#class tbody tr:visible").count() == len(CLASS)
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    page = opened(index.parent / "feedback" / "ben.html", java_script_enabled=False)
    assert page.locator("button").count() == 0
    assert page.locator("pre.paste").first.is_visible()


@pytest.mark.ci
def test_paper_gets_every_name_in_dark_on_light_and_no_controls(index: Path, opened: Opened) -> None:
    page = opened(index, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".controls").is_hidden()
    assert page.locator("details:not([open])").count() == 0
    page = opened(index.parent / "feedback" / "ben.html", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.get_by_role("button", name="Copy").is_hidden()
    assert page.get_by_text("(f(x + h) − f(x − h)) / 2h").is_visible()
    assert len(page.pdf()) > 1000


@pytest.mark.ci
def test_a_number_in_the_heatmap_leads_to_the_names_behind_it(index: Path, opened: Opened) -> None:
    page = opened(index)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = false; })")
    page.locator(".heat tbody tr", has_text="the sign is flipped").get_by_role("link").click()
    page.locator("#g1").get_by_role("link", name="dina").wait_for(state="visible")


@pytest.mark.ci
def test_odd_classes_have_pages_without_faults_too(tmp_path: Path, opened: Opened) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    classes = {
        "right": [graded("a", RIGHT, RIGHT, RIGHT)],
        "ours": [graded(name, FAULT, FAULT, FAULT) for name in "ab"],
        "lost": [graded("a", CRASHED, CRASHED, CRASHED)],
    }
    for name, results in classes.items():
        page = opened(written(tmp_path / name, results))
        assert axe.Axe().run(page, options={"runOnly": LEVELS}).response["violations"] == []


@pytest.mark.ci
def test_a_class_of_2000_is_sorted_by_every_column(tmp_path: Path, opened: Opened) -> None:
    results = (renamed(CLASS[i % len(CLASS)], f"student{i:04d}") for i in range(2000))
    text = class_page.html("Lecture 8", rows_of(results), overview.heads(CLASS[0]), "staff/{}.html".format)
    (tmp_path / "index.html").write_text("".join(text))
    page = opened(tmp_path / "index.html")
    rows = page.locator("#class tbody tr")
    assert rows.count() == 2000
    first = [rows.first.inner_text()]
    for head in ("Student", "Score", "What went wrong"):  # how long it takes is for `python -m benchmarks.opened`
        page.get_by_role("button", name=head).click()
        first.append(rows.first.inner_text())
    assert rows.count() == 2000
    assert len({*first}) > 1
