"""`grader template`: write the student template from the reference."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.assignment import template
from grader.cli.common import OK, near_by
from grader.errors import UsageError


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Write student_template/ from reference/: solutions out, prompts in."
    parser.add_argument("--reference", type=Path, default=Path("reference"), help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("student_template"), help="default: %(default)s")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if not options.reference.is_dir():
        raise UsageError(f"{options.reference}: no such reference folder")
    try:
        written = template.write_template(options.reference, options.out)
    except OSError as error:
        error.filename = error.filename or options.out  # a full disk names none
        raise
    print(f"wrote {len(written)} files under {near_by(options.out)}")
    return OK
