"""The reference pages, written from the code: `make manual` writes them, and a test holds them to it."""

from __future__ import annotations

import argparse
import importlib
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader import cli, model
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "reference"
WRITTEN = "<!-- written by `make manual` from the code; change it there -->"


def pages() -> dict[str, str]:
    """Return every page by its file's name."""
    return {"cli.md": _commands(), "config.md": _config(), "results.md": _results()}


def write() -> list[Path]:
    """Write them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
    return [FOLDER / name for name in pages()]


# --- the command line ----------------------------------------------------------------------------------------------


def _commands() -> str:
    lines = [
        "# The command line",
        "",
        WRITTEN,
        "",
        "`grader` alone lists the commands. Every command answers `--help`. Exit codes:",
        "",
    ]
    lines += [
        "| code | meaning |",
        "|---|---|",
        "| 0 | it ran, whatever the scores |",
        "| 1 | something of ours failed; everything else was written |",
        "| 2 | usage or configuration |",
        "| 3 | marks differ (`diff --exit-code`), or something is not right yet (`check`) |",
        "| 130 | interrupted; every finished result is kept |",
        "",
    ]
    for name, purpose in cli.COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"grader {name}")
        importlib.import_module(f"grader.cli.{name}").define(parser)
        lines += _command(parser, purpose, "##")
    return "\n".join(lines).rstrip() + "\n"


def _command(parser: argparse.ArgumentParser, purpose: str, level: str) -> Iterator[str]:
    yield f"{level} {parser.prog}"
    yield ""
    yield f"{parser.description or purpose}"
    yield ""
    inner = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    rows = [_option(one, parser) for one in parser._actions if one not in inner and one.dest != "help"]
    if rows:
        yield "| option | what it does |"
        yield "|---|---|"
        yield from rows
        yield ""
    if parser.epilog:
        yield f"{parser.epilog[0].upper()}{parser.epilog[1:]}."
        yield ""
    for action in inner:
        helps = {one.dest: one.help or "" for one in action._choices_actions}
        for name, sub in action.choices.items():
            yield from _command(sub, helps.get(name, ""), f"{level}#")


def _option(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    names = ", ".join(f"`{one}`" for one in action.option_strings)
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    value = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else value
    shown = f"{names} `{value}`" if names and value else names or f"`{action.metavar or action.dest}`"
    said = (action.help or "") % {"default": action.default, "prog": parser.prog}
    return f"| {shown} | {said.replace('|', '/')} |"


# --- the config ----------------------------------------------------------------------------------------------------


def _config() -> str:
    """Take the sample's own comments: they are what its reader has before them, and a test holds every key to one."""
    text = (ROOT / "config.yaml").read_text("utf-8")
    lines = ["# config.yaml", "", WRITTEN, "", "The assignment, key by key, with the sample's values.", ""]
    for block in re.split(r"\n\n+", text.strip()):
        comment = " ".join(line.lstrip("# ") for line in block.splitlines() if line.startswith("#"))
        body = "\n".join(line for line in block.splitlines() if not line.startswith("#"))
        keys = re.findall(r"^(\w+):", body, re.MULTILINE)
        if keys:
            lines += [f"## {', '.join(keys)}", "", comment, "", "```yaml", body, "```", ""]
    return "\n".join(lines).rstrip() + "\n"


# --- results -------------------------------------------------------------------------------------------------------


def _results() -> str:
    lines = [
        "# Results",
        "",
        WRITTEN,
        "",
        '`results/NAME.json` holds one `Result`. Points are exact fractions in text (`"3/2"`). The JSON Schema is',
        "[`schemas/result.json`](../schemas/result.json); `grader schema result` prints it.",
        "",
    ]
    for kind in (
        *(model.Result, model.ExerciseResult, model.CheckResult, model.Hint, model.Outcome, model.Counterexample),
        *(model.Slope, model.Plot, model.Picture, model.PictureNode),
    ):
        lines += [f"## {kind.__name__}", "", re.sub(r"\s*\n\s*", " ", (kind.__doc__ or "").strip()), ""]
        lines += ["| field | type |", "|---|---|"]
        hints = typing.get_type_hints(kind)
        lines += [f"| `{field.name}` | {_type(hints[field.name])} |" for field in msgspec.structs.fields(kind)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _type(kind: Any) -> str:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " / ".join(f"`{one}`" for one in inside)
    if origin is tuple:
        return f"list of {_type(inside[0])}"
    if origin is dict:
        return f"{_type(inside[0])} → {_type(inside[1])}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join("nothing" if one is type(None) else _type(one) for one in inside)
    return {"str": "text", "float": "number", "int": "whole number", "bool": "yes or no", "Fraction": "points"}.get(
        kind.__name__, f"[{kind.__name__}](#{kind.__name__.lower()})"
    )
