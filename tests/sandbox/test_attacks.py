"""Every attack fails wherever it is tried, costs what it must, and touches nothing that can be seen from outside."""

from __future__ import annotations

import re

import pytest

from tests.sandbox import station, table, through
from tests.sandbox.settings import SETTINGS, Setting

KINDS = range(1, 33)
IN_CODE = {28}
"""Taking layers away is no submission: `test_containment` does it."""


SPARED = ("root, tier 2", "root, tier 3", "container root, tier 3")
"""Each has a neighbour with less to hold on to that is tried in CI; these are for `make prove` and the table."""

EVERY_TIME = ("root, tier 1",)

ENDLESS = ("killed", "time-limit")
"""Attacks in these folders run until a limit ends them. They take most of the time, and it is clocks that end them."""

ENDLESS_IN_CI = {
    "root, tier 1": "endless 0",
    "container root, tier 2": "endless 1",
    "container user, tier 3": "endless 2",
}
"""CI tries each in one setting, and some in a setting of every tier; all in all are for `make prove` and the table."""

SHARES = 2
"""Those that end by themselves are dealt out to so many processes."""


def when(setting: Setting, share: str) -> list[pytest.MarkDecorator]:
    endless = share.startswith("endless")
    if setting.name in SPARED or (endless and ENDLESS_IN_CI.get(setting.name) != share):
        return [pytest.mark.prove]
    return [] if setting.name in EVERY_TIME and not endless else [pytest.mark.ci]


def dealt() -> dict[str, list[str]]:
    """Return every attack in its share: those without an end in one for each setting of CI's, the others in some."""
    endless = [one for one in station.attacks() if one.partition("/")[0] in ENDLESS]
    ending = [one for one in station.attacks() if one not in endless]
    every = len(ENDLESS_IN_CI)
    shares = {f"endless {i}": endless[i::every] for i in range(every)}
    return shares | {f"share {i}": ending[i::SHARES] for i in range(SHARES)}


def test_every_attack_is_in_one_share() -> None:
    assert sorted(one for share in dealt().values() for one in share) == station.attacks()
    endless = sorted(one for one in dealt() if one.startswith("endless"))
    assert sorted(ENDLESS_IN_CI.values()) == endless, "CI tries each somewhere"


@pytest.mark.parametrize(
    ("setting", "share"),
    [
        pytest.param(one, share, id=f"{one.name}-{share}", marks=when(one, share))
        for one in SETTINGS
        for share in dealt()
    ],
)
def test_every_attack_comes_to_what_its_folder_says_and_touches_nothing(setting: Setting, share: str) -> None:
    if not setting.reachable():
        pytest.skip("only root can become somebody else, somewhere else")
    wanted = dealt()[share]
    report = table.tried(setting, *wanted)
    if report.tier > setting.tier:
        pytest.skip(f"this machine offers tier {report.tier} here")
    assert report.tier == setting.tier, "a layer that was left off took hold all the same"
    assert [one.attack for one in report.tried] == wanted
    assert not [one for one in report.tried if one.breaches]
    assert not [one for one in report.tried if one.attack.partition("/")[0] != one.verdict]


def through_a_dialect() -> dict[str, list[str]]:
    """Return what is tried through each dialect: what ends by itself, and a share of what runs to a time limit."""
    on_the_box = [one for one in station.attacks() if not station.is_against(one)]
    ending = [one for one in on_the_box if one.partition("/")[0] not in ENDLESS]
    endless = [one for one in on_the_box if one.partition("/")[0] == "time-limit"]
    dialects = sorted(through.VARIABLES)
    return {dialect: sorted(ending + endless[i :: len(dialects)]) for i, dialect in enumerate(dialects)}


def test_every_attack_on_the_box_is_tried_through_some_dialect() -> None:
    on_the_box = {one for one in station.attacks() if not station.is_against(one)}
    tried = {one for attacks in through_a_dialect().values() for one in attacks}
    assert {one.partition("/")[0] for one in on_the_box - tried} <= {"killed"}


