"""Arrays in, arrays out: what the book's readers call in Functions of their own."""

import numpy as np
import pytest

from dezero.core import Function, Variable
from dezero.functions import broadcast_to
from dezero.functions.array_forms import (
    logsumexp,
    max_backward_shape,
    reshape_sum_backward,
    sum_to,
)
from dezero.testing import check_grads


def test_sum_to(rng):
    x = rng.standard_normal((2, 3, 4)).astype(np.float32)
    y = sum_to(x, (3, 1))
    assert type(y) is np.ndarray and y.dtype == np.float32
    np.testing.assert_allclose(y, x.sum(axis=(0, 2)).reshape(3, 1), rtol=1e-6)
    assert np.array_equal(sum_to(x, x.shape), x)
    assert np.shape(sum_to(x, ())) == ()
    assert isinstance(sum_to(Variable(x), [3, 1]), Variable)
    with pytest.raises(ValueError, match="sum_to: expected"):
        sum_to(x, (2, 2))


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), None])
def test_logsumexp_keeps_its_axis(axis, rng):
    x = rng.standard_normal((3, 4))
    y = logsumexp(x, axis)
    np.testing.assert_allclose(y, np.log(np.exp(x).sum(axis=axis, keepdims=True)))


def test_logsumexp_does_not_overflow():
    x = np.array([[1000.0, 1000.0]], np.float32)
    y = logsumexp(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, [[1000 + np.log(2)]])
    assert np.array_equal(x, [[1000, 1000]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1, np.int64(-2), (0, 2), [1, -1]])
def test_shapes_for_backward(axis, rng):
    x = rng.standard_normal((2, 3, 4))
    axes = axis if axis is None else tuple(np.atleast_1d(axis).tolist())
    kept = x.sum(axis=axes, keepdims=True)
    assert max_backward_shape(x, axis) == list(kept.shape)
    assert max_backward_shape(Variable(x), axis) == list(kept.shape)
    gy = x.sum(axis=axes)
    assert reshape_sum_backward(np.asarray(gy), x.shape, axis, False).shape == kept.shape
    assert reshape_sum_backward(Variable(kept), x.shape, axis, True).shape == kept.shape


def test_an_axis_that_is_not_there():
    with pytest.raises(ValueError, match="max_backward_shape: expected an axis from -2 to 1"):
        max_backward_shape(np.ones((2, 3)), 2)


class Total(Function):
    """A sum as the book's readers write it."""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        self.x_shape = x.shape
        return x.sum(axis=self.axis)

    def backward(self, gy):
        return broadcast_to(reshape_sum_backward(gy, self.x_shape, self.axis, False), self.x_shape)


def test_a_function_of_ones_own(rng):
    x = rng.standard_normal((2, 3, 4))
    for axis in (1, -1, (0, 2)):
        check_grads(lambda x, axis=axis: Total(axis)(x) ** 3, x)
