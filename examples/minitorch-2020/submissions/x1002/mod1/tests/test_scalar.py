import pytest

import minitorch


@pytest.mark.task1_1
def test_central_diff():
    assert minitorch.central_difference(lambda x: x, 5.0) == pytest.approx(1.0)
