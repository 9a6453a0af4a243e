"""What lies at the top of a class: whose submission it is, or that it is nobody's. Each name is one or the other."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import msgspec

from grader.submissions.entries import cannot_be_read, is_homework, is_junk, without_endings
from grader.submissions.listings import Listing

SYSTEMS = frozenset(("@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"))
"""Folders that systems put beside what is theirs to keep."""

REPORTS = ("results", "feedback")
WRITTEN = (*REPORTS, "left", "canvas", "index.html", "grades.csv", "marks.csv", "junit.xml", "handed_in.jsonl")
UNFINISHED = "unfinished.jsonl"
"""What the grader writes into a report folder."""


class Ignored(msgspec.Struct, frozen=True):
    """A name that is nobody's submission, and why, where its name does not say that."""

    name: str
    why: str = ""


class ToldApart(msgspec.Struct, frozen=True):
    """The names at the top of a class that are submissions, in order, and all others."""

    names: tuple[str, ...]
    ignored: tuple[Ignored, ...]


@functools.lru_cache(8)
def told_apart(listing: Listing, reports: str = "") -> ToldApart:
    """Tell what is handed in from what is nobody's. `reports` is the name of the folder that reports go to."""
    own = {*WRITTEN, UNFINISHED} if are_reports(listing) else set()
    names: list[str] = []
    ignored: list[Ignored] = []
    for name in sorted(listing.top):
        if name in own or name == reports or (listing.top[name] and _are_reports_in(listing, name)):
            ignored.append(Ignored(name, "the grader's own reports"))
        elif name in listing.special:
            ignored.append(Ignored(name, "no file that can be read"))
        elif is_junk(name) or name in SYSTEMS or name in ("..", "/"):
            ignored.append(Ignored(name))
        elif listing.top[name] or is_homework(name):
            names.append(name)
        else:
            ignored.append(Ignored(name))
    asides = _asides(listing, names)
    ignored += [Ignored(name, f"{beside} counts") for name, beside in asides.items()]
    return ToldApart(tuple(one for one in names if one not in asides), tuple(ignored))


def named(listing: Listing, name: str) -> str:
    """Return what a submission is called: its folder's name, or its file's without what says what it is."""
    return name if listing.top[name] or "." not in name else without_endings(name)


def are_reports(listing: Listing) -> bool:
    """Say whether the grader wrote its reports into a folder."""
    there = listing.top
    return all(there.get(one, False) for one in REPORTS) and ("grades.csv" in there or "handed_in.jsonl" in there)


def _are_reports_in(listing: Listing, name: str) -> bool:
    """Say whether a folder in a listing has reports in it. Most do not, and are not looked into for it."""
    return listing.holds(name, REPORTS) and are_reports(listing.below(name))


def _asides(listing: Listing, names: Sequence[str]) -> dict[str, str]:
    """Return what cannot be read of whoever handed in something else, and what that is: u1.pdf beside u1.py."""
    hopeless = [name for name in names if not listing.top[name] and cannot_be_read(name)]
    if not hopeless:
        return {}
    others = {named(listing, name): name for name in names if name not in set(hopeless)}
    return {name: others[named(listing, name)] for name in hopeless if named(listing, name) in others}
