"""What lateness costs: exact, never below zero, and told without a word on what was earned."""

from __future__ import annotations

import re
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


# --- days by the clock ----------------------------------------------------------------------------------------------

BACK, FORWARD = -HOUR, HOUR
"""What clocks do in autumn and in spring."""

PLAIN_DAYS = Policy(Fraction(10), "day")


def days(seconds: int, shift: int = 0, policy: Policy = PLAIN_DAYS) -> Fraction:
    return late.deduct(policy, seconds, Fraction(40), Fraction(40), shift).share * 10


@pytest.mark.parametrize(
    ("passed", "shift", "counted"),
    [
        (DAY + 59 * MINUTE, BACK, 1),  # 23 h 59 min by the clock
        (DAY + HOUR, BACK, 1),
        (DAY + HOUR + 1, BACK, 2),
        (DAY + 59 * MINUTE, 0, 2),
        (DAY - HOUR, FORWARD, 1),
        (DAY - HOUR + 1, FORWARD, 2),
        (DAY - HOUR + 1, 0, 1),
        (30 * MINUTE, BACK, 1),  # by the clock it came before it was due
        (DAY + 20 * MINUTE, -30 * MINUTE, 1),  # Lord Howe Island
        (DAY + 59 * MINUTE, -2 * HOUR, 2),  # somebody travelled
        (DAY - HOUR + 1, 9 * HOUR, 1),
    ],
)
def test_a_late_day_ends_when_the_clock_shows_the_time_it_was_due(passed: int, shift: int, counted: int) -> None:
    assert days(passed, shift) == counted


def test_hours_and_a_short_grace_count_the_time_that_passed() -> None:
    hourly = Policy(Fraction(10), "hour")
    assert days(90 * MINUTE, BACK, hourly) == days(90 * MINUTE, 0, hourly) == 2
    short = Policy(Fraction(10), "day", grace=30 * MINUTE)
    assert days(40 * MINUTE, BACK, short) == 1
    assert days(20 * MINUTE, FORWARD, short) == 0


def test_a_grace_and_a_drop_of_whole_days_end_by_the_clock() -> None:
    graceful = Policy(Fraction(10), "day", grace=DAY)
    assert (days(DAY + HOUR, BACK, graceful), days(DAY + HOUR + 1, BACK, graceful)) == (0, 1)
    dropping = Policy(Fraction(0), "day", drop=7 * DAY)
    assert (days(7 * DAY + HOUR, BACK, dropping), days(7 * DAY + HOUR + 1, BACK, dropping)) == (0, 10)
    assert days(7 * DAY - HOUR + 1, FORWARD, dropping) == 10


def told(passed: int, shift: int = 0, policy: Policy = PLAIN_DAYS) -> str:
    return late.deduct(policy, passed, Fraction(40), Fraction(40), shift).said.partition(", at 10 %")[0]


def test_the_sentence_says_which_clock_was_used_where_it_matters() -> None:
    assert told(DAY + 59 * MINUTE, BACK) == (
        "Handed in 23 hours 59 minutes late by the clock "
        "(1 day 59 minutes passed, because the clocks were put back in between): 1 started day"
    )
    assert told(DAY - 30 * MINUTE, FORWARD) == (
        "Handed in 1 day 30 minutes late by the clock "
        "(23 hours 30 minutes passed, because the clocks were put forward in between): 2 started days"
    )
    assert told(DAY + 59 * MINUTE, -9 * HOUR) == (
        "Handed in 1 day 59 minutes late "
        "(in time that passed, because the due date and the hand-in are in different time zones): 2 started days"
    )
    assert told(2 * HOUR, BACK) == told(2 * HOUR, -9 * HOUR) == "Handed in 2 hours late: 1 started day"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (DAY + 59 * MINUTE, "1 day 59 minutes late: 2 started days"),
        (DAY + 1, "1 day 1 second late: 2 started days"),
        (DAY, "1 day late: 1 started day"),
        (DAY + 2 * HOUR + 3 * MINUTE + 4, "1 day 2 hours late: 2 started days"),
        (2 * DAY + 61, "2 days 1 minute late: 3 started days"),
        (40 * MINUTE + 7, "40 minutes 7 seconds late: 1 started day"),
    ],
)
def test_lateness_is_told_as_finely_as_it_takes_to_count_the_same(seconds: int, words: str) -> None:
    assert told(seconds) == f"Handed in {words}"


def test_what_is_told_of_lateness_counts_to_what_was_taken() -> None:
    policy = Policy(Fraction(10), "day", grace=15 * MINUTE, drop=3 * DAY)
    for near in (15 * MINUTE, DAY, DAY + 15 * MINUTE, 2 * DAY + 15 * MINUTE, 3 * DAY):
        for seconds in range(near - 61, near + 62):
            words = late.deduct(policy, seconds, Fraction(40), Fraction(40)).said.split(" late")[0]
            read = late.span(
                re.sub(r" (day|hour|minute|second)s?", lambda found: found[1][0], words[len("Handed in ") :])
            )
            assert read and days(read, 0, policy) == days(seconds, 0, policy), words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("1d 2h", 26 * HOUR), ("1d2h30m5s", 26 * HOUR + 1805), ("0m", 0), ("90 m", 5400), ("5s", 5)),
        *((text, None) for text in ("", " ", "d", "1", "1x", "-1d", "1d 1d", "2h 1d", "1.5d", "1d, 2h", "٣d")),
    ],
)
def test_a_span_is_days_hours_minutes_and_seconds_in_this_order(text: str, seconds: int | None) -> None:
    assert late.span(text) == seconds
