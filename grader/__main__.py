"""Start the command line, as `grader` or `python -m grader`: for a check or a trace, its worker first of all.

What these wait for longest is its worker's start. So that goes ahead before anything is imported that it can do
without, the parser of its own options among it.
"""

import gc
import sys


def main() -> int:
    """Run one command and return its exit status."""
    if sys.argv[1:2] in (["check"], ["trace"]):
        from grader.sandbox import starting

        starting.ahead()
    from grader.cli import main as command

    status = command()
    gc.freeze()  # Python would look through everything for circles once more, when all of it ends: 20 ms
    return status


if __name__ == "__main__":
    sys.exit(main())
