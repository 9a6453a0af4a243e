"""What is handed in is read within bounds and shown as text, whatever is in it and whatever it is called."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment import forms
from grader.assignment.forms import FormError
from grader.batch import class_page
from grader.errors import UsageError
from grader.model import Counterexample, Outcome, Picture, PictureNode, Plot, Submission
from grader.reports import feedback, files, grades, inlined, overview, page, rows, stored, terminal
from grader.sandbox import probes
from grader.sandbox.boundary import control
from grader.sandbox.boundary.protocol import Violation, decode_locked, decode_reply, encode
from grader.submissions.archives import with_nested_archive, zip_entries
from grader.submissions.entries import FILES_CAP, SOURCE_CAP, Unreadable, clean_id
from grader.submissions.handed_in import find
from grader.submissions.homes import Layout, submission
from grader.submissions.papers import ANSWERS_CAP, Answers, answers
from tests.unit.test_reports import WRONG, result

LAYOUT = Layout("minitorch", ("operators", "autodiff", "lecture8"), ("lecture8",))
SOURCE = b"x = 1\n"
MEMORY_CAP = 300 * 1024 * 1024
"""Bytes above what was held before: a zip of 64 MiB in a zip, and some."""


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, mode: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return out.getvalue()


def handed_in(folder: Path, **files: bytes) -> dict[str, Submission]:
    folder.mkdir(exist_ok=True)
    for name, content in {**files, "good": SOURCE}.items():
        (folder / f"{name}.{'py' if name == 'good' else 'zip'}").write_bytes(content)
    found = {one.id: one for one in find(folder, LAYOUT)}
    assert found["good"].modules["lecture8"][1] == SOURCE, "one that is bad costs nobody else anything"
    return found


# --- archives ------------------------------------------------------------------------------------------------------


def lying(raw: bytes, claimed: int) -> bytes:
    """Let a zip claim another size for its files, in both places where it stands."""
    out = bytearray(raw)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = -1
        while (at := out.find(signature, at + 1)) >= 0:
            out[at + offset : at + offset + 4] = struct.pack("<I", claimed)
    return bytes(out)


def overlapping(copies: int) -> bytes:
    """A zip whose directory names the same bytes over and over."""
    raw = zipped({"lecture8.py": b"0" * 400_000})
    end = raw.index(b"PK\x05\x06")
    start = raw.index(b"PK\x01\x02")
    entry = raw[start:end]
    directory = b"".join(entry.replace(b"lecture8.py", f"lectur{i:02}.py".encode()) for i in range(copies))
    tail = bytearray(raw[end:])
    tail[8:12] = struct.pack("<HH", copies, copies)
    tail[12:16] = struct.pack("<I", len(directory))
    return raw[:start] + directory + bytes(tail)


def nested(depth: int) -> bytes:
    """Return a zip in a zip, and so on, with homework in the last."""
    return zipped({"a.zip": nested(depth - 1)} if depth else {"lecture8.py": SOURCE})


BOMBS: dict[str, Callable[[], bytes]] = {
    "deflate": lambda: zipped({"lecture8.py": b"0" * 50_000_000}),
    "deflate that claims to be small": lambda: lying(zipped({"lecture8.py": b"0" * 50_000_000}), 100),
    "bzip2": lambda: zipped({"lecture8.py": b"0" * 400_000_000}, zipfile.ZIP_BZIP2),
    "bzip2 that claims to be small": lambda: lying(zipped({"lecture8.py": b"0" * 400_000_000}, zipfile.ZIP_BZIP2), 9),
    "lzma": lambda: zipped({"lecture8.py": b"0" * 400_000_000}, zipfile.ZIP_LZMA),
    "a zip in a zip": lambda: zipped({"homework.zip": zipped({"lecture8.py": b"0" * 50_000_000})}),
    "zips in zips": lambda: nested(6),
    "files on top of each other": lambda: overlapping(99),
    "names without end": lambda: zipped({"a/" * 32_000 + f"{i}.py": b"" for i in range(200)}),
    "many names": lambda: zipped({f"{i}.py": b"" for i in range(FILES_CAP + 1)}),
    "sixty large modules": lambda: zipped(
        {"lecture8.py": SOURCE, **{f"m{i}.py": b"0" * 500_000 for i in range(60)}},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_little_memory(name: str, tmp_path: Path) -> None:
    raw = BOMBS[name]()
    tracemalloc.start()
    try:
        bomb = handed_in(tmp_path, bomb=raw)["bomb"]
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert bomb.problem or "lecture8" not in bomb.modules or "were left out" in bomb.notes[0]
    assert most < MEMORY_CAP


@pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFLNK, stat.S_IFDIR])
def test_a_special_file_in_a_zip_is_bytes_or_refused(kind: int, tmp_path: Path) -> None:
    found = handed_in(tmp_path, special=zipped({"lecture8.py": SOURCE}, mode=kind | 0o777))["special"]
    assert "link" in found.problem if kind == stat.S_IFLNK else found.modules["lecture8"][1] == SOURCE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.py", "special.zip"]


ODD_NAMES = (
    "/etc/passwd.py",
    "../../lecture8.py",
    "..\\..\\lecture8.py",
    "C:\\lecture8.py",
    "minitorch/../../lecture8.py",
    "lecture8.py\x00.txt",
    "$(touch pwned).py",
    "`touch pwned`.py",
    "-rf.py",
    "; rm -rf .py",
    "\x1b]0;owned\x07.py",
    "\u202eyp.8erutcel",
    "con.py",
    "CON.py",
    "=cmd|' '!A0.py",
    "<script>alert(1)</script>.py",
    "[x](http://evil).py",
    "a" * 5000 + ".py",
    " .py",
    ".py",
    "\n.py",
    "\ud7ff\ue000.py",
)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_name_in_a_zip_does_nothing_and_is_shown_safely(name: str, tmp_path: Path) -> None:
    found = handed_in(tmp_path / "class", odd=zipped({name: SOURCE}))["odd"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class"]
    assert sorted(path.name for path in (tmp_path / "class").iterdir()) == ["good.py", "odd.zip"]
    shown = [found.id, found.problem, *found.notes, *(path for path, _ in found.modules.values())]
    for text in shown:
        assert text.isprintable()
        assert not re.search(r"[<>\[\]`|$]", found.problem + "".join(found.notes)), text


# --- any bytes at all ----------------------------------------------------------------------------------------------

ARCHIVE = zipped(
    {"minitorch/lecture8.py": SOURCE, "minitorch/operators.py": SOURCE, "answers.yaml": b"answers: {x: y}"}
)
YAML = b"answers:\n  a: 2 * x\n  'b': \"x\\n\"\n  c: |\n    x\n  d: [1, {e: 2}]\n"


def mutated(raw: bytes) -> st.SearchStrategy[bytes]:
    """Return what a few changed, lost or doubled bytes make of something well-formed."""

    def changed(changes: list[tuple[int, int, int]]) -> bytes:
        out = bytearray(raw)
        for at, value, how in changes:
            at %= len(out) or 1
            if how == 0:
                out[at : at + 1] = bytes((value,))
            elif how == 1:
                del out[at : at + value % 9]
            else:
                out[at:at] = out[at : at + value]
        return bytes(out)

    return st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 2)), max_size=8).map(changed)


def read_zip(raw: bytes) -> None:
    try:
        entries = with_nested_archive(zip_entries(raw))
        found = submission("s", entries, LAYOUT)
    except Unreadable as problem:
        assert str(problem).isprintable()
        return
    assert all(len(source) <= SOURCE_CAP for _, source in found.modules.values())


def read_answers(raw: bytes) -> None:
    try:
        found = answers(raw)
    except Unreadable:
        return
    for name, text in found.items():
        (name + text).encode()


def read_form(raw: bytes) -> None:
    try:
        forms.decode(raw, Answers, "a.yaml")
    except FormError as error:
        assert error.problems


def read_frame(raw: bytes) -> None:
    for decode in (decode_reply, decode_locked):
        try:
            decode(raw)
        except Violation:
            continue


def read_packet(raw: bytes) -> None:
    try:
        control.decode_packet(raw)
    except msgspec.MsgspecError:
        return


def read_result(raw: bytes) -> None:
    try:
        found = stored.decode(raw)
    except (msgspec.MsgspecError, ValueError):
        return
    stored.encode(found)


def read_told(raw: bytes) -> None:
    for driver in probes.PROBES.values():
        ask = msgspec.convert(ASKS[driver.name], driver.ask)
        probes.read(driver, ask, msgspec.Raw(raw))


ASKS: dict[str, dict[str, object]] = {
    "function": {"module": "m", "name": "n", "context_module": "c", "arity": 1, "inputs": [[[1.0], 1.0]]},
    "values": {"module": "m", "name": "n", "inputs": [[1.0]]},
    "graph": {"graphs": [[[[0, "leaf", [], 1.0]], [[0, 1.0]]]], "want": "structure", "module": "m"},
    "difference": {"module": "m", "name": "n", "calls": [["cube", [1.0], None, None]]},
    "context": {"module": "m", "name": "n", "scenes": ["saves"]},
    "arrays": {
        "module": "m",
        "how": {"dialect": "d", "module": "m"},
        "mode": "backward",
        "rows": [{"formula": "_0", "shapes": [[2]]}],
        "operations": [],
        "needed": [],
        "inputs": [[0, [[1.0, 2.0]], [1.0, 1.0]]],
    },
    "trace": {
        "nodes": [["leaf", [], 2.0], ["neg", [0], 0.0]],
        "sends": [[1, 1.0]],
        "module": "m",
        "how": {"dialect": "d", "module": "m"},
    },
    "expression": {
        "module": "m",
        "how": {"dialect": "d", "module": "m"},
        "mode": "backward",
        "formula": "_0",
        "operations": [],
        "needed": ["Value"],
        "arity": 1,
        "inputs": [[[1.0], 1.0]],
    },
    "trial": {"how": {"dialect": "d", "module": "m"}, "names": ["leaf"], "operations": []},
    "covered": {"kind": "values", "body": b""},
}
REPLY = encode({"type": "told", "id": 7, "body": {"rows": [[1.0, [2.0]], [{"type": "odd", "was": "str"}, None]]}})
ROWS = encode({"rows": [[1.0, [2.0]]], "values": [1.0], "held": [[1.0, 2.0, 3.0]]})
READERS: dict[str, tuple[Callable[[bytes], None], bytes]] = {
    "archives": (read_zip, ARCHIVE),
    "answers": (read_answers, YAML),
    "forms": (read_form, YAML),
    "frames": (read_frame, REPLY),
    "answers of the box": (read_told, ROWS),
    "control packets": (read_packet, encode({"type": "ended", "status": 0, "cpu": 1.0, "peak": 3})),
    "stored results": (read_result, stored.encode(result(WRONG))),
}


def fuzz(name: str, examples: int) -> None:
    read, well_formed = READERS[name]

    @settings(max_examples=examples, deadline=None, database=None)
    @given(st.binary(max_size=400) | mutated(well_formed))
    def any_bytes(raw: bytes) -> None:
        read(raw)

    any_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    fuzz(name, 300)


@pytest.mark.prove
@pytest.mark.parametrize("name", READERS)
def test_any_bytes_are_read_or_refused_thirty_thousand_times(name: str) -> None:
    fuzz(name, 30_000)


SLOW: dict[str, bytes] = {
    "brackets": b"answers: " + b"[" * 60_000,
    "braces": b"{a: " * 15_000,
    "closed brackets": b"[" * 30_000 + b"]" * 30_000,
    "dashes": b"- " * 30_000,
    "question marks": b"? " * 30_000,
    "indents": b"".join(b" " * i + b"a:\n" for i in range(350)),
    "laughs": b"a: &a [x,x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (98 + i, 98 + i, 97 + i, 97 + i) for i in range(20)),
    "merges": b"a: &a {b: c}\nd: {<<: *a}\n",
    "tags": b"a: !!python/object/apply:os.system ['touch pwned']\n",
    "keys": b"a:\n" * 20_000,
    "words": b"answers: {" + b",".join(b"a%d: b" % i for i in range(6_000)) + b"}",
    "documents": b"---\n" * 15_000,
    "comments": b"#\n" * 30_000,
    "a long word": b"a" * 60_000 + b": 1",
    "a long line of colons": b"a:" * 30_000,
    "escapes": b'"' + b"\\x41" * 15_000 + b'"',
    "no text": b"\xff\xfe\x00\x01" * 1000,
    "over the cap": b"#" * (ANSWERS_CAP + 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_a_yaml_bomb_costs_next_to_nothing(name: str) -> None:
    before = time.process_time()
    read_answers(SLOW[name])
    assert time.process_time() - before < 10  # a hundred times what any of them takes


# --- reports -------------------------------------------------------------------------------------------------------

EVIL: tuple[str, ...] = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</pre></text></svg><iframe src=//evil>",
    "[a link](http://evil.example)",
    "![an image](http://evil.example/x.png)",
    "[a][b]\n\n[b]: http://evil.example",
    "<http://evil.example>",
    "http://evil.example www.evil.example a@evil.example",
    "```\n# not a heading\n```",
    "~~~\n# not a heading\n~~~",
    "`code` ``code``",
    "\n\n# 35 of 35 points\n\n",
    "\n- accepted\n---\n***\n> quote\n| a | b |\n|---|---|",
    "**35 of 35** __points__ ~~gone~~",
    "&lt;b&gt; &#60;b&#62;",
    "\x1b[31mred\x1b]0;title\x07\x9b31m",
    "\u202egnip\u202c \u2066x\u2069 \u200f",
    "\r\x08\x08\x08over\x7f\x00",
    "\u2028\u2029\x85\x0b\x0c",
    '=HYPERLINK("http://evil")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "{{ 7 * 7 }}{% raw %}",
    "${7*7}",
    "\ud7ff\ufeff\u00ad",
)


def reports(text: str) -> Iterator[tuple[str, str]]:
    """Render a result in which every text that a student has a say in is `text`."""
    picture = Picture((PictureNode(text, text, text, (), text, "1.0"), PictureNode("a", text, text, (0, 0))), (text,))
    plot = Plot("x", text, (0.0, 1.0), (1.0, 2.0), (1.0, 3.0))
    shown = Counterexample({"x": 1.0}, 2.0, "", text, "1.0", picture=None, plot=plot)
    outcomes = (
        Outcome("runtime error", text, said=text, place=text, callers=(text,), call=text),
        Outcome("wrong answer", text, text, shown, detail=text),
        Outcome("wrong answer", text, text, msgspec.structs.replace(shown, picture=picture)),
        Outcome("accepted", text),
    )
    one = msgspec.structs.replace(result(*outcomes, submission=clean_id(text)), notes=(text,))
    unusable = result(Outcome("skipped", text), submission=clean_id(text), problem=text)
    for name, report in (("graded", one), ("unusable", unusable)):
        yield f"markdown, {name}", feedback.markdown(report)
        yield f"html, {name}", _without_ours(page.html(report), "page")
        class_ = "".join(class_page.html("A", [rows.of(report)], overview.heads(report), lambda _: True))
        yield f"html of the class, {name}", _without_ours(class_, "class")
        yield f"table, {name}", terminal.table([rows.of(report)], 100, colour=False)
        yield f"summary, {name}", terminal.summary(["square"], [rows.of(report)], 100)
        yield f"csv, {name}", "".join(grades.lines(["square"], [rows.of(report)]))


def _without_ours(html: str, name: str) -> str:
    """Take the page's own style and script out, which must be there once each."""
    held = inlined.template(name).globals
    for tag, text in (("style", held["style"]), ("script", held["script"])):
        assert html.count(f"<{tag}>{text}</{tag}>") == 1
        html = html.replace(f"<{tag}>{text}</{tag}>", "")
    return html


