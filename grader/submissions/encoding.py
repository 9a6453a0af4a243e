"""Text as people save it: UTF-8 with or without a mark, UTF-16, UTF-32, Windows-1252, and the line ends of an old Mac.

A source that says which encoding it is in (PEP 263) is left as it is, for Python to read.
"""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # it starts with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
COOKIE = re.compile(rb"((?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))??[ \t\f]*#[^\r\n]*?coding[:=][ \t]*)([-\w.]+)", re.ASCII)
"""What PEP 263 takes for an encoding: in a comment, on the first line, or on the second below a comment or nothing."""


def as_utf8(raw: bytes) -> tuple[bytes, str]:
    """Return a source as UTF-8 without a mark, and which other encoding it was in; blank where it was UTF-8.

    >>> as_utf8("x = 1".encode("utf-16"))
    (b'x = 1', 'UTF-16')
    """
    encoding, source = _recoded(raw)
    if b"\r" in source and b"\n" not in source:  # of an old Mac: Python splits lines there, few tools do
        source = source.replace(b"\r", b"\n")
    return source, encoding


def _recoded(raw: bytes) -> tuple[str, bytes]:
    name, start = _marked(raw)
    if name:
        text = raw[start:].decode(name, "replace")
        return "" if name == "utf-8" else name[:6].upper(), _saying_utf8(text.encode("utf-8", "replace"))
    said = COOKIE.match(raw)
    encoding = said[2].lower().replace(b"_", b"-") if said else b"utf-8"
    if not encoding.startswith(b"utf"):
        return "", raw
    if raw.isascii() or _is_utf8(raw):
        return "", raw if encoding.startswith((b"utf-8", b"utf8")) else _saying_utf8(raw)
    return "Windows-1252", _saying_utf8(_of_windows(raw).encode())


def _marked(raw: bytes) -> tuple[str, int]:
    """Return which encoding a text's first bytes show, and how long its mark is; blank where they show none."""
    first = raw[:4]
    if first.isascii() and 0 not in first:
        return "", 0
    for mark, name in MARKS:
        if raw.startswith(mark):
            return name, len(mark)
    if first[1::2] == b"\0\0" and 0 not in first[::2]:
        return "utf-16-le", 0
    if first[::2] == b"\0\0" and 0 not in first[1::2]:
        return "utf-16-be", 0
    return "", 0


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _of_windows(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return raw.decode("latin-1")


def _saying_utf8(source: bytes) -> bytes:
    """Let a source say that it is UTF-8 where it says that it is something else."""
    return COOKIE.sub(rb"\1utf-8", source, count=1) if COOKIE.match(source) else source
