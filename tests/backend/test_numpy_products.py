"""Products of the host, where they do not go to NumPy directly."""

import numpy as np
import pytest

from dezero.backend import is_plain, product
from dezero.backend.numpy_products import linear, linear_gradient_w, matmul
from dezero.backend.precision import autocast


def test_product_is_numpys(rng):
    a, b, out = rng.standard_normal((2, 3)), rng.standard_normal((3, 4)), np.empty((2, 4))
    np.testing.assert_array_equal(product(a, b), a @ b)
    assert product(a, b, out) is out and matmul(a, b, np.zeros((2, 4))).any()
    np.testing.assert_array_equal(out, a @ b)
    with autocast():
        assert not is_plain(a)
        np.testing.assert_array_equal(product(a, b, out), a @ b)  # float64 stays


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_linear(rng, relu, bias):
    x, W, b = rng.standard_normal((5, 3)), rng.standard_normal((3, 4)), rng.standard_normal(4)
    expected = x @ W + (b if bias else 0)
    found = linear(x, W, b if bias else None, relu)
    np.testing.assert_allclose(found, np.maximum(expected, 0) if relu else expected)


def test_linear_gradient_w(rng):
    x, gy = rng.standard_normal((5, 3)), rng.standard_normal((5, 4))
    gW, gb = linear_gradient_w(x, gy)
    np.testing.assert_allclose(gW, x.T @ gy)
    np.testing.assert_allclose(gb, gy.sum(0))
