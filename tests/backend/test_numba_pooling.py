"""Compiled pooling against its NumPy twins. Skipped without numba."""

import inspect

import numpy as np
import pytest

from dezero.backend import kernels, registry, use_kernels
from dezero.backend.window import Window
from tests.backend.test_numpy_pooling import WINDOWS

TWINS = vars(registry.HOST_KERNELS)
FAST = ("max_pool", "pool_scatter")


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_pooling

    return numba_pooling


def test_kernels_have_the_signatures_of_their_twins(fast):
    public = [
        name
        for name, value in vars(fast).items()
        if inspect.isfunction(value) and value.__module__ == fast.__name__ and name[0] != "_"
    ]
    assert sorted(public) == sorted(FAST)
    for name in FAST:
        assert inspect.signature(getattr(fast, name)) == inspect.signature(TWINS[name])


def test_they_are_chosen_where_numba_is(fast):
    before = list(registry._host)
    try:
        use_kernels("numba")
        for name in FAST:
            assert getattr(kernels(np.ones(1)), name) is getattr(fast, name)
    finally:
        registry._host[:] = before


# Channels on both sides of where the loops take over, and of a vector.
@pytest.mark.parametrize("depth", [1, 7, 8, 15, 16, 33])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "window", [*WINDOWS, Window((2, 2), (1, 3)), Window((2, 2), (2, 2), ((0, 1), (0, 1)))]
)
def test_pooling_equals_its_twin(fast, rng, window, dtype, depth):
    x = np.round(2 * rng.standard_normal((2, 6, 7, depth))).astype(dtype)
    x[0, 2:4, 3, ::3] = np.nan
    x[1, :, :, -1] = -np.inf
    (y, index), twin = fast.max_pool(x, window), TWINS["max_pool"](x, window)
    np.testing.assert_array_equal(y, twin[0])
    np.testing.assert_array_equal(index, twin[1])
    assert y.dtype == dtype and index.dtype == np.uint8
    bare, nothing = fast.max_pool(x, window, with_index=False)
    np.testing.assert_array_equal(bare, y)
    assert nothing is None
    gy = np.round(9 * rng.standard_normal(y.shape)).astype(dtype)
    gy[0, 0, 0] = np.inf
    gx = fast.pool_scatter(gy, index, window, (6, 7))
    assert gx.dtype == dtype
    np.testing.assert_array_equal(gx, TWINS["pool_scatter"](gy, index, window, (6, 7)))


def halves(x):
    return x.astype(np.float16)


def read_only(x):
    x.setflags(write=False)
    return x


@pytest.mark.parametrize("how", [halves, read_only, np.int64])
def test_what_is_not_plain_goes_to_the_twin(fast, rng, how, monkeypatch):
    for name in ("_max_2x2", "_max", "_scatter"):
        monkeypatch.setattr(fast, name, None)
    window = Window((2, 2), (2, 2))
    x = how(np.round(9 * rng.standard_normal((1, 4, 4, 16))))
    y, index = fast.max_pool(x, window)
    np.testing.assert_array_equal(y, x.reshape(1, 2, 2, 2, 2, 16).max((2, 4)))
    if y.dtype.kind == "f":
        gy = how(y)
        gx = fast.pool_scatter(gy, index, window, (4, 4))
        np.testing.assert_array_equal(gx.sum(), gy.sum())


def test_large_windows_go_to_the_twin(fast, rng):
    x = rng.standard_normal((1, 20, 20, 16))
    y, index = fast.max_pool(x, Window((20, 20)))
    assert index.dtype == np.uint16
    np.testing.assert_array_equal(y[0, 0, 0], x.max((0, 1, 2)))
    gx = fast.pool_scatter(y, index, Window((20, 20)), (20, 20))
    np.testing.assert_array_equal(gx, np.where(x == y, x, 0))


@pytest.mark.parametrize("shape", [(0, 4, 4, 16), (2, 4, 4, 0)])
def test_nothing_gives_nothing(fast, shape):
    y, index = fast.max_pool(np.zeros(shape), Window((2, 2), (2, 2)))
    assert y.shape == index.shape == (shape[0], 2, 2, shape[3])
    assert fast.pool_scatter(y, index, Window((2, 2), (2, 2)), (4, 4)).shape == shape
