"""Marks sent to Canvas: every mark right, every comment once, whatever breaks and wherever it is killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import cli
from grader.errors import UsageError
from grader.platforms.canvas.push import client, log
from grader.platforms.canvas.push.log import Log
from grader.reports import files
from tests.conftest import ROOT
from tests.platforms.canvas_server import ASSIGNMENT, COURSE, TOKEN, Canvas, serving
from tests.platforms.laid_out import EXERCISE, course, result

WHERE = (f"--course={COURSE}", f"--assignment={ASSIGNMENT}")


def user(id: int, sid: str, name: str = "", **more: str) -> dict[str, Any]:
    return {"id": id, "name": name or f"Student {id}", "sis_user_id": sid, "login_id": f"login{id}", **more}


Push = Callable[..., int]


@pytest.fixture
def push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Push]:
    """Run the command against a Canvas."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANVAS_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "80")
    with contextlib.ExitStack() as stack:
        addresses: dict[int, str] = {}

        def run(canvas: Canvas, *more: str) -> int:
            address = addresses.get(id(canvas)) or stack.enter_context(serving(canvas))
            addresses[id(canvas)] = address
            return cli.main(["canvas", "push", "--url", address, *WHERE, *more])

        yield run


def said(canvas: Canvas, id: str) -> list[str]:
    return [one["comment"] for one in canvas.comments[id]]


# --- what is shown, and what is sent -------------------------------------------------------------------------------


def four() -> Canvas:
    canvas = Canvas(
        [
            user(11, "00012345", "Ada Example"),
            user(12, "0755", "Bo Ø. O'Neil"),
            user(13, "", "Cy Partner", email="cy@example.edu"),
            user(14, "0042", "Di Missing"),
            user(15, "0043", "Ed Withheld"),
            user(16, "0044", "Flo Excused"),
            user(17, "0099", "Auditor"),
        ]
    )
    canvas.marks["12"]["score"] = 3.0
    canvas.marks["14"]["score"] = 1.0
    return canvas


ROSTER = """\
Name,SID,Email
Ada Example,00012345,ada@example.edu
Bo O'Neil,0755,bo@example.edu
Cy Partner,,cy@example.edu
Di Missing,0042,
Ed Withheld,0043,
Flo Excused,0044,
Gone Away,0777,
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A course with one of each: graded, standing, missing, withheld, excused, not in Canvas."""
    graded = [
        *(result("00012345", 3.5), result("0755", 3), result("cy@example.edu", 4)),
        *(result("0043", 0, withheld=True), result("0044", 1), result("0777", 2)),
    ]
    overrides = "  - {student: '0044', excuse: true, comment: see you in spring}\n"
    course(tmp_path, graded, overrides, ROSTER)
    return tmp_path


def test_the_file_that_is_sent_says_what_the_mark_says(small: Path, push: Push) -> None:
    overrides = small / "overrides.yaml"
    overrides.write_text(overrides.read_text() + f"  - {{student: '0755', exercise: {EXERCISE}, points: 2.5}}\n")
    canvas = four()
    assert push(canvas, "--send") == 0
    told = (
        "# 0755\n\n**Mark: 2.5 of 4 points**\n\n- TimesFive, forward: 2.5 points, set by hand; grading gave 3.\n\n---\n"
    )
    assert told.encode() in [one["content"] for one in canvas.files.values()]
    assert (small / "reports" / "feedback" / "0755.md").read_text() == told


def test_a_dry_run_shows_what_would_change_and_changes_nothing(
    small: Path, push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas = four()
    assert push(canvas, "--verbose") == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "HW1: Autodiff",
        "student                   before    after  comment",
        "----------------------  --------  -------  ---------",
        "Ada Example (00012345)         -     3.50  file",
        "Bo Ø. O'Neil (0755)         3.00     same  file",
        "Cy Partner (login13)           -     4.00  file",
        "Flo Excused (0044)             -       EX  words",
        "",
        "marks: 3 to send, 1 there already; comments: 4 to send, 0 there already",
        "nothing was sent; `--send` does it",
    ]
    for expected in (
        "left out: Di Missing (0042) handed in nothing; their cell stays as it is",
        "left out: Ed Withheld (0043) is withheld, through a fault of ours",
        "left out: Gone Away (0777) is not in this course in Canvas",
        "left out: Auditor (0099) is in Canvas, and has no mark here",
        "warning: students see nothing of it until you post the grades in Canvas",
    ):
        assert expected in told.err.splitlines()
    assert all(method == "GET" for method, _ in canvas.calls)
    assert canvas.wrongs == []
    assert not (small / "reports" / "canvas").exists()


