"""Further optimizer updates in plain NumPy against their formulas in float64."""

import numpy as np
import pytest

from dezero.backend import numpy_steps_more as steps
from tests.backend.test_numpy_steps import check_three_steps, drawn


def rmsprop_variance(g, h, mean, rho):
    h = rho * h + g**2
    if mean is None:
        return h, None, (1 - rho) * h
    mean = rho * mean + g
    return h, mean, np.maximum((1 - rho) * h - ((1 - rho) * mean) ** 2, 0)


def rmsprop_momentum(x, g, h, v, *, lr, rho, mu, eps, inside=0.0, keep=1.0):
    h, _, variance = rmsprop_variance(g, h, None, rho)
    v = mu * v + lr * g / (np.sqrt(variance + inside) + eps)
    return keep * x - v, h, v


def rmsprop_centered(x, g, h, mean, *, lr, rho, eps, inside=0.0, keep=1.0):
    h, mean, variance = rmsprop_variance(g, h, mean, rho)
    return keep * x - lr * g / (np.sqrt(variance + inside) + eps), h, mean


def rmsprop_centered_momentum(x, g, h, v, mean, *, lr, rho, mu, eps, inside=0.0, keep=1.0):
    h, mean, variance = rmsprop_variance(g, h, mean, rho)
    v = mu * v + lr * g / (np.sqrt(variance + inside) + eps)
    return keep * x - v, h, v, mean


def adadelta(x, g, h, u, *, lr, rho, eps, keep=1.0):
    h = rho * h + (1 - rho) * g**2
    change = np.sqrt(u + eps) / np.sqrt(h + eps) * g
    return keep * x - lr * change, h, rho * u + (1 - rho) * change**2


def amsgrad(x, g, m, v, top, *, lr, beta1, beta2, eps, keep=1.0):
    m, v = beta1 * m + g, beta2 * v + g**2
    top = np.maximum(v, top)
    return keep * x - lr * m / (np.sqrt(top) + eps), m, v, top


def averages(g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def nadam(x, g, m, v, *, ahead, now, beta1, beta2, eps, keep=1.0):
    m, v = averages(g, m, v, beta1, beta2)
    return keep * x - (ahead * m + now * g) / (np.sqrt(v) + eps), m, v


def radam(x, g, m, v, *, lr, beta1, beta2, eps, adaptive, keep=1.0):
    m, v = averages(g, m, v, beta1, beta2)
    return keep * x - lr * m / (np.sqrt(v) + eps if adaptive else 1), m, v


def adamax(x, g, m, u, *, lr, beta1, beta2, eps, beside=0.0, keep=1.0):
    m, u = beta1 * m + (1 - beta1) * g, np.maximum(beta2 * u, abs(g) + eps)
    return keep * x - lr * m / (u + beside), m, u


def ftrl(x, g, n, z, *, lr, power, initial, l1, l2, shrinkage, beta, keep=1.0):
    x = keep * x
    before, after = (n + initial) ** power, (n + g**2 + initial) ** power
    z = z + g + 2 * shrinkage * x - (after - before) / lr * x
    x = (np.clip(z, -l1, l1) - z) / (after / lr + 2 * l2 + beta / lr)
    return x, n + g**2, z


RMSPROP = {"lr": 0.01, "rho": 0.9, "eps": 1e-3, "inside": 0.1}
ADAM = {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-6}
NADAM = {"ahead": 0.01, "now": 0.02, "beta1": 0.9, "beta2": 0.99, "eps": 1e-3}
FTRL = {
    "lr": 0.1, "power": 0.6, "initial": 0.1, "l1": 0.3, "l2": 0.2, "shrinkage": 0.01, "beta": 0.5
}  # fmt: skip
CASES = {
    "rmsprop_momentum_step": (rmsprop_momentum, {**RMSPROP, "mu": 0.9}),
    "rmsprop_centered_step": (rmsprop_centered, RMSPROP),
    "rmsprop_centered_momentum_step": (rmsprop_centered_momentum, {**RMSPROP, "mu": 0.9}),
    "adadelta_step": (adadelta, {"lr": 0.5, "rho": 0.9, "eps": 1e-3}),
    "amsgrad_step": (amsgrad, ADAM),
    "nadam_step": (nadam, NADAM),
    "radam_step": (radam, {**ADAM, "adaptive": 1.0}),
    "adamax_step": (adamax, {**ADAM, "beside": 1e-3}),
    "ftrl_step": (ftrl, FTRL),
}


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-13)])
@pytest.mark.parametrize("keep", [{}, {"keep": 0.9}])
@pytest.mark.parametrize("name", CASES)
def test_three_steps_follow_the_formula(name, keep, dtype, tolerance):
    formula, rates = CASES[name]
    arrays = drawn(name, dtype)
    check_three_steps(getattr(steps, name), formula, arrays, {**rates, **keep}, tolerance)


@pytest.mark.parametrize("name", CASES)
def test_gradients_may_be_read_only_and_blocks_differ_in_size(name):
    for size in (0, 3, 2000, 5):
        x, g, *state = drawn(name, np.float32, size)
        g.setflags(write=False)
        getattr(steps, name)(x, g, *state, **CASES[name][1])
        assert np.isfinite(x).all()


def test_radam_is_plain_momentum_until_v_is_reliable():
    x, g, m, v = drawn("radam_step", np.float64)
    expected = x - 0.01 * (0.9 * m + 0.1 * g)
    steps.radam_step(x, g, m, v, **{**ADAM, "adaptive": 0.0})
    np.testing.assert_allclose(x, expected)


def test_ftrl_takes_roots():
    arrays = drawn("ftrl_step", np.float64)
    check_three_steps(steps.ftrl_step, ftrl, arrays, {**FTRL, "power": 0.5}, 1e-13)


def test_ftrl_stays_where_the_rate_is_zero():
    arrays = drawn("ftrl_step", np.float64)
    before = [a.copy() for a in arrays]
    steps.ftrl_step(*arrays, **{**FTRL, "lr": 0.0})
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_a_constant_gradient_leaves_no_negative_variance():
    x, g, h, mean = np.zeros(3), np.full(3, 0.3), np.zeros(3), np.zeros(3)
    for _ in range(500):
        rates = {"lr": 0.1, "rho": 0.9, "eps": 1e-3}
        steps.rmsprop_centered_step(x, g, h, mean, **rates)
    assert np.isfinite(x).all()


def test_the_largest_so_far_keeps_nan():
    for name in ("amsgrad_step", "adamax_step"):
        x, g, *state = drawn(name, np.float64, 4)
        g[1] = np.nan
        getattr(steps, name)(x, g, *state, **CASES[name][1])
        np.testing.assert_array_equal(np.isnan(state[-1]), [False, True, False, False])


@pytest.mark.parametrize("take", [0.0, 1.0])
def test_average(rng, take):
    x, average = rng.standard_normal((2, 50))
    expected, before = 0.9 * average + 0.1 * x, x.copy()
    steps.average_step(x, average, share=0.9, take=take)
    np.testing.assert_allclose(average, expected)
    np.testing.assert_array_equal(x, average if take else before)
