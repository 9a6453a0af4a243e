"""The mark within what a student is given: put into the file that is there, in place of an earlier one, or taken out.

The rest of the file stays byte for byte, so a page that was written for readers after publication stays one, and a mark
that says no more than the file itself leaves it as it was graded. The mark has one fixed place, the first after the
heading: what a student wrote is never there, and can pass for no mark.
"""

from __future__ import annotations

import re
from html import escape

import msgspec

from grader.reports.feedback import UNSHOWN
from grader.reports.text import inert, inline

IN_MARKDOWN = re.compile(r"\A(# [^\n]*\n)(?:\n\*\*Mark: [^\n]*\*\*\n(?:\n(?:- [^\n]*\n(?:  [^\n]*\n)*)+)?\n---\n)?")
NO_BREAK = "\u00a0"
HEADS = re.compile(r"\A(?:[#>]|(?:=+|-+)\Z)")
"""What makes of a line of a comment more than text, at its start. Lists stay lists."""
MAIN = "</header>\n<main>\n"
OPENING = '<section class="marked" aria-labelledby="mark">\n'
CLOSING = "</section><!--mark-->\n"


class Told(msgspec.Struct, frozen=True):
    """What a student is told of their mark: what it is, and what it is made of, a sentence each."""

    mark: str
    sentences: tuple[str, ...] = ()


def is_partial(text: str) -> bool:
    """Say whether a file leaves out checks that its student may not read yet, so that it must name no total."""
    return UNSHOWN in text


def in_markdown(text: str, told: Told | None) -> str:
    """Return a feedback file with this mark in it, and no other. One that is not as the grader wrote it stays."""
    heading = IN_MARKDOWN.match(text)
    if heading is None:
        return text
    block = ""
    if told is not None:
        lines = "".join(f"- {_listed(one)}\n" for one in told.sentences)
        block = f"\n**Mark: {inline(told.mark)}**\n" + (f"\n{lines}" if lines else "") + "\n---\n"
    return heading[1] + block + text[heading.end() :]


def as_given(text: str, given: str) -> str:
    """Return a feedback file with the mark of another: what its student was given last."""
    heading, other = IN_MARKDOWN.match(text), IN_MARKDOWN.match(given)
    if heading is None or other is None:
        return text
    return heading[1] + given[other.end(1) : other.end()] + text[heading.end() :]


def in_page(text: str, told: Told | None) -> str:
    """Return a student's page with this mark in it, and no other. One that is not as the grader wrote it stays."""
    head, main, rest = text.partition(MAIN)
    if rest.startswith(OPENING):
        rest = rest.partition(CLOSING)[2]
    if told is None or not main:
        return head + main + rest
    lines = "".join(
        f"<li>{'<br>'.join(led + escape(line) for led, line in _lines(one))}</li>\n" for one in told.sentences
    )
    listed = f"<ul>\n{lines}</ul>\n" if lines else ""
    heading = f'<h2 id="mark">Mark: {escape(inert(told.mark))}</h2>\n'
    return f"{head}{main}{OPENING}{heading}{listed}{CLOSING}{rest}"


def _listed(text: str) -> str:
    """Return a text as what stands in an item of a list, line by line: two blanks before each and a break after it."""
    lines = (led + HEADS.sub(lambda found: f"\\{found[0]}", inline(one, links=True)) for led, one in _lines(text))
    return "  \n  ".join(lines)


def _lines(text: str) -> list[tuple[str, str]]:
    """Return the lines that staff wrote, each inert, with what indents it wherever it is read before it."""
    lines = text.expandtabs(4).strip("\n").split("\n")
    return [
        (NO_BREAK * (len(line) - len(line.lstrip())) if line.strip() else "", " ".join(inert(line.strip()).split()))
        for line in lines
    ]
