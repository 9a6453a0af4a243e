"""A file comes back in the dialect in which it came, and every byte that is not ours stays."""

from __future__ import annotations

import csv
import io
import random

import pytest

from grader.course import cells, tables
from grader.errors import UsageError

PARTS = ("a", "0755", "12,5", "12.5", "é", " ", '"', '""', ",", ";", "\t", "\n", "\r\n", "\r", "", "'", "=")


def by_csv(text: str, delimiter: str) -> list[list[str]]:
    return [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if line]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_are_what_pythons_csv_makes_of_them(delimiter: str) -> None:
    draw, compared = random.Random(delimiter), 0
    while compared < 3000:
        text = "".join(draw.choices(PARTS, k=draw.randrange(12)))
        try:
            found = list(cells.records(text, delimiter))
        except cells.NeverClosed:
            continue
        compared += 1
        assert [[value for value, _, _ in each] for _, each in found] == by_csv(text, delimiter), repr(text)
        for line, each in found:
            before = text[: each[0][1]].replace("\r\n", "\n").replace("\r", "\n")
            assert line == before.count("\n") + 1, repr(text)


def test_a_changed_cell_changes_and_no_other_does() -> None:
    draw, compared = random.Random("changes"), 0
    while compared < 2000:
        text = "".join(draw.choices(PARTS, k=draw.randrange(1, 14)))
        try:
            found = list(cells.records(text, ";"))
        except cells.NeverClosed:
            continue
        if not found:
            continue
        compared += 1
        line, each = draw.choice(found)
        column, value = draw.randrange(len(each) + 2), draw.choice(("9,5", "", 'say "no"', "a;b", "\n", " x"))
        rows = [[value for value, _, _ in one] for _, one in found]
        wanted = rows[[number for number, _ in found].index(line)]
        wanted += [""] * (column + 1 - len(wanted))
        wanted[column] = value
        after = by_csv(cells.changed(text, ";", {line: {column: value}}), ";")
        assert after == rows or value == "", repr(text)
    assert cells.changed('a;"b";c\r\n', ";", {1: {1: "1"}}) == 'a;"1";c\r\n'  # quoted stays quoted


@pytest.mark.parametrize(
    ("raw", "dialect"),
    [
        (b"SID,Score\n1,2\n", tables.Dialect()),
        (b"SID,Score\n1,2.5\n", tables.Dialect(decimal=".")),
        (b'SID,Score\n1,"2,5"\n', tables.Dialect(decimal=",")),
        (b"\xef\xbb\xbfSID;Score\r\n1;2,5\r\n", tables.Dialect(";", "utf-8", b"\xef\xbb\xbf", "\r\n", ",")),
        (b"SID;Score;Remark\n1;;12,5 in HW0\n", tables.Dialect(";", decimal=",")),
        (b"SID;Score\n1;1,234\n", tables.Dialect(";", decimal=",")),
        (b'SID,Score\n1,"1,234"\n', tables.Dialect()),
        (b'SID,Share\n1,"12,5 %"\n', tables.Dialect(decimal=",")),
        (b"SID;Score\n1;2.5\n2;3,5\n3;4,5\n", tables.Dialect(";", decimal=",")),
        (b"SID\tName\r1\tM\xfcller\r", tables.Dialect("\t", "cp1252", newline="\r")),
        ("\ufeffSID;Name\n1;Mü\n".encode("utf-16-le"), tables.Dialect(";", "utf-16-le", b"\xff\xfe")),
        ("\ufeffSID;Name\n1;Mü\n".encode("utf-16-be"), tables.Dialect(";", "utf-16-be", b"\xfe\xff")),
        ("SID;Name\n1;Mü\n".encode("utf-16-le"), tables.Dialect(";", "utf-16-le")),
        ("SID\tName\r\n1\t良い\r\n".encode("utf-16-be"), tables.Dialect("\t", "utf-16-be", newline="\r\n")),
        (b"sep=;\r\nSID;Score\r\n1;2\r\n", tables.Dialect(";", newline="\r\n")),
        (b'"a, b, c";SID\n1;2\n', tables.Dialect(";")),
    ],
)
def test_the_dialect_of_a_file_is_told_by_the_file(raw: bytes, dialect: tables.Dialect) -> None:
    table = tables.parse(raw, "sheet.csv")
    assert table.dialect == dialect
    assert "SID" in table.header
    assert tables.encoded(tables.filled(table, {}), table.dialect) == (raw, "")


def test_every_byte_that_is_not_changed_stays_whatever_it_is() -> None:
    raw = b'SID;Score; Remark ;\r\n="0755";"";\x81 ""x"";\r\n\r\n;;\n0756\r\n"0757"; 3 ;"a\r\nb";too;many'
    table = tables.parse(raw, "sheet.csv")
    assert [row["SID"] for row in table.rows] == ["0755", "0756", "0757"]
    assert table.lines == (2, 5, 6)
    text = tables.filled(table, {0: {"Score": "9,5"}, 1: {"Score": "8"}, 2: {"Score": "1;2"}})
    expected = raw.replace(b'"";', b'"9,5";', 1).replace(b"0756", b"0756;8").replace(b"; 3 ;", b';"1;2";')
    assert tables.encoded(text, table.dialect) == (expected, "")


def test_what_the_encoding_cannot_hold_makes_it_utf_8_and_says_so() -> None:
    table = tables.parse(b"SID;Name;Comment\n1;M\xfcller;\n", "sheet.csv")
    text = tables.filled(table, {0: {"Comment": "良い"}})
    raw, why = tables.encoded(text, table.dialect)
    assert raw.decode("utf-8-sig") == "SID;Name;Comment\n1;Müller;良い\n"
    assert raw.startswith(b"\xef\xbb\xbf") and "'良' cannot be written in the encoding of the file (cp1252)" in why


def test_a_quote_that_is_never_closed_is_refused_and_swallows_nobody() -> None:
    with pytest.raises(UsageError, match="line 3: a quote is opened here and never closed"):
        tables.parse(b'SID,Name\n1,Ann\n2,"Bo\n3,Cy\n', "roster.csv")


def test_a_number_that_can_be_read_in_two_ways_is_refused_by_line() -> None:
    table = tables.parse(b'Student,HW1\n\n    Points Possible,"1,234"\n', "gradebook.csv")
    with pytest.raises(UsageError, match=r"gradebook.csv, line 3: HW1: '1,234' can be read in two ways"):
        tables.number(table, 0, "HW1", "gradebook.csv")
