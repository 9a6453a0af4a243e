"""The files in a tar, however it is compressed: read once, from its start, and never unpacked to disk.

A tar has no directory that could be looked into. So what may be homework is kept in memory while it goes by. All is
bounded: what it unpacks to, what is kept, and how much memory its decompression may ask for.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any

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

MEMORY_CAP = 128 * 1024 * 1024
"""Bytes that xz may ask for: its highest level asks for half."""

PIECE = 256 * 1024
REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


class _Xz(io.RawIOBase):
    """What is packed by xz, unpacked piece by piece within a limit of memory, which `lzma.open` has none of."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._one = memoryview(raw), lzma.LZMADecompressor(memlimit=MEMORY_CAP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = b""
        while not found:
            if self._one.eof:
                self._raw = memoryview(self._one.unused_data + self._raw)
                if not bytes(self._raw[:1]).strip(b"\0"):
                    return 0
                self._one = lzma.LZMADecompressor(memlimit=MEMORY_CAP)  # one packed file behind the other is one
            fed = b""
            if self._one.needs_input:
                fed, self._raw = bytes(self._raw[:PIECE]), self._raw[PIECE:]
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


def _unpacked(raw: bytes) -> IO[bytes] | io.BufferedIOBase:
    """Open what a tar's bytes are once they are unpacked. Told by how they start: people rename endings."""
    if raw.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=io.BytesIO(raw))
    if raw.startswith(b"BZh"):
        return bz2.BZ2File(io.BytesIO(raw))
    if raw.startswith(b"\xfd7zXZ\x00"):
        return io.BufferedReader(_Xz(raw), PIECE)
    return io.BytesIO(raw)


class Caps(msgspec.Struct, frozen=True):
    """How much a tar may hold: bytes unpacked, bytes kept, files.

    Files called `whole` are kept as they are. With `every_name`, what is nobody's homework is kept by its name alone.
    """

    unpacked: int = 512 * 1024 * 1024
    kept: int = 64 * 1024 * 1024
    files: int = FILES_CAP
    whole: tuple[str, ...] = ()
    every_name: bool = False


Member = tuple[PurePosixPath, "bytes | Unreadable"]
"""A file's place in a tar; and what is in it, or why that cannot be used."""


def tar_entries(raw: bytes, caps: Caps) -> list[Entry]:
    """Return the files in a tar that may be homework. Raises Unreadable."""
    return [entry(place, content) for place, content in tar_members(raw, caps)]


def entry(place: PurePosixPath, content: bytes | Unreadable) -> Entry:
    """Return a member as a file of a submission. Raises Unreadable where it is nothing to have in one."""
    if isinstance(content, Unreadable):
        raise content
    return Entry(place, lambda: content if len(content) <= cap(place.name) else too_large(place.name))


def tar_members(raw: bytes, caps: Caps) -> list[Member]:
    """Return all in a tar that may be homework. Raises Unreadable where it is none, or holds too much."""
    try:
        return list(_members(raw, caps))
    except Unreadable:
        raise
    except _TooMuch:
        unpacked = caps.unpacked >> 20
        raise Unreadable(f"the archive unpacks to over {unpacked} MiB; hand in the homework's own files") from None
    except Exception:  # what damage comes to differs from one Python and one compression to the next
        raise Unreadable("the archive is not one that can be opened; make a .zip and hand it in") from None


def _members(raw: bytes, caps: Caps) -> Iterator[Member]:
    kept = caps.kept
    # A stream that is only read forwards: a size below zero cannot lead round in a circle.
    file = io.BufferedReader(_Bounded(_unpacked(raw), caps.unpacked), PIECE)
    with tarfile.open(fileobj=file, mode="r|", errorlevel=2) as archive:
        for count, info in enumerate(archive, 1):
            if count > caps.files:
                raise Unreadable(f"the archive holds over {caps.files} files; hand in the homework's own")
            if not info.name or info.isdir():
                continue
            try:
                place = inside(info.name, "archive")
            except Unreadable as problem:
                yield PurePosixPath(clean_id(info.name)), problem
                continue
            if place is None or not (info.issym() or info.islnk() or wanted(place.name) or place.name in caps.whole):
                if caps.every_name:
                    yield PurePosixPath(info.name), b""
                continue
            if info.issym() or info.islnk():
                link = f"the archive holds a link ({clean_id(info.name)}); hand in the file itself"
                yield place, Unreadable(link)
            elif info.type in REGULAR and info.sparse is None:
                content = _content(archive, info, caps.kept if place.name in caps.whole else cap(place.name))
                kept -= len(content)
                if kept < 0:
                    raise Unreadable("the archive holds too much; hand in the homework's own files")
                yield place, content


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
