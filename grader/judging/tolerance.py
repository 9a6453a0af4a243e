"""How close is close enough: each tolerance by its name, with the source of its size. No other module holds one.

Two kinds are here. A `Tolerance` decides whether what a student returned is right; `grader explain` prints it. A bare
number decides what a wrong answer looks like: whether a mistake explains it, whether a reader sees the difference.
"""

from __future__ import annotations

from grader.model import Tolerance

EXACT = Tolerance(1e-7, 1e-12)
"""Values and derivatives against the formula. 44 ways to write the formulas, in double precision, were compared with
50-digit arithmetic; the worst of them leaves four digits to spare."""

ARRAY_SINGLE = Tolerance(1e-4, 1e-5)
"""Entries of arrays in single precision: a thousand roundings of 6e-8, and what cancels of the largest."""

HISTORY = Tolerance(1e-6, 1e-12)
"""Derivatives that are put together along a history: ten roundings of `EXACT`, of the largest derivative."""

NETWORK = Tolerance(1e-4, 1e-12)
"""A network's gradients: its functions are the student's own, and may guard against zero with a small number."""

CANCELLED = 1e-8
"""How much of what cancels at a leaf counts as the size of the rest, for `NETWORK`: that is a thousand roundings."""

SUM = Tolerance(0.0, 2e-12)
"""What adds up to a sum of a few numbers: rounding only."""

PROPORTIONAL = Tolerance(1e-12, 0.0)
"""backward(2d) beside 2·backward(d): a multiplication's rounding."""

GIVEN_STEP = Tolerance(1e-9, 0.0)
"""A difference quotient with a step that is exact in binary, of 1 or its size, whichever is more."""

DEFAULT_STEP = Tolerance(1e-6, 0.0)
"""The same with the student's default step: cancellation costs ten digits."""

# What a student's own forward excuses: see `own_forward`.

EPS_USUAL, EPS_LARGEST = 1e-5, 1e-2
"""An EPS moves most values by less than the first, and none by more than the second, relatively."""

EPS_STEEPEST = 8.0
"""How steep an EPS' difference D is, as a multiple of |D| · (1 + 1/|x|): 2 is the most of 18 styles."""

CLOSE_GRADIENT, CLOSE_SHARE = 1e-5, 0.4
"""How far off, relatively, a gradient may be that is only close, and how many of all may be. An EPS of 1e-8 beside a
square root, and one of 1e-12 beside an argument of 1e-6, are off by 4e-6 and 2e-6."""

CLOSE_FLOOR = 1e-9
"""And by how much in all: no difference quotient is more exact where the derivative is nearly 0."""

SLOPE_MISS = 1e-3
"""How closely the slope of D is known, relatively."""

QUOTIENT = 1e-8
"""How closely a gradient must be the formula's difference quotient, besides rounding: less than any miss is off by."""

STRAIGHT = 1e-5
"""A formula is straight over a step where its quotient is this near to its derivative, relatively."""

# What a wrong answer looks like.

VISIBLE_RELATIVE_ERROR = 1e-4
"""A miss by less is one, but nothing to show: the two numbers look the same."""

MATCH_RTOL = 1e-8
"""How closely a known mistake must predict what came back."""

GRAPH_MATCH_RTOL = 1e-9
"""The same for a mistake that is acted out on a graph, of 1 or the derivative's size, whichever is more."""

SINGLE_RTOL = 1e-4
"""How far off numbers may be that were computed in single precision, a few steps of it."""

SMALLEST_SINGLE = 2.0**-126
"""Below this, single precision has fewer and fewer digits."""

PAPER_MATCH_RTOL = 1e-6
"""The same for a formula that was written down: it is evaluated, with its own rounding."""

ROWS_RIGHT, ROWS_WRONG = 1e-9, 1e-3
"""Relative errors of rows that tell where a function is right: below the first, above the second, and none between."""

WELL_CONDITIONED = 1e-3
"""A number above this tells a factor it was multiplied with."""

CANCELS, HALF_STEP_ALIKE = 1e-2, 1e-2
"""On paper: terms that differ by less, relatively, cancel; half the step moves a quotient by less, relatively."""
