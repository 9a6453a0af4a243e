"""Which other parts of the student's own an exercise depends on at a desk, told from their source and their faults."""

from __future__ import annotations

import re
from collections.abc import Collection

from grader.exercise_kinds.stand_ins import NOT_HERE
from grader.model import Submission
from grader.sandbox.boundary.protocol import Fault, file_of
from grader.selfcheck.prepared import EncodedExercise

DEFINED = re.compile(r"([ \t]*)(?:async\s+def|class|def)\s+(\w+)")
MACHINE = ("scalar_functions", "scalar", "autodiff")
"""The modules that a graph is built with, whatever an exercise's own file imports."""


LACKING = re.compile(r"there is no (\w+) in ([\w/]+)\.py")
"""What a worker raises where it looks for a part of the machine in vain."""


def absent(fault: Fault, submission: Submission) -> str:
    """Return the file that is not there, where a fault came of that: it was looked for, or its stand-in was used."""
    lacking, ending = LACKING.fullmatch(fault.message), f", and {NOT_HERE}"
    if lacking:
        return "" if lacking[2].replace("/", ".") in submission.modules else f"{lacking[2]}.py"
    return fault.message[: -len(ending)].rpartition(" ")[2] if fault.message.endswith(ending) else ""


def needed(fault: Fault, submission: Submission, exercise: EncodedExercise) -> str:
    """Return what is not written yet, where that is no part of the exercise: `Context.save_for_backward in …`."""
    lacking = LACKING.fullmatch(fault.message)
    if lacking:
        return "" if lacking[1] in exercise.under_test else f"{lacking[1]} in {lacking[2]}.py"
    found = next((one for one in submission.modules.items() if fault.file.partition(",")[0] == one[1][0]), None)
    if found is None:
        return ""
    module, (path, source) = found
    names = around(source, fault.line) if fault.file == path else ""
    if module == exercise.module and (not names or names.partition(".")[0] in exercise.under_test):
        return ""
    return f"{names} in {file_of(module)}" if names else file_of(module)


def instead(name: str, module: str, submission: Submission, asked: Collection[str]) -> str:
    """Return the class or function of theirs whose name is nearest to one that is missing; blank where none is near.

    What is `asked` for by another name is not it.
    """
    import difflib  # for mistakes only

    _, source = submission.modules.get(module, ("", b""))
    defined = {found[2] for found in map(DEFINED.match, source.decode("utf-8", "replace").splitlines()) if found}
    close = difflib.get_close_matches(name, sorted(defined - set(asked)), n=1, cutoff=0.7)
    return close[0] if close else ""


def start(exercise: EncodedExercise) -> frozenset[str]:
    """Return the modules that an exercise runs, but for those that these import."""
    return frozenset((exercise.module, *(MACHINE if exercise.machinery else ())))


def uses(submission: Submission, start: Collection[str]) -> frozenset[str]:
    """Return the modules that any of `start` import, or what those import, themselves among them."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _imported(submission, name)
    return frozenset(found)


def _imported(submission: Submission, name: str) -> list[str]:
    source = submission.modules.get(name, submission.extras.get(name, ("", b"")))[1]
    lines = b"\n".join(re.findall(rb"(?m)^\s*(?:from|import)\b.*$", source)).decode("utf-8", "replace")
    known = {*submission.modules, *submission.extras} - {name}
    return [other for other in known if re.search(_mention(other), lines)]


def _mention(module: str) -> str:
    """Return the pattern that a line has which imports a module: of `utils.ops` the last part may stand alone."""
    return r"\bfrom\s+\.+\s+import\b" if module == "__init__" else rf"\b{re.escape(module.rpartition('.')[2])}\b"


def around(source: bytes, line: int) -> str:
    """Return the class and function that a line is in, with a dot between; nothing where it is in none."""
    above = source.decode("utf-8", "replace").splitlines()[:line]
    names: list[str] = []
    indent = len(above[-1]) if above else 0
    for one in reversed(above):
        found = DEFINED.match(one)
        if found and len(found[1]) < indent:
            indent = len(found[1])
            names.append(found[2])
        if not indent:
            break
    return ".".join(reversed(names))
