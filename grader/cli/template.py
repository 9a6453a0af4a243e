"""`grader template`: write the student template from the reference."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.assignment import template
from grader.bundle import notebooks, student
from grader.cli.common import OK, near_by, say
from grader.errors import UsageError
from grader.grading import config
from grader.reports import files

PACKAGE = "minitorch"
"""What the package is called where no assignment says it."""


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Write student_template/ from reference/: solutions out, prompts in. With --config the template is cut to what "
        "that assignment asks, as in its handout."
    )
    parser.add_argument("--reference", type=Path, default=Path("reference"), help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path(template.FOLDER), help="default: %(default)s")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the assignment to cut it to, with its reference")
    parser.add_argument(
        "--notebook", action="store_true", help="a notebook for each module that no other module imports"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if options.config:
        made = student.template_files(
            config.load(options.config), options.notebook, lambda said: say(f"template: {said}")
        )
    else:
        made = _whole(options.reference, options.notebook)
    for name, raw in made.items():
        files.write(options.out / name, raw)
    print(f"wrote {len(made)} files under {near_by(options.out)}")
    return OK


def _whole(reference: Path, notebook: bool) -> dict[str, bytes]:
    """Return the template of all that is in a reference. Raises UsageError."""
    if not reference.is_dir():
        raise UsageError(f"{reference}: no such reference folder")
    texts = template.files(reference, PACKAGE)
    if notebook:
        inside = [Path(name).relative_to(PACKAGE).with_suffix("") for name in texts if name.endswith(".py")]
        modules = [".".join(path.parts) for path in inside if path.name != "__init__"]
        texts = notebooks.instead(texts, PACKAGE, modules)
    return {name: text.encode() for name, text in texts.items()}
