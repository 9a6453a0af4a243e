"""Decisions made on the page: each once, whoever clicks, kills or fills the disk; nobody else reads or decides."""

from __future__ import annotations

import html
import http.client
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest

from grader.batch.bench import Bench
from grader.batch.decide_server import Server
from grader.batch.deciding import LOG, Changed, Decisions, digest
from grader.cli.marks import renew
from grader.course import overrides
from grader.course.writing import Decision
from grader.errors import UsageError
from grader.grading import config
from grader.reports import files, stored, unfinished
from tests.conftest import ROOT

COMMENT = "See slide 12: <b>multiply</b> by d_out."
FORGOT = {"exercise": "square", "mistake": "d_out was forgotten"}


class Page(NamedTuple):
    """What came back."""

    status: int
    text: str
    to: str

    def field(self, name: str) -> str:
        """Return a hidden field of the first form."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, self.text[-3000:]
        return html.unescape(found[1])


class Window:
    """A browser's window at the server: what it sends, a browser would."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.host, self.origin = server.hosts[0], f"http://{server.hosts[0]}"

    def get(self, path: str, **headers: str) -> Page:
        return self._asked("GET", path, "", {"Host": self.host, **headers})

    def post(self, path: str, headers: dict[str, str | None] | None = None, **fields: str) -> Page:
        usual = {
            "Host": self.host,
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
            **(headers or {}),
        }
        return self._asked("POST", path, urlencode(fields), usual)

    def _asked(self, method: str, path: str, body: str, headers: dict[str, str | None]) -> Page:
        line = http.client.HTTPConnection("127.0.0.1", self._server.server_address[1], timeout=60)
        whole = path if path.startswith("/") else self._server.base + path
        line.putrequest(method, whole, skip_host=True)
        for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
            if value is not None:
                line.putheader(name, value)
        line.endheaders(body.encode())
        came = line.getresponse()
        return Page(came.status, came.read().decode(), came.headers.get("Location") or "")


@pytest.fixture
def course(tmp_path: Path, sample_reports: Callable[[str], Path]) -> Path:
    """The sample course with its class, graded."""
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(sample_reports("cohort"), tmp_path / "reports")
    return tmp_path


@pytest.fixture
def server(course: Path) -> Iterator[Server]:
    assignment = config.load(course / "config.yaml")
    table = Bench(assignment, course / "reports")
    decisions = Decisions(assignment.overrides, course / "reports", table.graded.exercises)
    one = Server(table, decisions, lambda: f"{renew(assignment, course / 'reports', table.graded)} files")
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


def previewed(window: Window, **fields: str) -> Page:
    """Return the page that says what a decision changes."""
    first = window.get(f"mistake?{urlencode(FORGOT)}")
    asked = {**FORGOT, "comment": COMMENT, **fields}
    return window.post("preview", seen=first.field("seen"), key=first.field("key"), **asked)


def test_a_comment_and_points_go_to_everyone_with_the_mistake(server: Server, course: Path) -> None:
    window = Window(server)
    assert "d_out was forgotten" in window.get("").text
    page = previewed(window, points="3")
    assert re.search(r"<bdi>u2001</bdi></th><td[^>]*>32</td><td[^>]*><strong>34</strong></td>", page.text)
    assert html.escape(COMMENT) in page.text
    assert not (course / "overrides.yaml").exists(), "to look changes nothing"
    done = window.post(
        "decide",
        seen=page.field("seen"),
        effects=page.field("effects"),
        key=page.field("key"),
        comment=COMMENT,
        points="3",
        **FORGOT,
    )
    assert (done.status, done.to) == (303, f"{server.base}log?done")
    assert '    mistake: "d_out was forgotten"\n    points: 3\n' in (course / "overrides.yaml").read_text()
    assert "Mark now: 34." in window.get("student?student=u2001").text
    wrote = window.post("write", key="w")
    assert wrote.status == 303
    assert "**Mark: 34 of 35 points**" in (course / "reports" / "feedback" / "u2001.md").read_text()
    assert "u2001" in (course / "reports" / "marks.csv").read_text()


