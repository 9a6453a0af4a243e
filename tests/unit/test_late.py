"""What lateness costs: exact, never below zero, and told without a word on what was earned."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from grader.assignment import late
from grader.assignment.forms import FormError
from grader.assignment.late import LateForm, Policy
from grader.grading import config
from tests.conftest import ROOT

MINUTE, HOUR, DAY = 60, 3600, 86400
DAILY = Policy(Fraction(10), "day", 15 * MINUTE, Fraction(50), 7 * DAY)


def left(seconds: int, policy: Policy = DAILY, earned: str = "30", possible: int = 40) -> Fraction | None:
    return late.deduct(policy, seconds, Fraction(earned), Fraction(possible)).score


@pytest.mark.parametrize("seconds", [-10 * DAY, -1, 0, 1, 15 * MINUTE])
def test_in_time_or_within_the_grace_nothing_is_taken_off(seconds: int) -> None:
    assert left(seconds) == 30


@pytest.mark.parametrize(
    ("seconds", "days"),
    [
        (15 * MINUTE + 1, 1),
        (15 * MINUTE + DAY, 1),
        (15 * MINUTE + DAY + 1, 2),
        (5 * DAY, 5),
        (6 * DAY, 5),  # the cap
        (7 * DAY, 5),
    ],
)
def test_a_started_day_counts_once_the_grace_is_over_up_to_the_cap(seconds: int, days: int) -> None:
    assert left(seconds) == 30 - 4 * days


def test_after_the_last_moment_nothing_counts() -> None:
    assert left(7 * DAY) == 10
    assert left(7 * DAY + 1) == 0


def test_hours_are_counted_as_days_are() -> None:
    hourly = Policy(Fraction(1), "hour")
    assert left(1, hourly, possible=100) == 29
    assert left(HOUR, hourly, possible=100) == 29
    assert left(HOUR + 1, hourly, possible=100) == 28


def test_a_score_never_falls_below_zero_and_no_more_is_taken_than_is_there() -> None:
    found = late.deduct(DAILY, 5 * DAY, Fraction(3), Fraction(40))
    assert (found.taken, found.score) == (3, 0)
    assert late.deduct(Policy(Fraction(100)), 10**9, Fraction(3), Fraction(40)).score == 0


def test_fractions_stay_exact() -> None:
    third = Policy(Fraction(100, 3))
    assert late.deduct(third, 1, Fraction(1), Fraction(1)).score == Fraction(2, 3)
    assert left(1, Policy(Fraction("12.5")), "10/3", 1) == Fraction(10, 3) - Fraction(1, 8)


def test_a_score_that_is_withheld_stays_withheld() -> None:
    found = late.deduct(DAILY, DAY, None, Fraction(40))
    assert (found.score, found.taken) == (None, 0)
    assert late.deduct(DAILY, 0, None, Fraction(40)).score is None


def test_without_a_policy_lateness_costs_and_says_nothing() -> None:
    assert late.deduct(Policy(), DAY, Fraction(3), Fraction(40)) == late.Deduction(Fraction(0), Fraction(3))
    assert not Policy().deducts
    assert Policy(drop=0).deducts


def said(seconds: int, policy: Policy = DAILY, earned: int = 30) -> str:
    return late.deduct(policy, seconds, Fraction(earned), Fraction(40)).said


def test_students_are_told_in_these_words() -> None:
    assert said(0) == ""
    assert said(600) == ("Handed in 10 minutes late, which is within the grace of 15 minutes: nothing is taken off.")
    assert said(DAY + 2 * HOUR) == (
        "Handed in 1 day 2 hours late: 2 started days, counted after 15 minutes of grace, at 10 % each. "
        "20 % of the possible points (8 of 40) are taken off."
    )
    assert said(1, Policy(Fraction("2.5"), "hour")) == (
        "Handed in 1 second late: 1 started hour, at 2.5 %. 2.5 % of the possible points (1 of 40) are taken off."
    )
    assert said(6 * DAY).endswith(
        "at 10 % each, and at most 50 %. 50 % of the possible points (20 of 40) are taken off."
    )
    assert said(8 * DAY) == "Handed in 8 days late. More than 7 days late counts for nothing: no points."


@pytest.mark.parametrize("seconds", [600, DAY, 6 * DAY, 8 * DAY])
def test_the_sentence_gives_nothing_away_of_what_was_earned(seconds: int) -> None:
    assert len({said(seconds, earned=earned) for earned in (0, 1, 30, 40)}) == 1


def configured(tmp_path: Path, text: str) -> Policy:
    whole = (ROOT / "examples" / "module1" / "config.yaml").read_text().replace("../..", str(ROOT))
    (tmp_path / "config.yaml").write_text(whole + text)
    return config.load(tmp_path / "config.yaml").late


def test_a_policy_is_read_from_the_configuration(tmp_path: Path) -> None:
    assert configured(tmp_path, "") == Policy()
    text = "late: {percent: 10, per: hour, grace: 15m, cap_percent: 50, drop: 7d}\n"
    assert configured(tmp_path, text) == Policy(Fraction(10), "hour", 900, Fraction(50), 7 * DAY)
    assert late.policy(LateForm(drop="0m")).drop == 0


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("percents: 10", "unknown key 'percents'; did you mean 'percent'?"),
        ("per: days", "unknown 'days'; did you mean 'day'?"),
        ("percent: 101", "late.percent should lie between 0 and 100, not 101"),
        ("percent: -1", "late.percent should lie between 0 and 100, not -1"),
        ("cap_percent: 500", "late.cap_percent should lie between 0 and 100, not 500"),
        ("grace: 15", "late.grace should be a time such as 15m, 2h or 7d, not '15'"),
        ("grace: 15 min", "late.grace should be a time such as 15m, 2h or 7d, not '15 min'"),
        ("drop: nevr", "not 'nevr'; did you mean 'never'?"),
        ("{grace: 2d, drop: 1d}", "late.drop (1d) should not come before the grace (2d) is over"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_what_to_do(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(FormError) as error:
        configured(tmp_path, f"late: {written if written.startswith('{') else f'{{{written}}}'}\n")
    assert told in str(error.value)
    assert str(error.value).startswith("config.yaml:13:")
