"""What each sentence of feedback claims, and whether it is so: run on the student's files, without the grader.

`RULES` holds every sentence that an outcome may say, by its form, with what must be seen for it to be true. A sentence
that no rule knows is a failure of its own: nobody wrote down what it claims.
"""

from __future__ import annotations

import contextlib
import functools
import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.diagnosis import misconceptions, mistakes, naming
from grader.exercise_kinds import blame, exceptions
from grader.grading import places
from grader.model import Counterexample, Outcome
from grader.reports.text import named
from grader.sandbox.boundary.protocol import Place
from tests import claims, homes, machine_sentences
from tests.claiming import Claim, Rule
from tests.homes import Endless
from tests.mistakes import Formula

SECONDS = 2.0
CLOSE = 1e-4
"""Relative: what is shown has a few digits."""


def false_sentences(claim: Claim) -> list[str]:
    """Return what the outcome says that is not so, or that nobody knows."""
    return [sentence for sentence in said(claim.outcome) if not holds(sentence, claim)]


def said(outcome: Outcome) -> Iterator[str]:
    """Yield every sentence of an outcome, by its field."""
    if outcome.verdict == "accepted" and not outcome.reason:
        return
    yield f"reason: {outcome.reason}"
    if outcome.detail:
        yield f"detail: {outcome.detail}"
    if outcome.help:
        yield f"help: {outcome.help}"
    if outcome.place:
        yield f"place: {outcome.place}"
    yield from (f"caller: {one}" for one in outcome.callers)
    if outcome.counterexample is not None:
        yield "counterexample"
    if outcome.second is not None:
        yield "second"
    for one in outcome.diagnosis:
        yield f"name: {named(one)}"
        if one.why:
            yield f"why: {one.why}"


def holds(sentence: str, claim: Claim) -> bool:
    """Say whether a sentence is so."""
    rules = RULES if hasattr(claim.exercise.spec, "formulas") else [*machine_sentences.RULES, *RULES]
    for pattern, rule in rules:
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found:
            try:
                return homes.within(SECONDS, functools.partial(rule, claim, found))
            except Endless:
                return claim.outcome.verdict == "time limit"
            except Exception:  # what cannot be looked at is not borne out
                return False
    return False


def _raises(claim: Claim, code: str) -> BaseException | None:
    """Run code that feedback shows, and return what it raises."""
    claim.load(claim.exercise.module)
    try:
        printed(code)
    except Exception as error:
        return error
    return None


