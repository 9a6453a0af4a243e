"""Run commands in a process of its own, where the system refuses something, and print how each ended, as JSON.

`python -m tests.end_to_end.refused FULL|WITHOUT_EXTRAS|STDOUT_FULL|NOTHING`, the commands as JSON on standard input.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import signal
import sys

EXTRAS = ("distributed", "dask", "cloudpickle", "canvasapi", "requests", "tenacity", "packaging", "watchfiles")


def main() -> None:
    """Run them in turn."""
    situation, told = sys.argv[1], sys.stdout
    ended = []
    if situation == "WITHOUT_EXTRAS":
        sys.modules.update(dict.fromkeys(EXTRAS))  # type: ignore[arg-type] # None: import says that it is not there
    for command in json.load(sys.stdin):
        out, err = io.StringIO(), io.StringIO()
        full = io.TextIOWrapper(open("/dev/full", "wb"), encoding="utf-8")  # noqa: PTH123, SIM115 - as a shell opens it
        sys.stdout, sys.stderr = full if situation == "STDOUT_FULL" else out, err
        from grader import cli

        if situation == "FULL":
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        try:
            status = cli.main(command)
        except SystemExit as error:
            status = int(error.code or 0)
        except BaseException as error:
            status, _ = -1, err.write(f"Traceback: {type(error).__name__}: {error}")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with contextlib.suppress(OSError):
            full.close()
        ended.append((status, out.getvalue(), err.getvalue()))
    sys.stdout, sys.stderr = told, sys.__stderr__
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
