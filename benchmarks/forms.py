"""How the lecture's boxes are written: right in several ways, and wrong in the ways students are."""

from __future__ import annotations

import msgspec


class Form(msgspec.Struct, frozen=True):
    """One way to write a box: forward is `before`, save, `value`; backward is unpack, `between`, `gradients`."""

    value: str
    gradients: tuple[str, ...]
    saved: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the names of forward's arguments: one for each gradient."""
        return ("x", "y")[: len(self.gradients)]


RIGHT: dict[str, tuple[Form, ...]] = {
    "TimesFive": (
        Form("5 * x", ("5 * d_out",)),
        Form("x * 5.0", ("d_out * 5.0",)),
        Form("x + 4 * x", ("grad_in",), between=("grad_in = 5.0 * d_out",)),
    ),
    "Mul": (
        Form("x * y", ("y * d_out", "x * d_out"), ("x", "y")),
        Form("y * x", ("d_out * y", "d_out * x"), ("x", "y")),
        Form("out", ("gx", "gy"), ("x", "y"), ("out = x * y",), ("gx, gy = y * d_out, x * d_out",)),
    ),
    "AddTimes2": (
        Form("x + 2 * y", ("d_out", "2 * d_out")),
        Form("x + y + y", ("1.0 * d_out", "2.0 * d_out")),
        Form("2 * y + x", ("d_out", "d_out + d_out")),
    ),
    "Square": (
        Form("x * x", ("2 * x * d_out",), ("x",)),
        Form("x ** 2", ("d_out * 2.0 * x",), ("x",)),
        Form("out", ("slope * d_out",), ("x",), ("out = x * x",), ("slope = x + x",)),
        Form("x ** 2.0", ("twice * d_out",), ("twice",), ("twice = 2 * x",)),
    ),
    "Log": (
        Form("math.log(x)", ("d_out / x",), ("x",)),
        Form("math.log(x)", ("1.0 / x * d_out",), ("x",)),
        Form("out", ("d_out * inverse",), ("inverse",), ("out = math.log(x)", "inverse = 1 / x")),
    ),
    "Exp": (
        Form("math.exp(x)", ("math.exp(x) * d_out",), ("x",)),
        Form("out", ("out * d_out",), ("out",), ("out = math.exp(x)",)),
        Form("math.exp(x)", ("d_out * slope",), ("x",), (), ("slope = math.exp(x)",)),
    ),
    "SquareOfTimesFive": (
        Form("(5 * x) ** 2", ("50 * x * d_out",), ("x",)),
        Form("z * z", ("5 * 2 * z * d_out",), ("z",), ("z = 5 * x",)),
        Form("25 * x * x", ("5 * dz",), ("x",), (), ("z = 5 * x", "dz = 2 * z * d_out")),
    ),
    "SquareOfAddTimes2": (
        Form("z * z", ("2 * z * d_out", "4 * z * d_out"), ("z",), ("z = x + 2 * y",)),
        Form("(x + 2 * y) ** 2", ("g * d_out", "2 * g * d_out"), ("x", "y"), (), ("g = 2 * (x + 2 * y)",)),
        Form("z ** 2", ("dz", "2 * dz"), ("z",), ("z = x + 2 * y",), ("dz = 2.0 * z * d_out",)),
    ),
    "LogPlusExp": (
        Form(
            "math.log(z) + math.exp(z)",
            ("y * dz", "x * dz"),
            ("x", "y"),
            ("z = x * y",),
            ("z = x * y", "dz = (1 / z + math.exp(z)) * d_out"),
        ),
        Form(
            "math.log(z) + e",
            ("dz * y", "dz * x"),
            ("x", "y", "z", "e"),
            ("z = x * y", "e = math.exp(z)"),
            ("dz = d_out / z + e * d_out",),
        ),
        Form(
            "math.log(x * y) + math.exp(x * y)",
            ("d_out / x + y * math.exp(x * y) * d_out", "d_out / y + x * math.exp(x * y) * d_out"),
            ("x", "y"),
        ),
    ),
}
"""Every choice earns full marks."""

MISTAKES: tuple[tuple[str, str, Form], ...] = (
    ("Square", "d_out forgotten", Form("x * x", ("2 * x",), ("x",))),
    ("Log", "sign flipped", Form("math.log(x)", ("-d_out / x",), ("x",))),
    ("Exp", "d_out forgotten", Form("out", ("out",), ("out",), ("out = math.exp(x)",))),
    ("Mul", "gradients swapped", Form("x * y", ("x * d_out", "y * d_out"), ("x", "y"))),
    ("SquareOfTimesFive", "inner derivative missing", Form("(5 * x) ** 2", ("10 * x * d_out",), ("x",))),
    ("AddTimes2", "d_out forgotten", Form("x + 2 * y", ("1.0", "2.0"))),
    ("Exp", "the power rule", Form("math.exp(x)", ("x * math.exp(x - 1) * d_out",), ("x",))),
    ("Square", "the value for the derivative", Form("x * x", ("x * x * d_out",), ("x",))),
    (
        "LogPlusExp",
        "not sent on through the product",
        Form(
            "math.log(z) + math.exp(z)",
            ("dz", "dz"),
            ("z",),
            ("z = x * y",),
            ("dz = (1 / z + math.exp(z)) * d_out",),
        ),
    ),
    ("Log", "d_out forgotten", Form("math.log(x)", ("1 / x",), ("x",))),
    (
        "SquareOfAddTimes2",
        "inner derivative missing",
        Form("z * z", ("2 * z * d_out", "2 * z * d_out"), ("z",), ("z = x + 2 * y",)),
    ),
    ("TimesFive", "wrong value", Form("5 + x", ("5 * d_out",))),
)
"""Box, what is wrong with it, and how it is written. No loops and no crashes: every row costs a whole grading."""
