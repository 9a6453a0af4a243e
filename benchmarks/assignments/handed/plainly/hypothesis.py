"""`given` without Hypothesis: so many random inputs a test, and no shrinking."""

import random
from collections.abc import Callable
from typing import Any

import strategies  # type: ignore[import-not-found] # beside this file, where a peer has it

EXAMPLES = 100
_source = random.Random(1)


class settings:  # noqa: N801 - the name of what it stands in for
    """Take any settings, and heed none."""

    @staticmethod
    def register_profile(name: str, **_: Any) -> None:
        """Do nothing."""

    @staticmethod
    def load_profile(name: str) -> None:
        """Do nothing."""


def given(*drawn: strategies.Strategy) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test on random inputs; what pytest gives comes by name."""

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        def run(**named: Any) -> None:
            for _ in range(EXAMPLES):
                test(**named, **dict(zip(_last(test, len(drawn)), [one(_source) for one in drawn])))

        return run

    return decorated


def _last(test: Callable[..., None], count: int) -> tuple[str, ...]:
    """Return the names of a test's last arguments: Hypothesis fills from the right."""
    code = test.__code__
    return code.co_varnames[: code.co_argcount][-count:]
