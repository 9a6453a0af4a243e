"""A plan as a table for a terminal, and what became of it in a line."""

from __future__ import annotations

from tabulate import tabulate

from grader.platforms.canvas.push.plan import Change, Plan
from grader.platforms.canvas.push.sending import Sending
from grader.reports.text import clip, inert

OTHERS = 2 * 4 + 7 + 7 + 8
"""Columns that the numbers, their heads and the gaps take."""


def table(plan: Plan, width: int) -> str:
    """Return what would change, a line a student, in `width` columns."""
    room = max(width - OTHERS, 16)
    heads = ("student", "before", "after", "comment")
    lines = [
        (
            _who(one.who, room),
            one.before or "-",
            one.after if one.regraded else "same" if one.after else "-",
            _comment(one),
        )
        for one in plan.changes
    ]
    align = ("left", "right", "right", "left")
    return tabulate(lines, heads, tablefmt="simple", disable_numparse=True, colalign=align) if lines else ""


def _who(who: str, room: int) -> str:
    """Clip a name, but not the id behind it."""
    name, opens, id = inert(who).rpartition(" (")
    left = room - len(opens) - len(id)
    return clip(inert(who), room) if not opens or left < 2 else clip(name, left) + opens + id


def _comment(one: Change) -> str:
    if one.comment is None:
        return "-"
    return "file" if one.comment.submission else "words"


def summary(plan: Plan) -> str:
    """Say how much there is to send."""
    grades = sum(one.regraded for one in plan.changes)
    comments = sum(one.comment is not None for one in plan.changes)
    return (
        f"marks: {grades} to send, {plan.standing} there already; "
        f"comments: {comments} to send, {plan.said} there already"
    )


def outcome(sending: Sending) -> str:
    """Say what has arrived and what is left."""
    grades, comments = sending.left
    sent = f"sent: {counted(sending.graded, 'mark')}, {counted(sending.commented, 'comment')}"
    left = f"{counted(grades, 'mark')}, {counted(comments, 'comment')}" if grades or comments else "nothing"
    return f"{sent}; left: {left}"


def counted(count: int, what: str) -> str:
    """Return `1 mark`, `2 marks`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
