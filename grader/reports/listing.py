"""A file of a student's as HTML: numbered lines, coloured by what they are, some marked. It is text throughout."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Literal

import msgspec
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

from grader.reports.standalone import shown
from grader.reports.text import inert

Why = Literal["raised", "stopped", "about", "led", "starts", "ran"]
SAID: dict[Why, str] = {
    "raised": "here it happened",
    "stopped": "it was in here when its time was up",
    "about": "the line that is meant",
    "led": "on the way there",
    "starts": "what lost points starts here",
    "ran": "ran with the input shown",
}
"""What a mark says, for those who see no colour; what ran is many lines, and said once above them."""

LONGEST, WIDEST = 60_000, 1_000
"""Characters of a file, and of a line, that are still coloured: what is longer is no student's own hand."""

AROUND = 2
"""Lines that are shown around a marked one."""

CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (String, "s"),
    (Number, "m"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "d"),
)


STARTS = re.compile(r"(class|def|async def) |@")
"""What starts a definition at the top of a file."""


class Part(msgspec.Struct, frozen=True):
    """Lines of a file to show, from `first` to `last`, both counted from 1 and both shown."""

    first: int
    last: int


def html(path: str, text: str, marks: Mapping[int, Why], parts: Sequence[Part] = (), said: str = "") -> str:
    """Return a file, or some `parts` of it, as HTML. `marks`: line -> why. `said` tells listings of a page apart.

    A whole file has no colours: they would take five times as long as all the rest of a page.
    """
    coloured = lines(text, parts)
    label = shown(", ".join(filter(None, (path, said))))
    body = "".join(_part(coloured, marks, one) for one in parts or (Part(1, len(coloured)),))
    ran = f" <span>▎{SAID['ran']}</span>" if "ran" in marks.values() else ""
    return (
        f'<figure class="listing"><figcaption><code>{shown(path)}</code>{ran}</figcaption>\n'
        f'<div class="wide" role="region" tabindex="0" aria-label="{label}">{body}</div></figure>'
    )


def parts_around(wanted: Sequence[Part], marks: Mapping[int, Why], count: int) -> list[Part]:
    """Return the parts to show of a file of so many lines: those wanted, and a few lines around every mark.

    >>> parts_around([Part(4, 9)], {20: "raised", 8: "led"}, 21)
    [Part(first=4, last=9), Part(first=18, last=21)]
    """
    shown_lines = {i for one in wanted for i in range(one.first, one.last + 1)}
    shown_lines |= {i for mark in marks for i in range(mark - AROUND, mark + AROUND + 1) if mark not in shown_lines}
    found: list[Part] = []
    for i in sorted(shown_lines & {*range(1, count + 1)}):
        if found and found[-1].last == i - 1:
            found[-1] = Part(found[-1].first, i)
        else:
            found.append(Part(i, i))
    return found


def lines(text: str, parts: Sequence[Part]) -> tuple[str, ...]:
    """Return each line as HTML, coloured in definitions that are in one of the `parts`.

    >>> lines("return x < 1", [Part(1, 1)])
    ('<i class="k">return</i> x &lt; <i class="m">1</i>',)
    """
    plain = _split(text)
    if len(text) > LONGEST or max(map(len, plain)) > WIDEST:
        return tuple(map(shown, plain))
    found: list[str] = []
    for chunk in _chunks(plain):
        first, last = len(found) + 1, len(found) + 1 + chunk.count("\n")
        wanted = any(one.first <= last and first <= one.last for one in parts)
        found += _coloured(chunk) if wanted else map(shown, chunk.split("\n"))
    return tuple(found)


def _split(text: str) -> list[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return [line.expandtabs(8) for line in plain]


def _chunks(plain: Sequence[str]) -> Iterator[str]:
    """Yield a file piece by piece, each from a definition to the next: what a class shares is coloured once."""
    held: list[str] = []
    for line in plain:
        if STARTS.match(line) and held and not held[-1].startswith("@") and not _is_open(held):
            yield "\n".join(held)
            held = []
        held.append(line)
    yield "\n".join(held)


def _is_open(held: Sequence[str]) -> bool:
    """Say whether a text in triple quotes may go on behind these lines."""
    return any(sum(line.count(quotes) for line in held) % 2 for quotes in ('"""', "'''"))


@functools.lru_cache(4096)
def _coloured(text: str) -> tuple[str, ...]:
    found = [""]
    for kind, value in _tokens(text):
        for i, piece in enumerate(value.split("\n")):
            if i:
                found.append("")
            if piece:
                said = escape(inert(piece))
                found[-1] += f'<i class="{kind}">{said}</i>' if kind else said
    return tuple(found)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text piece by piece with what it is: what stands together and is alike is one piece."""
    before, held = "", ""
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        name = _class_of(kind)
        if name != before and held:
            yield before, held
            held = ""
        before, held = name, held + value
    if held:
        yield before, held


@functools.lru_cache(256)
def _class_of(kind: _TokenType) -> str:
    return next((name for wanted, name in CLASSES if kind in wanted), "")


def _part(coloured: Sequence[str], marks: Mapping[int, Why], part: Part) -> str:
    rows = "".join(
        _line(i, coloured[i - 1], marks.get(i)) for i in range(max(part.first, 1), min(part.last, len(coloured)) + 1)
    )
    return f'<pre class="code"><code>{rows}</code></pre>\n'


def _line(number: int, coloured: str, why: Why | None) -> str:
    if why is None:
        return f'<span class="l" data-n="{number}">{coloured}\n</span>'
    said = f' <b class="why">← {SAID[why]}</b>' if why != "ran" else ""
    return f'<span class="l {why}" data-n="{number}">{coloured}{said}\n</span>'
