"""`pytest --submission .`: the exercises as ordinary pytest items, one a check, under the file they are written in.

With `homework = .` in pytest.ini, as a handout has it, `pytest` alone does the same. So `-k`, `-x`, `--lf`, `-n`, JUnit
and an editor's test panel work as they do for any tests. What a failure shows is our feedback. Without either this
costs nothing but its own import.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # imported only where a submission is named
    from grader.model import Submission
    from grader.selfcheck.checking import Checked, SelfCheck
    from grader.selfcheck.finding import Place
    from grader.selfcheck.prepared import EncodedExercise

WIDTH = 88
PLUGIN = "autodiff-grader-submission"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run be told whose homework to check, and for which assignment."""
    group = parser.getgroup("autodiff-grader", "check homework on automatic differentiation")
    group.addoption("--submission", metavar="DIR", help="collect the exercises of your own homework in DIR")
    group.addoption("--assignment", metavar="FILE", help="for which assignment (default: the nearest one above DIR)")
    parser.addini("homework", "the folder of your own homework, for a run that names none", type="paths")


def pytest_configure(config: pytest.Config) -> None:
    """Find the homework, where one is named."""
    if _named(config):
        from grader.errors import JudgeError, UsageError

        try:
            config.pluginmanager.register(_Homework(config), PLUGIN)
        except (UsageError, JudgeError) as error:
            raise pytest.UsageError(str(error)) from None


def _named(config: pytest.Config) -> Path | None:
    """Return the folder of a homework: the option's, from where pytest was started, or the one beside `pytest.ini`."""
    folder: str | None = config.getoption("submission", None)
    if folder:
        return config.invocation_params.dir / folder
    beside: list[Path] = config.getini("homework")
    return beside[0] if beside else None


class NotRight(Exception):
    """A check that is not right yet; its text is what the student reads."""


class _Homework:
    """One student's homework in one run: what is asked of which file, and how it came out."""

    def __init__(self, config: pytest.Config) -> None:
        from grader.selfcheck import finding, rounds

        here, file = config.invocation_params.dir, config.getoption("assignment", None)
        self.place: Place = finding.place(here, _named(config), here / file if file else None)
        self.submission: Submission = rounds.read(self.place)
        self.files = self._files()
        self._checked: dict[str, Checked] = {}
        self._held = contextlib.ExitStack()
        self._said: list[str] = []
        self._desk: SelfCheck | None = None
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args[:] = [str(self.place.home)]

    def _files(self) -> dict[Path, list[EncodedExercise]]:
        """Return the exercises of each file. Raises UsageError where there is none for one: nothing is left out."""
        from grader.errors import UsageError

        named = self.place.home.resolve()
        home = named if named.is_dir() else named.parent
        found: dict[Path, list[EncodedExercise]] = {}
        for one in self.place.assignment.exercises:
            given = one.file if one.on_paper else self.submission.modules.get(one.module, ("", b""))[0]
            path = home / given
            if not given or not path.is_file():
                raise UsageError(f"{home.name}: there is no {given or one.file}, and {one.id} is asked in it")
            found.setdefault(path, []).append(one)
        return found

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Iterator[None]:
        """Collect the exercises that are written in a file, and nothing else: importing it would run it here."""
        others = yield
        exercises = self.files.get(file_path.resolve())
        if not exercises:
            return others
        made: _File = _File.from_parent(parent, path=file_path)
        made.homework, made.exercises = self, exercises
        return [made]  # type: ignore[return-value]

    def checked(self, exercise: EncodedExercise) -> Checked:
        """Return how an exercise came out; it is judged when it is first asked for."""
        if exercise.id not in self._checked:
            (self._checked[exercise.id],) = self._open().check(self.submission, [exercise])
        return self._checked[exercise.id]

    def _open(self) -> SelfCheck:
        if self._desk is None:
            from grader.selfcheck import workers
            from grader.selfcheck.checking import SelfCheck

            opened = self._held.enter_context(workers.opened(self.place, self._said.append))
            self._desk = SelfCheck(self.place.assignment, opened)
        return self._desk

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the reader must know of how the files ran."""
        for line in self._said:
            terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """End the workers."""
        self._held.close()

    def text(self, checked: Checked, check: str) -> str:
        """Return what is to be read of one check."""
        from grader.selfcheck import report

        self._checked.update(self._open().explained(self.submission, self._checked))
        return report.one_check(self._checked[checked.exercise.id], check, WIDTH)


class _File(pytest.File):
    """A file of the student's, with the exercises that are written in it."""

    homework: _Homework
    exercises: list[EncodedExercise]

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield the exercises."""
        for one in self.exercises:
            made: _Exercise = _Exercise.from_parent(self, name=one.id)
            made.homework, made.exercise = self.homework, one
            yield made


class _Exercise(pytest.Collector):
    """One exercise, with its checks."""

    homework: _Homework
    exercise: EncodedExercise

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the checks."""
        for name in self.exercise.checks:
            made: _Check = _Check.from_parent(self, name=name)
            made.homework, made.exercise = self.homework, self.exercise
            yield made


class _Check(pytest.Item):
    """One check of one exercise."""

    homework: _Homework
    exercise: EncodedExercise

    def runtest(self) -> None:
        """Judge it. Raises NotRight where it is not accepted: not written yet is not passed."""
        checked = self.homework.checked(self.exercise)
        outcome = next((one.outcome for one in checked.exercise.checks if one.name == self.name), None)
        if checked.printed.text:
            self.add_report_section("call", "printed", checked.printed.text)
        if outcome is None or outcome.verdict != "accepted":
            raise NotRight(self.homework.text(checked, self.name))
        if outcome.reason:
            self.add_report_section("call", "note", outcome.reason)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show our feedback instead of a traceback of ours."""
        if isinstance(excinfo.value, NotRight):
            return str(excinfo.value)
        from grader.errors import JudgeError

        if isinstance(excinfo.value, JudgeError):
            return f"grader fault: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where it is written, for an editor to go to."""
        return self.path, self._line(), f"{self.exercise.id} {self.name}"

    def _line(self) -> int | None:
        names = "|".join(map(re.escape, (self.exercise.id, *self.exercise.under_test)))
        source = self.path.read_text("utf-8", "replace")
        found = re.search(rf"(?m)^\s*(?:class |def )?(?:{names})\b", source)
        return source.count("\n", 0, found.start() + len(found[0])) if found else None
