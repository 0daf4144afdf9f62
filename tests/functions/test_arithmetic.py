"""Arithmetic where specs cannot reach: weak NumPy scalars, powers at 0, comparisons of shapes."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad
from dezero.backend import to_host
from dezero.core import Variable
from tests.strict_device import strict_device


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("c", [np.float64(2), np.float32(2), np.int64(2), np.float64(-0.5)])
def test_numpy_exponents_are_weak(dtype, c):
    x = Variable(np.array([1.0, 4.0], dtype))
    y = x**c
    assert y.dtype == dtype and type(y.creator) is F.Pow
    np.testing.assert_allclose(y.data, x.data ** c.item())


def test_float_exponents_of_integers_give_floats():
    n = Variable(np.array([1, 2]))
    for c, expected in ((2.0, [1, 4]), (np.float64(2), [1, 4]), (np.inf, [1, np.inf])):
        assert (n**c).dtype == np.float32
        np.testing.assert_array_equal((n**c).data, expected)
    assert np.isnan((n**np.nan).data[1])
    assert (n ** np.int64(2)).dtype.kind == "i"


@pytest.mark.parametrize("create_graph", [False, True])
def test_zero_to_the_zeroth_by_a_variable_exponent(create_graph):
    x, c = Variable(np.array([[0.0], [2.0]])), Variable(np.array([0.0, 1.0, 2.0]))
    gx, gc = grad(F.sum(x**c), [x, c], create_graph=create_graph)
    # d/dx: 0 + 1 + 0 at x = 0, and 0 + 1 + 4 at x = 2.
    np.testing.assert_array_equal(gx.data, [[1], [5]])
    np.testing.assert_allclose(gc.data, np.log(2) * np.array([1, 2, 4]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_floor_division_keeps_the_float(dtype):
    x = Variable(np.array([5.0, -5.0], dtype))
    for y in (x // np.float64(2), x // np.int64(2), x // 2, x // np.array([2, 2])):
        assert y.dtype == dtype and not y.requires_grad
        np.testing.assert_array_equal(y.data, [2, -3])
    assert (np.float64(9) // x).dtype == dtype
    n = Variable(np.array([5, -5]))
    assert (n // 2.0).dtype == np.float32 and (n // 2).dtype.kind == "i"


def test_comparisons_take_numpy_numbers_as_weak():
    x = Variable(np.array([0.1], np.float32))
    for number in (0.1, np.float64(0.1)):
        assert (x == number).data.all() and (x <= number).data.all() and not (x > number).data.any()
    assert (Variable(np.array([1], np.int8)) < np.int64(1000)).data.all()
    assert not (x == None).data.any()  # noqa: E711


COMPARED = [F.equal, F.not_equal, F.less, F.less_equal, F.greater, F.greater_equal, F.floor_divide]


@pytest.mark.parametrize("func", COMPARED)
def test_shapes_that_do_not_broadcast(func):
    match = rf"{func.__name__}: expected shapes that broadcast, got \(2,\) float64 and \(3,\)"
    with pytest.raises(ValueError, match=match):
        func(Variable(np.ones(2)), np.ones(3))


@pytest.mark.parametrize("func", COMPARED)
def test_arrays_of_two_devices_are_not_compared(func):
    with strict_device() as device:
        there = device.from_host(np.ones(2))
        for pair in ((there, np.ones(2)), (np.ones(2), Variable(there))):
            with pytest.raises(TypeError, match=rf"{func.__name__}: expected arrays on one device"):
                func(*pair)


def test_lists_and_none_are_compared_on_a_device():
    with strict_device() as device:
        x = Variable(device.from_host(np.array([1.0, 2.0])))
        assert to_host(F.equal(x, [1, 3]).data).tolist() == [True, False]
        assert to_host(F.less((0, 3), x).data).tolist() == [True, False]
        assert to_host((x == None).data).tolist() == [False, False]  # noqa: E711
        assert to_host((x != None).data).tolist() == [True, True]  # noqa: E711


def test_lists_are_compared_element_by_element():
    # As Python compares them, [1, 2] > [0, 5] is one answer, and silently the wrong one.
    np.testing.assert_array_equal(F.greater([1, 2], [0, 5]).data, [True, False])
    np.testing.assert_array_equal(F.equal([1, 2], (1, 3)).data, [True, False])
    np.testing.assert_array_equal(F.less(Variable([1.0, 2.0]), [2, 2]).data, [True, False])
