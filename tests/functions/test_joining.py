"""What specs cannot say of `dezero/functions/joining.py`: dtypes, lost parts, NumPy's calls."""

import numpy as np

from dezero import autograd
from dezero.core import Variable
from dezero.functions import joining as J


def test_integers_beside_floats_take_their_dtype():
    x, ids = Variable(np.ones(2, np.float32)), np.arange(3)
    y = J.concat([ids, x])
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data, [0, 1, 2, 1, 1])


def test_parts_of_a_split_that_nobody_used_have_zero_gradient():
    x = Variable(np.arange(6.0))
    middle = J.split(x, 3)[1]
    middle.backward()
    np.testing.assert_array_equal(x.grad.data, [0, 0, 1, 1, 0, 0])


def test_joining_goes_around_the_same_variable_twice():
    x = Variable(np.array([1.0, 2.0]))
    y = J.stack([x, x * x])
    gx = autograd.grad(y, x, Variable(np.ones((2, 2))))
    np.testing.assert_array_equal(gx.data, [3, 5])


def test_numpy_calls_these():
    x, a = Variable(np.array([[1.0, 2.0], [3.0, 4.0]])), np.ones((2, 2))
    calls = [
        (np.concatenate, [x, a]),
        (np.concatenate, [a, x]),
        (np.stack, [x, a]),
        (np.vstack, [x, a]),
        (np.hstack, [a, x]),
    ]
    for func, arrays in calls:
        y = func(arrays)
        assert isinstance(y, Variable)
        np.testing.assert_array_equal(y.data, func([np.asarray(v) for v in arrays]))
    for func, *args in [(np.repeat, 2), (np.tile, 2), (np.pad, 1), (np.flip,), (np.roll, 1)]:
        y = func(x, *args)
        assert isinstance(y, Variable)
        np.testing.assert_array_equal(y.data, func(x.data, *args))
    assert [part.shape for part in np.split(x, 2)] == [(1, 2), (1, 2)]


def test_complex_numbers_beside_floats_keep_their_imaginary_part():
    y = J.concat([np.array([1j]), np.array([2.0]), np.array([3])])
    assert y.data.tolist() == [1j, 2, 3]