def test_undo_puts_back_every_byte_one_decision_after_the_other(server: Server, course: Path) -> None:
    path = course / "overrides.yaml"
    path.write_text("# ours\nformat: 1\noverrides:\n- {student: u2001, comment: Hello}   # kept\n")
    texts, keys = [path.read_text()], ("a", "b")
    for key in keys:
        decision = Decision(student="u2001", exercise="square", comment=key)
        assert server.decisions.add(decision, digest(path.read_text()), key)
        texts.append(path.read_text())
    assert texts[2].startswith(texts[1][:-1])
    window = Window(server)
    for key, text in zip(reversed(keys), reversed(texts[:-1])):
        page = window.get("log")
        assert page.field("of") == key
        assert window.post("undo", key=page.field("key"), of=key).status == 303
        assert path.read_text() == text
    assert "Undo" not in window.get("log").text
    path.write_text(texts[0] + "# by hand\n")
    server.decisions.add(Decision(student="u2001", comment="x"), digest(path.read_text()), "c")
    path.write_text(path.read_text() + "# by hand again\n")
    assert "take the lines out there by hand" in window.post("undo", key="u", of="c").text
    assert path.read_text().endswith("# by hand again\n")


def test_two_windows_lose_nothing_and_apply_nothing_twice(server: Server, course: Path) -> None:
    one, other = Window(server), Window(server)
    first, second = previewed(one, points="3"), previewed(other, points="2")
    sent = {name: first.field(name) for name in ("seen", "effects", "key")}
    sent |= {"comment": COMMENT, "points": "3", **FORGOT}
    assert [one.post("decide", **sent).status for _ in range(3)] == [303] * 3
    written = (course / "overrides.yaml").read_text()
    assert written.count("mistake:") == 1
    again = {name: second.field(name) for name in ("seen", "effects", "key")}
    again |= {"comment": "mine", "points": "2", **FORGOT}
    refused = other.post("decide", **again)
    assert "this decision: sets points for square of u2001" in refused.text
    assert "made the mistake of overrides.yaml:3:5" in refused.text, "where the other one stands, which is in the file"
    assert (course / "overrides.yaml").read_text() == written
    assert ">mine</textarea>" in refused.text, "what was written there is not lost"
    stale = other.post("decide", **{**again, "points": ""})
    assert "Nothing was decided: the file has changed since this page was made" in stale.text
    seen = {name: stale.field(name) for name in ("seen", "effects")}
    assert other.post("decide", **{**again, "points": "", **seen}).status == 303
    assert (course / "overrides.yaml").read_text().count("mistake:") == 2


def test_a_file_that_was_edited_meanwhile_is_not_written_over(server: Server, course: Path) -> None:
    page = previewed(Window(server))
    (course / "overrides.yaml").write_text("format: 1\noverrides: []\n# by hand\n")
    sent = {name: page.field(name) for name in ("seen", "effects", "key")} | {"comment": COMMENT, **FORGOT}
    assert "Nothing was decided" in Window(server).post("decide", **sent).text
    assert (course / "overrides.yaml").read_text() == "format: 1\noverrides: []\n# by hand\n"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"points": "many"}, "points should be a number such as 3 or 1.5, not &#39;many&#39;"),
        ({"points": "3\n    bonus: true"}, "points should be a number"),
        ({"points": "9"}, "points: 9 is more than square is worth (4)"),
        ({"comment": " "}, "write points, a comment, or both"),
        ({"comment": "x" * 5000}, "the comment is longer than 4000 characters"),
        ({"mistake": "", "student": "nobody", "points": "1"}, "nobody in the class is called &#39;nobody&#39;"),
        ({"exercise": "cube"}, "no exercise has the id &#39;cube&#39;"),
    ],
)
def test_what_cannot_be_decided_is_said_and_kept(fields: dict[str, str], said: str, server: Server) -> None:
    page = previewed(Window(server), **fields)
    assert said in page.text
    assert "Decide this" not in page.text
    assert html.escape(fields.get("comment", COMMENT).strip(), quote=False) in page.text
    assert not server.decisions.path.exists()


