"""One file of a submission: how it is named, bounded and read, and which are nobody's homework."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import PurePosixPath

import msgspec

from grader.assignment.exercise import ANSWERS

SOURCE_CAP = 512 * 1024
"""Bytes of one source file. Homework is a hundredth of that."""

NOTEBOOK_CAP = 16 * 1024 * 1024
"""Bytes of a notebook: its pictures are in it."""

ZIP_CAP = 64 * 1024 * 1024
FILES_CAP = 20_000
NAME_CAP = 1000
"""Characters of a path inside an archive. A name may be 64 KiB of slashes there."""

DEEPEST = 6
"""Folders below each other that are looked through."""

PIECE = 64 * 1024

JUNK = frozenset(("__MACOSX", "__pycache__", "node_modules", "site-packages"))
"""Never anyone's homework, at any depth; nor is what starts with a dot."""

UNLIKELY = frozenset(("tests", "test", "docs", "project", "venv", "env", "build", "dist", "old", "backup"))
"""Folders whose copy of a file is only taken where there is no other."""

NOTEBOOK = ".ipynb"
SOURCES = (".py", NOTEBOOK)
TARS = (".tar", *(f"{one}{two}" for one in (".tar.", ".t") for two in ("gz", "xz", "bz2")), ".tbz")
ARCHIVES = (".zip", *TARS)
"""Endings of what is opened and looked into."""

PAPERS = (ANSWERS, ANSWERS.replace(".yaml", ".yml"))
PLACEHOLDER = ".icloud"
"""What iCloud leaves of a file that it keeps elsewhere: `.lecture8.py.icloud`."""

CANNOT_BE_READ = frozenset(
    (
        *(".gz", ".bz2", ".xz", ".rar", ".7z", ".zst", ".lz", ".lzma", ".lz4", ".z", ".zipx", ".dmg", ".cab", ".arj"),
        *(".pdf", ".docx", ".doc", ".odt", ".rtf", ".pages"),
        PLACEHOLDER,
    )
)
"""Endings of what people hand in as homework, and which is only ever named, never opened."""

DATA = frozenset(
    (".txt", ".csv", ".tsv", ".json", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".dat", ".md", ".npy", ".npz")
)
"""Endings of what a homework's code may read."""

DISGUISES = frozenset((".txt", ".json", ".pyw"))
DISGUISED = re.compile(r"(.+?\.py)(?:\.(?:py|txt))+|(.+?\.ipynb)(?:\.(?:ipynb|json|txt))+|(.+?\.py)w", re.IGNORECASE)
"""A source under an ending that a browser, an editor or a system put behind its own."""


class Unreadable(Exception):
    """A submission that cannot be used as it is; the message is for its student."""


class Entry(msgspec.Struct, frozen=True):
    """One file of a submission: its path inside it, and how to get at its bytes.

    `named` is what it is called where that is not the name in its path: `lecture8.py.txt` is read as lecture8.py.
    """

    path: PurePosixPath
    read: Callable[[], bytes]
    named: str = ""


def clean_id(name: str) -> str:
    """Return a name safe to show, to print and to name a file with: at most 120 bytes of UTF-8, composed (NFC)."""
    if not name.isascii():
        import unicodedata  # one's own desk does without, most often

        name = unicodedata.normalize("NFC", name)  # macOS takes letters and their accents apart
    cleaned = re.sub(r"[^\w.@+,-]", "_", name).encode("utf-8", "replace")[:120].decode("utf-8", "ignore").lstrip(".")
    return cleaned or "unnamed"


def clean_path(path: PurePosixPath) -> str:
    """Return a path inside a submission, safe to show."""
    return "/".join(map(clean_id, path.parts)) or "."


def clean_name(name: str) -> str:
    """Return a file's name, safe to show in a sentence; `lecture8 (1).py` stays as it is."""
    cleaned = re.sub(r"[^\w.@+,() -]", "_", name)[:120].strip()
    return cleaned.encode("utf-8", "replace").decode() or "unnamed"


def is_junk(name: str) -> bool:
    """Say whether a file or folder of that name is nobody's homework."""
    if name.startswith("."):
        return not name.endswith(PLACEHOLDER)
    return name in JUNK or name.endswith((".egg-info", ".dist-info"))


