"""Forward mode in its own words: nothing is sent back there, no function is called backward, and nothing is saved.

The names of mistakes are those of reverse mode. What they claim is the same number; how it came about is said anew.
"""

from __future__ import annotations

from grader.model import Diagnosis

LOOK = "Look at which number the derivative is worked out at."
ONE_EACH = "An operation carries one derivative along, the sum of what each of its arguments brings."

INSTEAD = (
    ("which is whatever came back from the rest of the graph", "which is what the argument brings along"),
    ("Look at what forward saved, and what backward takes it for.", LOOK),
    ("Check what forward saves and what backward does with it before it differentiates.", LOOK),
    ("Take the derivative at the very input that forward got.", LOOK),
    ("Saved values come back in the order in which they were saved: unpack them in the same order.", LOOK),
    ("backward returns one gradient per argument, in the order in which forward takes them.", ONE_EACH),
    ("backward returns one gradient per argument, in forward's order, each multiplied by d_out.", ONE_EACH),
    ("backward returns one gradient per argument, not their sum.", ONE_EACH),
    ("backward returns one gradient per argument, each multiplied by d_out alone.", ONE_EACH),
    ("backward returns the derivative", "What is carried along is the derivative"),
    ("backward repeats forward on d_out", "the formula is worked out on d_out"),
    ("backward returns", "what is carried along is"),
    ("backward multiplies", "the operation multiplies"),
    ("backward divides", "the operation divides"),
    ("output of forward", "value"),
    ("value of forward", "value"),
    ("saved input", "input"),
    ("gradient", "derivative"),
)
"""What is said in reverse mode, and what instead. The first that fits is taken first."""


def reworded(one: Diagnosis) -> Diagnosis:
    """Return the name of a mistake as forward mode has it.

    >>> reworded(Diagnosis("backward returns 0", "A gradient of 0 says that the input has no effect.")).name
    'what is carried along is 0'
    """
    return Diagnosis(_said(one.name), _said(one.why), one.of)


def _said(text: str) -> str:
    for old, new in INSTEAD:
        text = text.replace(old, new)
    return text