def test_nobody_else_reads_or_decides(server: Server) -> None:
    window, port = Window(server), server.server_address[1]
    assert window.get("").status == 200
    assert window.get("", Host=f"localhost:{port}").status == 200
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert window.get("", **led).status == 200, "the file that the command opens leads here"
    outside = [
        window.get("/"),
        window.get("/wrong/"),
        window.get(f"/{server.token[:-1]}/"),
        window.get("", Host="evil.example"),
        window.get("", Host=f"evil.example:{port}"),
        window.get("", Origin="http://evil.example"),
        window.get("", **{"Sec-Fetch-Site": "cross-site"}),
        window.get("log", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
        window.get("", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Origin": "null"}),
        *[
            window.post("decide", headers, seen=digest(""), key="k", comment="x", **FORGOT)
            for headers in (
                {"Origin": None},
                {"Origin": "null"},
                {"Origin": "https://127.0.0.1"},
                {"Origin": f"http://127.0.0.1:{port}.evil.example"},
                {"Sec-Fetch-Site": "same-site"},
                {"Host": "127.0.0.1"},
            )
        ],
        window.post("/wrong/decide", seen=digest(""), key="k", comment="x", **FORGOT),
    ]
    assert [one.status for one in outside] == [403] * len(outside)
    assert not any("u2001" in one.text for one in outside)
    assert window.post("decide", {"Content-Type": "text/plain"}, key="k").status == 400
    assert window.post("decide", comment="x" * 70_000, key="k").status == 413
    assert window.post("elsewhere", key="k").status == 404
    assert window.post("decide", comment="x").status == 400
    assert not server.decisions.path.exists()
    assert server.server_address[0] == "127.0.0.1"


DECIDES = """
import os, sys
from pathlib import Path
from grader.batch import deciding
from grader.batch.deciding import Decisions, digest
from grader.course.writing import Decision
from grader.errors import UsageError

how, root = sys.argv[1], Path(sys.argv[2])
one = Decisions(root / "overrides.yaml", root / "reports", ["square"])
put = deciding.files.write

def killed(path, *rest, **more):
    if how == "after":
        put(path, *rest, **more)
    os.kill(os.getpid(), 9)

if how in ("before", "after"):
    deciding.files.write = killed
if how == "full":
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    one.add(Decision(student="u2001", comment="once"), digest(one.text()), "k")
except UsageError as error:
    sys.exit(str(error))
"""


def run(how: str, course: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", DECIDES, how, str(course), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_in_the_middle_is_one_decision_or_none(when: str, course: Path) -> None:
    path = course / "overrides.yaml"
    path.write_text("format: 1\n")
    assert run(when, course).returncode == -signal.SIGKILL
    decisions = Decisions(path, course / "reports", ["square"])
    made = when == "after"
    assert [one.key for one in decisions.made()] == ["k"] * made
    again = decisions.add(Decision(student="u2001", comment="once"), digest(path.read_text()), "k")
    assert again is not made, "the same form, sent once more"
    assert path.read_text().count("once") == 1
    assert decisions.add(Decision(student="u2002", comment="more"), digest(path.read_text()), "l")
    assert [one.key for one in decisions.standing()] == ["k", "l"]
    decisions.undo("l", "u")
    decisions.undo("k", "v")
    assert path.read_text() == "format: 1\n"


@pytest.mark.parametrize("room", [0, 200])
def test_a_full_disk_decides_nothing_and_says_so(room: int, course: Path) -> None:
    path = course / "overrides.yaml"
    path.write_text("format: 1\n")
    ended = run("full", course, str(room))
    assert ended.returncode == 1
    assert "cannot be written: File too large; nothing was decided" in ended.stderr
    assert path.read_text() == "format: 1\n"
    decisions = Decisions(path, course / "reports", ["square"])
    assert decisions.made() == []
    assert decisions.add(Decision(student="u2001", comment="once"), digest(path.read_text()), "k")
    assert [one.key for one in decisions.standing()] == ["k"], "a line that was cut off spoils none after it"


def test_many_at_once_are_each_there_once_or_told(course: Path) -> None:
    path, came = course / "overrides.yaml", []

    def decide(number: int) -> None:
        one = Decisions(path, course / "reports", ["square"])
        for _ in range(50):
            try:
                one.add(Decision(student="u2001", comment=f"number {number}."), digest(one.text()), f"k{number}")
                return
            except Changed:
                continue
        came.append(number)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    text = path.read_text()
    assert [text.count(f"number {number}.") for number in range(8)] == [number not in came for number in range(8)]


def test_a_file_that_holds_no_list_is_refused_as_it_is(course: Path) -> None:
    decisions = Decisions(course / "overrides.yaml", course / "reports", ["square"])
    for text in ("format: 1\noverrides: {a: 1}\n", "[1, 2]\n", "format: [\n"):
        decisions.path.write_text(text)
        with pytest.raises(UsageError, match=r"overrides\.yaml"):
            decisions.add(Decision(student="u2001", comment="x"), digest(text), "k")
        assert decisions.path.read_text() == text


def test_the_address_stands_in_a_file_of_its_owner_and_in_no_command_line(course: Path) -> None:
    said = course / "opened"
    browser = course / "browser"
    browser.write_text(f"#!/bin/sh\nprintf '%s' \"$*\" > {said}.part && mv {said}.part {said}\n")
    browser.chmod(0o755)
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "BROWSER": str(browser), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "grader", "decide"]
    with subprocess.Popen(command, cwd=course, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().rpartition(" ")[2].strip()
        while not said.exists() and process.poll() is None:
            time.sleep(0.05)
        (path,) = (course / "reports").glob(".decide-*.html")
        assert said.read_text() == path.as_uri()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert f'url={address}"' in path.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert not path.exists()


def test_the_command_prints_an_address_and_stops_when_told(course: Path) -> None:
    command = [sys.executable, "-m", "grader", "decide", "--no-browser"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=course, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().rpartition(" ")[2].strip())
        line = http.client.HTTPConnection(address.netloc, timeout=60)
        line.request("GET", address.path)
        assert "Mistakes that students share" in line.getresponse().read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "`grader marks` writes the marks" in process.stdout.read()
    assert (course / "reports" / LOG).exists() is False
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0


def test_a_regrade_between_looking_and_deciding_is_shown_first(server: Server, course: Path) -> None:
    window = Window(server)
    alone = {"student": "u2001", "exercise": "square", "points": "4", "comment": COMMENT}
    first = window.get("student?student=u2001")
    page = window.post("preview", seen=first.field("seen"), key=first.field("key"), **alone)
    sent = {"seen": page.field("seen"), "effects": page.field("effects"), "key": page.field("key"), **alone}
    path = stored.path_of(course / "reports", "u2001")
    was = stored.read(path)
    assert was is not None
    lost = next(one for one in was.exercises if one.id == "square" and one.earned < one.possible)
    right = msgspec.structs.replace(lost, earned=lost.possible)
    others = tuple(right if one.id == "square" else one for one in was.exercises)
    now = msgspec.structs.replace(was, exercises=others, earned=was.earned + lost.possible - lost.earned)
    files.write(path, stored.encode(now))
    again = window.post("decide", **sent)
    assert "Nothing was decided: there are other results than when this page was made" in again.text
    assert not (course / "overrides.yaml").exists()
    assert window.post("decide", **{**sent, "effects": again.field("effects")}).status == 303


def test_a_grading_that_goes_on_is_seen_and_said(server: Server, course: Path) -> None:
    window, reports = Window(server), course / "reports"
    names = stored.names(reports)
    assert f"{len(names)} submissions are graded." in window.get("").text
    with unfinished.Journal(reports, len(names), names[:3]) as journal:
        for done in (3, 4):
            for page in (window.get(""), window.get(f"student?student={names[0]}"), window.get("log")):
                assert f"the grading is not finished: {done} of {len(names)} are graded" in page.text
            assert f"{done} submissions are graded." in window.get("").text
            journal.add(names[done])
        window.post("write", key="w")
        marks = (reports / "marks.csv").read_text().splitlines()
        assert sum(",graded," in line for line in marks) == 5
        journal.finish()
    assert "not finished" not in window.get("").text


def test_what_was_taken_out_by_hand_is_not_said_to_stand(server: Server, course: Path) -> None:
    window, path = Window(server), course / "overrides.yaml"
    for key, comment in (("a", "First."), ("b", "Second.")):
        server.decisions.add(Decision(student="u2001", comment=comment), digest(server.decisions.text()), key)
    path.write_text("# mine\n" + path.read_text().replace('  - student: "u2001"\n    comment: "Second."\n', ""))
    log = re.sub(r"\s+", " ", window.get("log").text)
    assert re.search(r"Second\.</td><td class=.state.>no longer in the file</td>", log)
    assert re.search(r"First\.</td><td class=.state.>stands</td>", log)
    assert "so nothing can be taken back here" in log
    path.unlink()
    assert window.get("log").text.count("no longer in the file") == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfformat: 1\noverrides:\n  - {student: u2002, comment: Hi}\n",
        b"format: 1\r\noverrides:\r\n  - {student: u2002, comment: Hi}\r\n# end\r\n",
        b"format: 1\r\noverrides: [{student: u2002, comment: Hi}]",
        b"format: 1\r\noverrides: []\r\n",
    ],
)
def test_bytes_that_editors_write_stay(raw: bytes, course: Path) -> None:
    path = course / "overrides.yaml"
    path.write_bytes(raw)
    decisions = Decisions(path, course / "reports", ["square"])
    assert decisions.add(Decision(student="u2001", comment="once"), digest(decisions.text()), "k")
    now = path.read_bytes()
    assert now.startswith(raw[:9])
    assert now.count(b"\n") == (now.count(b"\r\n") if b"\r" in raw else now.count(b"\n"))
    assert len(overrides.read(path, ["square"])) == raw.count(b"student") + 1
    decisions.undo("k", "u")
    assert path.read_bytes() == raw


def test_both_readers_of_the_file_say_the_same(course: Path, server: Server) -> None:
    path = course / "overrides.yaml"
    path.write_bytes("format: 1\noverrides: [{student: u2001, comment: Grüße}]\n".encode("latin-1"))
    page = Window(server).get("")
    assert (page.status, "codec" in page.text) == (409, False)
    assert "overrides.yaml: is not in UTF-8" in page.text
    path.write_bytes(b"\n")  # as a full disk leaves one: no decision goes without a word
    page = Window(server).get("")
    assert (page.status, "overrides.yaml: is empty" in page.text) == (409, True)
    with pytest.raises(UsageError, match=r"overrides\.yaml: is empty"):
        overrides.decided(path, course, ["square"])


@pytest.fixture
def listed(course: Path, server: Server) -> Window:
    """The course with a roster on which one student handed in nothing, and one of those who forgot d_out is missing."""
    names = [name for name in stored.names(course / "reports") if name != "u2001"]
    lines = [f"{name},Nobody {i},{name}@example.edu" for i, name in enumerate(names)]
    extra = ['9001,"Ångström, Zoë",zoe@example.edu', "901,Cy Young,9001cy@example.edu"]
    (course / "roster.csv").write_text("\n".join(["SID,Name,Email", *lines, *extra, ""]), "utf-8")
    config_file = course / "config.yaml"
    config_file.write_text(config_file.read_text().replace('roster: ""', "roster: roster.csv"))
    server.bench.assignment = config.load(config_file)
    return Window(server)


@pytest.mark.parametrize("who", ["zoe angstrom", "Ångström, Zoë", "9001", "ZOË", "zoe@"])
def test_who_is_on_the_roster_is_found_however_they_are_called(who: str, listed: Window) -> None:
    page = re.sub(r"\s+", " ", listed.get(f"?{urlencode({'who': who})}").text)
    first = re.search(r"<ul><li><bdi>([^<]*)</bdi>: nothing was handed in", page)
    assert first and first[1] == "Ångström, Zoë (9001)", page[-2500:]


def test_who_is_not_reached_by_a_decision_is_named(listed: Window) -> None:
    page = listed.get(f"mistake?{urlencode(FORGOT)}").text
    found = re.findall(r"No decision about the mistake reaches <a[^>]*><bdi>([^<]*)</bdi></a>: ([^<]*)\.</p>", page)
    assert found == [("u2001", "it matches nobody on the roster")]
    assert "u2001 matches nobody on the roster, and what is decided about a mistake does not" in listed.get("").text


def test_comments_turn_no_text_round_and_keep_their_lines(server: Server) -> None:
    comment = "one\ntwo \u202eabc"
    server.decisions.add(Decision(student="u2001", comment=comment), digest(""), "k")
    window = Window(server)
    for page in (window.get("log"), window.get("student?student=u2001")):
        assert "one\ntwo \ufffdabc" in page.text and "\u202e" not in page.text
    asked = previewed(window, comment=comment)
    assert asked.text.count("\u202e") == 2, "in the two fields that keep what was written"
