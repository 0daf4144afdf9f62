"""What specs cannot say of `dezero/functions/ordering.py`: ties and zeros."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import ordering as O
from dezero.testing import check_grads


def test_equal_elements_keep_their_order():
    x = Variable(np.array([2.0, 1.0, 2.0, 1.0]))
    gx = autograd.grad(O.sort(x), x, Variable(np.array([1.0, 2.0, 3.0, 4.0])))
    np.testing.assert_array_equal(gx.data, [3, 1, 4, 2])


def test_topk_takes_the_first_of_equals():
    x = Variable(np.array([[5.0, 7.0, 7.0, 5.0]]))
    values, indices = O.topk(x, 3)
    np.testing.assert_array_equal(values.data, [[7, 7, 5]])
    np.testing.assert_array_equal(indices.data, [[1, 2, 0]])
    assert not indices.requires_grad


@pytest.mark.parametrize("zeros", [1, 3])
def test_cumprod_is_right_at_zeros_to_second_order(zeros):
    x = np.array([2.0, 0.5, -3.0, 1.5, 4.0])
    x[1 : 1 + zeros] = 0
    check_grads(O.cumprod, x, order=2)


def test_numpy_calls_these():
    x = Variable(np.array([[3.0, 1.0], [2.0, 4.0]]))
    for func in (np.sort, np.cumsum, np.cumprod):
        assert isinstance(func(x, axis=0), Variable)
        np.testing.assert_array_equal(func(x, axis=0).data, func(x.data, axis=0))


def test_running_sum_of_float16_does_not_stop_at_2048():
    y = O.cumsum(np.ones(5000, np.float16))
    assert y.dtype == np.float16
    assert y.data[-1] == 5000
