"""The files of a submission, on disk or in an archive. Nothing is ever unpacked to disk, and everything is bounded."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from grader.submissions.entries import (
    DEEPEST,
    FILES_CAP,
    ZIP_CAP,
    Entry,
    Unreadable,
    bounded,
    cap,
    clean_id,
    inside,
    is_archive,
    is_code,
    is_junk,
    is_tar,
    too_large,
    wanted,
)

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

CENTRAL_ENTRY = b"PK\x01\x02"
COMPRESSIONS = (0, 8)
"""What every system's own zips use: stored, deflated. The others are unpacked whole before a byte is handed out: half a
megabyte of bzip2 is ten gigabytes of nothing."""

PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
OTHERS = ((b"Rar!\x1a\x07", ".rar"), (b"7z\xbc\xaf\x27\x1c", ".7z"))
"""How what tars are compressed with starts, and what archives that are not opened start with."""

NESTED = 3
"""Archives in each other that are opened."""

SHOWN, CLASS = 3, 5
"""Files that a sentence names, and so many of them look like a class in place of a submission."""

ENCRYPTED, AES = 0x1, 99
"""The flag of an entry with a password, and the number in place of a compression where it is AES (APPNOTE 4.4)."""


def entries(place: Path | str) -> list[Entry]:
    """Return the files of a submission that may be homework. Raises Unreadable, OSError."""
    path = os.fspath(place)
    known = os.lstat(path)
    if stat.S_ISLNK(known.st_mode):
        raise Unreadable("the submission is a link to somewhere else; hand in the files themselves")
    if stat.S_ISDIR(known.st_mode):
        return with_nested_archive(folder_entries(path))
    name = Path(path).name
    if is_archive(name):
        raw = Path(path).read_bytes() if known.st_size <= ZIP_CAP else too_large(name)
        return with_nested_archive(archive_entries(name, raw))
    return [Entry(PurePosixPath(name), lambda: bounded(path))]


def folder_entries(folder: str, most: int = FILES_CAP) -> list[Entry]:
    """Return the files in a folder on disk that may be homework. Raises Unreadable over `most` of them, OSError."""
    found: list[Entry] = []
    todo = [(folder, PurePosixPath())]
    while todo:
        here, inside = todo.pop()
        with os.scandir(here) as listed:  # pathlib would be most of what reading a submission costs
            below = sorted(listed, key=attrgetter("name"))
        for one in below:
            if is_junk(one.name) or one.is_symlink():
                continue
            path = inside / one.name
            if one.is_dir():
                if len(inside.parts) < DEEPEST:
                    todo.append((one.path, path))
            elif one.is_file() and wanted(one.name):
                found.append(Entry(path, lambda path=one.path: bounded(path)))  # type: ignore[misc]
            if len(found) > most:
                raise Unreadable(f"the submission holds over {most} files; hand in the homework's own")
    return found


def archive_entries(name: str, raw: bytes) -> list[Entry]:
    """Return the files in an archive that may be homework. What it is its first bytes say: people rename endings.

    Raises Unreadable.
    """
    for magic, called in OTHERS:
        if raw.startswith(magic):
            raise Unreadable(f"{clean_id(name)} is a {called} by its content, which cannot be read; make a .zip of it")
    if not is_a_tar(name, raw):
        return zip_entries(raw)
    from grader.submissions import tars  # as zipfile: most submissions are none

    return tars.tar_entries(raw, tars.Caps())


def is_a_tar(name: str, start: bytes) -> bool:
    """Say whether an archive of that name, which starts so, is to be read as a tar."""
    return start.startswith(PACKED) or (is_tar(name) and not start.startswith(b"PK"))


def zip_entries(raw: bytes) -> list[Entry]:
    """Return the files in a zip that may be homework, none of them read yet. Raises Unreadable."""
    import zipfile  # slow to import, and most submissions are none

    if raw.count(CENTRAL_ENTRY) > FILES_CAP:  # before a million entries become a million objects
        raise Unreadable(f"the zip holds over {FILES_CAP} files; hand in the homework's own")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        infos = archive.infolist()
    except Exception:  # what a false size or offset comes to differs from one Python to the next
        raise Unreadable("the zip is not one that can be opened; make it again and hand it in") from None
    return members(archive, infos)


def members(archive: ZipFile, infos: Sequence[ZipInfo]) -> list[Entry]:
    """Return those members of a zip that may be homework, none of them read yet. Raises Unreadable."""
    entries = []
    for info in infos:
        if not info.filename:
            continue
        path = inside(info.filename, "zip")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Unreadable(f"the zip holds a link ({clean_id(info.filename)}); hand in the file itself")
        if path is not None and not info.is_dir() and wanted(path.name):
            entries.append(Entry(path, lambda info=info: unzipped(archive, info, cap(info.filename))))  # type: ignore[misc]
    return entries


def unzipped(archive: ZipFile, info: ZipInfo, most: int) -> bytes:
    """Return a member's bytes. Raises Unreadable where they are over `most`, damaged, or packed in an odd way."""
    name = clean_id(info.filename)
    if info.flag_bits & ENCRYPTED or info.compress_type == AES:
        raise Unreadable(f"{name} in the zip is encrypted; make the zip without a password and hand it in again")
    if info.compress_type not in COMPRESSIONS:
        raise Unreadable(f"{name} in the zip cannot be read (an unusual compression); make an ordinary zip")
    try:
        with archive.open(info) as member:
            raw = member.read(most + 1)
    except Exception:  # each compression has errors of its own, and each Python has others
        raw = None
    if raw is not None and len(raw) > most:
        too_large(info.filename)
    if raw is None or len(raw) != info.file_size or _ends(info) > archive.start_dir:
        raise Unreadable(f"{name} in the zip is damaged; make the zip again and hand it in")
    return raw


def _ends(info: ZipInfo) -> int:
    """Return where a member's data ends, by what the directory says: some Pythons read on, and others do not."""
    return info.header_offset + info.compress_size


def with_nested_archive(entries: list[Entry], deepest: int = NESTED) -> list[Entry]:
    """Open the one archive of a submission that holds no code beside it, and the one in that. Raises Unreadable."""
    others = [entry for entry in entries if not is_archive(entry.path.name)]
    packed = [entry for entry in entries if is_archive(entry.path.name)]
    if not packed or not deepest or any(is_code(entry.path.name) for entry in others):
        return others
    if len(packed) > 1:
        names = ", ".join(sorted(clean_id(entry.path.name) for entry in packed)[:SHOWN])
        more = f" and {len(packed) - SHOWN} more" if len(packed) > SHOWN else ""
        whole = f"; this looks like a class of {len(packed)}" if len(packed) >= CLASS else ""
        raise Unreadable(f"the submission holds no .py file, and several archives ({names}{more}); hand in one{whole}")
    return others + with_nested_archive(archive_entries(packed[0].path.name, packed[0].read()), deepest - 1)