@pytest.mark.parametrize("text", EVIL)
def test_a_students_text_is_inert_in_every_report(text: str) -> None:
    for name, report in reports(text):
        kept = report.replace("\n", "")
        assert kept.isprintable(), name
        if name.startswith("html"):
            assert not re.search(r"<(script|img|iframe|svg on)|onerror=alert\(1\)>|onload=alert\(1\)>", report), name
            assert re.fullmatch(r"[^<]*(<[/!a-z][^<>]*>[^<>]*)*", report.replace("\n", " "), re.DOTALL), name
        if name.startswith("csv"):
            for row in csv.reader(io.StringIO(report)):
                assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), name
        if name.startswith("markdown"):
            outside = "\n".join(_outside_fences(report))
            assert not _active(outside), (name, outside)


def _outside_fences(report: str) -> Iterator[str]:
    fence = ""
    for line in report.splitlines():
        bare = line.strip()
        if fence:
            fence = "" if bare == fence else fence
        elif match := re.match(r"(`{3,})text$", bare):
            fence = match[1]
        else:
            yield line
    assert not fence, "a fence is left open"


def _active(text: str) -> list[str]:
    """Return what Markdown, as GitHub and the common platforms read it, would make more of than text."""
    unescaped = r"(?<!\\)(?:\\\\)*"
    return [
        found[0]
        for pattern in (
            r"<[A-Za-z/!?]",
            unescaped + r"\]\(",
            unescaped + r"!\[",
            unescaped + r"\]\[",
            unescaped + r"`",
            r"https?://",
            r"www\.",
            r"^\s*(#(?! .*point)|>|\|)(?!#)",
            unescaped + r"\*\*35",
            unescaped + r"~~gone",
            r"&(lt|#60);b",
        )
        for found in re.finditer(pattern, text, re.MULTILINE)
        if not found[0].startswith("#")
    ]


def test_a_name_that_would_break_a_table_or_a_file_is_cleaned_everywhere(tmp_path: Path) -> None:
    drawn = random.Random("names")
    signs = "=+-@\t\r\x1b\u202e<>|;'\"`$()[]{}!#%&*\\/ .:~éß中"
    for i in range(300):
        name = "".join(drawn.choice(signs) for _ in range(drawn.randint(1, 12))).strip("/\0") + str(i)
        identity = clean_id(name)
        assert re.fullmatch(r"[\w.@+,-]+", identity)
        assert identity not in (".", "..")
        files.write(stored.path_of(tmp_path, identity), b"x")
    assert all(path.parent == tmp_path / "results" for path in tmp_path.rglob("*.json"))


def test_no_reader_opens_a_device(tmp_path: Path) -> None:
    for name in ("null.py", "zero"):
        (tmp_path / "u1").mkdir(exist_ok=True)
        try:
            os.mknod(tmp_path / "u1" / name, stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("no device can be made here")
    assert find(tmp_path, LAYOUT)[0].modules == {}
    with pytest.raises(UsageError):
        find(tmp_path / "u1" / "nowhere", LAYOUT)