def test_what_is_sent_arrives_and_is_not_sent_again(
    small: Path, push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas = four()
    assert push(canvas, "--send") == 0
    assert "sent: 3 marks, 4 comments; left: nothing" in capsys.readouterr().out
    assert canvas.wrongs == []
    assert canvas.given == {**{id: [] for id in canvas.users}, "11": ["3.50"], "13": ["4.00"], "16": ["EX"]}
    assert canvas.marks["14"]["score"] == 1.0
    assert [len(canvas.comments[id]) for id in ("11", "12", "13", "14", "15", "16", "17")] == [1, 1, 1, 0, 0, 1, 0]
    (ada,) = canvas.comments["11"]
    assert ada["comment"].startswith("The attached file says how it was graded.\n\n[autodiff-grader ")
    assert canvas.files[int(ada["file"])]["content"] == b"# 00012345\n"
    (flo,) = canvas.comments["16"]
    assert flo["comment"].startswith("see you in spring\n\n[") and flo["file"] is None
    before = len(canvas.calls)
    assert push(canvas, "--send") == 0
    assert "sent: 0 marks, 0 comments; left: nothing" in capsys.readouterr().out
    assert all(method == "GET" for method, _ in canvas.calls[before:])
    (small / "reports" / "canvas" / f"{COURSE}-{ASSIGNMENT}.jsonl").unlink()  # Canvas itself knows
    assert push(canvas, "--send") == 0
    assert sum(map(len, canvas.comments.values())) == 4


def test_a_regrading_sends_what_is_new_and_says_what_was_changed_by_hand(
    small: Path, push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas = four()
    assert push(canvas, "--send") == 0
    canvas.marks["13"]["score"] = 2.0
    course(small, [result("00012345", 4)], roster=ROSTER)
    files.write(small / "reports" / "feedback" / "00012345.md", b"# better\n")
    capsys.readouterr()
    assert push(canvas) == 0
    told = capsys.readouterr()
    assert "warning: Cy Partner (login13) was sent as 4.00 and changed in Canvas" in told.err
    assert max(map(len, told.out.splitlines())) <= 80
    assert push(canvas, "--send") == 0
    assert canvas.given["11"] == ["3.50", "4.00"]
    assert len(said(canvas, "11")) == 2 and len(said(canvas, "12")) == 1


@pytest.mark.usefixtures("small")
def test_marks_alone_are_sent_where_no_comments_are_wanted(push: Push) -> None:
    canvas = four()
    assert push(canvas, "--send", "--no-comments") == 0
    assert canvas.given["11"] == ["3.50"]
    assert not any(canvas.comments.values()) and not canvas.files


@pytest.mark.usefixtures("small")
def test_a_second_deduction_other_points_and_groups_are_warned_of(
    push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas = four()
    canvas.late_policy = {"late_submission_deduction_enabled": True}
    canvas.assignment |= {"points_possible": 20.0, "post_manually": False, "published": False, "group_category_id": 3}
    assert push(canvas) == 0
    told = capsys.readouterr().err
    assert "warning: Canvas has this assignment at 20 points, the grader at 4: nothing is scaled" in told
    assert "warning: the course's late policy in Canvas takes points off what it holds to be late" in told
    assert "warning: students see grades and comments as soon as they are sent" in told
    assert "warning: the assignment is not published in Canvas" in told
    assert "warning: Canvas gives everyone in a group the mark that was sent last" in told


@pytest.mark.usefixtures("small")
def test_many_who_are_left_out_are_one_line(push: Push, capsys: pytest.CaptureFixture[str]) -> None:
    assert push(four()) == 0
    (line,) = (one for one in capsys.readouterr().err.splitlines() if one.startswith("left out"))
    assert line.startswith("left out: 4 in all: ")
    assert line.endswith("; and 1 more (--verbose lists them all)")


@pytest.mark.usefixtures("small", "push")
@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("https://canvas.invalid", 2, "no host is called canvas.invalid; is `canvas.url` right"),
        ("http://127.0.0.1:9", 1, "Canvas cannot be reached: nobody answers at 127.0.0.1; is `canvas.url` right?"),
    ],
)
def test_an_address_that_never_answered_is_given_up_at_once(
    url: str, status: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TRIES", 1 << 30)  # whoever tries again does so for ever
    assert cli.main(["canvas", "push", "--url", url, *WHERE]) == status
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if words in line] == told[-1:]


# --- who is who ----------------------------------------------------------------------------------------------------


def test_a_name_is_the_last_resort_and_never_enough_for_two(
    tmp_path: Path, push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = "Name,SID,Email\nSam Same,0001,\nSam Same,0002,\nAl One,,al@x.edu\nZed Other,0005,\nNo Id,,noid@x.edu\n"
    names = ["0001", "0002", "al@x.edu", "0005", "noid@x.edu"]
    course(tmp_path, [result(name, i) for i, name in enumerate(names)], roster=roster)
    canvas = Canvas(
        [
            user(1, "", "Sam Same"),  # two of ours could be this one
            user(2, "", "Al One"),  # found by name
            user(5, "0006", "Zed Other"),  # another Zed: the ids differ
            *(user(7, "", "No Id"), user(8, "", "no id")),  # two who share a name
        ]
    )
    assert push(canvas, "--send", "--no-comments", "--verbose") == 0
    assert canvas.given == {"1": [], "2": ["2.00"], "5": [], "7": [], "8": []}
    told = capsys.readouterr().err
    assert told.count("is one of 2 marks for Sam Same (login1); set the roster right") == 2
    assert "left out: Zed Other (0005) is not in this course in Canvas" in told
    assert "left out: No Id (noid@x.edu) is not in this course in Canvas" in told


def test_a_folder_named_by_an_id_is_found_but_never_by_canvass_own_number(tmp_path: Path, push: Push) -> None:
    course(tmp_path, [result("0001", 1), result("login2", 2), result("9", 3)])
    canvas = Canvas([user(1, "0001"), user(2, "0002"), user(9, "0009")])
    assert push(canvas, "--send") == 0
    assert canvas.given == {"1": ["1.00"], "2": ["2.00"], "9": []}


# --- what breaks ---------------------------------------------------------------------------------------------------


def crowd(tmp_path: Path, count: int) -> Canvas:
    course(tmp_path, [result(f"u{i:04}", i % 9 / 2) for i in range(count)])
    canvas = Canvas([user(1000 + i, f"u{i:04}") for i in range(count)])
    canvas.gone.add("1007")
    return canvas


def holds_everything(canvas: Canvas, count: int) -> None:
    """Every mark right and given once, every comment once and with its file, but for the one who is gone."""
    assert canvas.wrongs == []
    for i in range(count):
        id = str(1000 + i)
        if id in canvas.gone:
            assert canvas.given[id] == [] and canvas.comments[id] == []
            continue
        assert canvas.marks[id]["score"] == i % 9 / 2
        assert set(canvas.given[id]) == {f"{i % 9 / 2:.2f}"}
        (comment,) = canvas.comments[id]
        assert canvas.files[int(comment["file"])]["content"] == f"# u{i:04}\n".encode()


def rough(seed: int) -> Callable[[int, str, str], str]:
    """Throttle now and then, and let connections and Canvas break, before and after the effect."""
    chance = random.Random(seed)

    def fault(count: int, method: str, _path: str) -> str:
        if count % 7 == 0:
            return "429" if count % 2 else "403"
        if method == "PUT" and chance.random() < 0.15:
            return chance.choice(["drop", "drop after", "500", "500 after"])
        return "drop" if chance.random() < 0.02 else "500" if chance.random() < 0.02 else ""

    return fault


@pytest.mark.parametrize("count", [40, pytest.param(300, marks=pytest.mark.ci)])
def test_every_mark_arrives_right_and_every_comment_once_whatever_breaks(
    tmp_path: Path, push: Push, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    canvas = crowd(tmp_path, count)
    canvas.fault = rough(1)
    assert push(canvas, "--send") == 1
    told = capsys.readouterr()
    holds_everything(canvas, count)
    assert "not taken: Student 1007 (u0007): Canvas did not take the mark 3.50" in told.err
    assert "Couldn't find User(s) with API ids 1007" in told.err
    assert f"sent: {count - 1} marks, {count - 1} comments; left: 1 mark, 1 comment" in told.out


@pytest.mark.parametrize(("count", "stops"), [(30, [8]), pytest.param(300, [3, 80, 151, 290], marks=pytest.mark.ci)])
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path, push: Push, count: int, stops: list[int]) -> None:
    canvas = crowd(tmp_path, count)
    canvas.fault = lambda count, *_: "429" if count % 40 == 0 else ""
    with serving(canvas) as address:
        command = [sys.executable, "-m", "grader", "canvas", "push", "--send", "--url", address, *WHERE]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        for i, so_many in enumerate(stops):
            run = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=-3, stderr=-1)
            while sum(map(len, canvas.comments.values())) < so_many and run.poll() is None:
                time.sleep(0.002)
            run.send_signal(signal.SIGINT if i % 2 else signal.SIGKILL)
            told = run.communicate(timeout=30)[1].decode()
            assert run.returncode == (130 if i % 2 else -9), told
            assert i % 2 == 0 or "run the same command to go on" in told
    assert stops[-1] <= sum(map(len, canvas.comments.values())) < count - 1
    assert push(canvas, "--send") == 1
    holds_everything(canvas, count)


def test_a_comment_whose_answer_was_lost_is_looked_for_before_it_is_resent(
    tmp_path: Path, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    for fault in ("drop", "drop after", "500", "500 after"):
        canvas = Canvas([user(1000, "u0000")])
        course(tmp_path, [result("u0000", 2)])
        faults = [fault]
        canvas.fault = lambda _count, method, _path, left=faults: left.pop() if method == "PUT" and left else ""
        (tmp_path / "reports" / "canvas" / f"{COURSE}-{ASSIGNMENT}.jsonl").unlink(missing_ok=True)
        assert push(canvas, "--send") == 0
        assert len(said(canvas, "1000")) == 1, fault


def test_a_canvas_that_is_away_ends_the_run_with_what_was_sent_and_is_left(
    tmp_path: Path, push: Push, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    canvas = Canvas([user(1000 + i, f"u{i:04}") for i in range(3)])
    course(tmp_path, [result(f"u{i:04}", 1) for i in range(3)])
    canvas.fault = lambda *_: "500" if any(canvas.comments.values()) else ""
    assert push(canvas, "--send") == 1
    told = capsys.readouterr()
    assert "sent: 3 marks, 1 comment; left: 0 marks, 2 comments" in told.out
    assert "Canvas cannot be reached: it answered 500; run the same command to go on" in told.err
    assert push(canvas) == 1
    assert "Canvas cannot be reached: it answered 500; nothing was sent" in capsys.readouterr().err
    canvas.fault = lambda *_: ""
    assert push(canvas, "--send") == 0
    assert [len(said(canvas, id)) for id in canvas.users] == [1, 1, 1]


def test_what_the_token_may_not_do_is_said_and_what_was_done_found_again(
    tmp_path: Path, push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas = Canvas([user(1000, "u0000")])
    course(tmp_path, [result("u0000", 1)])
    canvas.fault = lambda _, method, path: "refuse" if canvas.progress and path.endswith("submissions") else ""
    assert push(canvas, "--send") == 1
    told = capsys.readouterr()
    assert "what stands in Canvas cannot be read: the token may not do this; run the same" in told.err
    assert "sent: 0 marks, 0 comments; left: 1 mark, 1 comment" in told.out
    canvas.fault = lambda _, method, path: "refuse" if method == "PUT" else ""
    assert push(canvas, "--send") == 1
    assert "not taken: Student 1000 (u0000): Canvas did not take the comment: the token may" in capsys.readouterr().err
    assert canvas.given["1000"] == ["1.00"]
    (tmp_path / "reports" / "feedback" / "u0000.md").unlink()
    canvas.fault = lambda *_: ""
    assert push(canvas, "--send") == 0
    assert not any(canvas.comments.values())


def test_throttling_is_waited_out_and_a_low_allowance_slows_down(
    tmp_path: Path, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    course(tmp_path, [result("u0000", 1)])
    canvas = Canvas([user(1000, "u0000")])
    canvas.retry_after = "17"
    canvas.fault = lambda count, *_: {1: "429", 3: "403"}.get(count, "")
    assert push(canvas) == 0
    assert waits == [17.0, 17.0]
    canvas.remaining, canvas.fault = 40.0, lambda *_: ""
    waits.clear()
    assert push(canvas) == 0
    assert waits and set(waits) == {6.0}


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_a_wrong_token_or_number_is_said_and_the_token_is_shown_nowhere(
    push: Push, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = four()
    assert push(canvas, "--course", "43") == 2
    assert "assignment 157892 of course 43 in Canvas: it is not there" in capsys.readouterr().err
    monkeypatch.setenv("CANVAS_TOKEN", "wrong-token")
    assert push(canvas, "--send") == 2
    told = capsys.readouterr()
    assert "does not accept the token in CANVAS_TOKEN" in told.err
    assert "wrong-token" not in told.out + told.err
    monkeypatch.delenv("CANVAS_TOKEN")
    assert push(canvas) == 2
    assert "set CANVAS_TOKEN in the environment" in capsys.readouterr().err


def test_what_is_not_canvas_or_calls_itself_otherwise_is_said(
    tmp_path: Path, push: Push, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas = crowd(tmp_path, 101)
    canvas.named = "https://elsewhere.example"
    assert push(canvas, "--send") == 1
    assert "Canvas calls itself https://elsewhere.example there; give that as `canvas.url`" in capsys.readouterr().err
    canvas.fault = lambda *_: "sign in"
    assert push(canvas, "--send") == 1
    assert "what answers is not Canvas, or wants a sign-in" in capsys.readouterr().err
    assert not any(canvas.given.values())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://canvas.example.edu", "should begin with https://"),
        ("http://localhost.example.edu", "should begin with https://"),
        ("https://canvas.example.edu/courses/1", "should end after the host: https://canvas.example.edu"),
        ("https://me:secret@canvas.example.edu", "should hold no name or password"),
        ("canvas.example.edu", "should be an address such as"),
        ("https://[", "should be an address such as"),
    ],
)
def test_an_address_that_a_token_should_not_go_to_is_refused(
    small: Path, push: Push, capsys: pytest.CaptureFixture[str], url: str, said: str
) -> None:
    assert push(four(), "--url", url) == 2
    assert said in capsys.readouterr().err
    config = small / "config.yaml"
    config.write_text(config.read_text().replace('url: ""', f'url: "{url}"'))
    assert push(four()) == 2
    told = capsys.readouterr().err
    assert f"canvas.url {said}" in told and "config.yaml:" in told


def test_without_the_extra_it_says_what_to_install(small: Path, tmp_path: Path) -> None:
    (tmp_path / "canvasapi.py").write_text("raise ImportError\n")
    command = [sys.executable, "-m", "grader", "canvas", "push", "--url", "https://x.example", *WHERE]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "CANVAS_TOKEN": "x"}
    done = subprocess.run(command, cwd=small, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'autodiff-grader[canvas]'" in done.stderr


# --- the log -------------------------------------------------------------------------------------------------------


def test_a_log_that_was_cut_short_loses_its_last_line_and_no_other(tmp_path: Path) -> None:
    path = log.path_of(tmp_path, 1, 2)
    with Log(path) as kept:
        kept.grade("1", "3.50")
        kept.comment("1", "abc")
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert len(log.read(path).grades) + len(log.read(path).comments) == whole[:cut].count(b"\n")
        with Log(path) as kept:
            kept.comment("2", "def")
        assert ("2", "def") in log.read(path).comments
    path.write_bytes(b"nonsense\n" + whole)
    with pytest.raises(UsageError, match=r"2\.jsonl:1: is no line of the grader's"):
        log.read(path)
