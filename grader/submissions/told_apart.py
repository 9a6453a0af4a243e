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
MARKS_OF_OURS = frozenset(("handed_in.jsonl", "unfinished.jsonl"))
"""What nobody else writes, and lies there from the beginning of a run on."""

WRITTEN = MARKS_OF_OURS | {*REPORTS, "left", "canvas", "index.html", "grades.csv", "marks.csv", "junit.xml"}
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
    own = WRITTEN if _are_written(listing) else frozenset()
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


def _are_written(listing: Listing) -> bool:
    """Say whether the grader wrote its reports here, among whatever else lies here."""
    there = {*listing.top}
    return not MARKS_OF_OURS.isdisjoint(there) or there.issuperset((*REPORTS, "grades.csv"))


def _are_reports_in(listing: Listing, name: str) -> bool:
    """Say whether a folder in a listing holds the grader's reports, and no work: a student's may be called as they are.

    Most folders do not, and are not looked into for it.
    """
    if not (listing.holds(name, REPORTS) or any(listing.holds(name, (one,)) for one in MARKS_OF_OURS)):
        return False
    inner = listing.below(name)
    others = [one for one in inner.top if one not in WRITTEN and not is_junk(one)]
    return _are_written(inner) and not any(inner.top[one] or is_homework(one) for one in others)


def _asides(listing: Listing, names: Sequence[str]) -> dict[str, str]:
    """Return what cannot be read of whoever handed in something else, and what that is: u1.pdf beside u1.py."""
    hopeless = [name for name in names if not listing.top[name] and cannot_be_read(name)]
    if not hopeless:
        return {}
    others = {named(listing, name): name for name in names if name not in set(hopeless)}
    return {name: others[named(listing, name)] for name in hopeless if named(listing, name) in others}
