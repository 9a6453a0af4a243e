"""Find the submissions in a folder: folders, single files and zips, nested one level, with junk beside them.

Nothing of a student's is ever unpacked to disk or imported; what is read is bounded. A submission that
cannot be read is still a submission: it carries its problem, and the rest of the class is graded.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import overload

import msgspec

from grader import forms
from grader.errors import UsageError
from grader.exercises import ANSWERS
from grader.forms import FormError
from grader.model import Submission

SOURCE_CAP = 512 * 1024
"""Bytes of one source file. Homework is a hundredth of that."""

FILES_CAP = 20_000
EXTRAS_CAP = 60
EXTRAS_SIZE_CAP = 1024 * 1024
CENTRAL_ENTRY = b"PK\x01\x02"
ZIP_CAP = 64 * 1024 * 1024
NAME_CAP = 1000
"""Characters of a path inside a zip. A name may be 64 KiB of slashes there."""

ANSWERS_CAP = 64 * 1024
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What every system's own zips use. The others are unpacked whole before a byte is handed out: half a megabyte of
bzip2 is ten gigabytes of nothing."""

DEEPEST = 6

JUNK = frozenset(("__MACOSX", "__pycache__", "node_modules", "site-packages"))
"""Never anyone's homework, at any depth; nor is what starts with a dot."""

UNLIKELY = frozenset(("tests", "test", "docs", "project", "venv", "env", "build", "dist", "old", "backup"))
"""Folders whose copy of a file is only taken where there is no other."""

ARCHIVES = (".zip",)


class Unreadable(Exception):
    """A submission that cannot be used as it is; the message is for its student."""


class Entry(msgspec.Struct, frozen=True):
    """One file of a submission: its path inside it, and how to get at its bytes."""

    path: PurePosixPath
    read: Callable[[], bytes]


class Answers(msgspec.Struct, frozen=True):
    """answers.yaml: what was worked out by hand, by exercise."""

    answers: dict[str, str] | None = None


class Layout(msgspec.Struct, frozen=True):
    """What to look for: the package's name, its modules in order, and those with something under test."""

    package: str
    modules: tuple[str, ...]
    targets: tuple[str, ...]


