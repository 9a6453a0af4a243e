"""How an expression on a student's own variables is written down, in the words of the course's dialect."""

from __future__ import annotations

import re

import msgspec

from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.exercise_kinds import carried_along, snippets, wording
from grader.model import Corpus, Counterexample, Diagnosis


class Speaking(msgspec.Struct, frozen=True):
    """One expression, or one function of the student's, as a student of the course types it.

    `name` is the formula as it is shown, or the function. `imports` are (module, name) of what the lines take.
    """

    package: str
    name: str
    arguments: tuple[str, ...]
    dialect: Dialect
    imports: tuple[tuple[str, str], ...]
    function: str = ""

    def snippet(self, args: tuple[float, ...], d_out: float | None) -> str:
        """Return the expression, and its gradients where there is a d_out, to paste and run."""
        if self.dialect.mode == "pullback":
            return self._joined([f"print({self._pulled(args, 1.0 if d_out is None else d_out)})"])
        if self.dialect.mode == "forward":
            return self._along(args, d_out)
        lines = [*self._made(args, self.arguments), f"out = {self._expression(self.arguments)}"]
        if d_out is None:
            return self._joined([*lines, f"print({self.dialect.words.value.format('out')})"])
        read = ", ".join(self.dialect.words.gradient.format(name) for name in self.arguments)
        return self._joined([*lines, self.dialect.words.sent("out", wording.plain(d_out)), f"print({read})"])

    def two_at_once(self, corpus: Corpus) -> str:
        """Return two expressions before the first is sent back through: the second should change nothing."""
        if self.dialect.mode != "backward":
            return ""
        first, second = (one.args for one in corpus.inputs[:2])
        others = tuple(f"{name}2" for name in self.arguments)
        lines = [*self._made(first, self.arguments), f"out = {self._expression(self.arguments)}"]
        lines += [*self._made(second, others), f"other = {self._expression(others)}"]
        read = ", ".join(self.dialect.words.gradient.format(name) for name in self.arguments)
        return self._joined([*lines, self.dialect.words.sent("out", "1.0"), f"print({read})"])

    def doing(self, backward: bool) -> str:
        """Return what was being done when something was raised."""
        if self.dialect.mode == "pullback":
            return self.function
        if not backward:
            return self.function or f"working out {self.name}"
        if self.dialect.mode == "forward":
            return f"carrying a derivative through {self.name}"
        return f"sending a derivative back through {self.name}"

    def worded(self, one: Counterexample) -> Counterexample:
        """Return a counterexample that names what is sent back as the course does, among the arguments."""
        what = {"backward": "gradient", "pullback": "gradient", "forward": "derivative"}[self.dialect.mode]
        if one.d_out is None:
            return msgspec.structs.replace(one, what="value", snippet=snippets.of(one.snippet, one.returned))
        args = {**one.args, self.dialect.words.sent_name: one.d_out}
        slopes = tuple(msgspec.structs.replace(slope, slope=self._said(slope.slope)) for slope in one.slopes)
        snippet = one.snippet
        if self.dialect.mode == "forward" and one.argument:
            numbers = tuple(one for one in one.args.values() if isinstance(one, float))
            snippet = self._along(numbers, one.d_out, one.argument)
        snippet = snippets.of(snippet, one.returned, gradient=True)
        return msgspec.structs.replace(one, args=args, d_out=None, what=what, slopes=slopes, snippet=snippet)

    def named(self, one: Diagnosis) -> Diagnosis:
        """Return the name of a mistake in the course's words."""
        if self.dialect.mode == "forward":
            one = carried_along.reworded(one)
        return msgspec.structs.replace(one, name=self._said(one.name), why=self._said(one.why))

    def _said(self, text: str) -> str:
        own = self.imports[0][1] if self.imports and not self.function else "Value"
        return re.sub(r"\bValue\b", own, text.replace("d_out", self.dialect.words.sent_name))

    def _made(self, args: tuple[float, ...], names: tuple[str, ...]) -> list[str]:
        leaf = self.dialect.words.leaf
        return [f"{name} = {leaf.format(wording.plain(x))}" for name, x in zip(names, args)]

    def _along(self, args: tuple[float, ...], d: float | None, argument: str = "") -> str:
        """Return one pass of dual numbers: a derivative is carried along one argument, the first where none is said."""
        leaf, words = self.dialect.words.leaf, self.dialect.words
        along = argument or self.arguments[0]
        dxs = [wording.plain((1.0 if d is None else d) if name == along else 0.0) for name in self.arguments]
        made = [f"{name} = {leaf.format(wording.plain(x), d=dx)}" for name, x, dx in zip(self.arguments, args, dxs)]
        read = words.value if d is None else words.gradient
        return self._joined([*made, f"out = {self._expression(self.arguments)}", f"print({read.format('out')})"])

    def _pulled(self, args: tuple[float, ...], d: float) -> str:
        given = ", ".join(map(wording.plain, args))
        return self.dialect.words.pullback.format(self.function, d=wording.plain(d), args=given)

    def _expression(self, names: tuple[str, ...]) -> str:
        """Return the expression over other names; functions as the dialect calls them."""
        if self.function:
            return f"{self.function}({', '.join(names)})"
        text = self.name
        for function, method in self.dialect.methods_in(text):
            text = _as_method(text, function, method)
        renamed = dict(zip(self.arguments, names))
        return re.sub(r"\b[A-Za-z_]\w*\b", lambda found: renamed.get(found[0], found[0]), text)

    def _joined(self, lines: list[str]) -> str:
        imported = [snippets.imports(self.package, *self.imports)] if self.imports else []
        first = [self.dialect.words.first] if self.dialect.words.first else []
        return "; ".join([*first, *imported, *lines])


def of(exercise: Exercise, name: str, arguments: tuple[str, ...], function: str = "") -> Speaking:
    """Return how an exercise's expression, or its function of variables, is written down."""
    dialect = exercise.dialect or Dialect("")
    taken = [(exercise.module, one) for one in exercise.under_test if one in dialect.names or one == function]
    typed = re.findall(r"\w+", f"{dialect.words.leaf} {dialect.words.backward} {dialect.words.plain}")
    known = {name for _, name in taken}
    taken += [(home, name) for name, home in dialect.homes.items() if name in typed and name not in known]
    return Speaking(exercise.package, name, arguments, dialect, tuple(taken), function)


def _as_method(text: str, function: str, method: str) -> str:
    """Write every call of a function of one argument as a method's.

    >>> _as_method("2 * exp(x + exp(y))", "exp", "exp")
    '2 * (x + y.exp()).exp()'
    """
    call = re.compile(rf"(?<![\w.]){function}\(")
    while (found := call.search(text)) is not None:
        depth, end = 1, found.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        inner = text[found.end() : end - 1]
        shown = inner if re.fullmatch(r"\w*[A-Za-z_]\w*", inner) else f"({inner})"
        text = f"{text[: found.start()]}{shown}.{method}(){text[end:]}"
    return text
