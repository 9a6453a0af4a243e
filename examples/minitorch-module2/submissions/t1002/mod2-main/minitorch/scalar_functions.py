from __future__ import annotations

from . import operators
from .autodiff import Context


class ScalarFunction:
    pass
