"""A self-check as the machines of GitHub and GitLab show it: at the line of each function, as a summary, as files.

Everything here is a function of what was found. What a student's repository holds, its student can change: this is a
self-check, never a grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from grader.reports.text import inert, verdict
from grader.selfcheck import report, words
from grader.selfcheck.checking import Checked
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise

WIDTH = 100
HERE = PurePosixPath()
PLACE = re.compile(r"([^:\n]+\.(?:py|ipynb))(?::|, code cell \d+, line )(\d+)")
"""A file and a line in the place that a check names."""

ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
IN_PROPERTIES = {**ESCAPED, ":": "%3A", ",": "%2C"}
"""What GitHub wants written otherwise in a command's text, and in its properties."""

SIGNS = {"done": "✅", "wrong": "❌", "not written": "⬜", "waiting": "⬜", "ours": "❔"}


class Annotation(msgspec.Struct, frozen=True):
    """What is wrong with one exercise, at a line of its student's: in few words, and in full."""

    file: str
    line: int
    exercise: str
    title: str
    said: str
    message: str


def marks(found: Sequence[Checked], assignment: AssignmentBundle, folder: PurePosixPath = HERE) -> list[Annotation]:
    """Return one annotation per exercise that is wrong; `folder` is where the homework lies in its repository."""
    sealed = {one.id: one for one in assignment.exercises}
    made = []
    for one in words.distinct([each for each in found if each.status == "wrong"]):
        file, line = _place(one, sealed[one.exercise.id], assignment)
        check = words.lost(one)[0]
        title = f"{inert(one.exercise.title)}: {check.name}"
        message = report.details(one, WIDTH, {}).partition("\n")[2].strip("\n")
        said = words.short(one).partition(": ")[2]
        made.append(Annotation(str(folder / file), line, one.exercise.id, title, said, message))
    return made


def _place(checked: Checked, sealed: EncodedExercise, assignment: AssignmentBundle) -> tuple[str, int]:
    for check in words.lost(checked):
        named = PLACE.match(inert(check.outcome.place))
        if named:
            return named[1], int(named[2])
    return assignment.path(sealed), 1


# -- GitHub


def commands(made: Sequence[Annotation]) -> Iterator[str]:
    """Yield the workflow command of each annotation, as GitHub reads it from a step's output.

    >>> one = Annotation("a.py", 3, "square", "Square: backward", "", "50 % off\\nsee below")
    >>> list(commands([one]))
    ['::error file=a.py,line=3,title=Square%3A backward::50 %25 off%0Asee below']
    """
    for one in made:
        file, title = _escaped(one.file, IN_PROPERTIES), _escaped(one.title, IN_PROPERTIES)
        yield f"::error file={file},line={one.line},title={title}::{_escaped(one.message, ESCAPED)}"


def _escaped(text: str, how: dict[str, str]) -> str:
    return "".join(how.get(sign, sign) for sign in text)


def summary(found: Sequence[Checked], assignment: AssignmentBundle, hand_in: str) -> str:
    """Return the summary of a step as Markdown: how many are done, each exercise, and what is wrong."""
    by_id = {one.exercise.id: one for one in found}
    following = words.following(by_id, assignment)
    lines = [f"## {_plain(assignment.title)}", "", f"**{words.progress(by_id)}**", ""]
    if words.is_complete(by_id, assignment):
        lines += [_plain(hand_in), ""]
    elif following is not None:
        lines += [f"Next: {_plain(following.title)}. {_plain(words.asked(following, assignment))}", ""]
    lines += ["| | exercise | |", "|---|---|---|"]
    lines += [f"| {SIGNS[one.status]} | {_plain(one.exercise.title)} | {_plain(words.short(one))} |" for one in found]
    for one in words.distinct([each for each in found if each.status == "wrong"]):
        told = report.details(one, WIDTH, {}).partition("\n")[2].strip("\n")
        fence = "`" * (max(map(len, re.findall("`+", told)), default=2) + 1)
        lines += ["", f"### {_plain(one.exercise.title)}", "", f"{fence}text", told, fence]
    note = "This is a self-check: what is in your repository, you can change. The grade is made elsewhere."
    return "\n".join([*lines, "", note, ""])


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(inert(text).split()))


# -- files that GitLab and others read


def code_quality(made: Sequence[Annotation]) -> bytes:
    """Return annotations as a code-quality report, in the form of Code Climate that GitLab reads."""
    import hashlib

    found = [
        {
            "description": f"{one.title}: {one.said}",
            "check_name": one.exercise,
            "fingerprint": hashlib.sha256(f"{one.exercise} {one.title}".encode()).hexdigest()[:32],
            "severity": "major",
            "location": {"path": one.file, "lines": {"begin": one.line}},
        }
        for one in made
    ]
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def junit(found: Sequence[Checked], assignment: AssignmentBundle, folder: PurePosixPath = HERE) -> bytes:
    """Return every check as a test of JUnit's, with the file and the line that it is about."""
    from xml.etree.ElementTree import Element, SubElement

    from grader.reports import junit_form

    sealed = {one.id: one for one in assignment.exercises}
    suite = Element("testsuite", name=junit_form.legal(assignment.title))
    for one in found:
        file, line = _place(one, sealed[one.exercise.id], assignment)
        for check in one.exercise.checks:
            case = SubElement(suite, "testcase", classname=one.exercise.id, name=check.name, file=str(folder / file))
            case.set("line", str(line))
            tag = junit_form.tag(check.outcome.verdict)
            if tag:
                told = junit_form.legal(report.one_check(one, check.name, WIDTH))
                SubElement(case, tag, message=verdict(check.outcome.verdict)).text = told
    junit_form.count(suite)
    root = Element("testsuites")
    root.append(suite)
    return junit_form.encoded(root)
