"""CSV files as platforms and spreadsheets write them, read by their headers and never by position.

Nothing is guessed about a cell: ids keep their zeros. A formula that only holds text (`="0755"`, as Canvas and Excel
write to protect it) is that text. A table knows the dialect in which it came, and is written in it again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader.assignment import decimals
from grader.course import cells
from grader.errors import UsageError
from grader.reports import grades

CAP = 64 * 1024 * 1024
TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
DELIMITERS = ",;\t"
NAMED_DELIMITER = re.compile(r'"?sep=([,;\t])"?(?=[\r\n])', re.IGNORECASE)
"""What Excel may write, and reads, before the header."""

QUOTED = re.compile(r'"[^"]*"')
BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
NOT_TEXT = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")
"""Bytes that the encoding has no character for, as they are kept in text."""

OF_POINTS = re.compile(
    r"score|points?\b|grade|\bmarks?\b|total|possible|maximum|punkte?\b|\bnote\b|\(\d+\)$", re.IGNORECASE
)
"""What a column of points is called: a word for them, or an assignment of Canvas's with its number."""

WITH_MARK = re.compile(r"[+-]?\d+([.,])\d+(?: ?%)?", re.ASCII)
COMMA_WITHIN = re.compile(r"(?<![\d.,])\d+,\d+(?![\d.,])")


class Dialect(msgspec.Struct, frozen=True):
    """How a file was written. `decimal` is the mark of all its numbers, blank where none of them has one.

    Those may be groups or versions: what the mark of points is, `decimal_mark` tells.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    bom: bytes = b""
    newline: str = "\n"
    decimal: Literal["", ".", ","] = ""


class Table(msgspec.Struct, frozen=True):
    """A file's header and its rows, each as header -> cell; short rows have blank cells at their end.

    `lines` are the lines that the rows begin in. `text` is the whole file, for what is written back into it.
    """

    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...] = ()
    dialect: Dialect = Dialect()
    text: str = ""


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
    text, encoding, bom = _text(raw)
    if "\0" in text:
        raise UsageError(f"{shown}: is not a CSV file; export it as CSV")
    named = NAMED_DELIMITER.match(text)
    delimiter = named[1] if named else _delimiter(text)
    try:
        found = [(line, each) for line, each in cells.records(text, delimiter) if any(value for value, _, _ in each)]
    except cells.NeverClosed as error:
        raise UsageError(f"{shown}: is not a CSV file ({error})") from None
    found = found[bool(named) :]
    if not found:
        raise UsageError(f"{shown}: is empty")
    header = tuple(value.translate(NOT_TEXT).strip() for value, _, _ in found[0][1])
    doubled = next((name for name in header if name and header.count(name) > 1), None)
    if doubled:
        raise UsageError(f"{shown}: has two columns {doubled!r}; rename one")
    rows = tuple(
        {name: _cell(each[i][0]) if i < len(each) else "" for i, name in enumerate(header)} for _, each in found[1:]
    )
    dialect = Dialect(delimiter, encoding, bom, _newline(text), _decimal(rows, delimiter))
    return Table(header, rows, tuple(line for line, _ in found[1:]), dialect, text)


def _text(raw: bytes) -> tuple[str, str, bytes]:
    """Return a file's text, its encoding and its BOM. What Windows has no character for is kept as a byte."""
    bom = next((bom for bom in BOMS if raw.startswith(bom)), b"")
    encoding = BOMS.get(bom, "") or _utf_16(raw) or "utf-8"
    try:
        return raw[len(bom) :].decode(encoding), encoding, bom
    except UnicodeDecodeError:
        return raw.decode("cp1252", "surrogateescape"), "cp1252", b""


def _utf_16(raw: bytes) -> str:
    """Return which UTF-16 text without a BOM is in: every second byte of most of its letters is zero; else blank."""
    if len(raw) % 2 or not raw:
        return ""
    zeros = {"utf-16-le": raw[1::2].count(0), "utf-16-be": raw[::2].count(0)}
    return next((one for one, count in zeros.items() if count * 4 > len(raw) and sum(zeros.values()) == count), "")


