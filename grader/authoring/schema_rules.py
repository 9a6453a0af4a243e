"""What a schema holds besides types: ids, names, points, ranges, the checks of a kind. And one error per mistake.

An editor shows every error of every alternative that was tried. So nothing is an alternative here: what a value may be
depends on its type, what a file may have on its `kind`, by `if` and `then`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from grader.assignment.domains import DOMAINS, WHOLE
from grader.assignment.exercise import ANSWERS, DEFAULT_KIND, ID
from grader.assignment.exercises import FILE
from grader.assignment.kind import Kind
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import RANGES

Schema = dict[str, Any]

POINTS: Schema = {
    "description": "points: a number, or an exact fraction such as 3/2",
    "type": ["number", "string"],
    "minimum": 0,
    "pattern": r"^\d+([.,]\d+|/\d+)?$",
}
TEXT = ["string", "number"]
"""What is text to the grader may look like a number to an editor: a formula `0`, a title `2048`, a seed `1`."""

NAME = r"^[^\W\d]\w*$"
MODULE = r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"
RANGE = r"\s*[^\s.]\S*\s*\.\.\s*\S+\s*"
DOMAIN = rf"^(?!.*\.\.\.)({'|'.join((*DOMAINS, WHOLE))}|({WHOLE}\s+)?({RANGE}|[^<>]*([<>][^<>]*){{1,2}}))$"
"""A word, a range or an inequality, the last two of whole numbers as well."""

COUNTS = {"CheckForm": ("name_after", "why_after"), "HintForm": ("after",)}
ARRAYS = "arrays"
SCALAR = ("string", "number", "integer", "boolean", "null")


def one_error_each(schema: Any) -> Any:
    """Return a schema whose alternatives are told apart by type, so that a wrong value is one error."""
    if isinstance(schema, list):
        return [one_error_each(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: one_error_each(value) for key, value in schema.items()}
    if "anyOf" in schema:
        return _by_type(schema)
    if schema.get("required") and schema.get("additionalProperties") is False:
        return _complete_once_known(schema)
    if schema.get("type") == "string" and "pattern" not in schema:
        schema["type"] = TEXT
    return schema


def _complete_once_known(schema: Schema) -> Schema:
    """Return a closed record that asks for its keys once all keys are known: a misspelt key is not missing as well."""
    known = {"propertyNames": {"enum": list(schema["properties"])}}
    rest = {key: value for key, value in schema.items() if key != "required"}
    return {**rest, "allOf": [{"if": known, "then": {"required": schema["required"]}}]}


def _by_type(schema: Schema) -> Schema:
    """Return alternatives of different types as one schema with all types, and what each type is held to."""
    types: list[str] = []
    held: list[Schema] = []
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    for one in schema["anyOf"]:
        listed = one.get("type", "object" if "$ref" in one else "string")
        those = [listed] if isinstance(listed, str) else list(listed)
        types += [name for name in those if name not in types]
        if one.get("type") in ("array", "object") or "$ref" in one or "enum" in one:
            held.append({"if": {"type": those[0]}, "then": one})
        else:
            rest |= {key: value for key, value in one.items() if key != "type"}
    return {**rest, "type": types, **({"allOf": held} if held else {})}


def hold_exercises(definitions: dict[str, Schema]) -> None:
    """Add to the forms of all kinds what the reader holds their values to."""
    for kind in KINDS.values():
        keys = definitions[kind.form.__name__]["properties"]
        keys["id"] |= {"type": "string", "pattern": ID}
        keys["file"] = {"const": ANSWERS} if kind.on_paper else {"type": "string", "pattern": f"^{FILE}$"}
        keys["points"] = {**POINTS, "type": [*POINTS["type"], "null"], "default": None}
        keys["checks"] = _checks(kind)
        for word in ("class", "function", "scalars"):
            if word in keys and keys[word].get("default") != "":
                keys[word] = {"type": "string", "pattern": NAME}
        if "arguments" in keys:
            value = {"type": "string", **({} if kind.name == ARRAYS else {"pattern": DOMAIN})}
            keys["arguments"] = {"type": "object", "minProperties": 1, "additionalProperties": value}
    definitions["CheckForm"]["properties"]["points"] = POINTS
    definitions["Check"] = {
        **POINTS,
        "type": [*POINTS["type"], "object"],
        "allOf": [{"if": {"type": "object"}, "then": {"$ref": "#/$defs/CheckForm"}}],
    }
    for form, counted in COUNTS.items():
        for word in counted:
            definitions[form]["properties"][word]["minimum"] = 0


def _checks(kind: Kind) -> Schema:
    worth = {"$ref": "#/$defs/Check"}
    if not kind.checks:  # an exercise names its own
        return {"type": "object", "minProperties": 1, "additionalProperties": worth}
    named = dict.fromkeys(kind.checks, worth)
    return {"type": "object", "minProperties": 1, "properties": named, "additionalProperties": False}


def hold_config(definitions: Mapping[str, Schema]) -> None:
    """Add to the config's form the ranges, names and weights that the reader holds it to."""
    top = definitions["ConfigForm"]["properties"]
    for path, (lo, hi) in RANGES.items():
        *within, key = path.split(".")
        keys = definitions[top[within[0]]["$ref"].rpartition("/")[2]]["properties"] if within else top
        if isinstance(keys[key].get("type"), list):  # a fraction of percent
            keys[key] = {**POINTS, "default": keys[key]["default"]}
        keys[key] |= {"minimum": lo, "maximum": hi}
    top["weights"]["additionalProperties"] = POINTS
    top["exercises"]["minItems"] = 1
    layout = definitions["LayoutForm"]["properties"]
    layout["modules"]["items"] = {"type": "string", "pattern": MODULE}
    layout["package"] |= {"type": "string", "pattern": f"{NAME}|^$"}


