"""The assignment sheet: every exercise's statement, formula and points, as Markdown or as a page with its mathematics.

It is made for students: what hidden checks are called is not on it, only what they are worth together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from html import escape

from grader.assignment.exercise import Exercise
from grader.authoring import mathematics
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import Assignment
from grader.reports.text import counted, points

STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; }
h2 small { font-weight: normal; opacity: .75; }
p { margin: .4rem 0; } .what { opacity: .75; font-size: .92rem; }
math { font: 1.15em "STIX Two Math", "Cambria Math", "Latin Modern Math", math, serif; }
mfrac > * { padding: .12em .25em; } /* without a mathematical font, letters would touch the bar */
.steps { margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .5rem; }
.steps img { box-sizing: border-box; width: calc(50% - .25rem); height: auto; border: 1px solid #8888; }
.steps figcaption { width: 100%; opacity: .75; font-size: .92rem; }
details { margin: .8rem 0; } summary { cursor: pointer; font-weight: 600; }
pre { font-size: .85rem; line-height: 1.4; overflow-x: auto; padding: .6rem .8rem; border: 1px solid #8888; }
.formula { margin: .6rem 0 .6rem 1.5rem; } code { font-size: .92em; }
@media print { body { margin: 0; } h2 { break-after: avoid; } }"""


def markdown(assignment: Assignment) -> str:
    """Return the sheet as Markdown."""
    return "\n".join(_lines(assignment)).strip() + "\n"


def html(
    assignment: Assignment, figures: Mapping[str, str] | None = None, below: Mapping[str, str] | None = None
) -> str:
    """Return the sheet as a page that stands alone. `figures` are HTML, by exercise.

    `below` is HTML as well, for its author alone: the page then says that it is not for students.
    """
    body = "\n".join(_page(assignment, figures or {}, below or {}))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(assignment.title)}</title>\n<style>\n{STYLE}\n</style>\n<main>\n{body}\n</main>\n</html>\n"
    )


def aside(title: str, text: str) -> str:
    """Return a part of the page for an author: text as it is in a terminal, under its title."""
    head = f"<summary>{escape(title[:1].upper() + title[1:])}</summary>"
    return f"<details open>\n{head}\n<pre>{escape(text)}</pre>\n</details>"


def one(exercise: Exercise, weight: Fraction) -> str:
    """Return one exercise as a student reads it, for a terminal."""
    return "\n".join(_exercise(exercise, weight)).strip() + "\n"


def formula_of(exercise: Exercise) -> str:
    """Return the formula that an exercise states, blank where it states none or keeps it back."""
    return "" if exercise.show == "statement" else KINDS[exercise.kind].formula(exercise)


def where(exercise: Exercise) -> str:
    """Return where an exercise is to be written: its file, and what in it."""
    if exercise.own_files:
        return "all of your files, together"
    names = ", ".join(exercise.under_test)
    return f"{exercise.file}: {names}" if names else "answers.yaml"


def _lines(assignment: Assignment) -> Iterator[str]:
    yield f"# {assignment.title}"
    yield ""
    yield _about(assignment)
    for exercise in assignment.exercises:
        yield ""
        yield from _exercise(exercise, assignment.weights[exercise.id])


def _about(assignment: Assignment) -> str:
    due = f" Due {assignment.due}." if assignment.due else ""
    return f"{counted(len(assignment.exercises), 'exercise')}, {_count(assignment.possible)}.{due}"


def _exercise(exercise: Exercise, weight: Fraction) -> Iterator[str]:
    yield f"## {exercise.title} ({_count(exercise.points * weight)})"
    yield ""
    yield exercise.statement.strip()
    formula = formula_of(exercise)
    if formula and not exercise.own_files:
        yield ""
        yield f"    {mathematics.line(formula)}"
    yield ""
    yield f"In {where(exercise)}. {_worth(exercise, weight)}"


def _worth(exercise: Exercise, weight: Fraction) -> str:
    """Return what each visible check is worth, and what the others come to."""
    shown = [one for one in exercise.checks if one.visibility == "visible"]
    said = [f"{one.name.replace('_', ' ')} {points(one.points * weight)}" for one in shown if one.points]
    hidden = sum((one.points for one in exercise.checks if one.visibility != "visible"), Fraction(0))
    more = [f"{points(hidden * weight)} more for what is told once grades are out"] if hidden else []
    return f"Points: {', '.join([*said, *more])}."


def _count(worth: Fraction) -> str:
    return f"{points(worth)} point{'s' * (worth != 1)}"


FOR_AUTHORS = "For the course's authors: what mistakes are told is not for students. Hand out the sheet without it."


def _page(assignment: Assignment, figures: Mapping[str, str], below: Mapping[str, str]) -> Iterator[str]:
    yield f"<h1>{escape(assignment.title)}</h1>\n<p>{escape(_about(assignment))}</p>"
    if below:
        yield f'<p class="what"><strong>{escape(FOR_AUTHORS)}</strong></p>'
    for exercise in assignment.exercises:
        weight = assignment.weights[exercise.id]
        yield f"<h2>{escape(exercise.title)} <small>{_count(exercise.points * weight)}</small></h2>"
        yield f"<p>{escape(exercise.statement.strip())}</p>"
        formula = formula_of(exercise)
        if formula and not exercise.own_files:
            yield f'<p class="formula">{mathematics.mathml(formula)}</p>'
        yield figures.get(exercise.id, "")
        yield f'<p class="what">In <code>{escape(where(exercise))}</code>. {escape(_worth(exercise, weight))}</p>'
        yield from [below[exercise.id]] if exercise.id in below else []
