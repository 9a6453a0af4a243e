"""The course's late policy: what lateness takes off a score, and the sentence that tells the student.

It knows no platform. Whoever does finds out how many seconds late something was handed in, against the due date that
holds for that student, and asks here.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

import msgspec

DAY = 86400
SECONDS = {"d": DAY, "h": 3600, "m": 60, "s": 1}
UNITS = {"day": DAY, "hour": 3600}
SPAN = re.compile(r"(?=\d)" + "".join(rf"(?:(\d{{1,6}}) ?{unit} ?)?" for unit in SECONDS), re.ASCII)
NEVER = "never"
CLOCK_CHANGE = 3600
"""The most that clocks are put back or forward in spring and autumn. Offsets that differ by more are of two places."""


class LateForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy as written: percent of the possible points for each started day or hour, once the grace is over."""

    percent: Fraction = Fraction(0)
    per: Literal["day", "hour"] = "day"
    grace: str = "0m"
    cap_percent: Fraction = Fraction(100)
    drop: str = NEVER


class Policy(msgspec.Struct, frozen=True):
    """The policy as it is worked with. Times in seconds; after `drop` nothing counts (None: it always does)."""

    percent: Fraction = Fraction(0)
    per: Literal["day", "hour"] = "day"
    grace: int = 0
    cap: Fraction = Fraction(100)
    drop: int | None = None

    @property
    def deducts(self) -> bool:
        """Say whether lateness can cost anything at all."""
        return self.percent > 0 or self.drop is not None


class Deduction(msgspec.Struct, frozen=True):
    """What is taken off, the score that is left (None: withheld), and the sentence for the student, blank in time.

    `share` of the possible points is to come off; what there is to take may be less. The sentence says nothing of what
    was earned, so that it may be read before hidden checks are.
    """

    taken: Fraction
    score: Fraction | None
    share: Fraction = Fraction(0)
    said: str = ""


def span(text: str) -> int | None:
    """Return the seconds that `15m`, `7d` or `1d 2h 30m` is; None for what is no such time."""
    found = SPAN.fullmatch(text.strip())
    return sum(int(count or 0) * size for count, size in zip(found.groups(), SECONDS.values())) if found else None


def policy(form: LateForm) -> Policy:
    """Return a policy as it is worked with, from one whose times have been looked at."""
    drop = None if form.drop == NEVER else span(form.drop)
    return Policy(form.percent, form.per, span(form.grace) or 0, form.cap_percent, drop)


def deduct(
    policy: Policy, seconds: int, earned: Fraction | None, possible: Fraction, clock_shift: int = 0
) -> Deduction:
    """Take off what the policy says for being so many seconds late (negative: early).

    `clock_shift` is by how many seconds the clock there was put forward between the due date and the hand-in (negative:
    back). A day that is counted ends when the clock shows the time of the due date again, so it may have 23 or 25
    hours. A shift over an hour is of somebody who travelled, and then time that passed counts.

    The percentage is of the possible points. A score never falls below zero, and one that is withheld (None) stays so:
    only the sentence is there.
    """
    if seconds <= 0 or not policy.deducts:
        return Deduction(Fraction(0), earned)
    share, said = _share(policy, seconds, clock_shift)
    taken = min(share * possible, earned or Fraction(0))
    if 0 < share < 1:
        said = said.format(f" ({_plain(share * possible)} of {_plain(possible)})")
    return Deduction(taken, None if earned is None else earned - taken, share, said)


Counted = tuple[Literal["dropped", "in grace", "started"], int]
"""Which part of the policy holds, and how many days or hours have started."""


def _counted(policy: Policy, passed: int, shown: int) -> Counted:
    """Count what has started. `passed` are seconds that passed, `shown` what the clock says has passed.

    Only whole days go by the clock: counted days, and a grace or a drop of whole days.
    """
    by_clock = policy.per == "day"

    def over(span: int) -> bool:
        return (shown if by_clock and span and span % DAY == 0 else passed) > span

    if policy.drop is not None and over(policy.drop):
        return "dropped", 0
    if not over(policy.grace):
        return "in grace", 0
    return "started", max(-(-((shown if by_clock else passed) - policy.grace) // UNITS[policy.per]), 1)


def _share(policy: Policy, seconds: int, clock_shift: int) -> tuple[Fraction, str]:
    """Return the share of the possible points that is lost, and the sentence, with a gap for how many those are."""
    (rule, started), late = _ruled(policy, seconds, clock_shift)
    if rule == "dropped":
        return Fraction(1), f"{late}. More than {lasting(policy.drop or 0)} late counts for nothing: no points."
    if rule == "in grace":
        return Fraction(0), f"{late}, which is within the grace of {lasting(policy.grace)}: nothing is taken off."
    percent = min(started * policy.percent, policy.cap, Fraction(100))
    if not percent:
        return Fraction(0), f"{late}: nothing is taken off."
    counted = f"{started} started {policy.per}{'s' * (started > 1)}"
    after = f", counted after {lasting(policy.grace)} of grace" if policy.grace else ""
    each = " each" if started > 1 else ""
    most = f", and at most {_plain(policy.cap)} %" if started * policy.percent > policy.cap else ""
    gap = "{}" if percent < 100 else ""
    return percent / 100, (
        f"{late}: {counted}{after}, at {_plain(policy.percent)} %{each}{most}. "
        f"{_plain(percent)} % of the possible points{gap} are taken off."
    )


def _ruled(policy: Policy, seconds: int, clock_shift: int) -> tuple[Counted, str]:
    """Return what is counted, and how late that is in words, with the rule where another rule says otherwise."""
    passed, by_clock = (_counted(policy, seconds, shown) for shown in (seconds, seconds + clock_shift))
    if by_clock == passed:
        return passed, f"Handed in {_lasting(policy, seconds, passed)} late"
    if abs(clock_shift) > CLOCK_CHANGE:
        elsewhere = "in time that passed, because the due date and the hand-in are in different time zones"
        return passed, f"Handed in {_lasting(policy, seconds, passed)} late ({elsewhere})"
    shown = _lasting(policy, seconds + clock_shift, by_clock)
    put = "forward" if clock_shift > 0 else "back"
    why = f"{lasting(seconds)} passed, because the clocks were put {put} in between"
    return by_clock, f"Handed in {shown} late by the clock ({why})"


def _lasting(policy: Policy, seconds: int, counted: Counted) -> str:
    """Return a time as people say it: its two largest units, or as many as it takes to count the same from them."""
    sizes = list(SECONDS.values())
    largest = next((i for i, size in enumerate(sizes) if seconds >= size), len(sizes))
    cut = (seconds - seconds % size for size in sizes[largest + 1 :])
    return lasting(next((short for short in cut if _counted(policy, short, short) == counted), seconds))


def lasting(seconds: int) -> str:
    """Return a time as people say it.

    >>> lasting(26 * 3600), lasting(24 * 3600 + 59 * 60), lasting(0)
    ('1 day 2 hours', '1 day 59 minutes', '0 seconds')
    """
    parts = []
    for name, size in zip(("day", "hour", "minute", "second"), SECONDS.values()):
        count, seconds = divmod(seconds, size)
        parts.append((count, name))
    return " ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in parts if count) or "0 seconds"


def _plain(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
