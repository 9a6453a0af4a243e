"""Open a page in a browser, where one can be had."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Without any of these Linux has no screen, and Python would start a browser in the terminal, or none."""


def open_page(path: Path) -> bool:
    """Open a file in a browser, and say whether that could be tried."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in SCREENS):
        return False
    import webbrowser  # slow to import

    try:
        return webbrowser.open(path.resolve().as_uri())
    except (OSError, webbrowser.Error):
        return False