def printed(code: str) -> list[str]:
    """Run code that feedback shows as it would be pasted, and return the lines that it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as lines:
        exec(code, {})
    return lines.getvalue().splitlines()


def _raised(claim: Claim, _: re.Match[str]) -> bool:
    said = claim.outcome.said.partition(":")[0]
    try:
        error = _raises(claim, claim.outcome.call or "pass")
    except Exception as failed:  # the file itself
        error = failed
    return error is not None and type(error).__name__ == said


def _same(shown: str, number: object) -> bool:
    if shown == "None":
        return number is None
    try:
        return abs(float(shown) - float(number)) <= CLOSE * max(abs(float(shown)), 1e-3)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return not isinstance(number, float)


def _differs(shown: str, expected: str) -> bool:
    between = re.fullmatch(r"between (\S+) and (\S+)", expected)
    try:
        low, high = (float(between[1]), float(between[2])) if between else (float(expected),) * 2
        return not low <= float(shown) <= high
    except ValueError:
        return True


def _example(claim: Claim, shown: Counterexample) -> bool:
    """Hold a counterexample to what comes back there, and to the formula."""
    args, formula = tuple(shown.args.values()), claim.formula()
    if not _differs(shown.returned, shown.expected) or not _shows_it_again(
        shown, formula.arguments, claim.sources[claim.exercise.module]
    ):
        return False
    if shown.d_out is None:
        return _same(shown.returned, claim.value(*args)) and _same(shown.expected, formula.f(*args))
    slot = formula.arguments.index(shown.argument) if shown.argument else 0
    got = _gradients(claim, args, shown.d_out)
    if isinstance(got, tuple) and len(got) == len(args):
        right = "between" in shown.expected or _same(shown.expected, shown.d_out * formula.g[slot](*args))
        return right and _same(shown.returned, got[slot])
    return not shown.argument


def _shows_it_again(shown: Counterexample, arguments: Sequence[str], text: str) -> bool:
    """Run what is there to try: the last line printed is what came back."""
    if "type(ctx)()" in text:  # of our making: it makes contexts of its own, of the class of ours
        return True
    last = re.sub(r"^Scalar\((.*)\)$", r"\1", printed(shown.snippet)[-1])
    got = eval(last.replace("np.float64", "float").replace("np.float32", "float"), {"nan": math.nan, "inf": math.inf})
    if not re.fullmatch(r"[-+.e\d]+|None", shown.returned):
        return True  # it is no number, and told in words
    slot = arguments.index(shown.argument) if shown.argument else 0
    one = got[slot] if isinstance(got, (tuple, list)) and len(got) == len(arguments) else got
    return _same(shown.returned, one)


def _gradients(claim: Claim, args: tuple[float, ...], d_out: float) -> object:
    found = claim.under_test()
    for bare in (False, True):
        with contextlib.suppress(Exception):
            ctx = homes.Box(bare)
            found.forward(ctx, *args)
            got = found.backward(ctx, d_out)
            several = tuple(got) if isinstance(got, (tuple, list)) else (got,)
            return several if len(several) == len(args) else got
    return None


def _value_is_wrong(claim: Claim, _: re.Match[str]) -> bool:
    return claim.outcome.counterexample is not None and _example(claim, claim.outcome.counterexample)


def _name(claim: Claim, found: re.Match[str]) -> bool:
    """Hold a name to what it claims of a value or of gradients, by formulas written for the tests."""
    formula = claim.formula()
    name = _in_x_and_y(found[1], formula.arguments)
    code = claim.under_test()
    own = next((one for one in claim.exercise.spec.formulas.misconceptions if one.say == found[1]), None)
    if name == naming.SINGLE.name:
        return True  # tests/end_to_end/test_sentences.py holds it to numpy's float32
    if name == places.NO_RETURN.name:
        return _gives_none(claim)
    if isinstance(code, type) and claim.check.name != "forward":

        def backward(d: float, *args: float) -> tuple[float, ...]:
            return homes.backward(code, args, d)

        if own is not None:
            return _is_own(own.returns, formula, backward)
        return claims.is_true(name, formula, _quiet(backward))

    def forward(*args: float) -> float:
        return float(claim.value(*args))

    if own is not None:
        return _is_own(own.returns, formula, lambda _, *args: (forward(*args),))
    return claims.is_true_of(name, formula, _quiet(forward))


def _in_x_and_y(name: str, arguments: Sequence[str]) -> str:
    """Return a name with the arguments called as the claims call them."""
    for own, other in zip(arguments, "xyz"):
        name = re.sub(rf"\b{own}\b", other, name)
    return name


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let everything that is raised be a ValueError: a name speaks of what comes back."""

    def quiet(*args: float) -> Any:
        try:
            return function(*args)
        except Exception as error:
            raise ValueError(str(error)) from None

    return quiet


def _is_own(returns: Sequence[Any], formula: Formula, backward: Callable[..., tuple[float, ...]]) -> bool:
    told = 0
    for d, point in claims.grid(formula):
        try:
            got = backward(d, *point)
            wanted = [one.value((*point, d)[: len(one.arguments)]) for one in returns]
        except Exception:
            continue
        told += 1
        if any(abs(one - other) > 1e-6 * max(1.0, abs(other)) for one, other in zip(got, wanted)):
            return False
    return told >= 5


def _gives_too_few(claim: Claim) -> bool:
    """Somewhere there is not one gradient per argument."""
    wanted = len(claim.exercise.spec.formulas.arguments)
    found = [_gradients(claim, point, d) for d, point in claims.grid(claim.formula())]
    return any(not isinstance(one, tuple) or len(one) != wanted for one in found)


def _gives_none_for(claim: Claim, found: re.Match[str]) -> bool:
    slot = claim.formula().arguments.index(found[2])
    got = [_gradients(claim, point, d) for d, point in claims.grid(claim.formula())]
    return all(one[slot] is None for one in got if isinstance(one, tuple))


def _gives_none(claim: Claim) -> bool:
    shown = claim.outcome.counterexample
    return shown is not None and shown.returned == "None"


def _place(claim: Claim, found: re.Match[str]) -> bool:
    """Hold a place to the file: the line stands there."""
    module = Path(found[2]).stem
    lines = claim.sources.get(module, "").splitlines()
    number, text = int(found[3]), found[4] or ""
    return number <= len(lines) and (not text or lines[number - 1].strip() == text)