def by_kind(several: str) -> Schema:
    """Return what holds of an exercise file: one exercise, of the kind that it says, or several."""
    is_several = {"required": ["exercises"]}
    return {
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}},
        "if": is_several,
        "then": {"$ref": f"#/$defs/{several}"},
        "else": {"allOf": [_if_of(kind.name, {"$ref": f"#/$defs/{kind.form.__name__}"}) for kind in KINDS.values()]},
    }


def _if_of(name: str, then: Schema) -> Schema:
    """Return what holds of what says that it is of a kind, or says nothing, for the default."""
    said = {"properties": {"kind": {"const": name}}, **({} if name == DEFAULT_KIND else {"required": ["kind"]})}
    return {"if": said, "then": then}


def several(definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a file with several exercises: the keys of each by its kind, or the file's.

    What a key may be is told, and not which a kind needs: a part of them is shared.
    """
    shared: dict[str, list[Schema]] = {}
    for kind in KINDS.values():
        form = definitions[kind.form.__name__]
        keys = [key for key in form["properties"] if key not in ("format", "id", "kind")]
        at = {key: {"$ref": f"#/$defs/{kind.form.__name__}/properties/{key}"} for key in keys}
        said = {**at, "kind": {"enum": list(KINDS)}}
        definitions[_part(kind)] = {"type": "object", "properties": said, "additionalProperties": False}
        for key in keys:
            if not any(_at(definitions, one) == form["properties"][key] for one in shared.setdefault(key, [])):
                shared[key].append(at[key])
    keys_of_all = {key: found[0] if len(found) == 1 else {} for key, found in shared.items()}
    keys_of_all["kind"] = {"enum": list(KINDS)}
    own = [_if_said(kind.name, {"$ref": f"#/$defs/{_part(kind)}"}) for kind in KINDS.values()]
    listed = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": ID},
        "additionalProperties": {"type": "object", "properties": {"kind": {"enum": list(KINDS)}}, "allOf": own},
    }
    return {
        "description": "Several exercises in one file: keys that all share, and each one's own by its id.",
        "type": "object",
        "properties": {"format": {"enum": [1]}, **keys_of_all, "exercises": listed},
        "required": ["format", "exercises"],
        "additionalProperties": False,
        "allOf": [_if_of(kind.name, _unsaid(kind, shared)) for kind in KINDS.values()],
    }


def _at(definitions: Mapping[str, Schema], pointer: Schema) -> Any:
    """Return what a `$ref` into the definitions leads to."""
    _, _, form, _, key = pointer["$ref"].split("/")
    return definitions[form]["properties"][key]


def _part(kind: Kind) -> str:
    return f"{kind.form.__name__}Part"


def _if_said(name: str, then: Schema) -> Schema:
    return {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": then}


def _unsaid(kind: Kind, shared: Mapping[str, list[Schema]]) -> Schema:
    """Return what a file's kind says of shared keys that kinds differ in, and of exercises that say no kind."""
    says_none = {"type": "object", "not": {"required": ["kind"]}}
    part = {"if": says_none, "then": {"$ref": f"#/$defs/{_part(kind)}"}}
    differing = {
        key: f"#/$defs/{kind.form.__name__}/properties/{key}" for key, found in shared.items() if len(found) > 1
    }
    own = {key: {"$ref": at} for key, at in differing.items() if key in _keys(kind)}
    return {"properties": {**own, "exercises": {"additionalProperties": part}}}


def _keys(kind: Kind) -> tuple[str, ...]:
    return tuple(one.encode_name for one in msgspec.structs.fields(kind.form))
