#!/bin/sh
# Grades every submission in submissions/ and writes reports/: on a runner, or on any Linux machine with Python and PyPI.
# What is said behind it goes to `grader grade`: ./grade.sh --fresh
set -eu
cd "$(dirname "$0")"

if [ ! -d submissions ]; then
  echo "grade.sh: there is no folder submissions/ here; put the class into it, a folder or file per student" >&2
  exit 2
fi
if [ ! -x .venv/bin/python ]; then
  "${PYTHON:-python3}" -m venv .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m grader doctor --config "@CONFIG@" # which containment this machine offers; it ends here where that is too little
exec .venv/bin/python -m grader grade submissions --config "@CONFIG@" --out reports "$@"
