"""20. Look through every object and every module of the process for a solution or an answer."""

import sys

from hostile import TimesFive

gc = sys.modules["gc"]


def solved(function):
    try:
        return function(type("C", (), {"saved_values": (3.0, 4.0)}), 1.0) == (4.0, 3.0)
    except BaseException:
        return False


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        judges = ("judging", "oracle", "checks", "exercises", "scoring", "inputs", "planning")
        found = [name for name in sys.modules if name.startswith("grader.") and name.split(".")[1] in judges]
        objects = gc.get_objects()
        found += [repr(one)[:80] for one in objects if type(one).__name__ in ("Expected", "Corpus", "Exercise", "Plan")]
        for one in objects:
            if isinstance(one, type) and one.__name__ == "Mul" and one is not Mul:
                body = one.__dict__.get("backward")
                if body is not None and "d_out" in body.__func__.__code__.co_varnames and solved(body.__func__):
                    found.append("a solved Mul")
        if found:
            raise SystemError(f"BREACH: {found}")
        raise LookupError("nothing there")
