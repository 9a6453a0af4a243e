"""An audit as a table that a TA reads who has never heard of planted mistakes, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec
from tabulate import tabulate

from grader.audit.records import Audit, CodeAudit

MOST_LISTED = 40


def text(audit: Audit, width: int) -> str:
    """Return what was planted and caught, what each check costs, and every problem in words."""
    parts = [
        _wrapped(
            f"For every exercise, mistakes were planted in the solution, one at a time, and each was graded under "
            f"{audit.seeds} seeds. A good exercise catches every one, lets right code pass however it is written, and "
            f"gives the solution full marks ({audit.reference_seeds} seeds) and the untouched template none.",
            width,
        ),
        _codes(audit),
        _exercises(audit),
        *([_equivalents(audit, width)] if any(code.count("equivalent") for code in audit.codes) else []),
        "\n".join(_verdict(audit, width)),
    ]
    return "\n\n".join(parts)


def _codes(audit: Audit) -> str:
    rows = [
        [
            f"{one.module}: {one.name}",
            len(one.mistakes),
            one.count("caught"),
            one.count("equivalent") or "",
            one.count("missed") or "",
            _named(one),
            one.inputs or "",
            f"{sum(not lost for lost in one.styles.values())}/{len(one.styles)}" if one.styles else "",
        ]
        for one in audit.codes
    ]
    heads = ["code under test", "planted", "caught", "no mistake", "MISSED", "named", "inputs", "right styles"]
    return tabulate(rows, heads, disable_numparse=True, colalign=("left", *["right"] * 7))


def _named(code: CodeAudit) -> str:
    told = [one.named for one in code.mistakes if one.named]
    return f"{told.count('right')}/{len(told)}" if told else ""


def _exercises(audit: Audit) -> str:
    rows = [
        [
            one.id,
            "full marks" if not one.reference_lost else f"LOSES POINTS ({len(one.reference_lost)} seeds)",
            "nothing" if not one.template_earned else f"EARNS {', '.join(one.template_earned)}",
            ", ".join(f"{check} {milliseconds:g}" for check, milliseconds in one.milliseconds.items()),
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
        yield f"proved: {len(audit.exercises)} exercises"
        return
    yield f"NOT proved, {len(audit.problems)} problems:"
    yield from (_wrapped(f"- {problem}", width, "  ") for problem in audit.problems[:MOST_LISTED])
    if len(audit.problems) > MOST_LISTED:
        yield f"  and {len(audit.problems) - MOST_LISTED} more; --json has all"


def _wrapped(line: str, width: int, indent: str = "") -> str:
    return textwrap.fill(line, max(width, 60), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def encode(audit: Audit) -> bytes:
    """Return an audit as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(audit), indent=1) + b"\n"
