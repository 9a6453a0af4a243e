"""Wait for a key, on any system."""

from __future__ import annotations

import os
import sys

END = (b"", b"\x04", b"q")
"""What ends the waiting: no more input, Ctrl-D, and q."""


def pressed() -> bool:
    """Wait for a key at the terminal, and say whether to wait for another. Ctrl-C raises KeyboardInterrupt."""
    if sys.platform == "win32":
        import msvcrt

        key = msvcrt.getwch()
        if key == "\x03":
            raise KeyboardInterrupt
        return key.encode("utf-8", "replace") not in END
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSANOW)  # what was typed before is kept; Ctrl-C still interrupts
        return os.read(terminal, 1) not in END
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
