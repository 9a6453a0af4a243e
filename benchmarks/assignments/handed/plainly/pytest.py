"""`pytest.mark.parametrize` without pytest: a test notes its cases."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any


def _parametrize(name: str, values: Sequence[Any], ids: Sequence[str] = ()) -> Callable[[Any], Any]:
    def decorated(test: Any) -> Any:
        test.cases = [({name: value}, told) for value, told in zip(values, ids or map(str, values))]
        return test

    return decorated


mark = SimpleNamespace(parametrize=_parametrize)