def suffix(name: str) -> str:
    """Return a name's ending, in lower case."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - asked of every file several times, and pathlib is slow


def is_on_paper(name: str) -> bool:
    """Say whether a file holds what was worked out by hand."""
    return name.lower() in PAPERS


def real_name(name: str) -> str:
    """Return the name that a source should have: lecture8.py for `lecture8.py.txt`; any other name as it is."""
    found = DISGUISED.fullmatch(name)
    return found[found.lastindex or 0] if found else name


def is_code(name: str) -> bool:
    """Say whether a file of that name is Python or a notebook, under an ending too many or not."""
    ending = suffix(name)
    return ending in SOURCES or (ending in DISGUISES and real_name(name) != name)


def is_archive(name: str) -> bool:
    """Say whether a file of that name holds files, and is opened."""
    return name.lower().endswith(ARCHIVES)


def is_tar(name: str) -> bool:
    """Say whether a file of that name is a tar, compressed or not."""
    return name.lower().endswith(TARS)


def without_endings(name: str) -> str:
    """Return what is left of a file's name without what says what it is: `s1` for s1.tar.gz and s1.py.txt."""
    name = real_name(placeholder_of(name) or name)
    ending = next((one for one in TARS if name.lower().endswith(one)), "")
    if ending and len(ending) < len(name):
        return name[: -len(ending)]
    stem = PurePosixPath(name).stem
    inner = next((one for one in (".tar", *SOURCES) if stem.lower().endswith(one)), "")
    return stem[: -len(inner)] if cannot_be_read(name) and inner and len(inner) < len(stem) else stem


def cannot_be_read(name: str) -> bool:
    """Say whether a file of that name may be homework in a form that is not opened."""
    return suffix(name) in CANNOT_BE_READ and not is_archive(name)


def placeholder_of(name: str) -> str:
    """Return the file that iCloud left a placeholder of; blank where it is none."""
    return name[1 : -len(PLACEHOLDER)] if name.startswith(".") and name.endswith(PLACEHOLDER) else ""


def is_data(name: str) -> bool:
    """Say whether a file of that name may be data that code reads."""
    return suffix(name) in DATA and not is_code(name) and not is_on_paper(name)


def is_homework(name: str) -> bool:
    """Say whether a file of that name may be a submission by itself, or be named where it cannot be opened."""
    return is_code(name) or is_archive(name) or cannot_be_read(name)


def wanted(name: str) -> bool:
    """Say whether a file of that name is to be looked at in a submission."""
    return is_homework(name) or is_on_paper(name) or is_data(name)


def inside(name: str, archive: str) -> PurePosixPath | None:
    """Return the path of a file in an archive from its `name` there; None where it is nobody's homework.

    Raises Unreadable where it would land outside of it.
    """
    if len(name) > NAME_CAP:
        raise Unreadable(f"the {archive} holds a file whose name has no end; hand in the homework's own")
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name[:3]:
        raise Unreadable(f"the {archive} holds a file that would land outside of it ({clean_id(name)})")
    return None if any(map(is_junk, path.parts)) or len(path.parts) > DEEPEST + 1 else path


def cap(name: str) -> int:
    """Return how many bytes a file of that name may have."""
    if is_archive(name):
        return ZIP_CAP
    ending = suffix(name)
    if ending in DISGUISES:
        ending = suffix(real_name(name))
    return NOTEBOOK_CAP if ending == NOTEBOOK else SOURCE_CAP


def bounded(path: str) -> bytes:
    """Return a file's bytes. Raises Unreadable where it is too large, OSError."""
    most = cap(path)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - pathlib would be most of what reading a submission costs
        size = os.fstat(file.fileno()).st_size  # a buffer of the cap's size for every small file takes its time
        raw = file.read(min(size, most) + 1)
        while len(raw) <= most and (more := file.read(min(most + 1 - len(raw), PIECE))):  # it grew, or came in pieces
            raw += more
    return raw if len(raw) <= most else too_large(PurePosixPath(path).name)


def too_large(name: str) -> bytes:
    """Raise Unreadable, for a file over its cap."""
    raise Unreadable(f"{clean_id(name)} is far too large for homework")
