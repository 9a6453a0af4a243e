"""Say whether a seed can be guessed: whoever guesses it can work out the private inputs, and answer those alone.

The guess is counted as somebody would make it: words, years and other numbers, and what stands between them.
"""

from __future__ import annotations

import math
import re
import secrets

SAMPLE = "1"
"""The seed that comes with the project: everybody can read it."""

ENOUGH_BITS = 56.0
"""A million guesses a second take two thousand years for so many."""

WORD_BITS = 13.0
"""A word out of eight thousand. Letters in a row are taken for one, however many they are."""

NUMBER_BITS = 10.0
"""A number of up to four digits: a year, a course's. Longer ones are taken as they are."""

RUN = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
BYTES = 12

HEXADECIMAL = re.compile(r"[0-9a-f]{20,}")
FEWEST_RUNS, FEWEST_KINDS = 3, 8
"""A long hexadecimal number of many digits that goes from 0-9 to a-f and back is chance's, whatever its letters say."""


def bits(seed: str) -> float:
    """Return how many bits a guess at a seed takes, as far as that can be seen.

    >>> round(bits("autumn2026")), round(bits("9f3c0b77e1d24a5866b0e9d1"))
    (23, 96)
    """
    runs = RUN.findall(seed)
    if HEXADECIMAL.fullmatch(seed) and len(runs) >= FEWEST_RUNS and len({*seed}) >= FEWEST_KINDS:
        return 4.0 * len(seed)
    return sum(map(_bits_of, runs))


def _bits_of(run: str) -> float:
    if run.isdigit():
        return len(run) * math.log2(10) if len(run) > 4 else min(len(run) * math.log2(10), NUMBER_BITS)
    if not run.isalpha():
        return 1.0
    if run in (run.lower(), run.upper(), run.title()):
        return min(len(run) * math.log2(26), WORD_BITS)
    return len(run) * math.log2(52)


def concern(seed: str) -> str:
    """Return what staff should know of a seed, with a better one ready to paste; blank where it is hard to guess."""
    if seed == SAMPLE:
        why = "is the sample's, which everyone can read"
    elif bits(seed) < ENOUGH_BITS:
        why = "can be guessed"
    else:
        return ""
    return (
        f"corpus.seed {why}, and whoever has it knows the private inputs; put one of your own into the config and keep "
        f'it to yourselves, for instance seed: "{secrets.token_hex(BYTES)}"'
    )
