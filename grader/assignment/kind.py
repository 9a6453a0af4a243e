"""A kind of exercise: one record that answers everything anyone asks about a kind.

A new kind is a module in `exercise_kinds` with a `KIND`, a module in `sandbox.probes` with a `PROBE` where it asks
something new of a worker, and a line in `exercise_kinds.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

import msgspec

from grader.assignment import forms
from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.forms import Problem
from grader.model import Outcome


class Fresh(msgspec.Struct, frozen=True):
    """A question for a worker that has been asked nothing yet, put as `instead_of` was: nobody tells the two apart."""

    ask: Any
    instead_of: Any


Call = Callable[[Any], Any]
"""Put one question of the kind's own to the worker, or a `Fresh` one to another. Raises where the worker does not
answer, which the caller charges; where a fresh one does not, there is None."""

Outcomes = dict[str, Outcome]
"""Check name -> outcome."""


class Problems:
    """Where a kind tells what is wrong with a form, by the path of the key."""

    def __init__(self, shown: str, places: forms.Places, values: Mapping[str, int] | None = None) -> None:
        """Begin with none. `values` are the numbers that the form's parameters are read with."""
        self._shown, self._places = shown, places
        self.values = values or {}
        self.found: list[Problem] = []

    def add(self, path: str, message: str, offset: int = 0) -> None:
        """Record a mistake at the value of `path`, or at its key with `#key`; `offset` columns further on."""
        key = path
        while key and key not in self._places:  # what is not there is told where it would be
            key = key.rpartition(".")[0]
        line, column = self._places.get(key, (0, 0))
        self.found.append(Problem(self._shown, line, column + offset, message))


class Needs(msgspec.Struct, frozen=True):
    """What a worker that is asked about an exercise needs besides what the exercise asks for: (module, name).

    `walks`: derivatives are sent back, so the machine is used in all its parts. `bases`: so are the classes that what
    is under test derives from. `spoken` are names that the dialect takes, in whichever module they are.
    """

    names: tuple[tuple[str, str], ...] = ()
    spoken: tuple[str, ...] = ()
    walks: bool = False
    bases: bool = True


class Description(msgspec.Struct, frozen=True):
    """What a kind holds a student to, in words for authors, read from what it judges with.

    `checks`: check name -> what is held. `inputs` and `closeness` are sentences; none where there is nothing to say.
    """

    checks: Mapping[str, str]
    inputs: tuple[str, ...] = ()
    closeness: tuple[str, ...] = ()


class Mutation(msgspec.Struct, frozen=True):
    """How mutants of an exercise's reference are made, to prove that its checks catch them.

    `constants`: numbers and operators in it are changed, too. `value` and `gradient` name the checks that are to catch
    a wrong formula, a wrong derivative; `contract` the one for values that are kept on a class. `methods`: it is a
    class with `forward` and `backward`, written in other right styles as well.
    """

    constants: bool = False
    value: str = ""
    gradient: str = ""
    contract: str = ""
    methods: bool = False


StandIn = Literal["", "function", "class"]
"""What is made from an exercise's formula where another exercise needs what it asks for; nothing where blank."""


def stated_formula(exercise: Exercise) -> str:
    """Return the formula of an exercise's record, blank where it has none."""
    formulas = getattr(exercise.spec, "formulas", exercise.spec)
    return getattr(getattr(formulas, "value", None), "text", "")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of exercise: how it is read, prepared, asked and judged, and all that others ask about it.

    `checks`: the names of its checks; none means that an exercise names its own.
    `read` turns the form into (the kind's own record, the names under test), telling `Problems` what is wrong. No names
    means that all of the student's files run with each other, and nothing is provided.
    `prepare` draws one half of the questions from (exercise, count, seed, public). It raises ValueError where they
    cannot be drawn.
    `questions` are those that will be asked whatever is answered.
    `judge` asks them, and others where it needs to, through a `Call`, and returns an outcome for every check. It is a
    function of the answers alone.
    `records` are the types of its own record and of a half, for writing them down and reading them back.
    `describe` says what it holds a student to, from (exercise, public half, private half).
    `formula` is what the assignment sheet states.
    `among_own` turns (exercise, half, modules handed in) into the halves to ask among the student's own files, one of
    which must be right all through.
    `for_handout` returns a public half with what a handout cannot work out for itself.
    `needs` says what of the reference its worker cannot do without.
    `mutants` says how mutants are made of it.
    `fits` returns why an exercise cannot be asked through a dialect; blank where it can, as where none is needed.
    `about` names the function or class that a check is about, `Square.backward` for a method; blank for several.
    `stand_in` is what other exercises' workers get in place of what it asks for.
    `alone`: its code runs with no other part, so it is not asked once more among the student's own files.
    `machinery`: on a student's own machine it runs with the student's `Scalar` and what belongs to it.
    `whole`: its checks are judged by one text, of which no part can be left out.
    `walks`: what it asks for sends derivatives back.
    `shares`: exercises of one file may be asked of one worker.
    `together`: exercises of one file are first asked in one worker, and alone only where something is lost there.
    `sentence` states an exercise that says nothing itself: `{value}`, `{call}` as in `f(x, y)`, `{derivative}` (or
    derivatives) and `{by}` are filled in. Blank where a formula does not say what is asked.
    `imports`: modules that its questions are answered with, which an assignment must allow.
    `on_paper`: there is no code to run; the student's text for an exercise's id is what a `Call` returns.
    `parameters`: its formula may have numbers in it that are drawn per student.
    """

    name: str
    form: type[ExerciseForm]
    checks: tuple[str, ...]
    read: Callable[[Any, Problems], tuple[Any, tuple[str, ...]]]
    prepare: Callable[[Exercise, int, str, bool], Any]
    judge: Callable[[Exercise, Any, Call], Outcomes]
    records: tuple[Any, Any]
    describe: Callable[[Exercise, Any, Any], Description]
    questions: Callable[[Any], tuple[Any, ...]] = lambda half: () if half.ask is None else (half.ask,)
    formula: Callable[[Exercise], str] = stated_formula
    among_own: Callable[[Exercise, Any, Collection[str]], tuple[Any, ...]] = lambda _exercise, half, _handed: (half,)
    for_handout: Callable[[Any], Any] = lambda half: half
    needs: Callable[[Exercise], Needs] = lambda _: Needs()
    mutants: Mutation = Mutation()
    fits: Callable[[Exercise, Dialect], str] = lambda _exercise, _dialect: ""
    about: Callable[[Exercise, str], str] = lambda exercise, _check: (
        exercise.under_test[0] if len(exercise.under_test) == 1 else ""
    )
    stand_in: StandIn = ""
    alone: bool = False
    machinery: bool = False
    whole: bool = False
    walks: bool = False
    shares: bool = False
    together: bool = False
    sentence: str = ""
    on_paper: bool = False
    imports: tuple[str, ...] = ()
    parameters: bool = False


Kinds = Mapping[str, Kind]
