"""Cut the reference to what an assignment asks: a TODO for each thing asked, the rest given or left out.

What is asked runs through other parts of the course's files. Such a part is given: solved where its solution is marked,
which is told to the author, for it may be an exercise of the course's next assignment. A marked solution that nothing
asked runs through is left out, and so is a module of which nothing is needed. What is no solution stays where all that
it refers to is there.

What runs through what is read off the text. A name is followed into its definition. A method is found by its name
alone, whosoever it is, so that rather too much is given than something that does not run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from grader.assignment.definitions import DEFINITIONS
from grader.assignment.exercise import Exercise
from grader.bundle import trimming
from grader.bundle.parts import Name, Source
from grader.exercise_kinds.kinds import KINDS
from grader.grading import provided
from grader.grading.config import Assignment
from grader.reports.text import a_few
from grader.sandbox.boundary.protocol import file_of
from grader.selfcheck.parts import Runs

Say = Callable[[str], None]
TODO = "# TODO"
SHOWN = 6
"""Names in a line that an author reads."""


class Cut(msgspec.Struct, frozen=True):
    """The modules of a template as text, with TODOs; which parts are solved in it, and which are asked.

    `packages` are the `__init__` of folders that are no modules of the layout, by their dotted names.
    """

    texts: dict[str, str]
    packages: dict[str, str]
    given: frozenset[Name]
    asked: frozenset[Name]


def cut(assignment: Assignment, runs: Mapping[str, Runs], say: Say) -> Cut:
    """Return what of the reference is handed out. Whatever an author may not expect is told to `say`.

    `runs` says what an exercise's public questions run through, by its id.
    """
    sources = {name: Source(name, text, assignment.layout.modules) for name, text in _read(assignment).items()}
    inits = [path.relative_to(assignment.reference) for path in assignment.reference.rglob("__init__.py")]
    folders = provided.of(assignment, [".".join(path.with_suffix("").parts) for path in inits])
    exercises = assignment.exercises
    asked = {part for one in exercises for part in _asked(one)}
    together = [one for one in exercises if one.own_files]

    def needed(those: Sequence[Exercise]) -> set[Name]:
        return {need for one in those for need in _needs(one, runs.get(one.id, Runs()), sources)}

    run = _Reached(sources, (), needed(together))
    marked = {(name, part) for name, source in sources.items() for part in source.marked}
    alone = frozenset(part for part in marked if _is_asked(part, asked))
    theirs = alone | (marked & run.parts)
    reached = _Reached(sources, asked, needed(exercises))
    given = frozenset(marked & reached.parts) - theirs
    kept = reached.parts | _besides(sources, reached.parts, marked)
    for part in sorted(theirs - alone):
        say(f"{_shown(part)} is left to students: {together[0].id} runs it, and no exercise asks for it alone")
    for part in sorted(given):
        say(f"gave {_shown(part)} with its solution: what is asked runs through it, and no exercise asks for it")
    here = {name for name, _ in reached.parts}
    gone = {(name, part) for name, source in sources.items() for part in source.parts} - kept
    left = sorted(part for part in gone if part[0] in here and (part[0], part[1].rpartition(".")[0]) not in gone)
    names = [*(file_of(name) for name in sources if name not in here), *map(_shown, left)]
    if names:
        say(f"left out, as nothing asked needs it: {a_few(names, SHOWN)}")
    texts = {name: trimming.text(source, gone, given, here) for name, source in sources.items() if name in here}
    others = {name: Source(name, text, tuple(sources)) for name, text in folders.items()}
    packages = {name: trimming.text(source, gone, (), here) for name, source in others.items()}
    return Cut(texts, packages, given, theirs)


def _read(assignment: Assignment) -> dict[str, str]:
    return provided.of(assignment)


def _shown(part: Name) -> str:
    return f"{part[1]} ({file_of(part[0])})"


def _asked(exercise: Exercise) -> Iterator[Name]:
    """Yield what an exercise asks for: names, or of a class only `forward` where nothing else of it is judged."""
    about = {KINDS[exercise.kind].about(exercise, check.name) for check in exercise.checks}
    for name in exercise.under_test:
        only = about == {f"{name}.forward"}
        yield exercise.module, f"{name}.forward" if only else name


def _is_asked(part: Name, asked: Collection[Name]) -> bool:
    module, name = part
    return part in asked or (module, name.partition(".")[0]) in asked


def _needs(exercise: Exercise, runs: Runs, sources: Mapping[str, Source]) -> Iterator[Name]:
    """Yield what an exercise's kind cannot do without, of what the reference has; of functions those that it calls."""
    needs = KINDS[exercise.kind].needs(exercise)
    for name in needs.names:
        called = name[0] != runs.functions or name in runs.starts
        if called and name[0] in sources and name[1] in sources[name[0]].names:
            yield name
    yield from ((name, word) for name, one in sources.items() for word in needs.spoken if word in one.names)


