"""A zip that lies or is locked is told in the same words on every Python, within bounded memory."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from grader.submissions.archives import zip_entries
from grader.submissions.entries import Unreadable

NAME, SOURCE = "lecture8.py", b"class Square: pass\n" * 40
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def made(compression: int = zipfile.ZIP_DEFLATED) -> bytearray:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr(NAME, SOURCE)
    return bytearray(out.getvalue())


def put(raw: bytearray, where: bytes, offset: int, form: str, value: int) -> None:
    struct.pack_into(form, raw, raw.index(where) + offset, value)


def both(raw: bytearray, local: int, central: int, form: str, value: int) -> bytes:
    put(raw, LOCAL, local, form, value)
    put(raw, CENTRAL, central, form, value)
    return bytes(raw)


def in_zip64(size: int, compressed: int, offset: int) -> bytes:
    """A zip whose central directory has its sizes in a zip64 field, with whatever numbers."""
    raw = made()
    start, end = raw.index(CENTRAL), raw.index(END)
    extra = struct.pack("<HHQQQ", 1, 24, size, compressed, offset)
    central = raw[start:end]
    struct.pack_into("<LL", central, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", central, 30, len(extra))
    struct.pack_into("<L", central, 42, 0xFFFFFFFF)
    new = raw[:start] + central + extra + raw[end:]
    struct.pack_into("<L", new, new.index(END) + 12, len(central) + len(extra))
    return bytes(new)


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "encrypted as ever": (lambda: both(made(), 6, 8, "<H", 0x1), "encrypted"),
    "encrypted by AES": (lambda: both(made(), 8, 10, "<H", 99), "encrypted"),
    "strongly encrypted": (lambda: both(made(), 6, 8, "<H", 0x41), "encrypted"),
    "an unusual compression": (lambda: both(made(), 8, 10, "<H", 97), "unusual compression"),
    "bzip2": (lambda: bytes(made(zipfile.ZIP_BZIP2)), "unusual compression"),
    "another name in front": (lambda: _renamed(), "damaged"),
    "a checksum that is another": (lambda: both(made(), 14, 16, "<L", 7), "damaged"),
    "garbled data": (lambda: _garbled(), "damaged"),
    "a larger size than there is": (lambda: in_zip64(2**62, 2**62, 0), "damaged"),
    "an offset past every end": (lambda: in_zip64(len(SOURCE), 40, 2**62), ""),
    "an offset past every number": (lambda: in_zip64(len(SOURCE), 40, 2**64 - 1), ""),
    "sizes past every number": (lambda: in_zip64(2**64 - 1, 2**64 - 1, 0), ""),
    "cut off": (lambda: bytes(made()[:-10]), "can be opened"),
    "its end alone": (lambda: bytes(made()[-22:]), ""),
    "nothing": (lambda: b"", "can be opened"),
    "a directory elsewhere": (lambda: _elsewhere(), ""),
}
"""What is done to a zip, and what is said of it; blank where either sentence will do."""


def _renamed() -> bytes:
    raw = made()
    raw[raw.index(LOCAL) + 30 : raw.index(LOCAL) + 30 + len(NAME)] = b"x" * len(NAME)
    return bytes(raw)


def _garbled() -> bytes:
    raw = made()
    at = raw.index(LOCAL) + 30 + len(NAME)
    raw[at : at + 12] = b"\xff" * 12
    return bytes(raw)


def _elsewhere() -> bytes:
    raw = made()
    put(raw, END, 16, "<L", 2**31)
    return bytes(raw)


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_with_a_zip_is_one_clear_sentence(what: str) -> None:
    make, said = BROKEN[what]
    with pytest.raises(Unreadable) as error:
        found = zip_entries(make())
        assert found, "nothing to read"
        for one in found:
            one.read()
        pytest.fail("it was read")
    text = str(error.value)
    assert said in text
    assert "Error" not in text and "BadZipFile" not in text
    assert "hand it in" in text or "make an ordinary zip" in text


def test_a_size_that_lies_does_not_fill_the_memory() -> None:
    """Sixty-four megabytes of nothing, told as 760 bytes: no more is unpacked than a file may have."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open(NAME, "w") as one:
        for _ in range(64):
            one.write(bytes(1 << 20))
    raw = bytearray(out.getvalue())
    both(raw, 22, 24, "<L", 760)
    with pytest.raises(Unreadable):
        (only,) = zip_entries(bytes(raw))
        only.read()
