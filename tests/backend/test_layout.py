"""Order in memory: found from the strides, and given back."""

import numpy as np
import pytest

from dezero.backend.layout import Owned, in_order, memory_order
from tests.strict_device import StrictArray


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


def test_memory_is_owned_once_on_the_host(rng):
    x = rng.standard_normal((3, 4))
    owned = Owned([x])
    assert not owned.take(x) and not owned.take(x.T)
    y = x.copy()
    assert owned.take(y) and not owned.take(y) and not owned.take(y[1:])


def test_on_a_device_a_part_without_gaps_is_as_good_as_the_whole():
    x = StrictArray(np.zeros((4, 6)))
    owned = Owned()
    assert owned.take(x[:2].T) and owned.take(x[3])
    assert not owned.take(x[1:3]) and not owned.take(x) and not owned.take(x[2, ::2])
    assert owned.take(x[2]) and not owned.take(x[2:3])
    wide = StrictArray(np.broadcast_to(np.zeros(1), (3,)))
    assert not owned.take(wide) and owned.take(StrictArray(np.zeros((0, 3))))
