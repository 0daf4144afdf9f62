"""Optimizer updates in plain NumPy against their formulas in float64."""

import inspect
import threading

import numpy as np
import pytest

from dezero.backend import numpy_steps as steps
from dezero.backend.registry import HOST_KERNELS

SIZE = 1000


def sgd(x, g, lr, keep=1.0):
    return (keep * x - lr * g,)


def momentum(x, g, v, *, lr, mu, keep=1.0):
    v = mu * v - lr * g
    return keep * x + v, v


def nesterov(x, g, v, *, lr, mu, keep=1.0):
    v = mu * v - lr * g
    return keep * x + mu * v - lr * g, v


def adagrad(x, g, h, *, lr, eps, inside=0.0, keep=1.0):
    h = h + g**2
    return keep * x - lr * g / (np.sqrt(h + inside) + eps), h


def rmsprop(x, g, h, *, lr, rho, eps, inside=0.0, keep=1.0):
    h = rho * h + g**2
    return keep * x - lr * g / (np.sqrt(h + inside) + eps), h


def adam(x, g, m, v, *, lr, beta1, beta2, eps, keep=1.0):
    m, v = beta1 * m + g, beta2 * v + g**2
    return keep * x - lr * m / (np.sqrt(v) + eps), m, v


CASES = {
    "sgd_step": (sgd, {"lr": 0.1}),
    "momentum_step": (momentum, {"lr": 0.1, "mu": 0.9}),
    "nesterov_step": (nesterov, {"lr": 0.1, "mu": 0.9}),
    "adagrad_step": (adagrad, {"lr": 0.1, "eps": 1e-6, "inside": 0.1}),
    "rmsprop_step": (rmsprop, {"lr": 0.01, "rho": 0.9, "eps": 1e-6, "inside": 0.1}),
    "adam_step": (adam, {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-6}),
}


def drawn(name, dtype, size=SIZE):
    """x, g and the state of a step; the state is positive, as squares are."""
    rng = np.random.default_rng(0)
    arguments = inspect.signature(getattr(HOST_KERNELS, name)).parameters.values()
    count = sum(argument.annotation is np.ndarray for argument in arguments)
    x, g, *state = (rng.standard_normal(size) for _ in range(count))
    return [a.astype(dtype) for a in (x, g, *map(abs, state))]


def check_three_steps(step, formula, arrays, rates, tolerance):
    """Compare `step`, run in place, with its formula in float64."""
    x, g, *state = arrays
    exact = [a.astype(np.float64) for a in (x, *state)]
    before, dtype = g.copy(), x.dtype
    for _ in range(3):
        step(*arrays, **rates)
        exact = list(formula(exact[0], g.astype(np.float64), *exact[1:], **rates))
    for ours, expected in zip((x, *state), exact, strict=True):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(g, before)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("keep", [{}, {"keep": 0.9}])
@pytest.mark.parametrize("name", CASES)
def test_three_steps_follow_the_formula(name, keep, dtype, tolerance):
    formula, rates = CASES[name]
    arrays = drawn(name, dtype)
    check_three_steps(getattr(steps, name), formula, arrays, {**rates, **keep}, tolerance)


@pytest.mark.parametrize("name", ["adagrad_step", "rmsprop_step"])
def test_nothing_is_added_inside_the_root_by_default(name):
    x, g, h = drawn(name, np.float32)
    formula, rates = CASES[name]
    rates = {**rates, "inside": 0.0}
    exact = formula(x.astype(np.float64), g, h.astype(np.float64), **rates)
    del rates["inside"]
    getattr(steps, name)(x, g, h, **rates)
    np.testing.assert_allclose(x, exact[0], 2e-6, 2e-6)


@pytest.mark.parametrize("name", CASES)
def test_gradients_may_be_read_only_and_blocks_differ_in_size(name):
    for size in (0, 3, 2000, 5):
        x, g, *state = drawn(name, np.float32, size)
        g.setflags(write=False)
        getattr(steps, name)(x, g, *state, **CASES[name][1])
        assert np.isfinite(x).all()


def test_threads_do_not_share_scratch():
    arrays = [drawn("adam_step", np.float32, 50_000) for _ in range(4)]
    expected = [a.copy() for a in arrays[0]]
    for _ in range(20):
        steps.adam_step(*expected, **CASES["adam_step"][1])

    def work(own):
        for _ in range(20):
            steps.adam_step(*own, **CASES["adam_step"][1])

    threads = [threading.Thread(target=work, args=(own,)) for own in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in arrays:
        np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_aligned_empty(size, dtype):
    for _ in range(5):
        a = steps.aligned_empty(size, dtype)
        assert a.shape == (size,) and a.dtype == dtype and a.flags.carray
        assert size == 0 or a.ctypes.data % 64 == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flush_subnormals(dtype):
    limits = np.finfo(dtype)
    kept = [1.0, -1e-20, limits.tiny / limits.eps, np.inf, np.nan]
    lost = [limits.tiny, -limits.smallest_subnormal, limits.tiny / limits.eps / 2, 0.0]
    state = np.array(kept + lost, dtype)
    steps.flush_subnormals(state)
    np.testing.assert_array_equal(state, np.array(kept + [0] * len(lost), dtype))
    # Nothing reaches the subnormals by Adam's decay before the next flush, 128 steps on.
    assert float(limits.tiny / limits.eps) * 0.9**128 > limits.tiny
