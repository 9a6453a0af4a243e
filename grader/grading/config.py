"""The assignment: which exercises, what they weigh, and how a class of submissions is run."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader.assignment import addresses, exercises, forms, late
from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem, near
from grader.assignment.late import LateForm, Policy
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import accepted
from grader.grading.accepted import Accepted, Through
from grader.model import Feedback
from grader.reports.text import a_few

STANDARD_IMPORTS = tuple(
    """
    __future__ abc array builtins collections contextlib copy datetime decimal enum fractions functools heapq io
    itertools math numbers operator os queue re string struct sys time types typing warnings weakref
    """.split()  # noqa: SIM905 - thirty quoted words would hide what is not there
)
"""What any submission may import. Containment is the sandbox's work, so the list can afford to be kind."""

RARE_IMPORTS = (
    *("argparse", "ast", "bisect", "cmath", "dataclasses", "doctest", "inspect", "json", "logging", "pathlib"),
    *("pprint", "random", "statistics", "textwrap", "timeit", "traceback", "unittest", "uuid"),
)
"""As free to import, but every worker would pay for them: they are there only where a submission names one."""


class LayoutForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The package students fill in: its name, its modules in loading order, and the solved copy of it.

    Without a name its files lie beside each other. A module in a folder has dots: `ops.arithmetic`.
    """

    package: str = "minitorch"
    modules: tuple[str, ...] = ("operators", "autodiff", "scalar_functions", "scalar", "lecture8")
    reference: str = "reference"


class LimitsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """CPU seconds for an exercise and a submission, MiB of memory, KiB of text printed in one exercise."""

    exercise_cpu_seconds: float = 2.0
    submission_cpu_seconds: float = 20.0
    memory_mib: int = 256
    output_kib: int = 1024


class CorpusForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many inputs an exercise is judged at, and the seed they are drawn from."""

    seed: str = "1"
    public: int = 50
    private: int = 50


class FeedbackForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much students read of a check that does not say so itself: while it is visible, and once it is published."""

    visible: Feedback = "full"
    hidden: Feedback = "verdict"


class GradescopeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a bundle grades on Gradescope: the wall seconds for one submission, and whether there is a leaderboard."""

    wall_seconds: int = 480
    leaderboard: bool = False


class CourseForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is in the course and what was decided by hand (files, relative to the config), and which attempt counts.

    `due` is what the assignment sheet says of the date; lateness is told by the platform.
    """

    roster: str = ""
    overrides: str = "overrides.yaml"
    attempts: Literal["latest", "best"] = "latest"
    due: str = ""


class CanvasForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where `grader canvas push` sends marks: Canvas's address, and the numbers of a course and an assignment there."""

    url: str = ""
    course: int = 0
    assignment: int = 0


LONGEST_PATH, LONGEST_NAME = 1000, 255


class ConfigForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """config.yaml as written.

    `hand_in` is a sentence on what to hand in, and how, that students read when all is done; blank: made of the layout.
    `secret` is the file with what exercises' parameters are drawn with.
    """

    format: Literal[1]
    assignment: str
    title: str
    exercises: tuple[str, ...]
    weights: dict[str, Fraction] = {}
    layout: LayoutForm = LayoutForm()
    through: Through = ""
    allow_imports: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    limits: LimitsForm = LimitsForm()
    corpus: CorpusForm = CorpusForm()
    required_tier: int = 3
    submissions: str = ""
    out: str = "reports"
    jobs: int = 0
    feedback: FeedbackForm = FeedbackForm()
    late: LateForm = LateForm()
    gradescope: GradescopeForm = GradescopeForm()
    course: CourseForm = CourseForm()
    canvas: CanvasForm = CanvasForm()
    hand_in: str = ""
    secret: str = ""


