"""Exercises as records: what every exercise's file has, and what it is once it is read."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal

import msgspec

from grader.assignment.dialects import Dialect
from grader.model import Feedback, Hint, Visibility
from grader.sandbox.boundary.protocol import file_of

DEFAULT_KIND = "function"
ANSWERS = "answers.yaml"
ID = "^[a-z0-9][a-z0-9-]{0,62}$"
"""What an exercise's id is like."""


def in_package(package: str, name: str) -> str:
    """Return the path of a package's file; a package without a name has no folder of its own."""
    return f"{package}/{name}" if package else name


class HintForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hint that is kept back until so many attempts have been made."""

    say: str
    after: int = 0


class CheckForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check written out: its points, who sees its outcome, how much its feedback says, and hints, one or staged.

    Without `feedback` the assignment's own level for its visibility holds. The name of a mistake is kept back until
    `name_after` attempts have been made, and why it is one, with what helps, until `why_after`.
    """

    points: Fraction
    visibility: Visibility = "visible"
    feedback: Feedback | None = None
    hint: str = ""
    hints: tuple[HintForm, ...] = ()
    name_after: int = 0
    why_after: int = 0


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A planted mistake that is none, by its name in `grader audit` (`*` stands for anything), and the reason."""

    mistake: str
    because: str

    def is_about(self, name: str) -> bool:
        """Say whether this is about the planted mistake of that name."""
        return re.fullmatch(".*".join(map(re.escape, self.mistake.split("*"))), name) is not None


class Parameter(msgspec.Struct, frozen=True):
    """A name in an exercise's formula, and the whole numbers that it is drawn from per student, each as likely."""

    name: str
    values: tuple[int, ...]

    @property
    def usual(self) -> int:
        """Return the number that staff see where no student is named: the middle one."""
        return self.values[len(self.values) // 2]


class ExerciseForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every exercise's file has. Each kind adds its own keys.

    `under_test`: the names in `file` that stay the student's, beside those that the kind itself asks for; `everything`:
    all their files, nothing provided. `through`: the dialect that it is asked through, where not the assignment's.
    `show`: what the assignment sheet states; `statement` keeps the formula back, where that is the answer.
    `figure`: an expression whose backpropagation the sheet shows, with what its names are, as
    `h = exp(z); z = x * y; x = 2; y = 3`. `parameters`: names in the formula that are drawn per student, each from a
    range as `2..9` or from a list of whole numbers.
    """

    format: Literal[1]
    kind: str = DEFAULT_KIND
    id: str
    title: str
    statement: str
    file: str
    checks: dict[str, Fraction | CheckForm]
    points: Fraction | None = None
    variants: tuple[Variant, ...] = ()
    equivalent: tuple[Equivalent, ...] = ()
    under_test: tuple[str, ...] | Literal["everything"] = ()
    through: str = ""
    show: Literal["formula", "statement"] = "formula"
    figure: str = ""
    parameters: dict[str, str | tuple[int, ...]] = {}


class CheckSpec(msgspec.Struct, frozen=True):
    """One thing judged, and what it is worth. `feedback` is None where the assignment is to say."""

    name: str
    points: Fraction
    visibility: Visibility
    feedback: Feedback | None
    hints: tuple[Hint, ...]
    name_after: int = 0
    why_after: int = 0


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to set an exercise up, for solutions that are right together with other parts.

    `own`: names, in any module, that stay the student's besides; `provide`: module -> lines added to what is provided.
    An exercise earns what its best way of being set up earns.
    """

    own: tuple[str, ...] = ()
    provide: dict[str, str] = {}


class Exercise(msgspec.Struct, frozen=True):
    """One thing asked of a student. `spec` is the record of its kind.

    `module` names the file to hand in, dotted where it lies in a folder. `under_test` are the names in that module
    which stay the student's; all others that the assignment knows are provided. `package` is what their package is
    called, blank where the files lie in a folder without a name. `own_files`: nothing is provided, the student's files
    run with each other. `on_paper`: there is no code to run, and the student's text under the exercise's id in
    `answers.yaml` is judged. `through` names the dialect it asks for itself, and `dialect` is what it is asked through.
    `place` is the line and column of its id where its file holds several, else 0. `show` says what the sheet states,
    and `figure` which expression it draws. `parameters` are drawn per student, and `drawn` are the numbers that it is
    asked with here; `form` is then what its file has, to ask it with others.
    """

    id: str
    kind: str
    title: str
    statement: str
    module: str
    under_test: tuple[str, ...]
    checks: tuple[CheckSpec, ...]
    spec: Any
    source: str
    digest: str
    place: tuple[int, int] = (0, 0)
    package: str = ""
    own_files: bool = False
    on_paper: bool = False
    variants: tuple[Variant, ...] = ()
    equivalent: tuple[Equivalent, ...] = ()
    through: str = ""
    dialect: Dialect | None = None
    show: Literal["formula", "statement"] = "formula"
    figure: str = ""
    parameters: tuple[Parameter, ...] = ()
    drawn: tuple[int, ...] = ()
    form: Any = None

    @property
    def values(self) -> dict[str, int]:
        """Return the numbers that its parameters are here, by name."""
        return dict(zip((one.name for one in self.parameters), self.drawn))

    @property
    def file(self) -> str:
        """Return the name of the file to hand in."""
        return ANSWERS if self.on_paper else file_of(self.module)

    @property
    def written(self) -> str:
        """Return where it is written: its file, and the line and column in it where others are there, too."""
        return ":".join([self.source, *(map(str, self.place) if any(self.place) else ())])

    @property
    def points(self) -> Fraction:
        """Return what all its checks are worth together."""
        return sum((check.points for check in self.checks), Fraction(0))