def _private(claim: Claim, _: re.Match[str]) -> bool:
    """Some input that is not shown comes out wrong."""
    if not hasattr(claim.exercise.spec, "formulas"):
        return True
    code, formula = claim.under_test(), claim.formula()
    for one in claim.private:
        try:
            if isinstance(code, type) and claim.check.name != "forward":
                got: Sequence[float] = homes.backward(code, one.args, one.d_out)
                wanted = [one.d_out * by(*one.args) for by in formula.g]
            else:
                got = [claim.value(*one.args)]
                wanted = [formula.f(*one.args)]
        except ValueError:
            continue
        except Exception:
            return True
        if any(not math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-9) for a, b in zip(got, wanted)):
            return True
    return False


def _contract(claim: Claim, found: re.Match[str]) -> bool:
    """Ask the same twice, another d_out, or two forwards before a backward, by hand."""
    code, formula = claim.under_test(), claim.formula()
    points = [point for _, point in claims.grid(formula)][:20]
    alone = [_one(code, point, 1.5) for point in points]
    if "proportional" in found[0]:
        return any(not _alike(_one(code, point, 3.0), [2 * g for g in one]) for point, one in zip(points, alone) if one)
    if "twice" in found[0]:
        return any(_one(code, point, 1.5) != one for point, one in zip(points, alone))
    contexts = [homes.Box() for _ in points]
    for ctx, point in zip(contexts, points):
        with contextlib.suppress(Exception):
            code.forward(ctx, *point)
    together = []
    for ctx in contexts:
        try:
            got = code.backward(ctx, 1.5)
            together.append(list(got) if isinstance(got, tuple) else [got])
        except Exception:
            together.append([])
    return together != alone


def _one(code: Any, point: tuple[float, ...], d_out: float) -> list[float]:
    try:
        return list(homes.backward(code, point, d_out))
    except Exception:
        return []


def _alike(some: Sequence[float], others: Sequence[float]) -> bool:
    return len(some) == len(others) and all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(some, others))


def _is_absent(claim: Claim, found: re.Match[str]) -> bool:
    try:
        return not hasattr(claim.load(found[2]), found[1])
    except Exception:
        return True


def _is_unwritten(claim: Claim, _: re.Match[str]) -> bool:
    return "NotImplementedError" in claim.sources[claim.exercise.module]


def _helps(claim: Claim, found: re.Match[str]) -> bool:
    """A sentence of the table on exceptions: the exception it is about is the one that is shown."""
    one = next(one for one in exceptions.TABLE if re.fullmatch(_form(one.sentence), found[1]))
    error, _, message = claim.outcome.said.partition(": ")
    source = claim.outcome.place.partition(": ")[2]
    at, callers = _spot(claim.outcome.place), tuple(map(_spot, claim.outcome.callers))
    fault = exceptions.Fault("exception", error, message, file=at.file, line=at.line, source=source, callers=callers)
    return one.holds(fault) is not None


def _spot(place: str) -> Place:
    where, _, source = place.partition(": ")
    file, _, line = where.rpartition(":")
    return Place(file, int(line) if line.isdigit() else 0, source)


def _form(sentence: str) -> str:
    return re.sub(r"\\\{\d\\\}", ".+", re.escape(sentence))


WHYS = {
    one.why
    for one in (
        *misconceptions.COMMON,
        *misconceptions.RARER,
        *misconceptions.CONSTANT,
        *misconceptions.COMMON_VALUES,
        *misconceptions.RARER_VALUES,
        *misconceptions.CONSTANT_VALUES,
    )
} | {mistakes.FACTOR, mistakes.OFFSET, mistakes.TOO_COARSE, naming.BRANCH, naming.SINGLE.why, places.NO_RETURN.why}