def _delimiter(text: str) -> str:
    first = QUOTED.sub("", text.lstrip("\r\n")).partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _newline(text: str) -> str:
    ends = {end: text.count(end) for end in ("\r\n", "\n", "\r")}
    return max(ends, key=lambda end: ends[end]) if any(ends.values()) else "\n"


def _decimal(rows: Sequence[Mapping[str, str]], delimiter: str) -> Literal["", ".", ","]:
    """Tell the mark by the numbers; beside a delimiter that leaves the comma free, by numbers within text as well."""
    values = [value for row in rows for value in row.values()]
    marks = Counter(
        found[1] for value in values if (found := WITH_MARK.fullmatch(value.strip())) and _plain(value.replace("%", ""))
    )
    if marks:
        return "," if marks[","] > marks["."] else "."
    within = delimiter != "," and any(COMMA_WITHIN.search(value) for value in values)
    return "," if within else ""


def decimal_mark(table: Table, filled: Collection[str] = ()) -> Literal["", ".", ","]:
    """Return the mark of a table's points, blank where none of them has one: no other number may tell.

    Points stand in the columns that are `filled` and in those that are called so.
    """
    columns = [name for name in table.header if name in filled or OF_POINTS.search(name)]
    rows = [{name: row[name] for name in columns} for row in table.rows]
    return _decimal(rows, table.dialect.delimiter)


def _plain(value: str) -> bool:
    """Say whether a number's mark can only stand before decimals."""
    try:
        return decimals.read(value) is not None
    except decimals.TwoReadings:
        return False


def _cell(text: str) -> str:
    found = TEXT_FORMULA.fullmatch(text.strip())
    return (found[1].replace('""', '"') if found else text).translate(NOT_TEXT)


def column(header: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column that one of these names, lower-case, stands for; the first name that is there counts."""
    known: Mapping[str, str] = {one.strip().casefold(): one for one in reversed(header)}
    return next((known[name] for name in names if name in known), None)


def number(table: Table, place: int, column: str, shown: str) -> Fraction | None:
    """Return the number in a cell, None where it holds none.

    Raises UsageError where it can be read in two ways, with the line.
    """
    try:
        return decimals.read(table.rows[place][column])
    except decimals.TwoReadings as error:
        line = f", line {table.lines[place]}" if table.lines else ""
        raise UsageError(f"{shown}{line}: {column}: {error}") from None


def decimal(value: Fraction, mark: str) -> str:
    """Return points as a decimal number with this mark.

    >>> decimal(Fraction(7, 2), ",")
    '3,5'
    """
    return grades.decimal(value).replace(".", mark)


def filled(table: Table, changes: Mapping[int, Mapping[str, str]]) -> str:
    """Return the table's own text with some cells changed: place of the row -> column -> value. All else stays."""
    columns = {name: i for i, name in enumerate(table.header)}
    by_line = {
        table.lines[place]: {columns[name]: value for name, value in row.items()} for place, row in changes.items()
    }
    return cells.changed(table.text, table.dialect.delimiter, by_line)


def written(rows: Iterable[Sequence[str]], dialect: Dialect) -> str:
    """Return a new table in a dialect, quoted where it must be."""
    mark = dialect.delimiter
    return "".join(mark.join(cells.written(value, mark) for value in row) + dialect.newline for row in rows)


def encoded(text: str, dialect: Dialect) -> tuple[bytes, str]:
    """Return text as bytes in the file's encoding; or, where a character is not in it, in UTF-8, and why."""
    try:
        return dialect.bom + text.encode(dialect.encoding, "surrogateescape"), ""
    except UnicodeEncodeError as error:
        missing = text[error.start]
        why = f"{missing!r} cannot be written in the encoding of the file ({dialect.encoding}), so it is UTF-8 now"
        return b"\xef\xbb\xbf" + text.translate(NOT_TEXT).encode(), why
