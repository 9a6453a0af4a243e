"""19. Exit with the status of success, with something to run on the way out."""

import sys

from hostile import TimesFive


def at_exit():
    open("CANARY_FILE", "w").write("x")


sys.modules.get("atexit", __import__("weakref").__dict__.get("atexit")) and sys.modules["atexit"].register(at_exit)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        sys.exit(0)
