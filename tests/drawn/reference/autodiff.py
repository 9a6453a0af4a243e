"""What a forward leaves for its backward."""

from __future__ import annotations

from typing import Any


class Context:
    """Keeps what a forward saves."""

    def __init__(self) -> None:
        self.saved: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep values for backward."""
        self.saved = values

    @property
    def saved_values(self) -> tuple[Any, ...]:
        """Return what was kept."""
        return self.saved
