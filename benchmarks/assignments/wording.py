"""Give code somebody's own words: names of locals, docstrings, remarks. Nothing here changes what it does."""

from __future__ import annotations

import random
import re
from collections.abc import Collection

import msgspec

SYNONYMS: dict[str, tuple[str, ...]] = {
    "above": ("plus", "upper", "vals_up", "hi"),
    "arrived": ("derivs", "grads", "derivatives_by_id", "table", "acc"),
    "below": ("minus", "lower", "vals_down", "lo"),
    "counts": ("in_degree", "users", "pending"),
    "current": ("node", "var", "cur", "vertex", "item"),
    "d": ("dd", "d_here", "grad_here", "d_cur"),
    "delta": ("diff", "numerator", "rise"),
    "derivatives": ("backs", "local_grads", "d_inputs"),
    "difference": ("gap", "diff"),
    "done": ("visited", "marked", "finished"),
    "expanded": ("processed", "second_time", "children_done"),
    "history": ("hist", "h_self", "record"),
    "inner": ("g_x", "five_x"),
    "known": ("by_id", "found", "discovered"),
    "left": ("lhs", "first_part"),
    "negate": ("neg_all", "turn"),
    "numbers": ("raw_vals", "floats", "raw"),
    "one": ("s", "each", "elem", "v_"),
    "order": ("sorted_vars", "topo", "result_list", "ordering"),
    "outer": ("f_y", "squared"),
    "parent": ("inp", "p", "child", "input_var"),
    "power": ("e_x", "ex"),
    "product": ("prod_xy", "z_xy", "times"),
    "queue": ("todo_list", "q", "frontier"),
    "ready": ("free", "sources", "next_up"),
    "rest": ("other", "complement"),
    "result": ("res", "answer", "ret", "output"),
    "right": ("rhs", "second_part"),
    "scalars": ("inputs_", "wrapped", "vars_"),
    "seen": ("visited", "was_here", "marks"),
    "share": ("dv", "contribution", "d_parent", "g"),
    "slope": ("local", "dx", "factor"),
    "stack": ("st", "work", "agenda"),
    "todo": ("open_", "pile", "to_visit"),
    "together": ("pairwise", "both"),
    "total": ("so_far", "accumulated", "running"),
    "val": ("v_in", "raw_val", "argument"),
    "value": ("c", "out_value", "computed"),
    "visit": ("dfs", "walk", "helper", "explore"),
    "zero": ("nothing", "flat"),
}
"""What the forms call a local, and what others call it."""

REMARKS = (
    "checked by hand",
    "see the slide on the chain rule",
    "TODO tidy up",
    "from the lecture",
    "took me a while",
    "same as in the guide",
    "TODO: Implement for Task 1.4.",
    "raise NotImplementedError",
    "does this work for constants?",
    "asked on the forum",
)
DOCSTRINGS = (
    "See the guide.",
    "Task of this week.",
    "Returns what the name says.",
    "Implemented as in the lecture notes.",
    "Works for floats.",
    "Uses the chain rule where needed.",
)


class Habits(msgspec.Struct, frozen=True):
    """How someone writes: how often there is a remark, and a docstring, and how often a name is their own."""

    remarks: float
    docstrings: float
    own_names: float


def habits(source: random.Random) -> Habits:
    """Draw somebody's habits."""
    return Habits(source.choice((0.02, 0.06, 0.2)), source.choice((0.0, 0.3, 0.8)), source.choice((0.3, 0.7, 1.0)))


def reworded(code: str, by: Habits, source: random.Random, kept: Collection[str] = ()) -> str:
    """Return code in somebody's own words; the names that are `kept` are not theirs to choose."""
    lines = []
    for line in _renamed(code, by, source, kept).split("\n"):
        lines.append(line + _remark(line, by, source))
        if re.fullmatch(r"\s*def .*:", line) and source.random() < by.docstrings:
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            lines.append(f'{indent}"""{source.choice(DOCSTRINGS)}"""')
    return "\n".join(lines)


def _remark(line: str, by: Habits, source: random.Random) -> str:
    bare = line.strip()
    if not bare or bare.startswith(("@", "#", '"')) or '"""' in bare or "  #" in bare or source.random() >= by.remarks:
        return ""
    return f"  # {source.choice(REMARKS)}"


def _renamed(code: str, by: Habits, source: random.Random, kept: Collection[str]) -> str:
    words = set(re.findall(r"\w+", code))
    names: dict[str, str] = {}
    for name, others in SYNONYMS.items():
        free = [other for other in others if other not in words]
        if name in words and name not in kept and free and source.random() < by.own_names:
            names[name] = source.choice(free)
            words.add(names[name])
    return re.sub(r"(?<![.\w])[a-z]+\b(?!\w)", lambda found: names.get(found[0], found[0]), code)
