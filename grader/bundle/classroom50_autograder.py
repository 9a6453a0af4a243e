"""Check a submission on Classroom 50: install the grader that lies beside this file, run it, and write result.json.

This file runs alone, with the standard library. There is no answer, hidden check or seed beside it, for whatever is
published with it can be read by everyone. It runs in the student's repository, so what it says is a self-check.
Exit status 0 where it came to a result, 1 where something of ours failed: then nothing is written.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKED = (0, 3)
"""Statuses of `grader check`: all right, and not yet."""


def main() -> int:
    """Write result.json into the working directory, and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        python = _installed(Path(folder))
        command = [python, "-m", "grader", "check", "--json", "--submission", "."]
        done = subprocess.run(
            [*command, "--config", str(HERE / "assignment.prepared")], capture_output=True, text=True, check=False
        )
    if done.returncode not in CHECKED:
        sys.stderr.write(f"::error::the self-check failed: {done.stderr.strip()[-500:]}\n")
        return 1
    found = result(json.loads(done.stdout), dict(os.environ))
    Path("result.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return 0


def _installed(folder: Path) -> str:
    """Install the wheels beside this file into a folder of their own, and return the interpreter to run."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    wheels = sorted(str(one) for one in HERE.glob("*.whl"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wheels], check=True)
    return python


def submitted(tag: str) -> str:
    """Return when something was submitted, which its tag says; the runner puts the commit's own time in its place.

    >>> submitted("submit/2026-11-29T10-00-05Z-a1b2c3d"), submitted("by hand")
    ('2026-11-29T10:00:05Z', '1970-01-01T00:00:00Z')
    """
    found = re.search(r"(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z", tag)
    return f"{found[1]}T{found[2]}:{found[3]}:{found[4]}Z" if found else "1970-01-01T00:00:00Z"


def result(checked: dict[str, Any], about: dict[str, str]) -> dict[str, Any]:
    """Return the result in the form `classroom50/result/v1`, whose scores are whole numbers.

    Points that are not whole are all multiplied by one number, so that they are.
    """
    checks = [(one["exercise"], check) for one in checked["exercises"] for check in one["exercise"]["checks"]]
    points = [Fraction(check[key]) for _, check in checks for key in ("earned", "possible")]
    factor = lcm(*(one.denominator for one in points)) if points else 1
    tests = []
    for exercise, check in checks:
        score, most = (int(Fraction(check[key]) * factor) for key in ("earned", "possible"))
        passed = check["outcome"]["verdict"] == "accepted"
        name = f"{exercise['id']}: {check['name']}"
        tests.append({"test-name": name, "passed": passed, "score": score, "max-score": most})
    return {
        "schema": "classroom50/result/v1",
        "classroom": about["CLASSROOM"],
        "assignment": about["ASSIGNMENT"],
        "submission": about["SUBMISSION_TAG"],
        "commit": about["COMMIT_URL"],
        "release": about["RELEASE_URL"],
        "review": about.get("REVIEW_URL") or about["COMMIT_URL"],
        "datetime": submitted(about["SUBMISSION_TAG"]),
        "score": sum(one["score"] for one in tests),
        "max-score": sum(one["max-score"] for one in tests),
        "tests": tests,
    }


if __name__ == "__main__":
    sys.exit(main())
