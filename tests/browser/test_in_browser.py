"""The self-check in a real browser: the verdicts of a desk, whatever a student's code does; nothing leaves the page."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.selfcheck import lacking
from tests.browser import web
from tests.browser.conftest import PHONE, Faults
from tests.browser.web import CONFIGS, READY, checked, differences, served, written
from tests.conftest import ROOT
from tests.desk.in_one import handed_in
from tests.desk.test_in_one import FIVE, HEAD, HOME, MUL, at_a_desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not web.available(), reason="npm and node are not installed; CI installs them"),
]

CLASSES = {
    "lecture8": ROOT / "examples" / "cohort" / "submissions",
    "module1": ROOT / "examples" / "module1" / "submissions",
    "micrograd": ROOT / "examples" / "micrograd" / "submissions",
}

MOST_SENT = 8.0
"""Megabytes that a browser is sent."""

DIFFERENT = {
    ("lecture8", "u1006"): "its log is numpy's: not checked",
    ("lecture8", "u3007"): "Python 3.14 says `division by zero` where 3.13 says `float division by zero`",
    ("micrograd", "k1003"): "it is written in numpy: not checked",
    ("micrograd", "k2014"): "it is written in numpy: not checked",
}
"""Whose document differs from that of a desk, and how."""

LEFT_OUT = {
    ("lecture8", "u3008"): "it asks for 8 GB, and what a desk does then depends on its memory; see `all memory` below",
    ("lecture8", "u4002"): "it patches the grader's own modules, its neighbours here; who does that fools nobody else",
}

FEW = (
    *(("lecture8", one) for one in ("u1006", "u2003", "u3007")),
    *(("module1", one) for one in ("v2002",)),
    *(("micrograd", one) for one in ("k1003", "k2001")),
)
"""Those that every run looks at; CI looks at all."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lecture's page, as files."""
    return written("lecture8", tmp_path_factory)


@pytest.fixture(scope="module")
def offline(folder: Path, browser: Any) -> Iterator[Any]:
    """A browser's context with the network switched off, and in it a page that nobody uses.

    It keeps what it compiled for those opened beside it, so that each is there in half the time.
    """
    context = browser.new_context(offline=True, accept_downloads=True)
    _opened(context, folder)
    yield context
    context.close()


def _opened(context: Any, folder: Path) -> Any:
    page = context.new_page()
    page.goto((folder / "check.html").as_uri())
    page.wait_for_selector("#status[data-took]", timeout=READY)
    return page


@pytest.fixture
def alone(folder: Path, offline: Any) -> Iterator[Any]:
    """The page that is one file, opened from disk with the network switched off, ready, and with nothing stored."""
    offline.pages[0].evaluate("localStorage.clear()")
    page = _opened(offline, folder)
    yield page
    page.close()


@pytest.fixture
def checks(ready: Any) -> Any:
    """The lecture's page, which has checked other things before: for those who touch nothing but its interpreter."""
    return ready("lecture8")


@pytest.fixture(scope="module")
def stored(folder: Path, offline: Any) -> Iterator[Any]:
    """A page that is loaded anew by each test, with what is stored then."""
    page = _opened(offline, folder)
    yield page
    page.close()


def everyone() -> Iterator[Any]:
    for name, place in CLASSES.items():
        for one in sorted(place.iterdir()):
            if one.is_dir() and (name, one.name) not in LEFT_OUT:
                marks = () if (name, one.name) in FEW else (pytest.mark.ci,)
                yield pytest.param(name, one, id=f"{name}-{one.name}", marks=marks)


