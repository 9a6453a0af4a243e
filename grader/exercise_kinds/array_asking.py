"""More questions about the same formula on arrays, of other shapes and entries, for when something missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from grader.assignment.array_shapes import ArrayFormulas
from grader.oracle.array_inputs import ArrayInput
from grader.sandbox.probes.arrays import ArrayRow, ArraysReply, ArraysRequest, RowAsked


class ArrayAsker:
    """Ask about inputs whose rows are those of some formulas, the exercise's own or others of other shapes."""

    def __init__(
        self,
        ask: ArraysRequest,
        call: Callable[[Any], ArraysReply],
        rows_of: Callable[[ArrayFormulas], tuple[RowAsked, ...]],
    ) -> None:
        self._ask = msgspec.structs.replace(ask, together=(0, 0))
        self._call, self._rows_of = call, rows_of

    def rows(self, formulas: ArrayFormulas, inputs: Sequence[ArrayInput], backward: bool = True) -> Sequence[ArrayRow]:
        """Return a row per input, fewer where faults end the asking."""
        if not inputs:
            return ()
        asked = tuple((one.row, one.args, one.cotangent) for one in inputs)
        return self._call(
            msgspec.structs.replace(self._ask, rows=self._rows_of(formulas), inputs=asked, backward=backward)
        ).rows
