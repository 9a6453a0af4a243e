"""Which code an assignment has under test, and which mistakes and right styles are planted in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Equivalent, Exercise
from grader.assignment.kind import Mutation
from grader.assignment.template import solutions, without_solutions
from grader.audit.mutants import Mutant, machinery, styles, syntax, table
from grader.exercise_kinds.kinds import KINDS
from grader.model import Submission
from grader.sandbox.boundary.protocol import file_of

EVERYTHING = "backpropagate"
"""What is planted in for an exercise on all of a student's files: the walk that brings the derivatives."""


class Target(msgspec.Struct, frozen=True):
    """A function or class of the reference, and the exercises that have it under test."""

    module: str
    name: str
    exercises: tuple[Exercise, ...]

    def ids(self) -> tuple[str, ...]:
        """Return the ids of its exercises."""
        return tuple(one.id for one in self.exercises)

    def equivalents(self) -> list[Equivalent]:
        """Return what its exercises list as no mistake."""
        return [entry for exercise in self.exercises for entry in exercise.equivalent]

    def lists(self, name: str) -> str:
        """Return why a mistake of this name is none, as its exercises have it; nothing where they have nothing."""
        return next((one.because for one in self.equivalents() if one.is_about(name)), "")

    def mutations(self) -> list[Mutation]:
        """Return how mutants are made, per exercise."""
        return [KINDS[one.kind].mutants for one in self.exercises]

    def checks(self) -> set[str]:
        """Return the names of all its exercises' checks."""
        return {check.name for exercise in self.exercises for check in exercise.checks}


def together(exercises: Sequence[Exercise], ids: Sequence[str]) -> tuple[str, ...]:
    """Return these exercises and those that have the same code under test: a mistake may be another one's to catch."""
    code = {(one.module, name) for one in exercises if one.id in ids for name in one.under_test}
    return tuple(one.id for one in exercises if one.id in ids or code & {(one.module, name) for name in one.under_test})


class MutationSet(msgspec.Struct, frozen=True):
    """A piece of code with all that is planted in it: each mistake, and each right style, as a submission."""

    code: Target
    wrong: tuple[tuple[Mutant, Submission], ...]
    right: tuple[tuple[Mutant, Submission], ...]


def codes(exercises: Sequence[Exercise], sources: Mapping[str, str]) -> tuple[Target, ...]:
    """Group exercises by the code that they have under test. What is worked out on paper is code of its own."""
    found: dict[tuple[str, str], list[Exercise]] = {}
    for exercise in exercises:
        if exercise.own_files:
            home = next((module for module, text in sources.items() if _defines(text, EVERYTHING)), exercise.module)
            found.setdefault((home, f"{EVERYTHING}, all files"), []).append(exercise)
        for name in exercise.under_test:
            found.setdefault((exercise.module, name), []).append(exercise)
        if not exercise.own_files and not exercise.under_test:
            found.setdefault((exercise.module, exercise.id), []).append(exercise)
    return tuple(Target(module, name, tuple(those)) for (module, name), those in found.items())


def _defines(source: str, name: str) -> bool:
    return any(
        isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name for node in ast.parse(source).body
    )


def planted(
    code: Target, sources: Mapping[str, str], answers: Mapping[str, str], public: Mapping[str, Any]
) -> MutationSet:
    """Plant all there is in one piece of code; `public` holds what its exercises were prepared with."""
    source = sources.get(code.module)
    if source is None:
        slips = _on_paper(code, answers)
        return MutationSet(code, tuple((one, handed_in(sources, None, changed)) for one, changed in slips), ())
    context = next((text for text in sources.values() if _defines(text, "Context")), "")
    return MutationSet(
        code,
        tuple((one, handed_in(sources, one, answers)) for one in _mistakes(code, source, public)),
        tuple((one, handed_in(sources, one, answers)) for one in _right(code, source, context)),
    )


def _mistakes(code: Target, source: str, public: Mapping[str, Any]) -> list[Mutant]:
    """Return the mistakes that one of the code's exercises is there to catch."""
    found = [msgspec.structs.replace(one, meant=one.meant or _meant(code, one)) for one in _all(code, source, public)]
    return [one for one in found if not one.meant or set(one.meant) & code.checks()]


