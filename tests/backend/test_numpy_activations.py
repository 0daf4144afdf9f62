"""Derivatives of activations against differences of the activations."""

import numpy as np
import pytest

from dezero.backend.numpy_activations import _TABLE, activate, activate_gradient

BY_RESULT = {"relu", "relu6", "sigmoid", "tanh"}


@pytest.mark.parametrize("name", _TABLE)
def test_derivative(name, rng):
    x = 3 * rng.standard_normal(50)
    x = x[np.abs(np.abs(x)[:, None] - [0, 1, 3, 6]).min(axis=1) > 1e-3]
    gy, step = rng.standard_normal(x.shape), 1e-5
    y, up, down = (activate(name, x + d, 0.4) for d in (0, step, -step))
    found = activate_gradient(name, gy, y if name in BY_RESULT else x, 0.4)
    np.testing.assert_allclose(found, gy * (up - down) / (2 * step), 1e-6, 1e-8)


@pytest.mark.parametrize("name", _TABLE)
@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_nothing_overflows(name, dtype):
    x = np.array([-6e4, -100, 0, 100, 6e4], dtype)
    with np.errstate(over="raise", invalid="raise"):
        y = activate(name, x, 0.5)
        gx = activate_gradient(name, np.ones_like(x), y if name in BY_RESULT else x, 0.5)
    assert y.dtype == gx.dtype == dtype and np.isfinite(y).all() and np.isfinite(gx).all()


@pytest.mark.parametrize(("slope", "expected"), [(-1.0, [2, 3]), (2.0, [-4, 3]), (0.1, [-0.2, 3])])
def test_any_slope_of_leaky_relu(slope, expected):
    np.testing.assert_allclose(activate("leaky_relu", np.array([-2.0, 3]), slope), expected)
