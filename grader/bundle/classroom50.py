"""What Classroom 50 runs in a student's repository: a script, and beside it the public questions and the grader.

Its bundles are published, so everyone can read them. So there is in it what is in a handout, and no more.
"""

from __future__ import annotations

from pathlib import Path

from grader.bundle import wheel
from grader.grading import drawing
from grader.grading.config import Assignment
from grader.reports.zipped import zipped
from grader.selfcheck import making
from grader.selfcheck.prepared import FILE, encode, labelled

SCRIPT = Path(__file__).with_name("classroom50_autograder.py")
RUNTIME = '{\n  "runs-on": "ubuntu-latest",\n  "python": "3.12"\n}\n'


def build(assignment: Assignment) -> bytes:
    """Return the zip; its folder goes into `autograders/` of a classroom. Raises JudgeError."""
    drawing.refuse_nobodys(
        assignment,
        "this check is one for everyone; hand out with `grader bundle student --roster`",
    )
    prepared = making.prepare(assignment)
    encoded = encode(prepared)
    on_paper = any(one.on_paper for one in prepared.exercises)
    name = wheel.edition(assignment.id, on_paper, encoded)
    files = {
        "autograder.py": SCRIPT.read_bytes(),
        "runtime.json": RUNTIME.encode(),
        FILE: labelled(encoded, name),
        **dict([wheel.launcher(), wheel.build(name, assignment.title, on_paper)]),
    }
    return zipped({f"{assignment.id}/{path}": raw for path, raw in files.items()})
