"""CSV files as platforms and spreadsheets write them, read by their headers and never by position.

Nothing is guessed about a cell: ids keep their zeros. A formula that only holds text (`="0755"`, as Canvas and Excel
write to protect it) is that text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.errors import UsageError

CAP = 64 * 1024 * 1024
TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
DELIMITERS = ",;\t"


class Table(msgspec.Struct, frozen=True):
    """A file's header and its rows, each as header -> cell; short rows have blank cells at their end."""

    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def read(path: Path) -> Table:
    """Read a CSV file. Raises UsageError where it is none."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(raw) > CAP:
        raise UsageError(f"{path}: is over {CAP >> 20} MiB; is it the right file?")
    return parse(raw, str(path))


def parse(raw: bytes, shown: str) -> Table:
    """Read CSV text: UTF-8 or what Excel saves, with a BOM or without, and commas, semicolons or tabs between cells."""
    text = _text(raw)
    if "\0" in text:
        raise UsageError(f"{shown}: is not a CSV file; export it as CSV")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(line)]
    except csv.Error as error:
        raise UsageError(f"{shown}: is not a CSV file ({error})") from None
    if not lines:
        raise UsageError(f"{shown}: is empty")
    header = tuple(cell.strip() for cell in lines[0])
    doubled = next((name for name in header if name and header.count(name) > 1), None)
    if doubled:
        raise UsageError(f"{shown}: has two columns {doubled!r}; rename one")
    rows = tuple({name: _cell(line[i]) if i < len(line) else "" for i, name in enumerate(header)} for line in lines[1:])
    return Table(header, rows)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _cell(text: str) -> str:
    found = TEXT_FORMULA.fullmatch(text.strip())
    return found[1].replace('""', '"') if found else text


def column(header: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column that one of these names, lower-case, stands for; the first name that is there counts."""
    known: Mapping[str, str] = {one.strip().casefold(): one for one in reversed(header)}
    return next((known[name] for name in names if name in known), None)


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as CSV for an import: UTF-8 text, commas, quoted where it must be, and no cell changed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
