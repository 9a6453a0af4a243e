"""Choose the mistakes that are most typical of an exercise, from all that can be planted in its reference.

First come those that its author foretold. Then there is one of each sort, the most typical sorts first. Of a sort there
are several candidates: the next is for where one is no mistake, or reads as another did.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise
from grader.audit import foretold, plants
from grader.audit.mutants import Mutant
from grader.audit.mutants.sorts import SORTS, WALKS, order, sort_of
from grader.model import Submission

WALKS_SHOWN = 3
"""How many of the machinery's well-known wrong ways are sorts of their own."""

ORDERED = ("missing", "nothing", "value")
"""Sorts of which the candidates are ordered; of the others, what the table has comes first."""

SWAPPED = "the arguments swapped"
"""What the table calls the most typical wrong value, where a function has several arguments."""


class Candidate(msgspec.Struct, frozen=True):
    """A planted mistake that may be shown, with the submission that has it. `foretold`: its author named it."""

    planted: Mutant
    submission: Submission
    foretold: bool = False


class Sort(msgspec.Struct, frozen=True):
    """One sort of mistake in words, and its candidates, of which one is shown."""

    said: str
    candidates: tuple[Candidate, ...]


def sorts(
    exercise: Exercise,
    sources: Mapping[str, str],
    answers: Mapping[str, str],
    public: Mapping[str, Any],
    ran: Collection[int],
) -> list[Sort]:
    """Return the sorts of mistakes that can be planted, in the order to show them.

    `ran` are the lines of the reference's file that the exercise runs: a mistake elsewhere is another exercise's. Where
    none are known, all may.
    """
    source = sources.get(exercise.module, "")
    own = [
        Sort("", (Candidate(one, plants.handed_in(sources, one, answers), True),))
        for one in foretold.mistakes(exercise, source)
    ]
    wrong = [
        Candidate(one, submission)
        for code in plants.codes((exercise,), sources)
        for one, submission in plants.planted(code, sources, answers, public).wrong
        if not (code.lists(one.name) or (ran and one.line and one.line not in ran))
    ]
    return [*own, *_by_sort(wrong, exercise.on_paper)]


def _by_sort(wrong: Sequence[Candidate], derivative: bool) -> Iterator[Sort]:
    found: dict[str, list[Candidate]] = {name: [] for name in SORTS}
    for one in wrong:
        name = sort_of(one.planted, derivative)
        if name:
            found[name].append(one)
    found["walk"].sort(key=lambda one: WALKS.index(one.planted.what))
    for name in ORDERED:
        found[name].sort(key=lambda one: (one.planted.what != SWAPPED, order(one.planted)))
    for name, those in found.items():
        if name == "walk":
            yield from (Sort(SORTS[name], (one,)) for one in those[:WALKS_SHOWN])
        elif those:
            yield Sort(SORTS[name], tuple(those))


def in_its_line(one: Candidate, source: str) -> Submission:
    """Return the submission with a slip in the very line of the reference: what is told then names that line.

    It is as it was where the slip is in no line, or in one of several lines. `source` is the reference's module.
    """
    planted, lines = one.planted, source.splitlines()
    before, changed, after = planted.what.partition(" → ")
    if not (planted.line and changed) or planted.module not in one.submission.modules:
        return one.submission
    line = lines[planted.line - 1]
    lines[planted.line - 1] = f"{line[: len(line) - len(line.lstrip())]}{after}"
    text = "\n".join(lines) + "\n"
    if not _same(line.strip(), before) or not _same(text, planted.source):
        return one.submission
    file, _ = one.submission.modules[planted.module]
    modules = {**one.submission.modules, planted.module: (file, text.encode())}
    return msgspec.structs.replace(one.submission, modules=modules)


def _same(one: str, other: str) -> bool:
    """Say whether two texts are the same Python."""
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False