class _Reached:
    """The parts that some names run through: names, and methods with a solution as `Class.method`."""

    def __init__(self, sources: Mapping[str, Source], asked: Collection[Name], needed: Collection[Name]) -> None:
        self._sources = sources
        self._whole = {*asked, *needed}
        self._in_part = {(module, name.partition(".")[0]) for module, name in asked if "." in name} - self._whole
        self.parts: set[Name] = {part for part in self._whole if part[0] in sources}
        attributes: set[str] = set()
        seen: set[Name] = set()
        while todo := self.parts - seen:
            seen |= todo
            for module, name in todo:
                source = sources[module]
                self.parts |= {found for found in source.leads_to(name) if found[0] in sources}
                self.parts |= {(module, name.partition(".")[0])}
                attributes |= source.attributes(name)
            self.parts |= set(self._methods(attributes))

    def _methods(self, attributes: Collection[str]) -> Iterator[Name]:
        for part in self.parts - self._in_part:
            for method in self._sources[part[0]].methods(part[1]):
                short = method.partition(".")[2]
                if part in self._whole or short in attributes or short.startswith("__"):
                    yield part[0], method


def _besides(sources: Mapping[str, Source], reached: Collection[Name], marked: set[Name]) -> set[Name]:
    """Return what is no solution and may stay: all that it refers to is there, in a module that is needed."""
    here = {name for name, _ in reached}
    lacking = {_method(part) for part in marked if part not in reached} - {_method(part) for part in reached}
    stays = {
        (name, part)
        for name in here
        for part in sources[name].names
        if marked.isdisjoint({(name, one) for one in (part, *sources[name].methods(part))})
    }
    while gone := {one for one in stays if _lacks(sources[one[0]], one[1], {*reached, *stays}, lacking)}:
        stays -= gone
    return stays


def _lacks(source: Source, part: str, there: Collection[Name], lacking: Collection[str]) -> bool:
    return not all(one in there for one in source.leads_to(part)) or not source.attributes(part).isdisjoint(lacking)


def _method(part: Name) -> str:
    return part[1].partition(".")[2]


def unwritten(text: str, asked: Collection[str]) -> list[str]:
    """Return what a module of a template leaves to write, as `name` or `Class.method`, but for what is asked."""
    try:
        tops = ast.parse(text).body
    except SyntaxError:  # an author's own template; the check of it says so
        return []
    classes = [top for top in tops if isinstance(top, ast.ClassDef)]
    found = [(top.name, top) for top in tops if isinstance(top, DEFINITIONS) and top not in classes]
    found += [(f"{top.name}.{one.name}", one) for top in classes for one in top.body if isinstance(one, DEFINITIONS)]
    lines = text.splitlines()
    todo = {name for name, node in found if any(TODO in line for line in lines[node.lineno - 1 : node.end_lineno])}
    return [name for name, _ in found if name in todo and name not in asked]


def solution_in(written: str, source: str, given: Collection[str]) -> range | None:
    """Return the lines of the first solution of the reference that a template holds and that is not given."""
    reference = Source("", source, ())
    lines = source.splitlines()
    for span in reference.spans:
        solution = "\n".join(lines[line - 1] for line in span)
        if reference.part_at(span.start) not in given and _is_telling(solution) and solution in written:
            return span
    return None


def _is_telling(solution: str) -> bool:
    """Say whether a solution is more than a word or two that a template may well have of its own."""
    return len(solution.split()) > 3


def behind(assignment: Assignment, runs: Mapping[str, Runs]) -> dict[str, str]:
    """Return for each exercise the text of the reference that it asks for and runs through, to tell when that changes.

    Of one that runs a student's own files it is all there is.
    """
    texts = _read(assignment)
    sources = {name: Source(name, text, assignment.layout.modules) for name, text in texts.items()}
    return {
        one.id: "\n".join(texts.values() if one.own_files else _behind(one, runs.get(one.id, Runs()), sources))
        for one in assignment.exercises
    }


def _behind(exercise: Exercise, runs: Runs, sources: Mapping[str, Source]) -> Iterator[str]:
    parts = _Reached(sources, {*_asked(exercise)}, {*_needs(exercise, runs, sources)}).parts
    for name in sorted({module for module, _ in parts}):
        yield from sources[name].imports
    for name, part in sorted(parts):
        yield sources[name].text_of(part)
