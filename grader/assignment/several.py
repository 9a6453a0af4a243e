"""Several exercises in one file: what they share stands once, and `exercises` has what is each one's own, by its id.

Each becomes a mapping like that of a file of its own, its own keys before the shared ones, every key where it was
written. Apart from `exercises`, for YAML is slow to import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec
import yaml

from grader.assignment import nodes, parameters
from grader.assignment.exercise import DEFAULT_KIND
from grader.assignment.forms import Problem
from grader.assignment.kind import Kinds

KEY = "exercises"
OF_THE_FILE = {
    "format": "belongs to the whole file; write it once, at the top",
    "id": "is the key in `exercises`; leave it out here",
}
MISSING = "' is missing"
Place = tuple[int, int]
Items = dict[str, tuple[yaml.Node, yaml.Node]]
"""A mapping's key -> (the node of where it stands, the value's)."""


class Part(msgspec.Struct, frozen=True):
    """One exercise of a file: all its keys, the place of its id, and where what is its own starts and ends."""

    id: str
    node: yaml.MappingNode
    place: Place
    end: Place


def is_several(node: yaml.Node) -> bool:
    """Say whether a file's node holds several exercises."""
    return isinstance(node, yaml.MappingNode) and any(key.value == KEY for key, _ in node.value)


def parts(node: yaml.Node, kinds: Kinds, shown: str) -> tuple[list[Part], list[Problem]]:
    """Return the exercises of a file, and what is wrong with how they are put together."""
    assert isinstance(node, yaml.MappingNode)
    found = _Problems(shown)
    shared = found.items(node, "the file")
    _, listed = shared.pop(KEY)
    version = shared.pop("format", None)
    if version is None:
        found.add(node, "'format' is missing")
    if "id" in shared:
        found.add(shared.pop("id")[0], "id: each exercise has its own, as its key in `exercises`; leave it out here")
    if not isinstance(listed, yaml.MappingNode):
        found.add(listed, f"exercises: should be a mapping of ids to exercises, not {nodes.shape(listed)}")
        return [], found.found
    if not listed.value:
        found.add(listed, "exercises: names none; write each as `id: {its own keys}`")
    made = []
    for name, (key, value) in found.items(listed, "id").items():
        if not isinstance(value, yaml.MappingNode):
            found.add(value, f"{name}: should be a mapping of keys to values, not {nodes.shape(value)}")
            continue
        own = found.items(value, "key")
        for word, why in OF_THE_FILE.items():
            if word in own:
                found.add(own.pop(word)[0], f"{word} {why}")
        whole: Items = {**shared, **own, "id": (key, key)}
        whole["format"] = version or (key, _scalar("1", key))
        made.append(Part(name, _node(value, _stated(name, whole, key, kinds)), _start(key), _end(value)))
    return made, found.found


def told(raised: Sequence[tuple[Part, Sequence[Problem]]], every: Collection[Part]) -> list[Problem]:
    """Return the problems of a file's exercises, each once. One that stands in what is shared says whose it is.

    `every` are all the exercises of the file: what is wrong for all of them needs no names, and what all lack is told
    once, at the top.
    """
    found: dict[tuple[int, int, str], tuple[Problem, list[str]]] = {}
    lacked = Counter(one.message for _, problems in raised for one in problems if one.message.endswith(MISSING))
    for part, problems in raised:
        for one in problems:
            if len(every) > 1 and lacked[one.message] == len(every):
                one = Problem(one.file, 1, 1, f"{one.message}, in every exercise")
            same = (one.line, one.column, one.message.partition(";")[0])  # whatever it suggests
            found.setdefault(same, (one, []))[1].append(part.id)
    own = {part.id: (part.place, part.end) for part in every}
    listed = []
    for problem, ids in found.values():
        start, end = own[ids[0]]
        needless = len(set(ids)) == len(every) or start <= (problem.line, problem.column) < end
        whose = "" if needless else f" (in {', '.join(dict.fromkeys(ids))})"
        listed.append(msgspec.structs.replace(problem, message=problem.message + whose))
    return listed


def _stated(name: str, whole: Items, key: yaml.Node, kinds: Kinds) -> Items:
    """Add the title and the statement that an exercise has not got: its formula, else its id, and a sentence of it.

    Where the formula is kept back, only the id is left to call it by.
    """
    kept_back = _word(whole, "show") == "statement"
    kind = kinds.get(_word(whole, "kind") or DEFAULT_KIND)
    drawn = _names(whole["parameters"][1]) if "parameters" in whole else []
    value = parameters.marked(_word(whole, "value"), drawn)
    added = {}
    if "title" not in whole:
        added["title"] = name if kept_back else value or name
    if "statement" not in whole and not kept_back and kind is not None and kind.sentence:
        added["statement"] = kind.sentence.format_map(_words(whole, value))  # without a value, that is told
    return {**whole, **{word: (key, _scalar(text, key)) for word, text in added.items()}}


def _words(whole: Items, value: str) -> Mapping[str, str]:
    arguments = _names(whole["arguments"][1]) if "arguments" in whole else []
    return {
        "value": value,
        "call": f"{_word(whole, 'function') or _word(whole, 'class')}({', '.join(arguments)})",
        "derivative": "derivatives" if len(arguments) > 1 else "derivative",
        "by": _word(whole, "by"),
    }


def _names(node: yaml.Node) -> list[str]:
    return [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def _word(whole: Items, key: str) -> str:
    node = whole[key][1] if key in whole else None
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _scalar(text: str, at: yaml.Node) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, at.start_mark, at.end_mark)


def _node(own: yaml.MappingNode, items: Items) -> yaml.MappingNode:
    named = [(_scalar(name, key), value) for name, (key, value) in items.items()]
    return yaml.MappingNode(own.tag, named, own.start_mark, own.end_mark)


def _start(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _end(node: yaml.Node) -> Place:
    return node.end_mark.line + 1, node.end_mark.column + 1


class _Problems:
    def __init__(self, shown: str) -> None:
        self._shown = shown
        self.found: list[Problem] = []

    def add(self, node: yaml.Node, message: str) -> None:
        self.found.append(Problem(self._shown, *_start(node), message))

    def items(self, node: yaml.MappingNode, what: str) -> Items:
        """Return a mapping's items, each key once."""
        found: Items = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.add(key, f"a key should be a word, not {nodes.shape(key)}")
            elif key.value in found and what == "id":
                line, _ = _start(found[key.value][0])
                self.add(key, f"duplicate id {key.value!r}: line {line} has it too; give one another")
            elif key.value in found:
                self.add(key, f"duplicate key {key.value!r}; keep one of the two")
            else:
                found[key.value] = (key, value)
        return found
