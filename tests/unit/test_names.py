"""Names that want to be somebody else's: the honest one keeps its own, and staff are told of the others."""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path

import pytest

from grader.course import matching
from grader.submissions import names
from grader.submissions.handed_in import find
from grader.submissions.homes import Layout
from grader.submissions.lookalikes import DRAWN_ALIKE, skeleton
from grader.submissions.names import named
from grader.submissions.people import Handed, Person

LAYOUT = Layout("minitorch", ("lecture8",), ("lecture8",))
COMPOSED, APART = (unicodedata.normalize(form, "jos\u00e9") for form in ("NFC", "NFD"))


def ids(*called: str, roster: tuple[str, ...] = ()) -> list[str]:
    return list(named(called, called, lambda: roster).ids)


def bare(identity: str) -> str:
    return identity.partition("~")[0]


@pytest.mark.parametrize(
    ("honest", "hostile"),
    [
        ("alice", ["Alice"]),
        ("alice", ["ALICE", "aLICE", "Alice"]),
        ("u_1", ["u 1", "u?1", "u\u200b1", "u\n1", "U_1"]),
        ("Alice_B", ["Alice B", "Alice\tB"]),
        (COMPOSED, [APART, COMPOSED.upper()]),
        ("jess", ["je\u017fs", "Jess"]),
        ("mark", ["mar\u212a", "MARK"]),
        ("strasse", ["STRASSE", "stra\u00dfe"]),
    ],
)
def test_a_newcomer_takes_nobodys_name(honest: str, hostile: list[str]) -> None:
    for order in itertools.permutations([honest, *hostile]):
        found = dict(zip(order, ids(*order)))
        assert found.pop(honest) == honest
        assert all("~" in one for one in found.values())
        assert len(set(found.values())) == len(hostile)


def test_whoever_is_on_the_roster_exactly_keeps_the_name() -> None:
    assert ids("Alice", "alice", roster=("Alice", "bob"))[0] == "Alice"
    assert "~" in ids("Alice", "alice", roster=("Alice", "bob"))[1]
    assert ids("Alice", "alice", "ALICE", roster=("Alice", "alice"))[1] == "alice", "of two on the roster the plainer"
    assert ids("Alice", "ALICE", roster=("ALICE",))[1] == "ALICE"


def test_where_nothing_decides_nobody_has_the_plain_name() -> None:
    assert [bare(one) for one in ids("Alice", "ALICE")] == ["Alice", "ALICE"]
    assert all("~" in one for one in ids("Alice", "ALICE"))


def test_the_roster_is_not_asked_where_no_names_clash() -> None:
    def unreadable() -> tuple[str, ...]:
        raise AssertionError("the roster was read")

    assert named(["alice", "bob"], ["alice", "bob"], unreadable).ids == ["alice", "bob"]


def test_every_id_is_a_file_of_its_own_where_case_does_not_count() -> None:
    called = ["alice", "Alice", "ALICE", COMPOSED, APART, COMPOSED.title(), "u 1", "u_1", "U 1", "x" * 200, "x" * 201]
    found = [unicodedata.normalize("NFC", one.casefold()) for one in ids(*called)]
    assert len(set(found)) == len(called)


def test_suffixes_that_begin_alike_are_longer() -> None:
    shortest = {}
    for i in itertools.count():  # two places whose short suffix is the same: anyone can find some
        place = f"{i}"
        (suffix,) = names._suffixes([place])
        if suffix in shortest:
            break
        shortest[suffix] = place
    first, second = named(["Al", "AL"], [shortest[suffix], place]).ids
    assert first.partition("~")[2] != second.partition("~")[2]


def test_a_name_handed_in_twice_is_the_folders(tmp_path: Path) -> None:
    for folder in ("alice", "Bob"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "lecture8.py").write_text("x = 1")
    for file in ("alice.py", "Bob.py", "carol.py", "carol.ipynb"):
        (tmp_path / file).write_text("x = 2")
    found = {one.id: one for one in find(tmp_path, LAYOUT)}
    assert [bare(one) for one in found] == ["Bob", "Bob", "alice", "alice", "carol", "carol"]
    assert found["alice"].modules["lecture8"][1] == found["Bob"].modules["lecture8"][1] == b"x = 1"
    assert "carol" not in found, "neither of two files is more its student's than the other"
    assert {one.called for one in found.values() if "~" in one.id} == {"Bob", "alice", "carol"}