def _is_known_why(claim: Claim, found: re.Match[str]) -> bool:
    """A reason belongs to a name, whose truth is held elsewhere."""
    formulas = getattr(claim.exercise.spec, "formulas", None)
    own = {one.why for one in formulas.misconceptions} if formulas is not None else set()
    filled = [_form(one).replace(r"\{x\}", ".+") for one in WHYS]
    parts = re.split(r"(?<=[.?!]) (?=[A-Zb])", found[1])
    whole = any(re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", one), found[1]) for one in filled)
    return whole or found[1] in own or all(any(part in one for one in WHYS | own) for part in parts)


def _also_raises(claim: Claim, found: re.Match[str]) -> bool:
    """Somewhere in the domain it does."""
    for d_out, point in (*claims.grid(claim.formula()), *((one.d_out, one.args) for one in claim.shown)):
        try:
            claim.value(*point)
            if claim.check.name == "backward":
                homes.backward(claim.under_test(), point, d_out)
        except Exception as error:
            if type(error).__name__ == found[1]:
                return True
    return False


def _along_history(claim: Claim, found: re.Match[str]) -> bool:
    """Send 1 back through what the function gives, and look at one argument's derivative."""
    formula = claim.formula()
    slot = formula.arguments.index(found[1])
    for _, point in claims.grid(formula):
        with contextlib.suppress(ValueError):
            scalars, out = claim.on_scalars(*point)
            out.backward(1.0)
            if not math.isclose(scalars[slot].derivative or 0.0, formula.g[slot](*point), rel_tol=1e-6):
                return True
    return False


def _leads_nowhere(claim: Claim, _: re.Match[str]) -> bool:
    _, out = claim.on_scalars(*claims.grid(claim.formula())[0][1])
    return getattr(out, "history", None) is None or out.history.last_fn is None


def _bare(claim: Claim, _: re.Match[str]) -> bool:
    """Both styles, by hand: right with a bare value, wrong with a tuple."""
    d_out, point = claims.grid(claim.formula())[0]
    code, results = claim.under_test(), []
    for bare in (False, True):
        try:
            results.append(homes.with_context(code, point, d_out, homes.Box(bare)))
        except Exception:
            results.append(())
    wanted = [d_out * by(*point) for by in claim.formula().g]
    return not _alike(results[0], wanted) and _alike(results[1], wanted)


RULES: list[tuple[str, Rule]] = [
    (r"reason: the (?:value|gradient) of (\w+) is wrong", _value_is_wrong),
    (r"reason: (\w+)\.backward does not return one gradient per argument", lambda c, _: _gives_too_few(c)),
    (r"reason: the gradient of (\w+) by (\w+) is None", _gives_none_for),
    (r"reason: (?:loading )?(.+) raised an exception", _raised),
    (r"reason: (\S+) (?:is not written yet|still raises NotImplementedError)(?:, and .*)?", _is_unwritten),
    (r"reason: there is no (\w+) in (\w+)\.py", _is_absent),
    (r"reason: it is judged once backward is right", lambda c, _: c.other("backward").verdict != "accepted"),
    (
        r"reason: (\w+)\.forward failed, so backward could not be asked",
        lambda c, _: c.other("forward").verdict != "accepted",
    ),
    (r"reason: right on every input that is shown, and not on some that are not", _private),
    (r"reason: it was still running when its time was up", lambda c, _: _runs_on(c)),
    (r"reason: with several forwards before their backwards, .*", _contract),
    (r"reason: asked the same thing twice, .*", _contract),
    (r"reason: backward is not proportional to d_out", _contract),
    (r"reason: it uses ctx.saved_values without unpacking it: .*", _bare),
    (r"reason: along the history of what \w+ returns, the derivative by (\w+) is wrong: .*", _along_history),
    (r"detail: it is (\S+) and should be (\S+)", lambda _, found: _differs(found[1], found[2])),
    (r"reason: what \w+ returns has no history that leads back to its arguments", _leads_nowhere),
    (r"counterexample", lambda c, _: c.outcome.counterexample is not None and _example(c, c.outcome.counterexample)),
    (r"second", lambda c, _: c.outcome.second is not None and _example(c, c.outcome.second)),
    (r"detail: on other inputs it raises (\w+)(?:: .*?)?(?: \(\S+:\d+\))?", _also_raises),
    (r"name: values are kept on the class or in a global", lambda c, f: _contract(c, f)),
    (r"name: (.*)", _name),
    (r"why: The next forward overwrites them; .*", lambda c, _: c.check.name == "contract"),
    (r"why: (.*)", _is_known_why),
    (r"(place|caller): (\S+?\.py):(\d+)(?:: (.*))?", _place),
    (rf"help: ({'|'.join(map(re.escape, blame.AT.values()))})", lambda c, _: c.outcome.verdict == "time limit"),
    (rf"help: ({'|'.join(_form(one.sentence) for one in exceptions.TABLE)})", _helps),
]
"""A sentence, by its form, and what makes it true. The first that fits is asked."""


def _runs_on(claim: Claim) -> bool:
    _raises(claim, claim.outcome.call or "pass")
    return False  # it came to an end
