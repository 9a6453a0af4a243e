import pytest
from dual_numbers import Dual, root, sin


def test_product():
    assert (Dual(2.0, 1.0) * Dual(3.0, 0.0)).der == 3.0


def test_root():
    assert root(lambda x: x * x - 2, 1.0) == pytest.approx(2**0.5)
    assert sin(0.0) == 0.0
