"""Serve every submission's frames in one process, uncontained; print the CPU seconds it took as JSON.

What a worker does, without being one. A script of its own: nothing else is imported when the clock starts.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from pathlib import Path

import msgspec

from grader.sandbox.serving import serve
from grader.sandbox.worker.loading import Package

Frames = list[tuple[bytes, bytes, bytes]]
"""Of every submission: what it is loaded with, the public questions, the private ones."""


def main(path: Path) -> None:
    """Do what the file at `path` asks. It opens with what a branch is built with."""
    base, frames = msgspec.msgpack.decode(path.read_bytes(), type=tuple[bytes, Frames])
    stdout = sys.stdout
    package = Package.prepared(base)
    assert package is not None
    modules, spaces, ahead = set(sys.modules), dict(package.spaces), dict(package.ahead)
    begin = time.process_time()
    for submission in frames:
        serve(functools.partial(next, iter(submission), None), lambda _: None, package=package)
        for name in set(sys.modules) - modules:
            del sys.modules[name]
        package.spaces, package.ahead, package.failures = dict(spaces), dict(ahead), {}
    took = time.process_time() - begin
    sys.stdout = stdout
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
