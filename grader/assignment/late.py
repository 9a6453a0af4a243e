"""The course's late policy: what lateness takes off a score, and the sentence that tells the student.

It knows no platform. Whoever does finds out how many seconds late something was handed in, against the due date that
holds for that student, and asks here.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

import msgspec

SECONDS = {"m": 60, "h": 3600, "d": 86400}
UNITS = {"day": 86400, "hour": 3600}
SPAN = re.compile(r"(\d{1,6}) ?([mhd])")
NEVER = "never"


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
    """Return the seconds that `15m`, `2h` or `7d` is; None for what is no such time."""
    found = SPAN.fullmatch(text.strip())
    return int(found[1]) * SECONDS[found[2]] if found else None


def policy(form: LateForm) -> Policy:
    """Return a policy as it is worked with, from one whose times have been looked at."""
    drop = None if form.drop == NEVER else span(form.drop)
    return Policy(form.percent, form.per, span(form.grace) or 0, form.cap_percent, drop)


def deduct(policy: Policy, seconds: int, earned: Fraction | None, possible: Fraction) -> Deduction:
    """Take off what the policy says for being so many seconds late (negative: early).

    The percentage is of the possible points. A score never falls below zero, and one that is withheld (None) stays so:
    only the sentence is there.
    """
    if seconds <= 0 or not policy.deducts:
        return Deduction(Fraction(0), earned)
    share, said = _share(policy, seconds)
    taken = min(share * possible, earned or Fraction(0))
    if 0 < share < 1:
        said = said.format(f" ({_plain(share * possible)} of {_plain(possible)})")
    return Deduction(taken, None if earned is None else earned - taken, share, said)


def _share(policy: Policy, seconds: int) -> tuple[Fraction, str]:
    """Return the share of the possible points that is lost, and the sentence, with a gap for how many those are."""
    late = f"Handed in {lasting(seconds)} late"
    if policy.drop is not None and seconds > policy.drop:
        return Fraction(1), f"{late}. More than {lasting(policy.drop)} late counts for nothing: no points."
    if seconds <= policy.grace:
        return Fraction(0), f"{late}, which is within the grace of {lasting(policy.grace)}: nothing is taken off."
    started = -(-(seconds - policy.grace) // UNITS[policy.per])
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


def lasting(seconds: int) -> str:
    """Return a time as people say it, in its two largest units: `1 day 2 hours`, `40 seconds`."""
    parts = []
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        parts.append((count, name))
    first = next((i for i, (count, _) in enumerate(parts) if count), len(parts) - 1)
    shown = [one for one in parts[first : first + 2] if one[0]] or [parts[-1]]
    return " ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in shown)


def _plain(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
