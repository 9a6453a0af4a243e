"""Put the course packs into the wheel, as `grader/packs/`, laid out as they lie here, so that their paths hold.

An editable install reads them where they lie.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKS = ("config.yaml", "examples", "exercises", "reference")
LEFT = {"__pycache__", ".grader", "reports"}
"""What running the grader leaves behind."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Maps every file of the packs, one by one: whole folders would lose those that hatch takes for junk."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the packs to what goes in."""
        if version == "editable":
            return
        root = Path(self.root)
        for name in PACKS:
            for path in sorted([root / name, *(root / name).rglob("*")]):
                inside = path.relative_to(root)
                if path.is_file() and LEFT.isdisjoint(inside.parts):
                    build_data["force_include"][str(path)] = f"grader/packs/{inside.as_posix()}"