class HandedIn(Sequence[Submission]):
    """The submissions of a folder, by id. Each is read when it is asked for and none is kept, so that a class of any
    size is never in memory; only the names are.
    """

    def __init__(self, folder: Path, layout: Layout, attempt: int = 1) -> None:
        """Find who handed in under `folder`. Raises UsageError where there is nothing to grade."""
        self._folder, self._layout, self._attempt = folder, layout, attempt
        if not folder.exists():
            raise UsageError(f"{folder}: no such folder of submissions")
        if folder.is_file():
            self._folder, self._files, names = folder.parent, [folder.name], [folder.stem]
        else:
            self._files, dotted = _entries_of(folder)
            names = [one if one in dotted else _stem(one) for one in self._files]
        if not names:
            raise UsageError(f"{folder}: holds no submission (a folder, a .py file or a .zip for each student)")
        self.ids: Sequence[str] = list(_identified(names, self._files))

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> Submission: ...

    @overload
    def __getitem__(self, index: slice) -> list[Submission]: ...

    def __getitem__(self, index: int | slice) -> Submission | list[Submission]:
        """Read a submission. One that cannot be read says so in its `problem`."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return read(self.ids[index], self._folder / self._files[index], self._layout, self._attempt)


def find(folder: Path, layout: Layout) -> list[Submission]:
    """Read every submission under `folder`, by id. Raises UsageError where there is none to grade."""
    return list(HandedIn(folder, layout))


def _entries_of(folder: Path) -> tuple[list[str], set[str]]:
    """Return the names of all that is handed in under `folder`, in order, and those of folders with a dot in them."""
    names: list[str] = []
    dotted: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _junk(entry.name):
                    continue
                if _is_folder(entry):
                    names.append(entry.name)
                    if "." in entry.name:
                        dotted.add(entry.name)
                elif entry.is_symlink() or (entry.is_file() and _suffix(entry.name) in (".py", *ARCHIVES)):
                    names.append(entry.name)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}") from None
    names.sort()
    return names, dotted


def _stem(name: str) -> str:
    return PurePosixPath(name).stem if "." in name else name


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False


def _identified(names: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    """Yield an id of its own for every submission: two names that clean up alike must not share a result."""
    cleaned = [name if name == (clean := clean_id(name)) else clean for name in names]  # one string, where it is one
    hashes = sorted(hash(one.casefold()) for one in cleaned)  # far smaller than the names again, or a count of each
    suspect = {one for one, following in itertools.pairwise(hashes) if one == following}
    counts = Counter(key for one in cleaned if hash(key := one.casefold()) in suspect)
    for identity, file in zip(cleaned, files):
        if counts[identity.casefold()] > 1:
            yield f"{identity}~{hashlib.sha256(os.fsencode(file)).hexdigest()[:6]}"
        else:
            yield identity


def read(identity: str, path: Path, layout: Layout, attempt: int = 1) -> Submission:
    """Read one submission: a folder, a .py file or a zip. One that cannot be read says so in its `problem`."""
    found = _read(identity, path, layout)
    return msgspec.structs.replace(found, attempt=attempt) if attempt != 1 else found


def _read(identity: str, path: Path, layout: Layout) -> Submission:
    try:
        return _submission(identity, _entries(path), layout)
    except Unreadable as problem:
        return Submission(identity, problem=str(problem))
    except Exception as error:  # whatever a hostile archive does to a decoder costs its own submission only
        said = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return Submission(identity, problem=f"the submission could not be read: {said}")


def clean_id(name: str) -> str:
    """Return a name safe to show, to print and to name a file with: at most 120 bytes of UTF-8."""
    cleaned = re.sub(r"[^\w.@+,-]", "_", name).encode("utf-8", "replace")[:120].decode("utf-8", "ignore").lstrip(".")
    return cleaned or "unnamed"


def clean_path(path: PurePosixPath) -> str:
    """Return a path inside a submission, safe to show."""
    return "/".join(map(clean_id, path.parts)) or "."


def _entries(path: Path) -> list[Entry]:
    if path.is_symlink():
        raise Unreadable("the submission is a link to somewhere else; hand in the files themselves")
    if path.is_dir():
        entries = _folder_entries(path)
    elif path.suffix.lower() in ARCHIVES:
        entries = _zip_entries(path.read_bytes() if path.stat().st_size <= ZIP_CAP else _too_large(path.name))
    else:
        entries = [Entry(PurePosixPath(path.name), lambda: _bounded(str(path)))]
    return _with_nested_zip(entries)


def _folder_entries(folder: Path) -> list[Entry]:
    entries: list[Entry] = []
    todo = [(str(folder), PurePosixPath())]
    while todo:
        here, inside = todo.pop()
        with os.scandir(here) as listed:  # pathlib would be most of what reading a submission costs
            below = sorted(listed, key=attrgetter("name"))
        for one in below:
            if _junk(one.name) or one.is_symlink():
                continue
            path = inside / one.name
            if one.is_dir():
                if len(inside.parts) < DEEPEST:
                    todo.append((one.path, path))
            elif one.is_file() and (_suffix(one.name) in (".py", *ARCHIVES) or _on_paper(one.name)):
                entries.append(Entry(path, lambda path=one.path: _bounded(path)))  # type: ignore[misc]
            if len(entries) > FILES_CAP:
                raise Unreadable(f"the submission holds over {FILES_CAP} files; hand in the homework's own")
    return entries


def _zip_entries(raw: bytes) -> list[Entry]:
    if raw.count(CENTRAL_ENTRY) > FILES_CAP:  # before a million entries become a million objects
        raise Unreadable(f"the zip holds over {FILES_CAP} files; hand in the homework's own")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise Unreadable("the zip is not one that can be opened; make it again and hand it in") from None
    entries = []
    for info in infos:
        if not info.filename:
            continue
        if len(info.filename) > NAME_CAP:
            raise Unreadable("the zip holds a file whose name has no end; hand in the homework's own")
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in info.filename[:3]:
            raise Unreadable(f"the zip holds a file that would land outside of it ({clean_id(info.filename)})")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Unreadable(f"the zip holds a link ({clean_id(info.filename)}); hand in the file itself")
        if info.is_dir() or any(_junk(part) for part in path.parts) or len(path.parts) > DEEPEST + 1:
            continue
        if path.suffix.lower() in (".py", *ARCHIVES) or _on_paper(path.name):
            entries.append(Entry(path, lambda info=info: _unzipped(archive, info)))  # type: ignore[misc]
    return entries


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    cap = ZIP_CAP if info.filename.lower().endswith(ARCHIVES) else SOURCE_CAP
    if info.compress_type not in COMPRESSIONS:
        name = clean_id(info.filename)
        raise Unreadable(f"{name} in the zip cannot be read (an unusual compression); make an ordinary zip")
    try:
        with archive.open(info) as member:
            raw = member.read(cap + 1)
    except Exception as error:  # each compression has errors of its own
        raise Unreadable(f"{clean_id(info.filename)} in the zip cannot be read ({type(error).__name__})") from None
    return raw if len(raw) <= cap else _too_large(info.filename)


def _bounded(path: str) -> bytes:
    cap = ZIP_CAP if path.lower().endswith(ARCHIVES) else SOURCE_CAP
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        size = os.fstat(file.fileno()).st_size  # a buffer of the cap's size for every small file takes its time
        raw = file.read(min(size, cap) + 1)
    return raw if len(raw) <= cap else _too_large(PurePosixPath(path).name)


def _too_large(name: str) -> bytes:
    raise Unreadable(f"{clean_id(name)} is far too large for homework")


def _with_nested_zip(entries: list[Entry]) -> list[Entry]:
    """Open the one zip of a submission that holds nothing else."""
    sources = [entry for entry in entries if entry.path.suffix.lower() not in ARCHIVES]
    zips = [entry for entry in entries if entry.path.suffix.lower() in ARCHIVES]
    if sources or not zips:
        return sources
    if len(zips) > 1:
        raise Unreadable(f"the submission holds {len(zips)} zips and no .py file; hand in one")
    return [entry for entry in _zip_entries(zips[0].read()) if entry.path.suffix.lower() not in ARCHIVES]


def _submission(identity: str, entries: Sequence[Entry], layout: Layout) -> Submission:
    papers = sorted((one for one in entries if _on_paper(one.path.name)), key=lambda one: len(one.path.parts))
    found = _sources(identity, [entry for entry in entries if entry not in papers], layout)
    try:
        return msgspec.structs.replace(found, answers=answers(papers[0].read()) if papers else {})
    except Unreadable as problem:  # what is wrong on paper costs what is on paper
        return msgspec.structs.replace(found, unread=str(problem))


def answers(raw: bytes) -> dict[str, str]:
    """Return what was worked out by hand, exercise by exercise. Raises Unreadable where it is not such a file."""
    if not raw.strip():
        return {}
    if len(raw) > ANSWERS_CAP:
        _too_large(ANSWERS)
    try:
        written = forms.decode(raw, Answers, ANSWERS)[0].answers or {}
    except FormError as error:
        raise Unreadable(str(error.problems[0])) from None
    return {name: text.encode("utf-8", "replace").decode("utf-8") for name, text in written.items()}


def _on_paper(name: str) -> bool:
    return name.lower() in (ANSWERS, ANSWERS.replace(".yaml", ".yml"))


def _sources(identity: str, entries: Sequence[Entry], layout: Layout) -> Submission:
    home = _home(entries, layout)
    if home is None:
        return _lone_file(identity, entries, layout)
    ordered = sorted(entries, key=lambda entry: entry.path.stem in layout.modules)  # the exact name has the last word
    here = {_module(entry.path, layout): entry for entry in ordered if entry.path.parent == home}
    modules = {name: _source(here[name]) for name in layout.modules if name in here}
    others = [entry for name, entry in sorted(here.items()) if name not in layout.modules and name.isidentifier()]
    extras = {entry.path.stem: _source(entry) for entry in others[:EXTRAS_CAP] if entry.path.stem != "__init__"}
    if sum(len(source) for _, source in extras.values()) > EXTRAS_SIZE_CAP:
        raise Unreadable("its other modules are far too large for homework")
    return Submission(identity, modules, extras)


def _module(path: PurePosixPath, layout: Layout) -> str:
    """Return the module a file is, its name in the wrong case or not."""
    return next((name for name in layout.modules if name.casefold() == path.stem.casefold()), path.stem)


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
    candidates = [entry for entry in entries if entry.path.stem not in known]
    if len(layout.targets) == 1 and len(candidates) == 1:
        target = layout.targets[0]
        note = f"{clean_id(candidates[0].path.name)} was taken for {target}.py"
        return Submission(identity, {target: _source(candidates[0])}, notes=(note,))
    if len(layout.targets) == 1 and len(candidates) > 1:
        names = ", ".join(sorted(clean_id(entry.path.name) for entry in candidates)[:4])
        raise Unreadable(f"none of its files is called {layout.targets[0]}.py, and {names} could all be it")
    return Submission(identity)


def _source(entry: Entry) -> tuple[str, bytes]:
    return "".join(c if c.isprintable() else "_" for c in entry.path.as_posix())[:200], entry.read()


def _junk(name: str) -> bool:
    return name.startswith(".") or name in JUNK or name.endswith((".egg-info", ".dist-info"))
