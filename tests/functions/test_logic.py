"""& | ^ ~ on Variables."""

import numpy as np
import pytest

from dezero import Variable


def test_masks_combine_and_index():
    x = Variable(np.array([-1.0, 0.5, 2.0]))
    inside = (x > 0) & (x < 1)
    assert inside.data.tolist() == [False, True, False]
    assert x[inside].data.tolist() == [0.5]
    assert ((x < 0) | (x > 1)).data.tolist() == [True, False, True]
    assert ((x < 1) ^ (x > 0)).data.tolist() == [True, False, True]
    assert (~inside).data.tolist() == [True, False, True]
    assert not inside.requires_grad


def test_arrays_and_numbers_on_either_side():
    x = Variable(np.array([1, 2, 3]))
    assert (x & 1).data.tolist() == [1, 0, 1]
    assert (1 | x).data.tolist() == [1, 3, 3]
    assert (np.array([3, 3, 3]) ^ x).data.tolist() == [2, 1, 0]
    assert isinstance(np.bitwise_and(x, 1), Variable)
    assert np.invert(x).data.tolist() == [-2, -3, -4]


def test_floats_have_no_bits():
    with pytest.raises(TypeError, match="bitwise_and"):
        Variable(np.ones(2)) & Variable(np.ones(2))
