"""The kinds of exercise: a table with one small module each. A new kind is a module and a line here."""

from __future__ import annotations

from grader.checks import context, difference, function, graph, scalars, values
from grader.exercises import Kinds

KINDS: Kinds = {
    kind.name: kind for kind in (function.KIND, values.KIND, graph.KIND, scalars.KIND, difference.KIND, context.KIND)
}
