"""What specs cannot say of `dezero/functions/linalg.py`: zeros, constants, dtypes, NumPy."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import linalg as L


def test_norm_at_zero_has_zero_derivatives():
    x = Variable(np.array([[0.0, 0.0], [3.0, 4.0]]))
    y = L.norm(x, axis=1)
    gx = autograd.grad(y, x, Variable(np.ones(2)), create_graph=True)
    np.testing.assert_allclose(gx.data, [[0, 0], [0.6, 0.8]])
    ggx = autograd.grad(gx, x, Variable(np.array([[1.0, 2.0], [1.0, 0.0]])))
    np.testing.assert_array_equal(ggx.data[0], [0, 0])
    np.testing.assert_allclose(ggx.data[1], [0.128, -0.096])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_normalize_of_zeros_is_zero(dtype):
    x = Variable(np.zeros((2, 3), dtype))
    y = L.normalize(x)
    np.testing.assert_array_equal(y.data, 0)
    assert y.dtype == dtype
    assert np.isfinite(autograd.grad(y, x, Variable(np.full((2, 3), 1e-5, dtype))).data).all()


def test_linear_computes_no_gradient_for_a_constant_input(monkeypatch):
    x, W = np.ones((2, 3), np.float32), Variable(np.ones((3, 4), np.float32))
    y = L.linear(x, W)
    gx, gW = y.creator.fast_backward(np.ones((2, 4), np.float32))
    assert gx is None and gW.shape == (3, 4)
    gx, gW = y.creator.backward(Variable(np.ones((2, 4), np.float32)))
    assert gx is None and gW.shape == (3, 4)


@pytest.mark.parametrize("shape", [(2, 3), (5, 2, 3)])
def test_linear_takes_bytes_in_the_dtype_of_W(shape):
    x = np.full(shape, 200, np.uint8)
    W, b = Variable(np.ones((3, 4), np.float32)), Variable(np.zeros(4, np.float32))
    y = L.linear(x, W, b)
    assert y.dtype == np.float32 and (y.data == 600).all()
    gW, gb = autograd.grad(y, [W, b], Variable(np.ones(y.shape, np.float32)))
    assert gW.dtype == gb.dtype == np.float32
    np.testing.assert_array_equal(gW.data, np.full((3, 4), 200.0 * x.size / 3))


def test_linear_leaves_its_inputs_alone_and_widens_as_a_sum_does():
    x, W = np.ones((2, 3), np.float32), np.ones((3, 4), np.float32)
    b = np.full(4, 0.1)
    y = L.linear(x, W, b)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y.data, L.linear_simple(x, W, b).data)


def test_numpy_calls_these():
    x, y = Variable(np.array([[1.0, 2.0], [3.0, 5.0]])), np.array([[1.0, -1.0], [0.0, 2.0]])
    for func in (np.matmul, np.dot, np.outer, np.tensordot):
        for pair in ((x, y), (y, x)):
            z = func(*pair)
            assert isinstance(z, Variable)
            np.testing.assert_allclose(z.data, func(*(np.asarray(p) for p in pair)))
    assert isinstance(y @ x, Variable)
    np.testing.assert_allclose(np.linalg.norm(x).data, np.linalg.norm(x.data))
    np.testing.assert_allclose(np.linalg.norm(x, axis=0).data, np.linalg.norm(x.data, axis=0))
    with pytest.raises(ValueError, match="norm of a matrix"):
        np.linalg.norm(x, 2)


def test_numbers_stay_weak_in_dot():
    x = Variable(np.ones(3, np.float32))
    assert L.dot(x, 2.0).dtype == L.dot(np.float64(2), x).dtype == np.float32


def test_norm_of_float16_overflows_in_its_result_alone():
    x = Variable(np.array([300, 400], np.float16))
    y = L.norm(x)
    y.backward()
    assert (y.item(), y.dtype) == (500, np.float16)
    np.testing.assert_allclose(x.grad.data, [0.6, 0.8], rtol=1e-3)
    np.testing.assert_allclose(L.normalize(x).data, [0.6, 0.8], rtol=1e-3)


@pytest.mark.parametrize("create_graph", [False, True])
def test_float16_gradient_of_a_bias_does_not_stop_at_2048(create_graph):
    b = Variable(np.zeros(3, np.float16))
    W = np.ones((1, 3), np.float16)
    for y in (L.linear(np.ones((5000, 1), np.float16), W, b), np.ones((5000, 3), np.float16) + b):
        b.cleargrad()
        y.backward(create_graph=create_graph)
        np.testing.assert_array_equal(b.grad.data, [5000] * 3)
        assert b.grad.dtype == np.float16