class Assignment(msgspec.Struct, frozen=True):
    """What is asked, and how it is run. Paths are absolute; weights cover every exercise.

    `exercises` are those that were chosen, `every` all that its file names: what one asks for is no gift to another.
    `through` are the dialects that are accepted, and `others` the assignment as it is asked of each but the first;
    there `unasked` says why an exercise cannot be asked. `student` is whose parameters it is asked with; blank: with
    usual ones, which are nobody's.
    """

    id: str
    title: str
    root: Path
    exercises: tuple[Exercise, ...]
    every: tuple[Exercise, ...]
    weights: dict[str, Fraction]
    layout: LayoutForm
    reference: Path
    allowed: tuple[str, ...]
    packages: tuple[str, ...]
    stubs: tuple[str, ...]
    limits: LimitsForm
    corpus: CorpusForm
    required_tier: int
    submissions: Path | None
    out: Path
    jobs: int
    late: Policy = Policy()
    gradescope: GradescopeForm = GradescopeForm()
    roster: Path | None = None
    overrides: Path = Path("overrides.yaml")
    attempts: Literal["latest", "best"] = "latest"
    due: str = ""
    hand_in: str = ""
    canvas: CanvasForm = CanvasForm()
    through: tuple[Accepted, ...] = ()
    others: tuple[Assignment, ...] = ()
    unasked: dict[str, str] = {}
    secret: Path | None = None
    student: str = ""

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """Return the dialects that submissions may be in, the usual one first."""
        return tuple(one.dialect for one in self.through)

    @property
    def possible(self) -> Fraction:
        """Return the points that a right submission earns."""
        return sum((one.points * self.weights[one.id] for one in self.exercises), Fraction(0))


def load(path: Path, only: tuple[str, ...] = (), begun: bool = True) -> Assignment:
    """Read an assignment and its exercises. `only` keeps the exercises of those ids.

    One that is not `begun` may have folders without an exercise.

    Raises UsageError (FormError for mistakes in the files, with every one found).

    >>> assignment = load(Path("config.yaml"), ("square",))
    >>> [(one.id, one.file, str(one.points)) for one in assignment.exercises]
    [('square', 'lecture8.py', '4')]
    """
    form, places = _read(path)
    root = path.resolve().parent
    problems = _out_of_range(form, places, path.name)
    if endless := _no_paths(form, places, path.name):
        raise FormError(problems + endless)
    try:
        read = exercises.load(exercises.files([root / entry for entry in form.exercises], begun), root, KINDS)
        dialects = _dialects(form, places, root, path.name)
        spoken = accepted.asked_through(read, dialects[0], root)
        layout = form.layout
        found = accepted.packaged(spoken, layout.package, root / layout.reference, layout.modules)
    except FormError as error:
        raise FormError(problems + error.problems) from None
    problems += _no_modules(form.layout, places, path.name)
    problems += _no_stubs(form, places, path.name)
    problems += _not_allowed(form, found, places, path.name)
    problems += _unknown_weights(form, found, places, path.name)
    problems += _no_times(form.late, places, path.name)
    problems += _no_address(form.canvas.url, places, path.name)
    problems += _no_secret(form, found, path.name)
    if problems:
        raise FormError(problems)
    assignment = Assignment(
        id=form.assignment,
        title=form.title,
        root=root,
        exercises=tuple(_levelled(exercise, form.feedback) for exercise in _chosen(found, only)),
        every=found,
        weights={exercise.id: form.weights.get(exercise.id, Fraction(1)) for exercise in found},
        layout=form.layout,
        through=dialects,
        reference=root / form.layout.reference,
        allowed=(*STANDARD_IMPORTS, *RARE_IMPORTS, *form.allow_imports),
        packages=form.allow_imports,
        stubs=form.stubs,
        limits=form.limits,
        corpus=form.corpus,
        required_tier=form.required_tier,
        submissions=root / form.submissions if form.submissions else None,
        out=root / form.out,
        jobs=form.jobs,
        late=late.policy(form.late),
        gradescope=form.gradescope,
        roster=root / form.course.roster if form.course.roster else None,
        overrides=root / (form.course.overrides or CourseForm().overrides),
        attempts=form.course.attempts,
        due=form.course.due,
        hand_in=" ".join(form.hand_in.split()),
        canvas=form.canvas,
        secret=root / form.secret if form.secret else None,
    )
    others = tuple(_asked_of(assignment, one, read, form.feedback, only) for one in dialects[1:])
    return msgspec.structs.replace(assignment, others=others)


def _dialects(form: ConfigForm, places: forms.Places, root: Path, shown: str) -> tuple[Accepted, ...]:
    """Read the dialects. Raises FormError, with the place in the config where a problem is in no file of its own."""
    try:
        return accepted.read(form.through, root)
    except FormError as error:
        place = places.get("through", (0, 0))
        raise FormError(
            [one if one.line else Problem(shown, *place, f"through: {one.message}") for one in error.problems]
        ) from None


