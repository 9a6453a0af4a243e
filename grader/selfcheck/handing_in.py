"""Say what to hand in, and how, once everything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.assignment.exercise import ANSWERS, in_package
from grader.model import Submission
from grader.sandbox.boundary.protocol import file_of
from grader.selfcheck import own_files
from grader.selfcheck.prepared import AssignmentBundle


def sentence(
    assignment: AssignmentBundle, submission: Submission | None = None, instead: Mapping[str, str] = {}
) -> str:
    """Return the author's sentence, or one that names the files: those of a submission, else those that are asked.

    `instead`: the path of a file that is asked -> what is there in its place.
    """
    if assignment.hand_in:
        return assignment.hand_in
    files = [instead.get(path, path) for path in _files(assignment, submission)]
    if len(files) == 1:
        return f"Hand in {files[0]}."
    return f"Hand in {', '.join(files[:-1])} and {files[-1]}, together: in one zip, or as they are."


def _files(assignment: AssignmentBundle, submission: Submission | None) -> Iterator[str]:
    targets = [name for name in assignment.modules if name in assignment.targets]
    handed = submission.modules if submission else {}
    for name in targets:
        yield handed[name][0] if name in handed else in_package(assignment.package, file_of(name))
    if submission:
        used = own_files.uses(submission, targets)
        yield from (path for name, (path, _) in submission.extras.items() if name in used and name != "__init__")
    if any(one.on_paper for one in assignment.exercises):
        yield ANSWERS
