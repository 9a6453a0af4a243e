"""Workflows that check a student's repository on every push: text for a handout, with nothing to keep secret.

They install what the handout holds, and run `grader check`. No answer, seed or token is in them.
"""

from __future__ import annotations

from typing import Literal

Where = Literal["github", "gitlab"]

GITHUB = """# Checks the homework on every push. This is a self-check: the grade is made elsewhere.
name: Self-check
on: [push, workflow_dispatch]

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install what is in the handout
        run: python -m pip install --quiet -r requirements.txt
      - name: Check
        run: grader check --github
"""

GITLAB = """# Checks the homework on every push. This is a self-check: the grade is made elsewhere.
self-check:
  image: python:3.12
  timeout: 10 minutes
  script:
    - python -m pip install --quiet -r requirements.txt
    - grader check --junit check.xml --code-quality check.json
  artifacts:
    when: always
    reports:
      junit: check.xml
      codequality: check.json
"""

FILES: dict[Where, tuple[str, str]] = {
    "github": (".github/workflows/self-check.yml", GITHUB),
    "gitlab": (".gitlab-ci.yml", GITLAB),
}
"""Where each goes in a repository, and its text."""
