"""Links out of this folder, to the code and the README, lead nowhere on the site: there they are words."""

from __future__ import annotations

import posixpath
import re
from typing import Any

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#:]+)(#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Called by mkdocs for every page."""
    here = posixpath.dirname(page.file.src_uri)

    def kept(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, found[2]))
        outside = target.startswith(("..", "schemas/"))
        return found[1] if outside else found[0]

    return LINK.sub(kept, markdown)
