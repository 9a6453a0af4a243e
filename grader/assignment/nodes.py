"""YAML's nodes into frozen records, by their type annotations. Apart from `forms`, for YAML is slow to import."""

from __future__ import annotations

import functools
import math
import re
import types
import typing
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal, TypeVar, Union

import msgspec
import yaml

from grader.assignment import decimals
from grader.assignment.forms import DEPTH_CAP, FormError, Places, Problem, near

T = TypeVar("T")
QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML was built with it: three times as fast, for the course's own files. What it refuses PyYAML
reads again and says better. It is C, so what students hand in, which is read where the answers are, is kept from it."""


LONGEST_NUMBER, LONGEST_EXPONENT = 40, 2
"""Characters of a number, and digits of its exponent. To work out 1e9992 as a fraction takes time, and to write it down
more than Python allows."""

EXPONENT = re.compile(r"[eE][+-]?0*(\d+)")
SHOWN_CAP = 60


class _Wrong(Exception):
    """A node is not of the type that was asked for."""


def composed(raw: bytes, shown: str, trusted: bool = False) -> yaml.Node:
    """Return the one node that YAML text is, quickly where it is `trusted`: of the course's own.

    Raises FormError where it is none, or of a kind that is not used here.
    """
    try:
        node = _trusted(raw, shown) if trusted else _composed(raw, shown, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise FormError([Problem(shown, line, column, f"is not YAML: {error.problem}; {_remedy(error)}")]) from None
    except yaml.reader.ReaderError as error:
        sign = error.character if isinstance(error.character, int) else ord(error.character[:1] or "?")
        said = f"is not YAML: the character #x{sign:04x} has no place in it; delete it, and save the file as UTF-8"
        raise FormError([Problem(shown, *_place(raw, error.position), said)]) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError, OverflowError) as error:
        raise FormError([Problem(shown, 0, 0, f"is not YAML: {' '.join(str(error).split())[:120]}")]) from None
    if node is None:
        raise FormError([Problem(shown, 0, 0, "is empty; is it the right file?")])
    return node


def _remedy(error: yaml.MarkedYAMLError) -> str:
    """Return what to do about text that is no YAML."""
    if "mapping values are not allowed" in (error.problem or ""):
        return "put a text with a colon in it in quotes, and begin each key at the same column"
    if "'\\t'" in (error.problem or ""):
        return "indent with blanks in place of tabs"
    return "check the quotes, the brackets and the indentation here and in the line above"


def _place(raw: bytes, position: int) -> tuple[int, int]:
    """Return the line and column of a character; `position` counts bytes where the text is no UTF-8."""
    try:
        before = raw.decode("utf-8")[:position]
    except UnicodeDecodeError:
        before = raw[:position].decode("utf-8", "replace")
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _trusted(raw: bytes, shown: str) -> yaml.Node | None:
    try:
        return _composed(raw, shown, QUICK)
    except (yaml.YAMLError, UnicodeDecodeError):
        return _composed(raw, shown, yaml.SafeLoader)


def _composed(raw: bytes, shown: str, loader: Any) -> yaml.Node | None:
    _refuse_excess(raw, shown, loader)
    return yaml.compose(raw, Loader=loader)


def decoded(node: yaml.Node, kind: type[T], shown: str) -> tuple[T, Places]:
    """Return a node as a record of `kind`, with the places of its values. Raises FormError with every problem."""
    reader = _Reader(shown)
    value = reader.node(node, kind, "")
    if reader.problems:
        raise FormError(reader.problems)
    return typing.cast(T, value), reader.places


def decoded_one_of(
    node: yaml.Node, key: str, kinds: Mapping[str, type[T]], default: str, shown: str
) -> tuple[T, Places]:
    """Return a node as the record that its value of `key` names, `default` where it has none. Raises FormError."""
    word, line, column = word_at(node, key, default)
    if word not in kinds:
        message = f"unknown {key} {word!r}{near(word, kinds)}; one of {', '.join(kinds)}"
        raise FormError([Problem(shown, line, column, message)])
    return decoded(node, kinds[word], shown)


def word_at(node: yaml.Node, key: str, default: str) -> tuple[str, int, int]:
    """Return the word that a mapping has at `key`, with its line and column; `default` where it has none."""
    named = [value for name, value in node.value if name.value == key] if isinstance(node, yaml.MappingNode) else []
    if named and isinstance(named[0], yaml.ScalarNode):
        mark = named[0].start_mark
        return str(named[0].value), mark.line + 1, mark.column + 1
    return default, 0, 0


OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


def _refuse_excess(raw: bytes, shown: str, loader: Any) -> None:
    """Refuse what is shared or nested too deeply, token by token, before anything is built of it."""
    depth = 0
    for token in yaml.scan(raw, Loader=loader):
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if depth > DEPTH_CAP:
            mark = token.start_mark
            raise FormError([Problem(shown, mark.line + 1, mark.column + 1, f"is nested over {DEPTH_CAP} deep")])
        if isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)):
            mark = token.start_mark
            message = "anchors, aliases and tags are not used here; write the value out"
            raise FormError([Problem(shown, mark.line + 1, mark.column + 1, message)])


class _Reader:
    """Walk nodes and types side by side, collecting problems instead of stopping at the first."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.problems: list[Problem] = []
        self.places: Places = {}

    def node(self, node: yaml.Node, kind: Any, path: str) -> Any:
        """Return the node's value as `kind`; on a mistake, record it and return None."""
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        try:
            return self._decode(node, kind, path)
        except _Wrong as wrong:
            name = path.rpartition(".")[2] or "the file"
            self._problem(node, f"{name}: {wrong}")
            return None

    def _problem(self, node: yaml.Node, message: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.shown, mark.line + 1, mark.column + 1, message))

    def _decode(self, node: yaml.Node, kind: Any, path: str) -> Any:
        origin = typing.get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._union(node, typing.get_args(kind), path)
        if origin is tuple:
            return self._sequence(node, typing.get_args(kind)[0], path)
        if origin is dict:
            return self._mapping(node, typing.get_args(kind)[1], path)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._record(node, kind, path)
        if not isinstance(node, yaml.ScalarNode):
            raise _Wrong(f"should be {_name(kind)}, not {shape(node)}")
        return _scalar(node.value, kind)

    def _union(self, node: yaml.Node, kinds: tuple[Any, ...], path: str) -> Any:
        if isinstance(node, yaml.ScalarNode):
            if type(None) in kinds and node.value in ("", "null", "~") and not node.style:
                return None
            plain = [kind for kind in kinds if not _is_composite(kind) and kind is not type(None)]
            if plain:
                return _scalar(node.value, plain[0])
        fitting = [kind for kind in kinds if _is_composite(kind) and _fits(node, kind)]
        if not fitting:
            wanted = " or ".join(_name(kind) for kind in kinds if kind is not type(None))
            raise _Wrong(f"should be {wanted}, not {shape(node)}")
        return self._decode(node, fitting[0], path)

    def _sequence(self, node: yaml.Node, kind: Any, path: str) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            written = (
                f"; write [{node.value}]"
                if isinstance(node, yaml.ScalarNode) and 0 < len(node.value) < SHOWN_CAP
                else ""
            )
            raise _Wrong(f"should be a list, not {shape(node)}{written}")
        return tuple(self.node(item, kind, f"{path}.{i}") for i, item in enumerate(node.value))

    def _mapping(self, node: yaml.Node, kind: Any, path: str) -> dict[str, Any]:
        found = {}
        for key, value in self._items(node):
            inner = f"{path}.{key}".lstrip(".")
            self.places[f"{inner}#key"] = self.places[f"key:{id(node)}:{key}"]
            found[key] = self.node(value, kind, inner)
        return found

    def _items(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise _Wrong(f"should be a mapping of keys to values, not {shape(node)}")
        items: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._problem(key, f"a key should be a word, not {shape(key)}")
            elif key.value in items:
                self._problem(key, f"duplicate key {key.value!r}; keep one of the two")
            else:
                items[key.value] = value
                self.places[f"key:{id(node)}:{key.value}"] = (
                    key.start_mark.line + 1,
                    key.start_mark.column + 1,
                )
        return list(items.items())

    def _record(self, node: yaml.Node, kind: type[msgspec.Struct], path: str) -> Any:
        fields, hints = _fields(kind)
        found: dict[str, Any] = {}
        for key, value in self._items(node):
            if key not in fields:
                line, column = self.places[f"key:{id(node)}:{key}"]
                self.problems.append(Problem(self.shown, line, column, f"unknown key {key!r}{_meant(key, fields)}"))
                continue
            field = fields[key]
            found[field.name] = self.node(value, hints[field.name], f"{path}.{key}".lstrip("."))
        for name, field in fields.items():
            if field.required and field.name not in found:
                self._problem(node, f"{name!r} is missing")
        if any(field.required and field.name not in found for field in fields.values()):
            return None
        return kind(**found)


def _meant(key: str, fields: Iterable[str]) -> str:
    """Return what may be meant by a key that nobody knows, as the end of a sentence."""
    if key.isdecimal():
        return "; quote a number with a comma"
    if key.count(")") > key.count("("):  # `{value: max(x, 0)}`
        return "; quote a formula with a comma"
    return near(key, fields)


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> tuple[dict[str, msgspec.structs.FieldInfo], dict[str, Any]]:
    """Return a record's fields and their types, by name. To work them out is most of reading a short file."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}, typing.get_type_hints(kind)


def _scalar(text: str, kind: Any) -> Any:
    if typing.get_origin(kind) is Literal:
        choices = [str(choice) for choice in typing.get_args(kind)]
        if text not in choices:
            raise _Wrong(f"unknown {_clipped(text)!r}{near(text[:SHOWN_CAP], choices)}; one of {', '.join(choices)}")
        return typing.get_args(kind)[choices.index(text)]
    if kind is str:
        return text
    if kind is bool:
        if text not in ("true", "false"):
            raise _Wrong(f"should be true or false, not {_clipped(text)!r}")
        return text == "true"
    if (
        len(text) > LONGEST_NUMBER
        or not text.isascii()
        or any(len(found) > LONGEST_EXPONENT for found in EXPONENT.findall(text))
    ):
        raise _Wrong(f"should be {_name(kind)} that somebody would write, not {_clipped(text)!r}")
    if kind is Fraction and "," in text:
        return _with_comma(text)
    try:
        value = kind(text.strip().replace("_", "x"))  # `1_000` is nobody's intention
        if kind is float and not math.isfinite(value):
            raise ValueError
    except (ValueError, ZeroDivisionError):
        raise _Wrong(f"should be {_name(kind)}, not {_clipped(text)!r}") from None
    return value


def _with_comma(text: str) -> Fraction:
    try:
        value = decimals.read(text)
    except decimals.TwoReadings as error:
        raise _Wrong(str(error)) from None
    if value is None:
        raise _Wrong(f"should be a number, not {_clipped(text)!r}")
    return value


def _clipped(text: str) -> str:
    return text if len(text) <= SHOWN_CAP else f"{text[:SHOWN_CAP]}…"


def _is_composite(kind: Any) -> bool:
    return typing.get_origin(kind) in (tuple, dict) or (isinstance(kind, type) and issubclass(kind, msgspec.Struct))


def _fits(node: yaml.Node, kind: Any) -> bool:
    return isinstance(node, yaml.SequenceNode) == (typing.get_origin(kind) is tuple)


def _name(kind: Any) -> str:
    names = {
        int: "a whole number",
        float: "a number",
        str: "text",
        bool: "true or false",
        Fraction: "a number",
    }
    if typing.get_origin(kind) is tuple:
        return "a list"
    return names.get(kind, "a mapping" if _is_composite(kind) else "one word")


def shape(node: yaml.Node) -> str:
    """Return what a node is, for people."""
    if isinstance(node, yaml.ScalarNode):
        return repr(_clipped(node.value)) if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
