"""Assemble the system-call filter: from rows of a table to a program that the kernel runs on every call.

Theory of operation. The kernel hands the program a `seccomp_data` (linux/seccomp.h) and does what it returns. The
program makes sure of the architecture, finds the call's number by halving, and then holds its arguments to the row.
Halving is for the kernel's sake: when a filter is put on, it tries every number there is, to remember those that are
always let through, and it does so for each worker.

Numbers are loaded 32 bits at a time, so a 64-bit argument is two loads. A jump skips at most 255 instructions.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from grader.sandbox.boundary.syscalls import AUDIT, Allowed, Call, of

KILL_PROCESS = 0x80000000
ALLOW = 0x7FFF0000
EPERM = 0x00050000 | 1

LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
"""The instructions, all there are: load a word, jump if it is this or at least that, answer (linux/bpf_common.h)."""

NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16
X32 = 0x40000000
"""From here on, numbers are those of x32, which shares its architecture's number with x86_64."""

FEW = 2
"""Calls that are tried one after the other, where halving would not be shorter."""

Instruction = tuple[int, int, int, int]
"""Operation, instructions to skip if so, instructions to skip if not, and the number it is about."""


def program(machine: str) -> bytes | None:
    """Return the filter for a machine as the kernel takes it; None where there is no table for it."""
    if machine not in AUDIT:
        return None
    instructions = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, AUDIT[machine]),
        (ANSWER, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, 0, 1, X32),
        (ANSWER, 0, 0, KILL_PROCESS),
        *filtered(sorted(of(machine).items())),
    ]
    return b"".join(struct.pack("=HBBI", *one) for one in instructions)


def filtered(calls: Sequence[tuple[int, Call]]) -> list[Instruction]:
    """Return what finds the call whose number is loaded, among some that are in order, and answers."""
    if len(calls) <= FEW:
        tried = [one for number, call in calls for one in _skipping(_held(call.allowed), number)]
        return [*tried, (ANSWER, 0, 0, EPERM)]
    lower, upper = filtered(calls[: len(calls) // 2]), filtered(calls[len(calls) // 2 :])
    return [(AT_LEAST, _short(len(lower)), 0, calls[len(calls) // 2][0]), *lower, *upper]


def _skipping(then: list[Instruction], number: int) -> list[Instruction]:
    return [(EQUAL, 0, _short(len(then)), number), *then]


def _held(allowed: Sequence[Allowed]) -> list[Instruction]:
    """Answer whether the arguments are what they may be; the first that is not is refused."""
    if not allowed:
        return [(ANSWER, 0, 0, ALLOW)]
    rest = _held(allowed[1:])
    if len(allowed) == 1:
        rest = [*rest, (ANSWER, 0, 0, EPERM)]
    first, refusal = allowed[0], len(rest) - 1  # where the refusal stands, after what goes on
    low = ARGUMENTS_AT + 8 * first.argument
    checked: list[Instruction] = []
    if first.below:
        checked = [(AT_LEAST, _short(refusal), 0, first.below)]
    else:
        for left, value in enumerate(reversed(first.values)):
            missed = refusal if left == 0 else 0
            checked.insert(0, (EQUAL, _short(left), _short(missed), value))
    checked.insert(0, (LOAD, 0, 0, low))
    if first.wide:
        checked = [(LOAD, 0, 0, low + 4), (EQUAL, 0, _short(len(checked) + refusal), 0), *checked]
    return [*checked, *rest]


def _short(jump: int) -> int:
    if jump > 255:
        raise ValueError(f"a jump over {jump} instructions does not fit in a byte")
    return jump