def _all(code: Target, source: str, public: Mapping[str, Any]) -> Iterator[Mutant]:
    constants = any(one.constants for one in code.mutations())
    if any(exercise.own_files for exercise in code.exercises):
        yield from machinery.mistakes(code.module, source, [EVERYTHING])
        if any(one.kind == "arrays" for one in code.exercises):
            yield from syntax.mistakes(code.module, source, [EVERYTHING], constants)
        return
    if _present(code):
        yield from machinery.mistakes(code.module, source, [code.name])
    yield from _from_the_table(code, source, public)
    if "contract" in code.checks() and any(one.kind == "expression" for one in code.exercises):
        yield from table.from_the_last(code.module, source, code.name)
    if "contract" in code.checks() and any(one.kind == "arrays" for one in code.exercises):
        yield from table.twice_when_asked_again(code.module, source, code.name)
    yield from syntax.mistakes(code.module, source, [code.name], constants, _unjudged(code))


def _unjudged(code: Target) -> syntax.Unjudged:
    """Return which of its gradients none of its exercises looks at, and how many arguments it has."""
    formulas = [one.spec.formulas for one in code.exercises if KINDS[one.kind].mutants.methods]
    if not formulas:
        return syntax.NOTHING_LEFT_OUT
    names = formulas[0].arguments
    constant = set(names).intersection(*(one.value.constants for one in formulas))
    return tuple(i for i, name in enumerate(names) if name in constant), len(names)


def _from_the_table(code: Target, source: str, public: Mapping[str, Any]) -> Iterator[Mutant]:
    checks = code.checks()
    exercise, made = code.exercises[0], KINDS[code.exercises[0].kind].mutants
    if not made.value or exercise.id not in public:
        return
    formulas, corpus = exercise.spec.formulas, public[exercise.id].corpus
    if made.value in checks:
        yield from table.values(code.module, source, code.name, formulas, corpus, made.value, made.methods)
    if made.gradient in checks:
        yield from table.gradients(code.module, source, code.name, formulas, corpus)
    if made.contract in checks and f"class {code.name}" in source:
        yield table.kept_on_the_class(code.module, source, code.name)


def _meant(code: Target, planted: Mutant) -> tuple[str, ...]:
    """Return the checks that a slip in this place is for: a method of a function has a check of its own."""
    if not any(one.methods for one in code.mutations()):
        return ()
    if planted.where.endswith(".forward"):
        return ("backward",) if "save_for_backward" in planted.what else ("forward",)
    return ("backward",) if planted.where.endswith(".backward") else ()


def _right(code: Target, source: str, context: str) -> list[Mutant]:
    """Return right code in other styles; `context` is the source that defines contexts."""
    if any(exercise.own_files for exercise in code.exercises):
        return []
    found = list(machinery.styles(code.module, source, [code.name])) if _present(code) else []
    if any(one.methods for one in code.mutations()):
        both = ("either", "unwrapped_first")
        bare = all(getattr(exercise.spec, "saved_values", "either") in both for exercise in code.exercises)
        found += styles.functions(code.module, source, code.name, context, bare)
        found += styles.without_gradient(code.module, source, code.name, *_unjudged(code))
    return found


def _present(code: Target) -> bool:
    """Say whether the code is written against the present interface, as what is planted by hand is."""
    return all(one.dialect is None or one.dialect.name == "minitorch" for one in code.exercises)


def _on_paper(code: Target, answers: Mapping[str, str]) -> Iterator[tuple[Mutant, dict[str, str]]]:
    """Yield every slip in an answer that was worked out by hand, with all answers as they then are."""
    for exercise in code.exercises:
        text = answers.get(exercise.id, "")
        source = f"def answer({', '.join(exercise.spec.names)}):\n    return {text}\n"
        try:
            found = list(syntax.mistakes(code.module, source, ["answer"], True))
        except SyntaxError:
            continue
        for one in found:
            changed = one.source.partition("return ")[2].strip()
            if changed:
                slip = Mutant(code.module, exercise.id, f"{text} → {changed}", "")
                yield slip, {**answers, exercise.id: changed}


def template(exercises: Sequence[Exercise], sources: Mapping[str, str]) -> Submission:
    """Return what students start from, handed in untouched: without solutions, or, where none is marked, hollow."""
    blank = {}
    for module, text in sources.items():
        tested = {name for one in exercises for name in one.under_test if one.module == module}
        blank[module] = without_solutions(text) if solutions(text) else _hollow(text, tested)
    return handed_in(blank, None, {})


def _hollow(source: str, names: set[str]) -> str:
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in names:
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef):
                    inner.body = ast.parse("raise NotImplementedError").body
    return ast.unparse(ast.fix_missing_locations(tree))


def handed_in(sources: Mapping[str, str], one: Mutant | None, answers: Mapping[str, str]) -> Submission:
    """Return the reference, with one module replaced where something is planted, as if a student had handed it in."""
    changed = {**sources, one.module: one.source} if one else sources
    modules = {name: (file_of(name), text.encode()) for name, text in changed.items()}
    return Submission("planted", modules, answers=dict(answers))
