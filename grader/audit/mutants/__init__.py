"""Planted mistakes: the reference, wrong in one place. An exercise is proved by what it catches of them."""

from __future__ import annotations

import msgspec


class Mutant(msgspec.Struct, frozen=True):
    """One mistake, as a whole module. `where` is the function it is in, `what` the change in one line.

    `meant` names the checks that are to catch it: any of them; where it is empty, any check of the exercise.
    `named` are words that its diagnosis should hold, where it has a name. `line` is the changed one's in the
    reference's file, 0 where lines are added instead.
    """

    module: str
    where: str
    what: str
    source: str
    meant: tuple[str, ...] = ()
    named: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """Return what tells this mistake from every other one of the module, and outlives edits elsewhere."""
        return f"{self.where}: {self.what}"
