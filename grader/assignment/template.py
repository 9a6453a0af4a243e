"""Make the student template from the reference: solutions out, prompts in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.assignment.exercise import in_package
from grader.assignment.forms import FormError, Problem

FOLDER = "student_template"
"""Where the template of a course lies, beside its config."""

START = re.compile(r"(\s*)# solution: (.+)")
END = re.compile(r"\s*# end solution")

WORD = r"(?:the[ _-]*)?solutions?\b"
LIKE_START = re.compile(
    rf"\s*#[#\s]*(?:(?:begin|start)[ _-]*(?:of[ _-]*)?{WORD}.*|solutions?\s*(?:[:=].*)?)", re.IGNORECASE
)
LIKE_END = re.compile(
    rf"\s*#[#\s]*(?:(?:/|(?:end|stop)[ _-]*)(?:of[ _-]*)?{WORD}[\s.:]*|{WORD}[\s:]*(?:end|stop)s?[\s.]*)", re.IGNORECASE
)
"""Comments that were meant as a marker and are none: a solution would stay in the template."""


def solutions(source: str) -> list[range]:
    """Return the lines of every marked solution, numbered from 1, without its markers; none where none is marked."""
    found, start = [], 0
    for number, line in enumerate(source.splitlines(), 1):
        if START.fullmatch(line):
            start = number + 1
        elif END.fullmatch(line):
            found.append(range(start, number))
    return found


def faults(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong and what to do) of every marker that does not pair up, or is misspelt."""
    opened = 0
    for number, line in enumerate(source.splitlines(), 1):
        if START.fullmatch(line):
            if opened:
                yield number, f"a solution starts inside the one of line {opened}; end that one first: # end solution"
            opened = number
        elif END.fullmatch(line):
            if not opened:
                yield number, "a solution ends that never started; write `# solution: what to write` above it"
            opened = 0
        elif LIKE_END.fullmatch(line):
            yield number, f"{line.lstrip()!r} marks nothing; write `# end solution`, with nothing after it"
        elif LIKE_START.fullmatch(line):
            yield number, f"{line.lstrip()!r} marks nothing; write `# solution: what to write`, in these letters"
    if opened:
        yield opened, "this solution never ends; write `# end solution` below it, in a line of its own"


def without_solutions(source: str) -> str:
    """Replace every marked solution with its prompt and a NotImplementedError.

    A solution stands between `# solution: <prompt>` and `# end solution`. One outside of any function is a helper that
    only the solution has, and leaves its prompt. Raises ValueError, with the line, on `faults`.
    """
    for number, said in faults(source):
        raise ValueError(f"line {number}: {said}")
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        if start := START.fullmatch(line):
            inside = True
            indent, prompt = start.groups()
            kept.append(f"{indent}# TODO: {prompt}")
            kept += [f'{indent}raise NotImplementedError("{prompt}")'] if indent else []  # a file has to load
        elif END.fullmatch(line):
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept) + "\n"


def modules(reference: Path) -> list[Path]:
    """Return the files of a reference that a template is made of."""
    found = sorted(reference.rglob("*.py"))
    return [one for one in found if "__pycache__" not in one.relative_to(reference).parts]


def problems(reference: Path) -> list[Problem]:
    """Return what is wrong with the markers in a reference, by file and line. What cannot be read has none."""
    found = []
    for path in modules(reference):
        try:
            source = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        lines = source.splitlines()
        shown = f"{reference.name}/{path.relative_to(reference).as_posix()}"
        for number, said in sorted(faults(source)):
            line = lines[number - 1]
            found.append(Problem(shown, number, len(line) - len(line.lstrip()) + 1, said))
    return found


def refuse_broken_markers(reference: Path) -> None:
    """Raise FormError where a marker in a reference does not do what it says: a solution would go out, or too much."""
    found = problems(reference)
    if found:
        raise FormError(found)


def files(reference: Path, package: str = "minitorch") -> dict[str, str]:
    """Return the template's files: path -> text. Raises FormError on markers that do not pair up, OSError."""
    refuse_broken_markers(reference)
    made = {}
    for source in modules(reference):
        inside = source.relative_to(reference).as_posix()
        made[in_package(package, inside)] = _titled(source.name, without_solutions(source.read_text("utf-8")))
    solved, readme = reference / "answers.yaml", reference / "README.student.md"
    if solved.is_file():
        made[solved.name] = without_answers(solved.read_text("utf-8"), f"{reference.name}/{solved.name}")
    if readme.is_file():
        made["README.md"] = readme.read_text("utf-8")
    return made


def without_answers(text: str, shown: str) -> str:
    """Return a file of answers with none in it, however each is written. Raises FormError for what is no YAML."""
    import yaml  # slow to import

    from grader.assignment import nodes

    node = nodes.composed(text.encode(), shown)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    inside = [value for key, value in pairs if key.value == "answers" and isinstance(value, yaml.MappingNode)]
    for listed in inside:
        for _, value in reversed(listed.value):
            start, end = value.start_mark.index, value.end_mark.index
            if not listed.flow_style:  # a comment beside an answer goes with it
                end = end if "\n" in text[end - 1 : end] else text.find("\n", end)
                text = text[:start].rstrip(" ") + "\n" + text[end:].removeprefix("\n") if end >= 0 else text[:start]
            else:
                text = text[:start] + text[end:]
    return text


def _titled(name: str, text: str) -> str:
    """The package's own docstring says that it is solved; the template's must not."""
    return text.replace("The homework, solved", "The homework, yours to write") if name == "__init__.py" else text
