"""What a worker is loaded with: a submission's modules, beside the parts that are provided for a unit."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence

import msgspec

from grader.config import Assignment
from grader.model import Submission
from grader.planning import Unit, word_for
from grader.sandbox.protocol import Load, Module, encode


def names_any(submission: Submission, modules: Sequence[str]) -> bool:
    """Say whether a submission's source names any of the modules, as whatever imports one does."""
    named = _any_of(tuple(modules))
    return any(named(source) for _, source in (*submission.modules.values(), *submission.extras.values()))


@functools.lru_cache(maxsize=16)
def _any_of(modules: tuple[str, ...]) -> Callable[[bytes], object]:
    """Return what finds any of the names in a text, or None: one search is quicker than one for each."""
    names = sorted(set(map(word_for, modules)))
    return re.compile("|".join(map(re.escape, names)).encode()).search if names else lambda _: None


def base(assignment: Assignment, unit: Unit) -> bytes:
    """Return all that a unit provides, but for the module under test, encoded for a branch to be built with."""
    whole = load(assignment, Submission(""), unit)
    provided = tuple(module for module in whole.modules if module.name != unit.module)
    return encode(msgspec.structs.replace(whole, modules=provided))


def load(assignment: Assignment, submission: Submission, unit: Unit) -> Load:
    """Return what to load for a unit; its id is whoever's asks it."""
    modules = []
    for name in assignment.layout.modules:
        part = unit.provided.get(name)
        path, student = submission.modules.get(name, ("", None))
        if part is None and student is None:
            continue
        code, names = (part.code, part.names) if part else (None, ())
        modules.append(Module(name, path, student, code, names, eager=name == unit.module, listed=True))
    modules += [Module(name, path, source) for name, (path, source) in submission.extras.items()]
    return Load(
        0,
        assignment.layout.package,
        tuple(modules),
        assignment.allowed,
        assignment.limits.output_kib * 1024,
    )
