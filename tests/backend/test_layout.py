"""Order in memory: found from the strides, and given back."""

import numpy as np
import pytest

from dezero.backend.layout import in_order, memory_order


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_there_and_back(rng, axes):
    array = rng.standard_normal((2, 3, 4)).transpose(axes)
    order = memory_order(array)
    assert array.transpose(order).flags.c_contiguous
    again = in_order(array.transpose(order).reshape(-1), array.shape, order)
    assert again.strides == array.strides
    np.testing.assert_array_equal(again, array)


def test_gaps_numbers_and_nothing():
    assert memory_order(np.ones((4, 6)).T[::2]) == (0, 1)
    assert memory_order(np.array(1.0)) == ()
    assert memory_order(np.ones((0, 3)).T) == (0, 1)
    assert memory_order(np.ones((3, 1, 2)).transpose(1, 2, 0)) in ((2, 0, 1), (0, 2, 1), (2, 1, 0))
