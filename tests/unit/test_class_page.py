"""The class's page says what is so: on planted classes, whose groups, counts and marks are known."""

from __future__ import annotations

import itertools
import re
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from grader.batch import class_page, pages
from grader.batch.class_page import Known
from grader.course.standings import Part, Standing
from grader.model import Diagnosis, Outcome
from grader.reports import heatmap, overview, rows, same, scores
from grader.reports.inlined import HERE
from grader.reports.overview import Group, Overview
from grader.submissions.people import Person
from tests.browser.planted import (
    CLASS,
    CRASHED,
    FAULT,
    FORGOTTEN,
    RIGHT,
    SLOW,
    TITLES,
    UNNAMED,
    graded,
    renamed,
    rows_of,
)

HEADS = overview.heads(CLASS[0])


def seen(*results: object) -> Overview:
    return overview.of(rows_of(results or CLASS), HEADS)  # type: ignore[arg-type]


def page(*results: object, **more: object) -> str:
    return "".join(class_page.html("Lecture 8", rows_of(results or CLASS), HEADS, **more))  # type: ignore[arg-type]


class Cells(HTMLParser):
    """The text of the table of students, a list a row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(text[text.index('<table id="class">') :].partition("</table>")[0])

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser calls it so
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def test_students_who_share_a_mistake_are_a_group_the_largest_first() -> None:
    assert seen().groups == (
        Group(0, "d_out was forgotten", ("ben", "cleo", "emil")),
        Group(1, "the sign is flipped", ("cleo", "dina")),
        Group(2, "d_out was forgotten", ("s9",)),
    )


def test_a_mistake_has_one_name_whichever_argument_it_was_made_in() -> None:
    (row,) = rows_of([CLASS[2]])
    assert row.named == (("d_out was forgotten",), ("the sign is flipped",), ())


def test_two_names_that_fit_as_well_are_neither_of_the_two_groups() -> None:
    both = msgspec.structs.replace(FORGOTTEN, diagnosis=(Diagnosis("a"), Diagnosis("b")))
    assert [one.name for one in seen(graded("a", both, RIGHT, RIGHT)).groups] == ["a; or b"]


def test_the_heatmap_counts_every_student_once_a_mistake_and_exercise() -> None:
    found = heatmap.of(seen().groups)
    assert found.exercises == (0, 1, 2)
    counts = {line.name: [cell.count for cell in line.cells] for line in found.lines}
    assert counts == {"d_out was forgotten": [3, 0, 1], "the sign is flipped": [0, 2, 0]}
    assert [line.total for line in found.lines] == [4, 2]
    forgotten = found.lines[0].cells
    assert (forgotten[0].shade, forgotten[1].shade, forgotten[2].shade) == (heatmap.SHADES, 0, 1)


def causes(*results: object) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.exercise, one.name, one.students) for one in seen(*results).causes]


def test_what_has_no_name_is_counted_by_its_cause() -> None:
    assert causes() == [
        (2, "ValueError: no", ("emil", "s10")),
        (2, "time limit", ("dina",)),
        (1, rows.NO_NAME, ("emil",)),
        (0, "ValueError: no", ("s10",)),
        (1, "ValueError: no", ("s10",)),
    ]
    text = page()
    assert text.index("Mistakes that have a name") < text.index("Mistakes without a name") < text.index('id="look"')
    assert [line.total for line in heatmap.of(seen().causes).lines] == [2, 1, 1]  # students, in however many exercises
    places = set(re.findall(r'href="#([cg]\d+)"', text))
    assert places == set(re.findall(r'id="([cg]\d+)"', text))


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            "AttributeError: 'Context' object has no attribute 'saved_value'",
            "AttributeError: no attribute 'saved_value'",
        ),
        (
            "AttributeError: 'Ctx' object has no attribute 'saved_value'. Did you mean: 'saved_values'?",
            "AttributeError: no attribute 'saved_value'",
        ),
        ("AttributeError: type object 'Mul' has no attribute 'apply'", "AttributeError: no attribute 'apply'"),
        ("AttributeError: module 'math' has no attribute 'logg'", "AttributeError: no attribute 'logg'"),
        ("TypeError: <object at 0x7f33a1> is not iterable", "TypeError: <object at 0x> is not iterable"),
        ("SyntaxError: '(' was never closed (lecture8.py, line 12)", "SyntaxError: '(' was never closed"),
        ("ImportError: cannot load, line 3", "ImportError: cannot load"),
        ("KeyError: 3", "KeyError: 3"),
        ("ZeroDivisionError", "ZeroDivisionError"),
        ("", "Exp raised an exception"),
    ],
)
def test_one_cause_reads_the_same_wherever_it_was_met(said: str, cause: str) -> None:
    raised = msgspec.structs.replace(CRASHED, said=said)
    assert causes(graded("a", raised, RIGHT, RIGHT)) == [(0, cause, ("a",))]


def test_a_mistake_that_has_a_name_is_no_cause_besides() -> None:
    assert causes(graded("a", FORGOTTEN, RIGHT, RIGHT, hidden=(UNNAMED,))) == []


def test_a_file_whose_names_are_others_is_an_interface_not_recognised() -> None:
    absent = Outcome("not attempted", "there is no Square in lecture8.py")
    unwritten = Outcome("not attempted", "Square.forward is not written yet")
    gone = Outcome("not attempted", "lecture8.py was not handed in")
    assert {name for _, name, _ in causes(graded("a", absent, absent, gone))} == {rows.NOTHING_FOUND}
    assert causes(graded("a", absent, RIGHT, RIGHT)) == [(0, rows.NOT_FOUND, ("a",))]
    assert causes(graded("a", unwritten, gone, unwritten)) == []


def test_a_heatmap_of_many_mistakes_shows_those_that_most_made() -> None:
    groups = [Group(0, f"mistake {i}", tuple(map(str, range(99 - i)))) for i in range(40)]
    found = heatmap.of(groups)
    assert (len(found.lines), found.unshown, found.lines[0].total) == (heatmap.MOST, 40 - heatmap.MOST, 99)
    assert heatmap.of([]) == heatmap.Heatmap((), ())


def test_every_exercise_says_how_many_got_all_of_it_some_and_none() -> None:
    square, log, exp = seen().shares
    assert (square.full, square.some, square.none, square.unattempted, square.withheld) == (4, 0, 5, 0, 0)
    assert square.verdicts == (("wrong answer", 3), ("runtime error", 1))
    assert dict(exp.verdicts) == {"time limit": 1, "runtime error": 2, "judge error": 1, "wrong answer": 1}
    assert exp.withheld == 1
    for share in (square, log, exp):
        assert share.full + share.some + share.none + share.unattempted + share.withheld == len(CLASS)


def test_what_crashed_or_met_a_limit_is_listed_with_where() -> None:
    found = {stop.verdict: dict(stop.students) for stop in seen().stops}
    assert found == {"time limit": {"dina": "Exp"}, "runtime error": {"emil": "Exp", "s10": "everything"}}
    assert seen().unusable == (("finn", "the zip is broken"),)


def test_a_fault_of_ours_is_on_top_with_whose_score_it_withholds() -> None:
    found = seen()
    assert found.faults == (overview.Fault("Exp", "its formula has no value where it should", ("gwen",)),)
    assert (found.count, found.scored, found.withheld) == (9, 8, 1)
    text = page()
    assert text.index("Our own faults") < text.index("its formula has no value") < text.index('<h2 id="scores"')


def test_a_fault_that_everyone_met_is_said_once() -> None:
    everyone = [graded(name, FAULT, FAULT, FAULT) for name in ("a", "b")]
    assert seen(*everyone).faults == (overview.Fault("everything", FAULT.reason, ("a", "b")),)
    text = page(*everyone)
    assert "(everyone)" in text
    assert "Every score is withheld." in text
    assert seen(*everyone).median is None


def test_a_class_in_which_all_is_right_says_so() -> None:
    text = page(graded("a", RIGHT, RIGHT, RIGHT), graded("b", RIGHT, RIGHT, RIGHT))
    assert "Our own faults" not in text
    assert "None was found." in text
    assert "Nothing: every submission could be used" in text


def test_a_class_of_nobody_says_so() -> None:
    text = "".join(class_page.html("Lecture 8", rows.Rows(tuple(TITLES), []), HEADS))
    assert "Nobody has handed in anything yet" in text
    assert "<table" not in text


def test_scores_are_in_bars_with_none_and_all_apart_and_said_in_words() -> None:
    found = seen()
    assert sum(bar.count for bar in found.bars) == found.scored
    assert (found.bars[0].count, found.bars[-1].count) == (3, 1)  # emil, finn and s10; ada
    assert scores.words(found.bars) == (
        "Scores: 3 with no points, 2 with 30 to 40 %, 2 with 60 to 70 %, 1 with all points."
    )
    assert scores.words(()) == "Scores: none yet."


def test_the_table_has_every_student_in_the_classs_order() -> None:
    cells = Cells(page()).rows
    assert cells[0] == ["Student", "Score", "Exercises", "What went wrong"]
    assert [row[0] for row in cells[1:]] == [one.submission for one in CLASS]
    assert cells[3] == ["cleo", "2", "✗✗✓", "square: d_out was forgotten; log: the sign is flipped (for x)"]
    assert cells[7][1] == "withheld"


def test_a_page_is_linked_only_where_there_is_one() -> None:
    text = page(link=lambda name: "staff/ben.html" if name == "ben" else "")
    assert 'href="staff/ben.html"' in text
    assert 'href="staff/ada.html"' not in text


@pytest.mark.parametrize(("name", "address"), [("a b", "a%20b"), ("a?b#c", "a%3Fb%23c"), ('"><x', "%22%3E%3Cx")])
def test_a_link_leads_to_the_file_whatever_it_is_called(name: str, address: str, tmp_path: Path) -> None:
    assert pages.link(tmp_path, name) == ""
    for path in (pages.path_of(tmp_path, name), pages.staff_path_of(tmp_path, name)):
        path.parent.mkdir()
        path.write_text("")
        assert pages.link(tmp_path, name) == f"{path.parent.name}/{address}.html"


def standing(name: str, **more: object) -> Standing:
    given = {"status": "graded", "possible": Fraction(6), "automatic": Fraction(4), "final": Fraction(4), **more}
    return Standing(Person(sid=name), name, **given)  # type: ignore[arg-type]


def test_the_final_mark_stands_beside_the_automatic_one() -> None:
    decided = standing("cleo", final=Fraction(5), parts=(Part("square", Fraction(0), Fraction(1)),), taken=Fraction(0))
    late = standing("ben", final=Fraction(3), taken=Fraction(1), late="1 day late: 1 point off")
    known = {"ben": late, "cleo": decided, "dina": standing("dina", status="excused", final=None)}
    text = page(standings=known)
    cells = {row[0]: row for row in Cells(text).rows}
    assert cells["Student"][1:3] == ["Automatic", "Final"]
    assert cells["ben"][1:3] == ["4", "31 day late: 1 point off"]
    assert cells["cleo"][1:3] == ["2", "5by hand"]
    assert cells["dina"][2] == "excusedby hand"
    assert cells["ada"][2] == "not in the roster"
    assert 'data-state="some late"' in text
    assert 'data-state="some hand"' in text


WHO = {
    "ben": (Person("Ben Example", "0755", section="Sec 1, Tue"),),
    "cleo": (Person("Cleo", "1", section="Sec 2"), Person(EVIL_NAME := "<b>&\u202e", "2", section="Sec 1, Tue")),
}


def test_names_and_sections_stand_in_the_table_for_search_and_filter() -> None:
    text = page(known=Known(WHO))
    cells = {row[0] for row in Cells(text).rows}
    assert "benBen Example, Sec 1, Tue" in cells
    assert 'data-section="Sec 1, Tue"' in text
    assert 'data-section="Sec 2\nSec 1, Tue"' in text
    options = re.findall(r"<option>(.*?)</option>", text)
    assert options == ["Sec 1, Tue", "Sec 2"]
    assert EVIL_NAME not in text
    assert 'id="section"' not in page()


def test_who_handed_in_nothing_stands_in_the_table_too() -> None:
    nobody = Standing(Person("Di Absent", "0042", "di@example.edu", section="Sec 2"), "", "missing", Fraction(9))
    unsure = Standing(Person("Ed Twice", "0043"), "", "withheld", Fraction(9), concerns=("2 submissions (a, b)",))
    text = page(known=Known(missing=(nobody, unsure)), standings={})
    found = {row[0]: row for row in Cells(text).rows}
    assert found["0042Di Absent, Sec 2"][2:] == ["missing", "", "handed in nothing"]
    assert found["0043Ed Twice"][2] == "withheld2 submissions (a, b)"
    assert text.count('data-state="missing"') == 1


def test_a_submission_that_is_somebodys_and_does_not_count_says_so() -> None:
    cells = {row[0]: row for row in Cells(page(known=Known(WHO), standings={})).rows}
    assert cells["benBen Example, Sec 1, Tue"][2] == "another one counts"
    assert cells["ada"][2] == "not in the roster"


def test_a_grading_that_is_not_finished_is_said_above_everything() -> None:
    said = "the grading is not finished: 38 of 2,000 are graded"
    text = page(known=Known(unfinished=said))
    assert text.index("The grading is not finished: 38 of 2,000 are graded.") < text.index("median")
    assert "not finished" not in page()


EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202e\x1b[31m"


def test_students_text_is_only_text() -> None:
    raised = msgspec.structs.replace(CRASHED, said=EVIL, reason=EVIL, diagnosis=(Diagnosis(EVIL),))
    evil = renamed(graded("x", raised, raised, SLOW, problem=""), EVIL)
    text = page(evil, renamed(graded("y", raised, RIGHT, RIGHT, problem=EVIL), f"{EVIL}2"), link=quote)
    assert text.count("<script>") == text.count("</script>") == 1
    assert "<img" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text


@pytest.mark.slow
def test_the_page_of_a_large_class_is_never_all_in_memory() -> None:
    count = 5000
    class_ = rows_of(renamed(CLASS[i % len(CLASS)], f"s{i}") for i in range(count))
    "".join(itertools.islice(class_page.html("Lecture 8", class_, HEADS), 3))  # the template is compiled
    tracemalloc.start()
    written = sum(map(len, class_page.html("Lecture 8", class_, HEADS)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written > 200 * count
    assert most < written / 2


def luminance(colour: str) -> float:
    whole = colour.lstrip("#")
    parts = [
        int(one * (2 if len(one) == 1 else 1), 16) / 255 for one in re.findall("." if len(whole) == 3 else "..", whole)
    ]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_colour_of_text_stands_out_from_what_it_may_be_on(scheme: int) -> None:
    css = (HERE / "base.css").read_text()
    colours: dict[str, str] = {}
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    for block in (blocks[0], *([blocks[scheme]] if scheme else [])):
        colours |= re.findall(r"--([\w-]+): (#\w+);", block)
    for ink in ("ink", "soft", "link", "right", "part", "off"):
        for paper in ("paper", "tint", "good", "alert"):
            assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    for i in (1, 2, 3):
        assert contrast(colours["ink"], colours[f"heat-{i}"]) >= 4.5, i
    assert contrast(colours["heat-ink-4"], colours["heat-4"]) >= 4.5
    for fill in ("bar", "off-fill"):
        assert contrast(colours[fill], colours["paper"]) >= 3, fill


def test_functions_that_equal_each_other_are_said_with_whose_they_are() -> None:
    kept = {"ada": {"m.f": "aa"}, "ben": {"m.f": "aa", "m.g": "cc"}, "cleo": {"m.f": "bb", "m.g": "dd"}}
    alike = same.groups([same.Kept(name, functions) for name, functions in kept.items()])
    assert [(one.function, one.students) for one in alike] == [("m.f", ("ada", "ben"))]
    text = page(known=Known(same=alike), link=quote)
    section = text.partition("Functions that equal each other")[2].partition("</section>")[0]
    assert "This does not say who wrote them, and costs nothing" in section
    assert re.findall(r'<a href="(\w+)">', section.partition("<h3>")[0]) == ["ada", "ben"]
    assert "Functions that equal each other" not in page()


def test_what_is_kept_of_functions_is_of_who_is_in_the_class(tmp_path: Path) -> None:
    report = same.Report(tmp_path)
    assert list(report) == []
    same.keep(tmp_path, [("ada", {"m.f": "aa"}), ("ben", {})], {"ada", "ben"}, {"ada": 0, "ben": 1})
    same.keep(tmp_path, [("cleo", {"m.f": "aa"})], {"cleo"}, {"ada": 0, "cleo": 1})
    assert list(report) == [same.Kept("ada", {"m.f": "aa"}), same.Kept("cleo", {"m.f": "aa"})]
    same.keep(tmp_path, [("ada", {}), ("bea", {})], {"ada", "bea"}, {"ada": 0, "bea": 1, "cleo": 2})
    assert list(report) == [same.Kept("ada", {}), same.Kept("bea", {}), same.Kept("cleo", {"m.f": "aa"})]
    whole = (tmp_path / same.FILE).read_bytes()
    for torn in (b"{", b"null\n", b'{"submission":"u1","functions":{"f":"\xff"}}\n', b'{"new":' + b"[" * 100_000):
        (tmp_path / same.FILE).write_bytes(whole + torn)
        assert [one.submission for one in report] == ["ada", "bea", "cleo"]


def test_nobody_is_kept_twice_where_a_class_comes_in_another_order(tmp_path: Path) -> None:
    everyone = [("ada", {"m.f": "aa"}), ("ben", {"m.f": "bb"})]
    same.keep(tmp_path, everyone, {"ada", "ben"}, {"ada": 0, "ben": 1})
    same.keep(tmp_path, [("ben", {"m.f": "cc"})], {"ben"}, {"ben": 0, "ada": 1})
    assert list(same.Report(tmp_path)) == [same.Kept("ben", {"m.f": "cc"}), same.Kept("ada", {"m.f": "aa"})]
    same.keep(tmp_path, [("ada", {"m.f": "cc"})], {"ada"}, {"ada": 0, "ben": 1})
    assert sorted(one.submission for one in same.Report(tmp_path)) == ["ada", "ben"]


def test_nothing_stays_of_a_run_that_was_killed(tmp_path: Path) -> None:
    draft = tmp_path / f".{same.FILE}.4711"
    draft.write_bytes(b"{}")
    same.keep(tmp_path, [("ada", {})], {"ada"}, {"ada": 0})
    assert not draft.exists()
    draft.write_bytes(b"{}")
    same.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_found_until_an_interrupt_leaves_what_was_known(tmp_path: Path) -> None:
    def found() -> Iterator[tuple[str, dict[str, str]]]:
        yield "ada", {"m.f": "bb"}
        raise KeyboardInterrupt

    same.keep(tmp_path, [("ada", {"m.f": "aa"})], {"ada"}, {"ada": 0})
    with pytest.raises(KeyboardInterrupt):
        same.keep(tmp_path, found(), {"ada"}, {"ada": 0})
    assert list(same.Report(tmp_path)) == [same.Kept("ada", {"m.f": "aa"})]
