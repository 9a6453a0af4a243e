"""The kinds of exercise: a table with one small module each. A new kind is a module and a line here."""

from __future__ import annotations

from grader.assignment.exercises import Kinds
from grader.exercise_kinds import context, difference, function, graph, own, paper, scalars, values

_ALL = (function, values, graph, scalars, difference, context, paper, own)

KINDS: Kinds = {module.KIND.name: module.KIND for module in _ALL}
