"""Pages that stand alone: style and script within, and nothing else may run or be fetched.

A page names the digests of its own style and script as the only ones a browser may use (Content-Security-Policy). So
even text that somehow became markup would run nothing and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

from grader.reports.text import inert

HERE = Path(__file__).with_name("templates")


def text(names: Sequence[str]) -> str:
    """Return the text of some files of style or script, one after the other."""
    return "".join((HERE / name).read_text("utf-8") for name in names)


def policy(style: str, script: str, styles_from: str = "", forms_to: str = "'none'") -> str:
    """Return what a browser may use for a page; its style may also come from `styles_from`, as from `file:`.

    `forms_to` is where its forms may lead.
    """
    return (
        f"default-src 'none'; style-src {' '.join(filter(None, (digest(style), styles_from)))}; "
        f"script-src {digest(script)}; base-uri 'none'; form-action {forms_to}"
    )


def document(
    title: str, body: str, styles: Sequence[str], scripts: Sequence[str], head: str = "", styles_from: str = ""
) -> str:
    """Return a page. `body` and `head` are HTML already; `styles` and `scripts` are names of files of ours."""
    style, script = text(styles), text(scripts)
    return page(title, body, style, script, policy(style, script, styles_from), head)


def page(title: str, body: str, style: str, script: str, may: str, head: str = "") -> str:
    """Return a page whose style and script are given as text, and what a browser `may` use for it."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(may)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{shown(title)}</title>\n{head}'
        f"<style>{style}</style>\n</head>\n<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def shown(said: str) -> str:
    """Return text as HTML that reads the same: no markup, and every control character made visible.

    >>> shown("x < y")
    'x &lt; y'
    """
    return escape(inert(said))


def lines(said: Sequence[str]) -> str:
    """Return lines of text as HTML, one under the other."""
    return "\n".join(map(shown, said))


def digest(text: str) -> str:
    """Return how a policy names a text of style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
