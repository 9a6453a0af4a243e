"""What the commands share: exit statuses, arguments that several take, and how to speak."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

OK, OURS, USAGE, INTERRUPTED = 0, 1, 2, 130
DIFFERENT = NOT_YET = 3
"""Exit statuses: it ran; something of ours failed; usage or configuration; interrupted; and, where that was asked, two
gradings differ, or something is not right yet."""


def assignment(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which assignment it is about."""
    parser.add_argument(
        "--config", type=Path, default=Path("config.yaml"), help="the assignment (default: %(default)s)"
    )


def places(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which assignment it is about, and where its reports are."""
    assignment(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where reports go (default: `out` in the config)")


def count(text: str) -> int:
    """Read a whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("should be at least 1")
    return value


def near_by(path: Path) -> str:
    """Return a path as someone standing here would type it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def say(text: str) -> None:
    """Tell whoever runs the command, beside what it prints."""
    print(text, file=sys.stderr)
