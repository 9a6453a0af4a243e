"""The files in a tar, however it is compressed: read once, from its start, and never unpacked to disk.

A tar has no directory that could be looked into. So what may be homework is kept in memory while it goes by. All is
bounded: what it unpacks to, what is kept, and how much memory its decompression may ask for.
"""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import msgspec

from grader.submissions.entries import (
    FILES_CAP,
    Entry,
    Unreadable,
    cannot_be_read,
    cap,
    clean_id,
    inside,
    too_large,
    wanted,
)

if TYPE_CHECKING:
    from typing_extensions import Self

WHOLE_CAP = 512 * 1024 * 1024
MEMORY_CAP = 128 * 1024 * 1024
"""Bytes that xz may ask for: its highest level asks for half."""

PIECE = 256 * 1024
REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


class _Xz(io.RawIOBase):
    """What is packed by xz, unpacked piece by piece within a limit of memory, which `lzma.open` has none of."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._rest, self._one = file, b"", lzma.LZMADecompressor(memlimit=MEMORY_CAP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = b""
        while not found:
            if self._one.eof:
                self._rest = self._one.unused_data + self._rest or self._file.read(PIECE)
                if not self._rest.strip(b"\0"):
                    return 0
                self._one = lzma.LZMADecompressor(memlimit=MEMORY_CAP)  # one packed file behind the other is one
            fed = b""
            if self._one.needs_input:
                fed, self._rest = self._rest or self._file.read(PIECE), b""
            found = self._one.decompress(fed, min(len(buffer), PIECE))
            if not (fed or found or self._one.eof):
                raise EOFError
        buffer[: len(found)] = found
        return len(found)


class _Bounded(io.RawIOBase):
    """A file that is read up to a cap, and no byte further."""

    def __init__(self, file: IO[bytes] | io.BufferedIOBase, most: int) -> None:
        self._file, self._left = file, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(min(len(buffer), PIECE))
        self._left -= len(found)
        if self._left < 0:
            raise _TooMuch
        buffer[: len(found)] = found
        return len(found)


class _TooMuch(Exception):
    """It unpacks to more than it may."""


class _Damaged(Exception):
    """What is no header stands where one should, or the end is missing: some of it is lost, who knows how much."""


class _Strict(tarfile.TarInfo):
    """A header that has to be one. Left to itself, a damaged tar ends where the damage is, as if it were whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header; two blocks of zeros are the end."""
        if len(buf) == tarfile.BLOCKSIZE and not any(buf):
            return super().frombuf(buf, encoding, errors)  # says that this is the end
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError:
            raise _Damaged from None


def _unpacked(file: BinaryIO) -> IO[bytes] | io.BufferedIOBase:
    """Open what a tar's bytes are once they are unpacked. Told by how they start: people rename endings."""
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return io.BufferedReader(_Xz(file), PIECE) if start == b"\xfd7zXZ\x00" else file


class Caps(msgspec.Struct, frozen=True):
    """How much a tar may hold: bytes unpacked, bytes kept, files.

    Files called `whole` are kept as they are. With `every_name`, what is nobody's homework is kept by its name alone.
    """

    unpacked: int = 512 * 1024 * 1024
    kept: int = 64 * 1024 * 1024
    files: int = FILES_CAP
    whole: tuple[str, ...] = ()
    every_name: bool = False


Member = tuple[PurePosixPath, "bytes | Unreadable | None"]
"""A place in a tar; and what is in the file there, why that cannot be used, or None for a folder."""


def tar_entries(raw: bytes, caps: Caps) -> list[Entry]:
    """Return the files in a tar that may be homework. Raises Unreadable."""
    found = []
    for place, content in tar_members(io.BytesIO(raw), caps):
        if isinstance(content, Unreadable):
            raise content
        if content is not None:
            found.append(Entry(place, functools.partial(_read, content, place.name)))
    return found


def _read(content: bytes, name: str) -> bytes:
    return content if len(content) <= cap(name) else too_large(name)


def tar_members(file: BinaryIO, caps: Caps) -> Iterator[Member]:
    """Yield all in a tar that may be homework, in its order.

    Raises Unreadable where it is none, is damaged, or holds too much.
    """
    try:
        yield from _members(file, caps)
    except Unreadable:
        raise
    except _TooMuch:
        unpacked = caps.unpacked >> 20
        raise Unreadable(f"the archive unpacks to over {unpacked} MiB; hand in the homework's own files") from None
    except Exception:  # what damage comes to differs from one Python and one compression to the next
        raise Unreadable("the archive is damaged, or none that can be opened; make a .zip and hand it in") from None


def _members(file: BinaryIO, caps: Caps) -> Iterator[Member]:
    kept = caps.kept
    # A stream that is only read forwards: a size below zero cannot lead round in a circle.
    unpacked = io.BufferedReader(_Bounded(_unpacked(file), caps.unpacked), PIECE)
    with tarfile.open(fileobj=unpacked, mode="r|", errorlevel=2, tarinfo=_Strict) as archive:
        for count, info in enumerate(archive, 1):
            if count > caps.files:
                raise Unreadable(f"the archive holds over {caps.files} files; hand in the homework's own")
            found = _member(archive, info, caps)
            if found is not None:
                kept -= len(found[1]) if isinstance(found[1], bytes) else 0
                if kept < 0:
                    raise Unreadable("the archive holds too much; hand in the homework's own files")
                yield found
        rest: Any = archive.fileobj
        while piece := rest.read(PIECE):
            if any(piece):
                raise _Damaged  # another tar behind the end, which nobody would read


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo, caps: Caps) -> Member | None:
    """Return what a member is to us; None where it is nobody's homework."""
    if not info.name or (info.isdir() and not caps.every_name):
        return None
    try:
        place = inside(info.name, "archive")
    except Unreadable as problem:
        return _owned(info.name), problem
    if info.isdir():
        return PurePosixPath(info.name), None
    if place is None:
        return (PurePosixPath(info.name), b"") if caps.every_name else None
    if info.issym() or info.islnk():
        return place, Unreadable(f"the archive holds a link ({clean_id(info.name)}); hand in the file itself")
    if not wanted(place.name) and place.name not in caps.whole:
        return (place, b"") if caps.every_name else None
    if info.type not in REGULAR or info.sparse is not None:
        return (place, Unreadable(f"{clean_id(place.name)} is no plain file")) if caps.every_name else None
    return place, _content(archive, info, WHOLE_CAP if place.name in caps.whole else cap(place.name))


def _owned(name: str) -> PurePosixPath:
    """Return a place for what would land elsewhere, in the folder of whose it is."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("..", "/")]
    return PurePosixPath(*(clean_id(part) for part in parts[:2]), "unusable")


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo, most: int) -> bytes:
    """Return a file's bytes, one more than it may have at most; none of a file that is only ever named."""
    if info.size < 0:
        raise ValueError
    if cannot_be_read(info.name):
        return b""
    file = archive.extractfile(info)
    found = file.read(most + 1) if file else b""
    if len(found) < min(info.size, most + 1):
        raise EOFError
    return found