@pytest.fixture(scope="module")
def ready(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page of each sample assignment, opened when it is first wanted."""
    opened: dict[str, Any] = {}
    context = browser.new_context(offline=True)

    def page(name: str) -> Any:
        if name not in opened:
            place = written(name, tmp_path_factory)
            opened[name] = _opened(context, place)
        return opened[name]

    yield page
    context.close()


@pytest.mark.parametrize(("name", "submission"), [*everyone()])
def test_the_whole_document_is_that_of_a_desk(name: str, submission: Path, ready: Any, tmp_path: Path) -> None:
    told = checked(ready(name), handed_in(submission))["last"]
    if told["type"] == "problem":
        with pytest.raises(UsageError, match=re.escape(told["said"])):
            at_a_desk(CONFIGS[name], submission, tmp_path / "homework")
        return
    found = list(differences(at_a_desk(CONFIGS[name], submission, tmp_path / "homework"), told["json"]))
    worded_alike = submission.name == "u3007" and sys.version_info >= (3, 14)
    if (name, submission.name) not in DIFFERENT or worded_alike:
        assert found == []
        return
    assert found, DIFFERENT[name, submission.name]
    if "numpy" in DIFFERENT[name, submission.name]:
        lost = [one for one in told["json"]["exercises"] if one["status"] == "ours"]
        assert lost
        assert {one["needs"] for one in lost} == {lacking.not_there("numpy")}
        assert "wrong" not in {theirs for path, desk, theirs in found if path.endswith(".status") and desk == "done"}
    else:
        assert {path.rpartition(".")[2] for path, _, _ in found} == {"said"}


ENDS = {
    "a loop": ("while True: pass", "✗ forward: time limit"),
    "a loop in compiled code": ("sum(range(10**12))", "✗ forward: time limit"),
    "a loop that keeps interruptions to itself": (
        "\n        while True:\n          try:\n            while True: pass\n          except BaseException: pass",
        "✗ forward: time limit",
    ),
    "a flood": ("\n        while True: print('x' * 1000)", "✗ forward: time limit"),
    "a long sleep": ("import time; time.sleep(100)", "✗ forward: time limit"),
    "an exit": ("import sys; sys.exit(3)", "✗ forward: SystemExit: 3"),
    "a hard exit": ("import os; os._exit(0)", "✗ forward: runtime error"),
    "an abort": ("import os; os.abort()", "✗ forward: runtime error"),
    "all memory": ("a = bytearray(2**30)", "✗ forward: memory limit"),
    "a recursion without end": ("return TimesFive.forward(ctx, x)", "✗ forward: RecursionError"),
    "a list too deep to let go of": (
        "\n        a = None\n        for _ in range(100000): a = [a]",
        f"? not checked: {lacking.NO_STACK}",
    ),
    "JavaScript": ("import js; js.self.close()", "✗ forward: forbidden"),
}


OFTEN = ("a loop in compiled code", "a hard exit", "all memory", "a list too deep to let go of")
"""Those that every run tries; CI tries all."""


@pytest.mark.parametrize("what", [pytest.param(one, marks=() if one in OFTEN else pytest.mark.ci) for one in ENDS])
def test_what_ends_python_costs_its_exercises_and_the_rest_is_checked(what: str, checks: Any) -> None:
    line, wanted = ENDS[what]
    files = {HOME: (HEAD + FIVE.format(line) + MUL).encode()}
    told = checked(checks, files)
    assert told["rows"]["times-five-forward"].startswith(wanted)
    assert told["rows"]["mul-forward"] == "✓ right"
    assert (
        checked(checks, {HOME: (HEAD + FIVE.format("pass") + MUL).encode()})["rows"]["times-five-forward"] == "✓ right"
    )


def test_a_file_that_never_loads_is_charged_and_the_page_goes_on(checks: Any) -> None:
    told = checked(checks, {HOME: b"while True: pass\n"})
    assert all("time limit" in one for one in told["rows"].values())
    assert checked(checks, {HOME: (HEAD + MUL).encode()})["rows"]["mul-forward"] == "✓ right"


@pytest.mark.parametrize("stacks", [True, False], ids=["as it is", "without stack switching"])
def test_a_folder_on_a_web_server_asks_nobody_else(stacks: bool, folder: Path, browser: Any, tmp_path: Path) -> None:
    import gzip
    import shutil

    place = Path(shutil.copytree(folder, tmp_path / "site"))
    if not stacks:  # as in a browser that has not got it yet
        worker = place / "parts" / "worker.gz"
        without = b"delete WebAssembly.Suspending; delete WebAssembly.promising;\n"
        worker.write_bytes(gzip.compress(without + gzip.decompress(worker.read_bytes())))
    requests: list[str] = []
    complaints: list[str] = []
    with served(place) as address:
        context = browser.new_context()
        page = context.new_page()
        context.on("request", lambda sent: requests.append(sent.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}index.html")
        page.wait_for_selector("#status[data-took]", timeout=READY)
        right = CLASSES["lecture8"] / "u1001"
        assert set(checked(page, handed_in(right))["rows"].values()) == {"✓ right"}
        context.close()
    assert complaints == []
    assert [one for one in requests if not one.startswith((address, "blob:", "data:"))] == []
    assert len([one for one in requests if one.startswith(address)]) == 6  # the page, and its five parts


def test_code_cannot_reach_the_network(browser: Any, folder: Path) -> None:
    requests: list[str] = []
    with served(folder) as address:
        context = browser.new_context()
        context.on("request", lambda sent: requests.append(sent.url))
        page = context.new_page()
        page.goto(f"{address}index.html")
        page.wait_for_selector("#status[data-took]", timeout=READY)
        reach = "from _pyodide_core import *\nimport _pyodide._base\nimport sys\njs = sys.modules['js']\n"
        tries = (
            "js.fetch('http://192.0.2.1/')",
            "js.eval(\"fetch('http://192.0.2.1/')\")",
            "js.Worker.new('http://192.0.2.1/x.js')",
            "js.Function.new(\"return new Request('http://192.0.2.1/')\")()",
            "js.XMLHttpRequest.new().open('GET', 'http://192.0.2.1/')",
            "js.WebSocket.new('ws://192.0.2.1/')",
            "js.eval(\"Object.getPrototypeOf(self).fetch.call(self, 'http://192.0.2.1/')\")",
        )
        source = reach + "".join(
            f"try:\n    {one}\nexcept BaseException as error:\n    print(error)\n" for one in tries
        )
        checked(page, {HOME: source.encode()})
        page.wait_for_timeout(500)
        context.close()
    assert [one for one in requests if "192.0.2.1" in one] == []


def test_the_first_page_of_a_student(alone: Any, faults: Faults) -> None:
    assert alone.locator("#progress").inner_text() == "0 of 11 done"
    assert alone.locator("#files [aria-selected=true]").inner_text() == "lecture8.py"
    assert faults(alone) == []
    alone.set_input_files("#some", str(CLASSES["lecture8"] / "u2003" / "minitorch" / "lecture8.py"))
    alone.wait_for_selector("text=10 of 11 done", timeout=READY)
    assert faults(alone) == []
    assert "swapped" in alone.locator("#found").inner_text()
    assert alone.locator("#found svg .curve").count() >= 2
    alone.locator("#found .there").first.click()
    assert alone.evaluate("document.activeElement.className").startswith("cm-content")
    with alone.expect_download() as caught:
        alone.click("#save")
    with zipfile.ZipFile(caught.value.path()) as archive:
        assert archive.read(HOME) == (CLASSES["lecture8"] / "u2003" / HOME).read_bytes()


AWAY = """
import sys, json
frame = sys._getframe()
while frame is not None:
    say = frame.f_locals.get('say')
    if say is not None:
        made = {'type': 'done', 'html': HTML, 'progress': '', 'right': 1, 'of': 1, 'complete': True}
        say(json.dumps(made))
    frame = frame.f_back
"""
MARKUP = (
    '<meta http-equiv="refresh" content="0;url=http://192.0.2.1/"><iframe src="http://192.0.2.1/"></iframe>'
    '<a href="http://192.0.2.1/">x</a><form action="http://192.0.2.1/"><button>y</button></form>'
    '<img src="http://192.0.2.1/"><svg><a xlink:href="http://192.0.2.1/"><text>z</text></a></svg><b>shown</b>'
)


def test_what_a_file_makes_up_as_a_result_leads_nowhere(alone: Any) -> None:
    source = AWAY.replace("HTML", repr(MARKUP)) + HEAD + MUL
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": source.encode()})
    alone.wait_for_selector("text=1 of 11 done", timeout=READY)
    alone.evaluate("(html) => done({ html, progress: 'x', right: 0, of: 1, complete: false })", MARKUP)
    assert alone.locator("#found b").inner_text() == "shown"
    assert "192.0.2.1" not in alone.locator("#found").inner_html()
    assert alone.locator("#found :is(meta, iframe, form, img)").count() == 0
    assert alone.url.startswith("file:")


def test_a_fault_of_the_graders_own_is_told_and_shows_no_old_result(alone: Any) -> None:
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": (HEAD + MUL).encode()})
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)
    ends = "import sys, os\nsys.modules['grader.selfcheck.in_browser']._row = lambda _: os._exit(1)\n" + HEAD + MUL
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": ends.encode()})
    alone.wait_for_selector("text=The check itself failed, which is no fault of yours", timeout=READY)
    assert alone.locator("#progress").inner_text() == "not checked"
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": (HEAD + MUL).encode()})
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)


def test_files_of_the_same_name_are_told(alone: Any) -> None:
    def zipped(source: str) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("minitorch/lecture8.py", source)
        return made.getvalue()

    files = [
        {"name": f"{i}.zip", "mimeType": "application/zip", "buffer": zipped(source)}
        for i, source in enumerate((HEAD, HEAD + MUL))
    ]
    alone.set_input_files("#some", files)
    alone.wait_for_selector("#status:has-text('Checked: 1 of 11 done')", timeout=READY)
    assert "Several files are called so; the last one was taken" in alone.inner_text("#status")


def test_a_file_that_is_no_text_is_not_written_over(alone: Any) -> None:
    latin = {"name": "lecture8.py", "mimeType": "text/plain", "buffer": b"# \xe9\n" + (HEAD + MUL).encode()}
    alone.set_input_files("#some", latin)
    alone.wait_for_selector("#unshown:visible", timeout=READY)
    assert not alone.locator(".cm-editor").is_visible()
    assert alone.locator("#undo").is_hidden()  # it took the place of the template


def test_a_file_of_the_same_name_can_be_taken_back(alone: Any) -> None:
    for source in (HEAD + FIVE.format("pass"), HEAD + MUL + FIVE.format("pass")):
        alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": source.encode()})
        alone.wait_for_selector(f"text={source.count('class')} of 11 done", timeout=READY)
    alone.reload()
    alone.wait_for_selector("#progress:has-text('2 of 11 done')", timeout=READY)
    alone.click("#undo")
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)
    alone.click("#undo")
    alone.wait_for_selector("#progress:has-text('2 of 11 done')", timeout=READY)


@pytest.mark.parametrize("kept", ["[]", "5", "true", "{", '{"minitorch/lecture8.py": "?"}'])
def test_a_store_that_cannot_be_read_is_the_template(kept: str, stored: Any) -> None:
    stored.evaluate("(kept) => localStorage.setItem(STORE, kept)", kept)
    stored.reload()
    stored.wait_for_selector("#status[data-took]", timeout=READY)
    assert stored.locator("#progress").inner_text() == "0 of 11 done"
    assert "TODO" in stored.locator(".cm-content").inner_text()


def test_a_store_that_is_full_is_told_for_as_long_as_it_is(alone: Any) -> None:
    alone.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": (HEAD + MUL).encode()})
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)
    assert "does not keep your work" in alone.locator("#unkept").inner_text()


def test_a_file_with_the_name_of_a_folder_is_told_and_can_be_removed(alone: Any) -> None:
    alone.set_input_files("#some", {"name": "minitorch", "mimeType": "text/plain", "buffer": b"x"})
    alone.wait_for_selector("text=a file and a folder have the same name", timeout=READY)
    alone.locator("#files button", has_text=re.compile("^minitorch$")).click()
    alone.click("#remove")
    alone.wait_for_selector("text=Checked: 0 of 11 done.", timeout=READY)


def test_a_newer_text_ends_a_check_of_an_older_one(alone: Any) -> None:
    loops = HEAD + FIVE.format("while True: pass")
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": loops.encode()})
    alone.wait_for_timeout(2000)
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": (HEAD + MUL).encode()})
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)


def test_old_files_in_a_folder_do_not_take_the_place_of_the_homework(alone: Any) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("hw/old/lecture8.py", "raise ValueError")
        archive.writestr("hw/minitorch/lecture8.py", HEAD + MUL)
        archive.writestr("hw/tests/__init__.py", "raise ValueError")
    alone.set_input_files("#some", {"name": "hw.zip", "mimeType": "application/zip", "buffer": zipped.getvalue()})
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)
    names = alone.evaluate("Array.from(files.keys())")
    assert {"old/lecture8.py", "tests/__init__.py", "minitorch/lecture8.py"} <= set(names)


def test_the_folders_page_opened_from_disk_says_what_to_open(folder: Path, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    page.wait_for_selector("#status.off", timeout=READY)
    assert "take check.html" in page.locator("#status").inner_text()
    context.close()


LATER = {
    "a name that is not there yet": FIVE.replace("(ctx, x):", "(ctx, x) -> TimesFive:"),
    "an except of Python 3.14": FIVE.replace("{}", "try: pass\n        except ValueError, TypeError: pass"),
}


@pytest.mark.parametrize("what", LATER)
def test_what_only_python_3_14_takes_is_not_right_here(what: str, checks: Any) -> None:
    rows = checked(checks, {HOME: (HEAD + LATER[what].replace("{}", "pass")).encode()})["rows"]
    assert rows["times-five-forward"].startswith("✗")


DEEP = """
class Deep:
    def __init__(self, n):
        self.n = n
    def __add__(self, other):
        return other if self.n == 0 else Deep(self.n - 1) + other
"""


def test_right_code_that_is_too_deep_for_a_browser_is_not_wrong(checks: Any) -> None:
    source = HEAD + DEEP + FIVE.format("return Deep(900) + x * 5")
    said = checked(checks, {HOME: source.encode()})["rows"]["times-five-forward"]
    assert said in ("✓ right", f"? not checked: {lacking.NO_STACK}")


def test_a_fallback_for_numpy_is_not_told_as_wrong(checks: Any) -> None:
    source = "try:\n    import numpy as np\nexcept ImportError:\n    np = None\n" + HEAD
    said = checked(checks, {HOME: (source + FIVE.format("return 5.0 * x if np else 0.0")).encode()})["rows"]
    assert said["times-five-forward"] == f"? not checked: {lacking.not_there('numpy')}"


CHANGES = {
    "warnings": ("import warnings\nwarnings.simplefilter('error')\n", "import warnings; warnings.warn('x')"),
    "a class": ("import fractions\nfractions.Fraction.__mul__ = None\n", "import fractions; fractions.Fraction(1) * 2"),
    "a late module": ("import cmath\ncmath.exp = None\n", "import cmath; cmath.exp(0)"),
    "decimals": (
        "import decimal\ndecimal.DefaultContext.prec = 3\ndecimal.setcontext(decimal.DefaultContext)\n",
        "import decimal; assert len(str(1 / decimal.Decimal(3))) > 10",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_check_leaves_nothing_behind_for_the_next(what: str, checks: Any) -> None:
    change, use = CHANGES[what]
    checked(checks, {HOME: (HEAD + change + FIVE.format("pass")).encode()})
    rows = checked(checks, {HOME: (HEAD + FIVE.format(use)).encode()})["rows"]
    assert rows["times-five-forward"].startswith("✓")


def test_typing_is_checked_by_itself_kept_and_undone(alone: Any) -> None:
    alone.click(".cm-content")
    alone.keyboard.press("Control+A")
    alone.keyboard.insert_text(HEAD + FIVE.format("pass"))
    alone.wait_for_selector("tr.right", timeout=READY)
    assert alone.locator("#progress").inner_text() == "1 of 11 done"
    alone.reload()
    alone.wait_for_selector("text=1 of 11 done", timeout=READY)
    alone.click("#over")
    alone.wait_for_selector("#progress:has-text('0 of 11 done')", timeout=READY)
    alone.click("#undo")
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)


def test_the_keyboard_alone_is_enough(alone: Any) -> None:
    alone.locator("#typing").uncheck()
    alone.locator("#files [aria-selected=true]").focus()
    alone.keyboard.press("ArrowRight")
    second = alone.locator("#files [aria-selected=true]").inner_text()
    assert second != "lecture8.py"
    alone.keyboard.press("ArrowLeft")
    alone.keyboard.press("Tab")
    alone.keyboard.press("Control+A")
    alone.keyboard.insert_text(HEAD + FIVE.format("pass"))
    alone.keyboard.press("Control+Enter")
    alone.wait_for_selector("#progress:has-text('1 of 11 done')", timeout=READY)
    alone.keyboard.press("Tab")  # it indents
    assert alone.evaluate("document.activeElement.className").startswith("cm-content")
    alone.keyboard.press("Escape")
    alone.keyboard.press("Tab")
    assert alone.evaluate("document.activeElement.id") == "check"


def test_a_zip_a_folder_inside_it_and_what_is_no_homework(alone: Any) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, raw in handed_in(CLASSES["lecture8"] / "u1001").items():
            archive.writestr(f"my homework/{name}", raw)
        archive.writestr("my homework/.git/config", "x")
    alone.set_input_files("#some", {"name": "hw.zip", "mimeType": "application/zip", "buffer": zipped.getvalue()})
    alone.wait_for_selector("text=Checked: everything is right.", timeout=READY)
    assert alone.evaluate("Array.from(files.keys()).filter((one) => one.includes('.git'))") == []
    alone.set_input_files("#some", {"name": "hw.zip", "mimeType": "application/zip", "buffer": b"no zip at all"})
    alone.wait_for_selector("#status.off", timeout=READY)
    assert "could not be read" in alone.locator("#status").inner_text()


def test_a_hostile_file_stays_text(alone: Any) -> None:
    evil = "</script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    source = HEAD + FIVE.format(f"print({evil!r}); raise ValueError({evil!r})")
    alone.set_input_files("#some", {"name": "lecture8.py", "mimeType": "text/plain", "buffer": source.encode()})
    alone.wait_for_selector("#found .exercise", timeout=READY)
    assert evil.split(">")[0] in alone.locator("#found").inner_text()
    assert "owned" not in alone.title()
    assert alone.locator("#found img").count() == 0


@pytest.mark.parametrize("context", [PHONE, {"color_scheme": "dark"}], ids=["phone", "dark"])
def test_it_can_be_read_anywhere(context: dict[str, Any], folder: Path, browser: Any, faults: Faults) -> None:
    opened = browser.new_context(offline=True, **context)
    page = opened.new_page()
    page.goto((folder / "check.html").as_uri())
    page.wait_for_selector("#status[data-took]", timeout=READY)
    page.set_input_files("#some", str(CLASSES["lecture8"] / "u2003" / "minitorch" / "lecture8.py"))
    page.wait_for_selector("text=10 of 11 done", timeout=READY)
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    assert faults(page) == []
    opened.close()


def test_what_is_sent_is_small_and_says_what_it_is_made_of(folder: Path) -> None:
    said = (folder / "said.txt").read_text("utf-8")
    (sent,) = re.findall(r"a browser is sent ([\d.]+) MB", said)
    assert float(sent) <= MOST_SENT
    licences = (folder / "LICENCES.txt").read_text("utf-8")
    assert "Mozilla Public License 2.0" in licences
    assert "This copy is changed" in licences
    assert len(re.findall("^Copyright|^MIT License", licences, re.MULTILINE)) >= 15
    assert "not there in a browser, though students may import it elsewhere: numpy\n" in said


def test_it_is_made_of_compiled_code_and_holds_no_secret(folder: Path) -> None:
    import gzip

    core = zipfile.ZipFile(io.BytesIO(gzip.decompress((folder / "parts" / "core.gz").read_bytes())))
    names = core.namelist()
    assert "grader/selfcheck/in_browser.pyc" in names
    assert not [one for one in names if one.endswith(".py")]
    assert not [one for one in names if re.search(r"audit|planning|provided|template|making", one)]
