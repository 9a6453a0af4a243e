"""Find the homework among a submission's files: which folder it is in, and which file is which module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from grader.model import Submission
from grader.sandbox.boundary.protocol import file_of
from grader.submissions import choices, data, encoding, helpers
from grader.submissions.archives import CLASS
from grader.submissions.choices import Candidate
from grader.submissions.entries import (
    UNLIKELY,
    Entry,
    Unreadable,
    cannot_be_read,
    clean_name,
    clean_path,
    is_code,
    is_on_paper,
    placeholder_of,
    real_name,
)
from grader.submissions.papers import answers
from grader.submissions.sources import called, is_notebook


class Layout(msgspec.Struct, frozen=True):
    """What to look for: the package's name, its modules in order, and those with something under test."""

    package: str
    modules: tuple[str, ...]
    targets: tuple[str, ...]


def submission(identity: str, entries: Sequence[Entry], layout: Layout) -> Submission:
    """Return what was handed in, by module. Raises Unreadable where it cannot be told, OSError."""
    code = [_under_its_real_name(one) for one in entries if is_code(one.path.name)]
    found = _sources(identity, code, layout)
    if len(code) == len(entries):
        return found
    notes = list(found.notes)
    handed = data.data(entries, (*found.modules.values(), *found.extras.values()), notes)
    if handed or len(notes) > len(found.notes):
        found = msgspec.structs.replace(found, data=handed, notes=tuple(notes))
    papers = sorted((one for one in entries if is_on_paper(one.path.name)), key=lambda one: len(one.path.parts))
    missing = _not_opened(entries, found, layout)
    if missing and not found.modules and not papers:
        raise Unreadable("; ".join(missing))
    if missing:
        found = msgspec.structs.replace(found, notes=(*found.notes, *missing))
    return _with_answers(found, papers[0]) if papers else found


def _with_answers(found: Submission, paper: Entry) -> Submission:
    try:
        raw, other = encoding.as_utf8(paper.read())
        written = answers(raw)
    except Unreadable as problem:  # what is wrong on paper costs what is on paper
        return msgspec.structs.replace(found, unread=str(problem))
    notes = (*found.notes, *[f"{called(paper)} is not UTF-8; it was read as {other}"] * bool(other))
    return msgspec.structs.replace(found, answers=written, notes=notes)


def _under_its_real_name(entry: Entry) -> Entry:
    name = entry.path.name
    if name.count(".") == 1 and not name.lower().endswith("w"):  # as nearly all of them
        return entry
    real = real_name(name)
    return entry if real == name else Entry(entry.path.with_name(real), entry.read, named=name)


def _sources(identity: str, code: Sequence[Entry], layout: Layout) -> Submission:
    known = [found for entry in code if (found := choices.candidate(entry, layout.modules))]
    home = _home(known, layout)
    if home is None:
        return _lone_file(identity, code, layout)
    notes: list[str] = []
    modules = {name: choices.chosen(found, home, notes) for name, found in _rivals(known, home, layout).items()}
    extras = helpers.helpers(code, home, layout.package, layout.modules, modules, notes)
    return Submission(identity, modules, extras, notes=tuple(notes))


def _rivals(known: Sequence[Candidate], home: PurePosixPath, layout: Layout) -> dict[str, list[Candidate]]:
    """Return the files that may be each module, in the layout's order: those in the home folder.

    For what is under test also those above it: a template may lie in the package, and what is written outside, as a
    notebook does that imports from the package.
    """
    inside: dict[str, list[Candidate]] = {}
    outside: dict[str, list[Candidate]] = {}
    for one in known:
        if one.folder == home:
            inside.setdefault(one.module, []).append(one)
        elif one.module in layout.targets and one.folder in home.parents:
            outside.setdefault(one.module, []).append(one)
    return {name: found for name in layout.modules if (found := inside.get(name, []) + outside.get(name, []))}


def _home(known: Sequence[Candidate], layout: Layout) -> PurePosixPath | None:
    """Return the folder that holds the target files; None where there is none by their names.

    The shallowest wins, a folder of the package's name before others as deep, and one with a file of the very name
    before others. Two that are equally good are refused rather than guessed between.
    """
    ranks: dict[PurePosixPath, tuple[int, int, int, int]] = {}
    for one in known:
        if one.module in layout.targets:
            rank = _rank(one, layout)
            ranks[one.folder] = min(rank, ranks.get(one.folder, rank))
    if not ranks:
        return None
    best = min(ranks.values())
    equal = sorted((home for home, rank in ranks.items() if rank == best), key=str)
    if len(equal) > 1:
        places = " and ".join(f"{clean_path(home)}/" for home in equal[:3])
        wanted = ", ".join(sorted(map(file_of, layout.targets)))
        if len(equal) >= CLASS:
            raise Unreadable(f"this looks like a class of {len(equal)}, for {places} each hold {wanted}; hand in one")
        raise Unreadable(f"{places} could both be the homework ({wanted}); hand in one of them")
    return equal[0]


def _rank(one: Candidate, layout: Layout) -> tuple[int, int, int, int]:
    parts = one.folder.parts
    packaged = bool(parts) and parts[-1] == layout.package
    near = max(one.nearness, choices.OTHER_CASE)
    return len(UNLIKELY.intersection(parts)), near + one.strays, len(parts) - packaged, 0 if packaged else 1


def _last(module: str) -> str:
    return module.rpartition(".")[2]


def _lone_file(identity: str, code: Sequence[Entry], layout: Layout) -> Submission:
    """Take a single .py file, whatever its name, for the one file that was asked."""
    known = {*map(_last, layout.modules), "__init__", "setup", "conftest"}
    strange = [entry for entry in code if entry.path.stem not in known]
    candidates = [entry for entry in strange if not is_notebook(entry)] or strange
    if len(layout.targets) != 1 or not candidates:
        return Submission(identity)
    target = layout.targets[0]
    if len(candidates) > 1:
        names = ", ".join(sorted(called(entry) for entry in candidates)[:4])
        whole = f"; this looks like a class of {len(candidates)}" if len(candidates) >= CLASS else ""
        raise Unreadable(f"none of its files is called {file_of(target)}, and {names} could all be it{whole}")
    notes: list[str] = []
    beside = [entry for entry in strange if entry.path.with_suffix("") == candidates[0].path.with_suffix("")]
    folder = candidates[0].path.parent
    found = choices.chosen([Candidate(one, folder, target, choices.EXACT) for one in beside], folder, notes)
    return Submission(identity, {target: found}, notes=(choices.taken_for(candidates[0], target), *notes))


def _not_opened(entries: Sequence[Entry], found: Submission, layout: Layout) -> list[str]:
    """Say what was found that is not opened: in place of homework, or of one of its files that iCloud kept."""
    hopeless = [one.path.name for one in entries if cannot_be_read(one.path.name)]
    kept = [name for one in hopeless if (name := placeholder_of(one))]
    wanted = {_last(one) for one in layout.modules if one not in found.modules}
    said = [
        f"{clean_name(name)} was not downloaded from iCloud when it was handed in; download it, and hand it in again"
        for name in kept
        if not found.modules or PurePosixPath(name).stem in wanted
    ]
    others = sorted(clean_name(name) for name in hopeless if not placeholder_of(name))
    if others and not found.modules:
        target = file_of(layout.targets[0]) if layout.targets else "the files themselves"
        shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        said.append(f"there is {shown}, which cannot be read; hand in a .zip or {target}")
    return said[:3]
