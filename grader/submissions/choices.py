"""Decide which of a submission's files is a module, and which of several counts: the one that is written.

A student's text is only ever parsed in the box, so what is told from it here is told by a few patterns.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from grader.sandbox.boundary.protocol import file_of
from grader.submissions.entries import Entry, Unreadable, clean_path
from grader.submissions.sources import Source, called, is_notebook, source

EXACT, OTHER_CASE, OTHER_ENDING, COPY = range(4)
"""How near a file's name is to its module's."""

COPIED = re.compile(
    r"(?:(?:copy|kopie|copie)[ _](?:of|von|de)[ _])?(.+?)"
    r"(?:[ _-]*\(\d{1,2}\)|[ _-]+\d{1,2}|[ _-]+(?:copy|kopie|copie)(?:[ _-]*\(?\d{1,2}\)?)?){0,2}",
    re.IGNORECASE,
)
"""What browsers and systems call a file whose name is taken: `x (1)`, `x-1`, `x_copy`, `Copy of x`."""

COPIED_PERSON = re.compile(
    r"(?:(?:copy|kopie|copie)[ _](?:of|von|de)[ _])?(.+?)"
    r"(?:[ _]*\(\d{1,2}\)|[ _-]+(?:copy|kopie|copie)(?:[ _]*\(?\d{1,2}\)?)?|[ _]+\((?:copy|kopie|copie)\)){0,2}",
    re.IGNORECASE,
)
"""What can be nothing but a copy, where a name is somebody's id: `s1-2`, `s1_2` and `s1 3` may be other people's."""

LONGEST_STEM = 100
INIT = "__init__"

DEFINITION = re.compile(rb"^[ \t]*(?:async[ \t]+)?def\b", re.MULTILINE)
PROMPT = re.compile(rb"^[^\n#\"']*\braise[ \t]+NotImplementedError\b", re.MULTILINE)
STUB = re.compile(
    rb"""
    ^[ \t]* (?: (?:async[ \t]+)? def\b | \) ) [^\n]* : [ \t\r]* (?:\#[^\n]*)?   # the last line of a function's head
    (?: \n (?: [ \t\r]*                                                         # nothing, a comment, a docstring
             | [ \t]* (?: \#[^\n]* | \"{3} (?: [^"] | "(?!"") )* \"{3} | '{3} (?: [^'] | '(?!'') )* '{3} ) [ \t\r]* )
        (?=\n) )*
    \n [ \t]* (?: pass | \.\.\. | return (?: [ \t]+None )? ) [ \t\r]* (?:\#[^\n]*)? $
    """,
    re.MULTILINE | re.VERBOSE,
)
"""A function in which nothing is written but `pass`, `...` or `return`."""

HEAD = re.compile(rb"^([ \t]*)(class|(?:async[ \t]+)?def)[ \t]+(\w+)", re.MULTILINE)
BLANK = re.compile(rb"\s*(?:#[^\n]*(?:\n\s*|$))*")


class Candidate(msgspec.Struct, frozen=True):
    """A file that may be a module of the assignment's: which, and how near its name is.

    `folder` is the package's: of `ops/arithmetic.py` the one above `ops`. `strays`: it belongs in a folder of the
    package's, and lies elsewhere.
    """

    entry: Entry
    folder: PurePosixPath
    module: str
    nearness: int
    strays: bool = False


Named = tuple[bytes, bytes]
"""A function: its class's name, blank where it is in none, and its own."""


class _Written(msgspec.Struct, frozen=True):
    """How much of a source is written: its functions, and how many of them wait to be."""

    functions: int
    unwritten: int
    defined: frozenset[Named]
    waiting: frozenset[Named]
    blank: bool


def copied(name: str) -> str | None:
    """Return what a file was called of which a browser or a system made `name` for a copy; None where it is no copy.

    >>> copied("lecture8 (1)"), copied("Copy of lecture8"), copied("lecture8")
    ('lecture8', 'lecture8', None)
    """
    return _original(COPIED, name)


def copied_person(name: str) -> str | None:
    """Return whose name was handed in as `name`, beyond doubt, for a copy; None where it may be another person's.

    >>> copied_person("s1 (1)"), copied_person("Copy of s1"), copied_person("s1-2")
    ('s1', 's1', None)
    """
    return _original(COPIED_PERSON, name)


def _original(pattern: re.Pattern[str], name: str) -> str | None:
    found = pattern.fullmatch(name) if len(name) <= LONGEST_STEM else None
    return found[1] if found and found[1] != name else None


def candidate(entry: Entry, modules: Sequence[str]) -> Candidate | None:
    """Return which module a file may be; None where its name is none of theirs."""
    by_name, known = entry.path.stem, _by_last(tuple(modules))
    ending = OTHER_ENDING if entry.named else EXACT
    if by_name == INIT:
        return _folder_itself(entry, modules, ending)
    if by_name in known:
        return _placed_as(entry, known[by_name], ending)
    by_case = {name.casefold(): names for name, names in known.items()}
    folded = by_name.casefold()
    if folded in by_case:
        return _placed_as(entry, by_case[folded], max(ending, OTHER_CASE))
    original = copied(folded) if any(name in folded for name in by_case) else None
    return _placed_as(entry, by_case[original], COPY) if original in by_case else None


@functools.lru_cache(maxsize=16)
def _by_last(modules: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """Return the modules by the last part of their names, those in the most folders first."""
    found: dict[str, list[str]] = {}
    for name in sorted(modules, key=lambda one: -one.count(".")):
        found.setdefault(name.rpartition(".")[2], []).append(name)
    return found


def _folder_itself(entry: Entry, modules: Sequence[str], nearness: int) -> Candidate | None:
    """Return the module that a folder's `__init__` is: `ops/__init__.py` is `ops` if there is an `ops.arithmetic`."""
    parts = [part.casefold() for part in entry.path.parent.parts]
    for name in modules:
        own = name.casefold().split(".")
        if parts[-len(own) :] == own and any(one.startswith(f"{name}.") for one in modules):
            return Candidate(entry, entry.path.parents[len(own)], name, nearness)
    return None


def _placed_as(entry: Entry, modules: Sequence[str], nearness: int) -> Candidate | None:
    """Return the module whose folders a file lies in; where it lies in none, the only one of its name."""
    folder = entry.path.parent
    for name in modules:
        folders = name.split(".")[:-1]
        if not folders:
            return Candidate(entry, folder, name, nearness)
        above = [part.casefold() for part in folder.parts[-len(folders) :]]
        if above == [part.casefold() for part in folders]:
            return Candidate(entry, entry.path.parents[len(folders)], name, nearness)
    return Candidate(entry, folder, modules[0], nearness, strays=True) if len(modules) == 1 else None


def chosen(rivals: Collection[Candidate], home: PurePosixPath, notes: list[str]) -> Source:
    """Return the source of the file that counts for a module, and add to `notes` what was chosen, and why.

    The nearest name counts, a file before a notebook; another one where this is a template and that is written.
    Raises Unreadable, OSError.
    """
    first, *others = _by_preference(rivals, home) if len(rivals) > 1 else rivals
    taken, why = first, ""
    said: list[str] = []
    found = source(first.entry, said)
    if others and _can_be_outdone(first_written := _written(found[1])):
        for other in others:
            also_said: list[str] = []
            try:
                rival = source(other.entry, also_said)
            except Unreadable:
                continue
            if _outdoes(_written(rival[1]), first_written):
                taken, found, said = other, rival, also_said
                why = "nothing is written in it" if first_written.blank else "less is written in it"
                break
    notes += said
    if taken.nearness == COPY and not taken.entry.named:
        notes.append(f"{called(taken.entry)} was read as {taken.module.rpartition('.')[2]}{taken.entry.path.suffix}")
    if others:
        notes.append(_choice(taken, [one for one in (first, *others) if one is not taken], why))
    elif taken.folder != home:
        notes.append(f"{_placed(taken)} was read, outside {clean_path(home)}/, where the other files are")
    return found


def _by_preference(rivals: Collection[Candidate], home: PurePosixPath) -> list[Candidate]:
    latest = sorted(rivals, key=lambda one: (len(one.entry.path.name), one.entry.path.name), reverse=True)

    def preference(one: Candidate) -> tuple[bool, bool, bool, int]:
        return one.folder != home, one.nearness >= OTHER_ENDING, is_notebook(one.entry), one.nearness

    return sorted(latest, key=preference)


def _choice(taken: Candidate, others: Sequence[Candidate], why: str) -> str:
    beside = all(one.folder == taken.folder for one in others)
    names = [called(one.entry) if beside else _placed(one) for one in others]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    were = "were" if len(names) > 1 else "was"
    shown = called(taken.entry) if beside else _placed(taken)
    said = f"{shown} was read; {listed}{' beside it' if beside else ''} {were} not"
    return f"{said}, because {why}" if why else said


def _placed(one: Candidate) -> str:
    folder = one.entry.path.parent
    return called(one.entry) if not folder.parts else f"{clean_path(folder)}/{called(one.entry)}"


def _written(found: bytes) -> _Written:
    heads = list(_heads(found))
    ends = [match.end() for pattern in (PROMPT, STUB) for match in pattern.finditer(found)]
    starts = [at for at, _ in heads]
    waiting = {heads[before - 1][1] for end in ends if (before := bisect_left(starts, end))}
    return _Written(
        defined=frozenset(name for _, name in heads),
        waiting=frozenset(waiting),
        functions=len(DEFINITION.findall(found)),
        unwritten=len(PROMPT.findall(found)) + len(STUB.findall(found)),
        blank=BLANK.fullmatch(found) is not None,
    )


def _heads(found: bytes) -> Iterator[tuple[int, Named]]:
    """Yield where each function starts, with its name and its class's."""
    inside = b""
    for match in HEAD.finditer(found):
        indent, kind, name = match.groups()
        if kind == b"class":
            inside = b"" if indent else name
        else:
            yield match.start(), (inside if indent else b"", name)


def _can_be_outdone(one: _Written) -> bool:
    return one.blank or one.unwritten > 0


def _outdoes(one: _Written, template: _Written) -> bool:
    """Say whether a source is written where the other is not: fewer prompts are left in it, and nothing is missing."""
    if template.blank:
        return not one.blank
    if not template.waiting & (one.defined - one.waiting):  # a base class of its own, a constructor that does nothing
        return False
    done, done_there = one.functions - one.unwritten, template.functions - template.unwritten
    return one.unwritten < template.unwritten and done >= max(done_there, 1)


def taken_for(entry: Entry, target: str) -> str:
    """Return the note on a file of another name that is taken for the one that was asked."""
    return f"{called(entry)} was taken for {file_of(target)}"
