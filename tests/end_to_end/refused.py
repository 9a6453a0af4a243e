"""Run commands in a process of its own, where the system refuses something, and print how each ended, as JSON.

`python -m tests.end_to_end.refused FULL|WITHOUT_EXTRAS|STDOUT_FULL|NOTHING`, the commands as JSON on standard input.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import resource
import signal
import sys
import types

EXTRAS = ("distributed", "dask", "cloudpickle", "canvasapi", "requests", "tenacity", "packaging", "watchfiles")


def hurried() -> None:
    """Let a page for a browser be made as where there is no Node, and not as small as it can be.

    What is refused here comes when the page is made, and written or told of; of what, makes no difference to that.
    """
    from grader.bundle import web, web_compile

    web_compile.compiled = lambda pyodide, core, _: (pyodide["python_stdlib.zip"], dict(core))
    web.gzip = types.SimpleNamespace(compress=lambda raw, *_, **__: gzip.compress(raw, 1))  # type: ignore[assignment]


def main() -> None:
    """Run them in turn."""
    situation, told = sys.argv[1], sys.stdout
    if situation in ("STDOUT_FULL", "NOTHING"):
        hurried()
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
