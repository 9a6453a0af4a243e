"""What grades a class on a runner of GitHub's or GitLab's: for a private repository of the course's staff.

The answers are in it. What such a repository must not be given is said in its README.
"""

from __future__ import annotations

from pathlib import Path

from grader.bundle import contents, requirements
from grader.grading import drawing
from grader.reports.zipped import zipped

FILES = Path(__file__).with_name("runner_files")
WHERE = {
    "grade.sh": "grade.sh",
    "README.md": "README.md",
    "github.yml": ".github/workflows/grade.yml",
    "gitlab.yml": ".gitlab-ci.yml",
}
"""Where each file goes."""

IGNORED = ".venv/\nreports/\n__pycache__/\n.grader/\n"


def build(path: Path, lock: Path) -> bytes:
    """Return the zip for the assignment at `path`. The same input makes the same bytes.

    Raises UsageError for what cannot be bundled, JudgeError for an exercise that could not be asked.
    """
    assignment = contents.loaded(path)
    drawing.refuse_nobodys(
        assignment,
        "the roster and the secret stay with you, so a runner cannot grade it; run `grader grade`",
    )
    files, configuration = contents.assignment(path)
    files |= contents.package()
    files |= {"requirements.lock": requirements.text_of(lock).encode(), ".gitignore": IGNORED.encode()}
    for name, place in WHERE.items():
        text = (FILES / name).read_bytes().replace(b"\r\n", b"\n").decode()
        text = text.replace("@CONFIG@", configuration).replace("@TITLE@", assignment.title)
        files[place] = text.encode()
    named = {f"{assignment.id}-grading/{path}": raw for path, raw in files.items()}
    return zipped(named, frozenset({f"{assignment.id}-grading/grade.sh"}))