def _asked_of(
    assignment: Assignment,
    other: Accepted,
    read: Sequence[Exercise],
    levels: FeedbackForm,
    only: tuple[str, ...],
) -> Assignment:
    """Return an assignment as it is asked of submissions in another dialect."""
    asked, unasked = accepted.asked_besides(read, other, assignment.root)
    layout, reference = assignment.layout, other.reference or assignment.reference
    found = accepted.packaged(asked, layout.package, reference, layout.modules)
    return msgspec.structs.replace(
        assignment,
        exercises=tuple(_levelled(exercise, levels) for exercise in _chosen(found, only)),
        every=found,
        reference=reference,
        through=(other,),
        unasked=unasked,
    )


def form(path: Path) -> ConfigForm:
    """Read a config as written, without its exercises. Raises UsageError."""
    return _read(path)[0]


def _read(path: Path) -> tuple[ConfigForm, forms.Places]:
    if not path.is_file():
        raise UsageError(f"{path}: no such configuration file; name one with --config")
    return forms.read(path, ConfigForm, path.name)


RANGES: dict[str, tuple[float, float]] = {
    "limits.exercise_cpu_seconds": (0.05, 600),
    "limits.submission_cpu_seconds": (0.05, 3600),
    "limits.memory_mib": (16, 65536),
    "limits.output_kib": (1, 65536),
    "corpus.public": (4, 10_000),
    "corpus.private": (0, 10_000),
    "required_tier": (1, 3),
    "jobs": (0, 1024),
    "late.percent": (0, 100),
    "late.cap_percent": (0, 100),
    "gradescope.wall_seconds": (30, 2340),
    "canvas.course": (0, 10**18),
    "canvas.assignment": (0, 10**18),
}
"""Key -> the least and the most that it may be."""


def _out_of_range(form: ConfigForm, places: dict[str, tuple[int, int]], shown: str) -> list[Problem]:
    values = {key: float(functools.reduce(getattr, key.split("."), form)) for key in RANGES}  # type: ignore[arg-type]
    return [
        Problem(shown, *places.get(key, (0, 0)), f"{key} should lie between {lo:g} and {hi:g}, not {values[key]:g}")
        for key, (lo, hi) in RANGES.items()
        if not lo <= values[key] <= hi
    ]


def _unknown_weights(
    form: ConfigForm, found: tuple[Exercise, ...], places: dict[str, tuple[int, int]], shown: str
) -> list[Problem]:
    ids = [exercise.id for exercise in found]
    problems = []
    for key, weight in form.weights.items():
        place = places.get(f"weights.{key}#key", (0, 0))
        if key not in ids:
            problems.append(Problem(shown, *place, f"weights: no exercise has the id {key!r}{near(key, ids)}"))
        elif weight < 0:
            problems.append(Problem(shown, *place, f"weights: {key} should not be negative"))
    return problems


def _no_times(written: LateForm, places: dict[str, tuple[int, int]], shown: str) -> list[Problem]:
    """Return what is wrong with the times of the late policy."""
    problems = []
    for key, text, other in (("grace", written.grace, ""), ("drop", written.drop, f", or {late.NEVER}")):
        if late.span(text) is None and not (other and text == late.NEVER):
            said = f"late.{key} should be a time such as 15m, 2h or 7d{other}, not {text!r}"
            suggestion = near(text, [late.NEVER]) if other else ""
            problems.append(Problem(shown, *places.get(f"late.{key}", (0, 0)), said + suggestion))
    grace, drop = late.span(written.grace), late.span(written.drop)
    if grace is not None and drop is not None and drop < grace:
        said = f"late.drop ({written.drop}) should not come before the grace ({written.grace}) is over"
        problems.append(Problem(shown, *places.get("late.drop", (0, 0)), said))
    return problems


def _no_modules(layout: LayoutForm, places: dict[str, tuple[int, int]], shown: str) -> list[Problem]:
    """Return what is no name of a package or a module, or is there twice."""
    problems = []
    if layout.package and not _is_name(layout.package):
        said = f"layout.package {layout.package!r} should be a package's name, or blank for files without a package"
        problems.append(Problem(shown, *places.get("layout.package", (0, 0)), said))
    for i, name in enumerate(layout.modules):
        place = places.get(f"layout.modules.{i}", (0, 0))
        if not all(map(_is_name, name.split("."))):
            meant = name.removesuffix(".py").replace("/", ".")
            hint = f"; did you mean {meant!r}?" if all(map(_is_name, meant.split("."))) else ""
            said = f"module {name!r} should be a name such as engine, or ops.arithmetic for one in a folder{hint}"
            problems.append(Problem(shown, *place, said))
        elif name.casefold() in (one.casefold() for one in layout.modules[:i]):
            problems.append(Problem(shown, *place, f"module {name!r} is there twice"))
    return problems


