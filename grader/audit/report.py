"""An audit as a table that a TA reads who has never heard of planted mistakes, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec
from tabulate import tabulate

from grader.audit.mutants.records import Audit, CodeAudit
from grader.reports.text import counted

MOST_LISTED = 40
HEADS = ("code", "caught", "alike", "MISSED", "named", "inputs", "styles")
HEAD_PADDING, GAP = 2, 2
"""tabulate makes every column at least this much wider than its head."""

HEADS_SAY = """\
caught: of the mistakes planted, those that lose points in the check meant for them
alike: no mistake after all, for a reason that the exercise gives (below)
named: of the mistakes that have a name, those that the feedback calls by it
inputs: how many shown inputs are enough to catch all that is caught
styles: of the ways to write right code that were tried, those that keep all points"""


def text(audit: Audit, width: int) -> str:
    """Return what was planted and caught, what each check costs, and every problem in words."""
    parts = [
        _wrapped(
            f"For every exercise, mistakes were planted in the solution, one at a time, and each was graded under "
            f"{counted(audit.seeds, 'seed')}. A good exercise catches every one, lets right code pass however it is "
            f"written, and gives the solution full marks ({counted(audit.reference_seeds, 'seed')}) and the untouched "
            "template none.",
            width,
        ),
        _codes(audit, width),
        HEADS_SAY,
        _exercises(audit, width),
        *([_equivalents(audit, width)] if any(code.count("equivalent") for code in audit.codes) else []),
        "\n".join(_verdict(audit, width)),
        *(_again(one, width) for one in audit.drawn),
    ]
    return "\n\n".join(parts)


def _again(audit: Audit, width: int) -> str:
    """Return what came of the exercises with parameters at other numbers."""
    title = _wrapped(f"Once more, {audit.numbers}", width)
    return "\n\n".join([title, _codes(audit, width), "\n".join(_verdict(audit, width))])


def _codes(audit: Audit, width: int) -> str:
    room = max(width - sum(len(head) + HEAD_PADDING + GAP for head in HEADS[1:]), 16)
    rows = [
        [
            _clipped(f"{one.module}: {one.name}", room),
            f"{one.count('caught')}/{len(one.mistakes) - one.count('equivalent')}",
            one.count("equivalent") or "",
            one.count("missed") or "",
            _named(one),
            one.inputs or "",
            f"{sum(not lost for lost in one.styles.values())}/{len(one.styles)}" if one.styles else "",
        ]
        for one in audit.codes
    ]
    return tabulate(rows, HEADS, disable_numparse=True, colalign=("left", *["right"] * (len(HEADS) - 1)))


def _clipped(name: str, room: int) -> str:
    return name if len(name) <= room else f"{name[: room - 1]}…"


def _named(code: CodeAudit) -> str:
    told = [one.named for one in code.mistakes if one.named]
    return f"{told.count('right')}/{len(told)}" if told else ""


def _exercises(audit: Audit, width: int) -> str:
    longest = max(len(one.id) for one in audit.exercises)
    room = max(width - longest - 28, 24)
    rows = [
        [
            one.id,
            "full marks" if not one.reference_lost else f"LOSES POINTS ({len(one.reference_lost)} seeds)",
            "nothing" if not one.template_earned else f"EARNS {', '.join(one.template_earned)}",
            textwrap.fill(", ".join(f"{check} {took:g}" for check, took in one.milliseconds.items()), room),
        ]
        for one in audit.exercises
    ]
    return tabulate(rows, ["exercise", "solution", "template", "ms a check"], disable_numparse=True)


def _equivalents(audit: Audit, width: int) -> str:
    lines = ["No mistake, for the reason that the exercise gives:"]
    reasons: dict[str, list[str]] = {}
    for code in audit.codes:
        for one in code.mistakes:
            if one.fate == "equivalent":
                reasons.setdefault(one.because, []).append(f"{code.module}: {one.name}")
    for because, names in reasons.items():
        lines.append(_wrapped(f"- {because}:", width, "  "))
        lines += [_wrapped(f"    {name}", width, "      ") for name in names]
    return "\n".join(lines)


def _verdict(audit: Audit, width: int) -> Iterator[str]:
    planted = sum(len(code.mistakes) for code in audit.codes)
    caught, equivalent = (sum(code.count(fate) for code in audit.codes) for fate in ("caught", "equivalent"))
    left = planted - equivalent
    share = f"{100 * caught / left:.1f} %" if left else "none"
    yield f"{planted} planted, {equivalent} of them no mistake; {caught} of {left} caught: {share}"
    if not audit.problems:
        yield f"proved: {counted(len(audit.exercises), 'exercise')}"
        return
    yield f"NOT proved, {counted(len(audit.problems), 'problem')}:"
    yield from (_wrapped(f"- {problem}", width, "  ") for problem in audit.problems[:MOST_LISTED])
    if len(audit.problems) > MOST_LISTED:
        yield f"  and {len(audit.problems) - MOST_LISTED} more; --json has all"


def _wrapped(line: str, width: int, indent: str = "") -> str:
    return textwrap.fill(line, max(width, 60), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def encode(audit: Audit) -> bytes:
    """Return an audit as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(audit), indent=1) + b"\n"
