"""What specs cannot say of `dezero/functions/shape.py`: identities, NumPy's calls."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import shape as S


def test_an_equal_shape_makes_no_node():
    x = Variable(np.ones((2, 3)))
    assert S.reshape(x, (2, 3)) is S.sum_to(x, (2, 3)) is S.broadcast_to(x, [2, 3]) is x


def test_a_shape_may_be_a_number():
    assert S.reshape(np.ones((2, 3)), np.int64(6)).shape == (6,)
    assert Variable(np.ones((2, 3))).reshape(3, -1).shape == (3, 2)


def test_gradient_is_cast_back():
    x = Variable(np.ones(3, np.float16))
    y = S.astype(x, np.float64)
    assert y.dtype == np.float64
    assert autograd.grad(y, x, Variable(np.ones(3))).dtype == np.float16


def test_integers_become_floats_with_a_floating_gradient():
    x = Variable(np.arange(3))
    (S.astype(x, np.float64) * np.full(3, 0.5)).backward()
    np.testing.assert_array_equal(x.grad.data, [0.5, 0.5, 0.5])


def test_a_cast_to_integers_is_a_constant():
    assert not S.astype(Variable(np.ones(3)), int).requires_grad


def test_a_copy_has_its_own_array():
    x = Variable(np.ones(3))
    assert not np.shares_memory(S.copy(x).data, x.data)


def test_numpy_calls_these():
    x = Variable(np.arange(6.0).reshape(2, 3))
    calls = [
        (np.reshape, (3, 2)),
        (np.transpose,),
        (np.transpose, (1, 0)),
        (np.expand_dims, -1),
        (np.squeeze,),
        (np.ravel,),
        (np.swapaxes, 0, 1),
        (np.moveaxis, 0, 1),
        (np.broadcast_to, (4, 2, 3)),
        (np.copy,),
    ]
    for func, *args in calls:
        y = func(x, *args)
        assert isinstance(y, Variable), func
        np.testing.assert_array_equal(y.data, func(x.data, *args))


def test_numpy_questions_get_plain_answers():
    x = Variable(np.ones((2, 3)))
    assert np.shape(x) == (2, 3) and np.ndim(x) == 2 and np.size(x) == 6 and np.size(x, 1) == 3
    assert type(np.size(x)) is int


@pytest.mark.parametrize("axis", [-4, 3])
def test_axes_out_of_range_name_the_function(axis):
    with pytest.raises(ValueError, match=f"swapaxes: expected an axis from -3 to 2, got {axis}"):
        S.swapaxes(np.ones((1, 2, 3)), axis, 0)
