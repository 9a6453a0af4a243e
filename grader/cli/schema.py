"""`grader schema`: print a JSON Schema."""

from __future__ import annotations

import argparse
import json

from grader.authoring import schemas
from grader.cli.common import OK


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Print the JSON Schema of an exercise, a config or a result, for editors and for platforms."
    parser.add_argument("of", choices=("exercise", "config", "result"), help="what to describe")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    print(json.dumps(schemas.schema(options.of), indent=2))
    return OK