@pytest.mark.ci
@pytest.mark.parametrize("dialect", sorted(through.VARIABLES))
def test_every_attack_on_the_box_fails_through_a_dialect_as_well(dialect: str) -> None:
    (setting,) = (one for one in SETTINGS if one.name in EVERY_TIME)
    if not setting.reachable():
        pytest.skip("only root can become somebody else, somewhere else")
    wanted = through_a_dialect()[dialect]
    report = table.tried(setting, *wanted, through=dialect)
    assert [one.attack for one in report.tried] == wanted
    assert not [one for one in report.tried if one.breaches and one.attack not in SPREADS]
    meant = {one: one.partition("/")[0] for one in wanted} | (OF_ARRAYS if dialect == through.ARRAYS else {})
    assert not [one for one in report.tried if meant[one.attack] != one.verdict]


OF_ARRAYS = {"forbidden/24-answers-twice": "runtime-error", "runtime-error/24-chooses-its-answer": "forbidden"}
"""They forge rows of numbers: the first cannot write arrays down as those, and for arrays such rows are no answer."""

SPREADS = ("runtime-error/22-raises-what-cannot-be-shown",)
"""Its file does not load to the end, so the variables behind it are not there."""


HARMLESS = (
    "runtime-error/01-opens-sockets",
    "runtime-error/02-connects-to-an-abstract-socket",
    "runtime-error/02-connects-to-loopback",
    "runtime-error/03-lists-directories",
    "runtime-error/03-reads-a-sibling",
    "runtime-error/02-makes-what-two-can-share",
    "runtime-error/13-wakes-on-a-page-of-libc",
    "runtime-error/13-wakes-by-its-last-wish",
)
"""What may be let through: it looks, and touches nothing but the listeners and the ear."""

IN_SILENCE = "runtime-error/13-wakes-by-its-last-wish"
"""What cannot shout, as it has ended when it works."""


def test_where_nothing_holds_them_the_witness_sees_them_get_through() -> None:
    nothing = Setting("uncontained", 4, ordinary=True, skip=("bubblewrap", "chroot", "uid", "landlock", "seccomp"))
    if not nothing.reachable():
        pytest.skip("this cannot be tried here")
    report = table.tried(nothing, *HARMLESS, unheld=True)
    assert report.tier == 4
    seen = {one.attack: " ".join(one.breaches) for one in report.tried}
    assert all("BREACH" in said for name, said in seen.items() if name != IN_SILENCE), seen
    assert "it connected to AF_UNIX" in seen[HARMLESS[1]]
    assert "it connected to AF_INET" in seen[HARMLESS[2]]
    assert "it signalled a stranger" in seen[HARMLESS[5]]
    for name in HARMLESS[6:]:
        assert "it woke a stranger on a page of libc" in seen[name]


def test_each_kind_is_tried() -> None:
    tried = {int(attack.partition("/")[2][:2]) for attack in station.attacks()}
    assert tried | IN_CODE == set(KINDS)


def test_an_attacks_number_leads_its_name_and_its_first_line() -> None:
    for attack in station.attacks():
        number = int(attack.partition("/")[2][:2])
        text = (station.ATTACKS / f"{attack}.py").read_text()
        assert re.match(rf'"""{number}\. [A-Z].*\.("""|\n)', text), attack


def test_the_table_in_the_docs_is_of_these_attacks_and_shows_no_breach() -> None:
    page = table.PAGE.read_text("utf-8")
    rows = table.rows(page)
    assert sorted(rows) == sorted(attack.partition("/")[2] for attack in station.attacks()), "run `make containment`"
    required = {attack.partition("/")[2]: attack.partition("/")[0].replace("-", " ") for attack in station.attacks()}
    for name, cells in rows.items():
        assert len(cells) == len(SETTINGS)
        assert set(cells) == {required[name]}, f"{name}: run `make containment`"
