"""Have an author's editor complete and check the YAML: schemas beside the assignment, and where they hold.

Nothing is fetched. Visual Studio Code's YAML extension reads `.vscode/settings.json`; other editors with the same
language server take a first line in a file, `# yaml-language-server: $schema=.schemas/config.json`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from grader.authoring import schemas

SETTINGS = ".vscode/settings.json"


def files(exercises: Sequence[str]) -> dict[str, bytes]:
    """Return the schemas and the settings, path -> content, for the files and folders that a config lists."""
    inside = [entry if entry.endswith((".yaml", ".yml")) else f"{entry.rstrip('/')}/*.yaml" for entry in exercises]
    settings = {"yaml.schemas": {"./.schemas/config.json": ["config.yaml"], "./.schemas/exercise.json": inside}}
    return {
        ".schemas/config.json": _json(schemas.schema("config")),
        ".schemas/exercise.json": _json(schemas.schema("exercise")),
        SETTINGS: _json(settings),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"
