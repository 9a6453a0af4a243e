"""The class as one page for staff, index.html: it stands alone, and its table can be sorted and filtered."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec

from grader.course.standings import Standing
from grader.model import Verdict
from grader.reports import heatmap, inlined, overview
from grader.reports.overview import Head
from grader.reports.rows import ClassRow
from grader.reports.same import Same
from grader.reports.text import inert, points
from grader.submissions.people import Person, ids

CODES: dict[Verdict, str] = {
    "wrong answer": "w",
    "runtime error": "r",
    "time limit": "t",
    "memory limit": "m",
    "output limit": "o",
    "forbidden": "f",
    "not attempted": "n",
    "skipped": "s",
    "judge error": "j",
}
"""How the table's rows say what was lost, in a letter: a row has to be small, for there may be thousands."""

GROUP = 5


class Mark(msgspec.Struct, frozen=True):
    """A student's final mark: what to sort by (blank where there is none), how it reads, and what it rests on."""

    key: str
    text: str
    notes: tuple[str, ...]


class Known(msgspec.Struct, frozen=True):
    """What the page says besides results: whose each submission is, who handed in nothing, and how far grading came.

    `unfinished` is blank where it came to its end. `same` are the functions that several submissions have alike.
    """

    who: Mapping[str, Sequence[Person]] = {}
    missing: Sequence[Standing] = ()
    unfinished: str = ""
    same: Sequence[Same] = ()


class TableRow(msgspec.Struct, frozen=True):
    """One student's row in the table, as text that is not yet escaped. `states` and `lost` are for the filters."""

    name: str
    person: str
    sections: tuple[str, ...]
    link: str
    key: str
    score: str
    marks: str
    right: int
    trouble: str
    states: str
    lost: str
    mark: Mark | None


def html(
    title: str,
    rows: Collection[ClassRow],
    heads: Sequence[Head],
    link: Callable[[str], str] = lambda _: "",
    standings: Mapping[str, Standing] | None = None,
    known: Known | None = None,
) -> Iterator[str]:
    """Yield the class's page, piece by piece: it is never all in memory, nor is more of the class than its rows.

    `link` says where a student's page is, blank where there is none; `standings`, by submission, are the marks of a
    course where one is known; `known` is what else there is to say.
    """
    known = known or Known()
    lines = (line(row, link(row.submission), standings, known.who.get(row.submission, ())) for row in rows)
    sections = {one.section for people in known.who.values() for one in people if one.section}
    found = overview.of(rows, heads)
    stream = inlined.template("class").stream(
        title=title,
        found=found,
        maps=(heatmap.of(found.groups), heatmap.of(found.causes)),
        heads=heads,
        lines=itertools.chain(lines, map(missing, known.missing)),
        sections=sorted(map(inert, sections | {one.person.section for one in known.missing if one.person.section})),
        unfinished=known.unfinished,
        same=known.same,
        marked=standings is not None,
        verdicts=CODES,
        link=link,
    )
    stream.enable_buffering(40)
    yield from stream


def line(row: ClassRow, link: str, standings: Mapping[str, Standing] | None, people: Sequence[Person] = ()) -> TableRow:
    """Return what the table says of one student, or of a group."""
    standing = (standings or {}).get(row.submission)
    lost = (f"{i}{CODES[verdict]}" for i, verdict in enumerate(row.verdicts, 1) if verdict != "accepted")
    return TableRow(
        name=inert(row.submission),
        person=inert(", ".join(one.name for one in people if one.name)),
        sections=tuple(dict.fromkeys(inert(one.section) for one in people if one.section)),
        link=link,
        key="" if row.withheld else f"{float(row.total):.6g}",
        score="withheld" if row.withheld else points(row.total),
        marks=" ".join(row.marks[i : i + GROUP] for i in range(0, len(row.marks), GROUP)),
        right=row.marks.count("✓"),
        trouble=inert(f"unusable: {row.trouble}" if row.status.startswith("unusable") else row.trouble),
        states=" ".join(_states(row, standing)),
        lost=" ".join(lost),
        mark=None if standings is None else _mark(standing, bool(people)),
    )


def missing(standing: Standing) -> TableRow:
    """Return what the table says of someone without a submission that counts."""
    person = standing.person
    state = "missing" if standing.status == "missing" else "withheld" if standing.status == "withheld" else "hand"
    return TableRow(
        name=inert(next(iter(ids(person)), person.name)),
        person=inert(person.name),
        sections=(inert(person.section),) if person.section else (),
        link="",
        key="",
        score="",
        marks="",
        right=0,
        trouble="handed in nothing" if state == "missing" else "",
        states=state,
        lost="",
        mark=_mark(standing),
    )


def _states(row: ClassRow, standing: Standing | None) -> Iterator[str]:
    """Yield every state that the table can be filtered by."""
    if row.withheld:
        yield "withheld"
    elif row.status.startswith("unusable"):
        yield "unusable"
    else:
        yield "full" if row.total == row.possible else "some" if row.total else "zero"
    if standing and standing.taken:
        yield "late"
    if standing and _by_hand(standing):
        yield "hand"


def _mark(standing: Standing | None, known: bool = False) -> Mark:
    if standing is None:
        return Mark("", "another one counts" if known else "not in the roster", ())
    notes = ["by hand"] * _by_hand(standing) + [standing.late] * bool(standing.late)
    text = standing.status if standing.final is None else points(standing.final)
    key = "" if standing.final is None else f"{float(standing.final):.6g}"
    return Mark(key, text, tuple(map(inert, (*notes, *standing.concerns))))


def _by_hand(standing: Standing) -> bool:
    """Say whether anything about the mark was decided by somebody."""
    if standing.status == "excused" or any(one.by_hand is not None for one in standing.parts):
        return True
    graded = (standing.automatic or Fraction(0)) - standing.taken
    return standing.final is not None and standing.final != graded