LOOKS_LIKE_ALICE = (
    "\u0430lice",
    "\uff41lice",
    "al\u200bice",
    "alice\u202e",
    "alice.",
    " alice",
    "al\u00adice",
    "\U0001d41alice",
    "\u03b1l\u0456\u0441e",
)


@pytest.mark.parametrize("name", LOOKS_LIKE_ALICE)
def test_a_look_alike_is_told_once_by_name_and_alice_stays_alice(name: str) -> None:
    found = named([name, "alice", "bob"], [name, "alice", "bob"])
    assert found.ids[1:] == ["alice", "bob"]
    assert found.ids[0] != "alice"
    (told,) = found.concerns
    assert told.startswith(repr(name))
    assert "looks like 'alice'" in told
    assert found.ids[0] in told
    assert told.isprintable()


@pytest.mark.parametrize("drawn", ["z-control", "u1"])
@pytest.mark.parametrize("dash", ["\u2010", "\u2212", "\u2014", "\uff0d"])
def test_other_dashes_look_like_a_hyphen(drawn: str, dash: str) -> None:
    assert (skeleton(drawn.replace("-", dash)) == "z-control") == (drawn == "z-control")


def test_names_that_only_remind_of_each_other_are_not_told() -> None:
    called = [
        "u1001",
        "ul001",
        "u-1001",
        "u100l",
        "Zo\u00eb",
        "zoe",
        "\u5f20\u4f1f",
        "\u738b\u4f1f",
        "M\u00fcller",
        "Muller",
    ]
    found = named(called, called)
    assert (found.ids, found.concerns, found.called) == (called, (), {})


def test_every_letter_of_the_table_is_one_that_looks_like_another() -> None:
    for letter, others in DRAWN_ALIKE.items():
        assert letter.isascii()
        assert {skeleton(one) for one in others} == {letter}


def test_a_flood_of_names_is_told_in_a_few_lines() -> None:
    called = ["alice", *(f"alice{chr(0x200B)}{'.' * i}" for i in range(60))]
    told = named(called, called).concerns
    assert len(told) == names.MOST_TOLD + 1
    assert told[-1] == f"{60 - names.MOST_TOLD} more submissions have names like these"


def test_names_that_are_no_text_can_be_written_and_told() -> None:
    called = ["\udcff\udcfe", "\udcff\udcfd", "\ud800x"]
    found = named(called, called)
    for text in (*found.ids, *found.called.values(), *found.concerns):
        text.encode()


def test_composed_another_way_alone_is_the_name_itself() -> None:
    assert ids(APART) == [COMPOSED]


def test_the_exact_name_counts_before_another_case_whatever_it_earned() -> None:
    roster = (Person(name="A", login="alice"),)
    handed = [Handed("alice"), Handed("Alice~123456", called="Alice")]
    for rule in ("latest", "best"):
        for order in (handed, handed[::-1]):
            (entry,) = matching.matched(roster, order, rule, {"Alice~123456": 35.0, "alice": 1.0}).entries
            assert entry.counts
            assert (entry.counts.submission, len(entry.handed)) == ("alice", 2)


def test_a_renamed_submission_is_found_by_what_it_was_called() -> None:
    roster = (Person(sid="Alice"), Person(sid="Jane Doe"))
    handed = [Handed("Alice~123456", called="Alice"), Handed("Jane_Doe", called="Jane Doe"), Handed("x")]
    found = matching.matched(roster, handed, "latest", {})
    assert [entry.counts and entry.counts.submission for entry in found.entries] == ["Alice~123456", "Jane_Doe"]
    assert [one.submission for one in found.unmatched] == ["x"]