def _not_allowed(
    form: ConfigForm, exercises: Sequence[Exercise], places: forms.Places, shown: str
) -> Iterator[Problem]:
    """Yield what is imported to ask an exercise, and is not allowed."""
    for module in dict.fromkeys(module for one in exercises for module in KINDS[one.kind].imports):
        if module not in form.allow_imports:
            kinds = ", ".join(dict.fromkeys(one.kind for one in exercises if module in KINDS[one.kind].imports))
            said = f"allow_imports should hold {module}: exercises of kind {kinds} are asked with it"
            yield Problem(shown, *places.get("allow_imports", (0, 0)), said)


def _no_stubs(form: ConfigForm, places: dict[str, tuple[int, int]], shown: str) -> list[Problem]:
    """Return which stubs are no names, or names of what is there."""
    allowed = {name.partition(".")[0] for name in (*STANDARD_IMPORTS, *RARE_IMPORTS, *form.allow_imports)}
    own = {form.layout.package, *(name.partition(".")[0] for name in form.layout.modules)}
    problems = []
    for i, name in enumerate(form.stubs):
        place, top = places.get(f"stubs.{i}", (0, 0)), name.partition(".")[0]
        if not all(map(_is_name, name.split("."))):
            problems.append(
                Problem(shown, *place, f"stub {name!r} should be a module's name, such as numba or numba.cuda")
            )
        elif top in allowed:
            problems.append(Problem(shown, *place, f"stub {name!r}: {top} may be imported; leave one of the two out"))
        elif top in own:
            problems.append(Problem(shown, *place, f"stub {name!r}: students write {top} themselves; leave it out"))
    return problems


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _no_paths(form: ConfigForm, places: dict[str, tuple[int, int]], shown: str) -> list[Problem]:
    """Return what no file can be called: it would be told by the system, and not where it stands."""
    course, layout = form.course, form.layout
    named = {
        **{f"exercises.{i}": entry for i, entry in enumerate(form.exercises)},
        "layout.reference": layout.reference,
        "submissions": form.submissions,
        "out": form.out,
        "course.roster": course.roster,
        "course.overrides": course.overrides,
        "secret": form.secret,
    }
    return [
        Problem(shown, *places.get(key, (0, 0)), f"{key}: no file or folder is called {text[:40]!r}…")
        for key, text in named.items()
        if "\0" in text
        or len(text) > LONGEST_PATH
        or any(len(part.encode()) > LONGEST_NAME for part in text.split("/"))
    ]


def _no_address(url: str, places: dict[str, tuple[int, int]], shown: str) -> list[Problem]:
    said = addresses.wrong_with(url) if url else ""
    return [Problem(shown, *places.get("canvas.url", (0, 0)), f"canvas.url {said}")] if said else []


def _no_secret(form: ConfigForm, exercises: Sequence[Exercise], shown: str) -> Iterator[Problem]:
    """Yield that parameters are to be drawn, and there is nothing to draw them with."""
    drawn = [one.id for one in exercises if one.parameters]
    if drawn and not form.secret:
        said = (
            f"{a_few(drawn)} {'has' if len(drawn) == 1 else 'have'} parameters that are drawn per student: name a file "
            "with a secret to draw them with, as in secret: parameters.secret, and keep that file to yourselves"
        )
        yield Problem(shown, 0, 0, said)


def _levelled(exercise: Exercise, levels: FeedbackForm) -> Exercise:
    """Let the assignment say how much is told of the checks that do not say so themselves."""
    checks = tuple(
        msgspec.structs.replace(one, feedback=one.feedback or getattr(levels, one.visibility))
        for one in exercise.checks
    )
    return msgspec.structs.replace(exercise, checks=checks)


def _chosen(found: tuple[Exercise, ...], only: tuple[str, ...]) -> tuple[Exercise, ...]:
    ids = [exercise.id for exercise in found]
    for name in only:
        if name not in ids:
            raise UsageError(f"no exercise has the id {name!r}{near(name, ids)}; there are {', '.join(ids)}")
    return tuple(exercise for exercise in found if not only or exercise.id in only)
