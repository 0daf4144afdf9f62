"""What specs cannot say of `dezero/functions/reduction.py`: ties, zeros, infinities, NumPy."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import reduction as R


def gradient(func, data, **kwargs):
    x = Variable(np.array(data, float))
    y = func(x, **kwargs)
    return autograd.grad(y, x, Variable(np.ones(y.shape))).data


def second(func, data, **kwargs):
    x = Variable(np.array(data, float))
    y = func(x, **kwargs)
    gx = autograd.grad(y, x, Variable(np.ones(y.shape)), create_graph=True)
    return autograd.grad(gx, x, Variable(np.arange(1.0, 1 + gx.size).reshape(gx.shape))).data


@pytest.mark.parametrize("func", [R.max, R.min])
def test_equal_extremes_share_the_gradient(func):
    np.testing.assert_allclose(gradient(func, [3, 3, 3]), [1 / 3] * 3)
    rows = np.array([[1.0, 2.0, 1.0], [5.0, 5.0, 5.0]])
    got = gradient(func, rows, axis=-1)
    np.testing.assert_allclose(got.sum(1), 1)
    np.testing.assert_allclose(got[1], 1 / 3)


def test_max_of_nan_is_nan_without_gradient():
    assert np.isnan(R.max(np.array([1.0, np.nan])).data)
    np.testing.assert_array_equal(gradient(R.max, [[1.0, np.nan], [1.0, 2.0]], axis=1)[0], [0, 0])


@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_prod_is_right_at_zeros_to_second_order(zeros):
    x = np.array([2.0, 0.5, -3.0, 1.5, 4.0])
    x[:zeros] = 0
    gx = [np.prod(np.delete(x, i)) for i in range(5)]
    np.testing.assert_array_equal(gradient(R.prod, x), gx)
    ggx = [[i != j and np.prod(np.delete(x, [i, j])) for j in range(5)] for i in range(5)]
    np.testing.assert_array_equal(second(R.prod, x), np.arange(1.0, 6) @ np.array(ggx))


@pytest.mark.parametrize("ddof", [0, 1])
def test_std_of_equal_elements_has_zero_derivatives(ddof):
    np.testing.assert_array_equal(gradient(R.std, [2, 2, 2], ddof=ddof), [0, 0, 0])
    np.testing.assert_array_equal(second(R.std, [2, 2, 2], ddof=ddof), [0, 0, 0])


@pytest.mark.parametrize("at", [1e4, -1e4])
def test_logsumexp_far_out(at):
    x = np.array([at, at, at - 1], np.float32)
    expected = at + np.log(2 + np.exp(-1))
    np.testing.assert_allclose(R.logsumexp(x).data, expected, rtol=1e-6)
    np.testing.assert_allclose(gradient(R.logsumexp, x).sum(), 1)


def test_logsumexp_of_minus_infinities():
    x = np.array([[-np.inf, -np.inf], [-np.inf, 1.0]])
    np.testing.assert_array_equal(R.logsumexp(x, axis=1).data, [-np.inf, 1.0])
    np.testing.assert_array_equal(gradient(R.logsumexp, x, axis=1), [[0, 0], [0, 1]])
    np.testing.assert_array_equal(second(R.logsumexp, x, axis=1), np.zeros((2, 2)))
    assert R.logsumexp(np.array([np.inf, 1.0])).data == np.inf


def test_mean_of_float16_does_not_overflow():
    x = np.full(2000, 60.0, np.float16)
    assert R.mean(x).data == 60 and R.mean(x).dtype == np.float16


def test_mean_of_no_rows_is_no_rows():
    x = Variable(np.ones((0, 3)))
    y = R.mean(x, axis=1)
    assert y.shape == (0,)
    assert autograd.grad(y, x, Variable(np.ones(0))).shape == (0, 3)


def test_numpy_calls_these():
    x = Variable(np.array([[1.0, 4.0], [9.0, 16.0]]))
    for func in (np.sum, np.mean, np.prod, np.max, np.amax, np.min, np.amin, np.std, np.var):
        for kwargs in ({}, {"axis": 0}, {"axis": 1, "keepdims": True}):
            y = func(x, **kwargs)
            assert isinstance(y, Variable)
            np.testing.assert_allclose(y.data, func(x.data, **kwargs))
    assert isinstance(np.average(x, axis=0, weights=np.array([1.0, 3.0])), Variable)
    assert bool(np.all(x)) and bool(np.any(x)) and int(np.count_nonzero(x)) == 4
    with pytest.raises(TypeError, match="out"):
        np.sum(x, out=np.zeros(()))


HALF = np.ones((5000, 3), np.float16)


@pytest.mark.parametrize(
    ("func", "expected"),
    [(R.sum, 5000), (R.mean, 1), (R.var, 0), (R.std, 0), (R.logsumexp, 1 + np.log(5000))],
)
def test_float16_does_not_stop_at_2048(func, expected):
    y = func(Variable(HALF), axis=0)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.data, expected, rtol=1e-3)


def test_float16_overflows_in_results_alone():
    x = Variable(np.array([-1000, 1000], np.float16))
    y = R.std(x)
    y.backward()
    assert (y.item(), y.dtype, x.grad.dtype) == (1000, np.float16, np.float16)
    np.testing.assert_array_equal(x.grad.data, [-0.5, 0.5])
    many = Variable(np.ones(80000, np.float16))
    R.mean(many).backward()
    np.testing.assert_allclose(many.grad.data, 1 / 80000, rtol=0.01)
