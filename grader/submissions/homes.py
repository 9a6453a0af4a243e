"""Find the homework among a submission's files: which folder it is in, and which file is which module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from grader.model import Submission
from grader.submissions import notebooks
from grader.submissions.entries import (
    NOTEBOOK,
    Entry,
    Unreadable,
    clean_id,
    clean_path,
    is_on_paper,
    suffix,
)
from grader.submissions.papers import answers

EXTRAS_CAP = 60
EXTRAS_SIZE_CAP = 1024 * 1024

UNLIKELY = frozenset(("tests", "test", "docs", "project", "venv", "env", "build", "dist", "old", "backup"))
"""Folders whose copy of a file is only taken where there is no other."""


class Layout(msgspec.Struct, frozen=True):
    """What to look for: the package's name, its modules in order, and those with something under test."""

    package: str
    modules: tuple[str, ...]
    targets: tuple[str, ...]


def submission(identity: str, entries: Sequence[Entry], layout: Layout) -> Submission:
    """Return what was handed in, by module. Raises Unreadable where it cannot be told."""
    papers = sorted((one for one in entries if is_on_paper(one.path.name)), key=lambda one: len(one.path.parts))
    found = _sources(identity, [entry for entry in entries if entry not in papers], layout)
    try:
        return msgspec.structs.replace(found, answers=answers(papers[0].read()) if papers else {})
    except Unreadable as problem:  # what is wrong on paper costs what is on paper
        return msgspec.structs.replace(found, unread=str(problem))


def _sources(identity: str, entries: Sequence[Entry], layout: Layout) -> Submission:
    home = _home(entries, layout)
    if home is None:
        return _lone_file(identity, entries, layout)
    ordered = sorted(entries, key=lambda one: (not _is_notebook(one), one.path.stem in layout.modules))
    # A file has the last word over a notebook, and the exact name over others.
    here = {_module(entry.path, layout): entry for entry in ordered if entry.path.parent == home}
    modules = {name: _source(here[name]) for name in layout.modules if name in here}
    others = [entry for name, entry in sorted(here.items()) if name not in layout.modules and _may_be_imported(entry)]
    extras = {entry.path.stem: _source(entry) for entry in others[:EXTRAS_CAP] if entry.path.stem != "__init__"}
    if sum(len(source) for _, source in extras.values()) > EXTRAS_SIZE_CAP:
        raise Unreadable("its other modules are far too large for homework")
    return Submission(identity, modules, extras)


def _module(path: PurePosixPath, layout: Layout) -> str:
    """Return the module a file is, its name in the wrong case or not."""
    stem = path.stem
    if stem in layout.modules:
        return stem
    folded = stem.casefold()
    return next((name for name in layout.modules if name.casefold() == folded), stem)


def _home(entries: Sequence[Entry], layout: Layout) -> PurePosixPath | None:
    """Return the folder that holds the target files; None where there is none by their names.

    The shallowest wins, a folder of the package's name before others as deep. Two that are equally
    good are refused rather than guessed between.
    """
    names = {f"{name}.py" for name in layout.targets}
    homes = sorted({one.path.parent for one in entries if _module(one.path, layout) in layout.targets}, key=str)
    if not homes:
        return None
    best = min(_rank(home, layout) for home in homes)
    equal = [home for home in homes if _rank(home, layout) == best]
    if len(equal) > 1:
        places = " and ".join(f"{clean_path(home)}/" for home in equal[:3])
        wanted = ", ".join(sorted(names))
        raise Unreadable(f"{places} could both be the homework ({wanted}); hand in one of them")
    return equal[0]


def _rank(home: PurePosixPath, layout: Layout) -> tuple[int, int, int]:
    packaged = bool(home.parts) and home.parts[-1] == layout.package
    return len(UNLIKELY.intersection(home.parts)), len(home.parts) - packaged, 0 if packaged else 1


def _lone_file(identity: str, entries: Sequence[Entry], layout: Layout) -> Submission:
    """Take a single .py file, whatever its name, for the one file that was asked."""
    known = {*layout.modules, "__init__", "setup", "conftest"}
    strange = [entry for entry in entries if entry.path.stem not in known]
    candidates = [entry for entry in strange if not _is_notebook(entry)] or strange
    if len(layout.targets) == 1 and len(candidates) == 1:
        target = layout.targets[0]
        note = f"{clean_id(candidates[0].path.name)} was taken for {target}.py"
        return Submission(identity, {target: _source(candidates[0])}, notes=(note,))
    if len(layout.targets) == 1 and len(candidates) > 1:
        names = ", ".join(sorted(clean_id(entry.path.name) for entry in candidates)[:4])
        raise Unreadable(f"none of its files is called {layout.targets[0]}.py, and {names} could all be it")
    return Submission(identity)


def _is_notebook(entry: Entry) -> bool:
    return suffix(entry.path.name) == NOTEBOOK


def _may_be_imported(entry: Entry) -> bool:
    return entry.path.stem.isidentifier() and not _is_notebook(entry)


def _source(entry: Entry) -> tuple[str, bytes]:
    shown = entry.path.as_posix()[:200]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else "_" for c in shown)
    raw = entry.read()
    return shown, notebooks.joined(raw, shown) if _is_notebook(entry) else raw
