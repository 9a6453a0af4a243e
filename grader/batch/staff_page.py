"""A student's page for staff: every check of theirs, hidden ones too, and beside it the code that was graded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.assignment.definitions import DEFINITIONS, statements
from grader.model import ExerciseResult, Outcome, Result, Verdict
from grader.reports import files, listing, outcome_html, page
from grader.reports.feedback import Said
from grader.reports.listing import Part, Why
from grader.reports.page import Beside, File
from grader.reports.text import sentence
from grader.reports.work import Asked, Work
from grader.sandbox.worker import notebooks
from grader.submissions.people import Person, called

PLACE = re.compile(r"(?P<path>.+?)(?:, code cell (?P<cell>\d+), line |:|, line )(?P<line>\d+)(?:: .*)?", re.DOTALL)
"""How an outcome names a line: `engine.py:12: return x`, or `hw.ipynb, code cell 2, line 3: return x`."""

BY_VERDICT: dict[Verdict, Why] = {"wrong answer": "starts", "runtime error": "raised", "time limit": "stopped"}
"""What the line means that an outcome names."""

NOT_KEPT = (
    "The code of this result is not here. Grading keeps it unless it is told --no-pages; `grader grade --fresh` grades "
    "everybody again, and --only one student."
)
NO_CODE = "Nothing that could be read as code was handed in."


def html(result: Result, kept: Work | None, people: Sequence[Person] = ()) -> str:
    """Return the page. `kept` is what was graded, or None where nobody kept it."""
    return page.for_staff(result, beside(result, kept, people))


def beside(result: Result, kept: Work | None, people: Sequence[Person] = ()) -> Beside:
    """Return what stands beside a result."""
    who = ", ".join(map(called, people))
    if kept is None:
        return Beside(who, note=NOT_KEPT)
    if not kept.files:
        return Beside(who, note=NO_CODE)
    lost = [one for one in result.exercises if one.verdict != "accepted"]
    code = {one.id: _beside(one, kept) for one in lost}
    marks = _marks(check.outcome for one in lost for check in one.checks)
    whole = [File(path, listing.html(path, text, _in_file(marks, kept, path))) for path, text in kept.files.items()]
    notes = [f"Only the start is shown of {', '.join(kept.cut)}."] * bool(kept.cut)
    notes += [f"{sentence(kept.unseen)}."] * bool(kept.unseen)
    return Beside(who, {id: text for id, text in code.items() if text}, whole, " ".join(notes))


def one_exercise(result: Result, kept: Work | None, exercise: str) -> str:
    """Return one exercise of a result as HTML: what each check found, and the code beside it."""
    one = next(one for one in result.exercises if one.id == exercise)
    said: Said = {}
    checks = (outcome_html.told(check, page.names(check), one.title, said) for check in one.checks)
    return "\n".join([*checks, _beside(one, kept) if kept else ""])


def write(path: Path, result: Result, kept: Work | None, people: Sequence[Person] = ()) -> None:
    """Write the page of a student. Raises OSError."""
    files.write(path, html(result, kept, people).encode())


def _beside(one: ExerciseResult, kept: Work) -> str:
    """Return what an exercise asked for, and each marked line, file by file."""
    asked = kept.asked.get(one.id, Asked("", ()))
    marks = _marks(check.outcome for check in one.checks)
    listings = []
    for path, text in kept.files.items():
        wanted = definitions(text, asked.names) if path == asked.path else []
        marked = _in_file(marks, kept, path)
        ran: dict[int, Why] = {
            line: "ran" for line in kept.ran.get(one.id, {}).get(path, ()) if any(_is_in(line, each) for each in wanted)
        }
        marked = ran | marked
        parts = listing.parts_around(wanted, marked, text.count("\n") + 1)
        if parts:
            listings.append(listing.html(path, text, marked, parts, one.title))
    return "\n".join(listings)


def _is_in(line: int, part: Part) -> bool:
    return part.first <= line <= part.last


def definitions(text: str, names: Sequence[str]) -> list[Part]:
    """Return where a file defines some names, decorators included; a method's name is `Class.method`.

    >>> definitions("import math\\n\\nclass Square:\\n    def backward(ctx, d):\\n        return d\\n", ["Square"])
    [Part(first=3, last=5)]
    """
    found = []
    body = statements(text)
    for name in names:
        inside = body
        for part in name.split("."):
            node = next((one for one in reversed(inside) if isinstance(one, DEFINITIONS) and one.name == part), None)
            if node is None:
                break
            inside = node.body
        else:
            if node is not None:
                found.append(Part(_first_line(node), node.end_lineno or node.lineno))
    return sorted(found, key=lambda one: one.first)


def _first_line(node: ast.stmt) -> int:
    return min(node.lineno, *(int(one.lineno) for one in getattr(node, "decorator_list", ())), node.lineno)


def _marks(outcomes: Iterable[Outcome]) -> dict[tuple[str, int, int], Why]:
    """Return the lines that outcomes name, (path, cell, line) -> why; the nearest to the exception counts."""
    found: dict[tuple[str, int, int], Why] = {}
    for outcome in outcomes:
        happened = BY_VERDICT.get(outcome.verdict, "about")
        for text, why in ((outcome.place, happened), *((one, "led") for one in outcome.callers)):
            place = PLACE.fullmatch(text)
            if place is not None:
                found.setdefault((place["path"], int(place["cell"] or 0), int(place["line"])), why)
    return found


def _in_file(marks: Mapping[tuple[str, int, int], Why], kept: Work, path: str) -> dict[int, Why]:
    """Return the marks of one file by the line they have in what was kept."""
    return {_line(kept.files[path], cell, line): why for (where, cell, line), why in marks.items() if where == path}


def _line(text: str, cell: int, line: int) -> int:
    """Return a line of a notebook's cell as a line of the joined cells."""
    if not cell:
        return line
    head = f"{notebooks.MARKER}{cell}"
    found = next((i for i, one in enumerate(text.split("\n"), 1) if one == head), -line)
    return found + line
