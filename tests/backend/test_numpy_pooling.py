"""Kernels of pooling in NumPy against plain loops, in one piece and in many."""

import numpy as np
import pytest

from dezero.backend import numpy_pooling
from dezero.backend.numpy_pooling import (
    max_pool,
    pool_gather,
    pool_scatter,
    sum_pool,
    sum_pool_gradient,
)
from dezero.backend.window import Window

WINDOWS = [
    Window((2, 2), (2, 2)),
    Window((3, 2), (2, 1), ((1, 1), (0, 1))),
    Window((3, 3), (1, 1), ((2, 1), (1, 2))),
    Window((2, 3), (3, 4)),
    Window((2, 3), (1, 2), ((1, 1), (1, 0)), (2, 1)),
    Window((5, 3), (5, 3)),
]


def pixels(window, x, b, place):
    """Yield (entry, row, column) of what the window meets at `place`, row by row."""
    for k in range(window.kernel[0] * window.kernel[1]):
        entry = divmod(k, window.kernel[1])
        r, c = (
            place[a] * window.stride[a] + entry[a] * window.dilation[a] - window.pads[a][0]
            for a in (0, 1)
        )
        if 0 <= r < x.shape[1] and 0 <= c < x.shape[2]:
            yield k, r, c


def by_loops(x, window):
    """Return maxima as torch chooses them, their entries, and sums."""
    shape = (len(x), *window.out_shape(x.shape[1:3]), x.shape[3])
    y, index, total = np.empty(shape, x.dtype), np.empty(shape, int), np.zeros(shape)
    for b, i, j, d in np.ndindex(shape):
        best = None
        for k, r, c in pixels(window, x, b, (i, j)):
            value = x[b, r, c, d]
            total[b, i, j, d] += value
            if best is None or value > best or np.isnan(value):
                best, index[b, i, j, d] = value, k
        y[b, i, j, d] = best
    return y, index, total


def scattered(gy, index, window, x):
    """Return gy at the pixels that index names, and gy at all that a window meets."""
    chosen, spread = np.zeros(x.shape), np.zeros(x.shape)
    for b, i, j, d in np.ndindex(gy.shape):
        for k, r, c in pixels(window, x, b, (i, j)):
            spread[b, r, c, d] += gy[b, i, j, d]
            if k == index[b, i, j, d]:
                chosen[b, r, c, d] += gy[b, i, j, d]
    return chosen, spread


@pytest.mark.parametrize("piece", [1, 60, 1 << 16])
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("window", WINDOWS)
def test_kernels_equal_loops(rng, monkeypatch, window, depth, piece):
    monkeypatch.setattr(numpy_pooling, "_PIECE", piece)
    x = np.round(2 * rng.standard_normal((3, 5, 6, depth)))
    expected, at, total = by_loops(x, window)
    y, index = max_pool(x, window)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(index, at)
    bare, nothing = max_pool(x, window, with_index=False)
    np.testing.assert_array_equal(bare, expected)
    assert nothing is None and index.dtype == np.uint8
    np.testing.assert_array_equal(pool_gather(x, index, window), expected)
    np.testing.assert_array_equal(sum_pool(x, window), total)
    gy = np.round(9 * rng.standard_normal(y.shape))
    chosen, spread = scattered(gy, index, window, x)
    np.testing.assert_array_equal(pool_scatter(gy, index, window, (5, 6)), chosen)
    np.testing.assert_array_equal(sum_pool_gradient(gy, window, (5, 6)), spread)


def test_nan_and_infinity(rng):
    x = rng.standard_normal((2, 6, 6, 4))
    x[0, 1:3, 1, :2] = np.nan
    x[1] = -np.inf
    for window in WINDOWS:
        expected, at, _ = by_loops(x, window)
        y, index = max_pool(x, window)
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(index, at)
        np.testing.assert_array_equal(max_pool(x, window, False)[0], expected)
        np.testing.assert_array_equal(pool_gather(x, index, window), expected)


def test_infinity_and_nan_in_gradients_stay_where_they_belong():
    x = np.arange(16.0).reshape(1, 4, 4, 1)
    window = Window((2, 2), (2, 2))
    gy = np.array([np.inf, np.nan, -np.inf, 1.0]).reshape(1, 2, 2, 1)
    gx = pool_scatter(gy, max_pool(x, window)[1], window, (4, 4))
    assert np.count_nonzero(gx) == 4
    np.testing.assert_array_equal(gx[:, 1::2, 1::2], gy)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float32])
def test_maxima_of_any_real_dtype(rng, dtype):
    x = (10 * rng.standard_normal((2, 5, 6, 3))).astype(dtype)
    for window in WINDOWS:
        expected, at, _ = by_loops(x, window)
        y, index = max_pool(x, window)
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(index, at)


def test_the_lowest_integer_beats_the_padding():
    x = np.full((1, 2, 2, 1), np.iinfo(np.int8).min, np.int8)
    window = Window((3, 3), (1, 1), ((1, 1), (1, 1)))
    y, index = max_pool(x, window)
    assert (y == -128).all()
    np.testing.assert_array_equal(index[0, :, :, 0], [[4, 3], [1, 0]])


def test_large_windows_count_in_two_bytes(rng):
    x = rng.permutation(400).reshape(1, 20, 20, 1).astype(float)
    y, index = max_pool(x, Window((20, 20)))
    assert index.dtype == np.uint16 and y.item() == 399 and x.flat[index.item()] == 399
    gx = pool_scatter(np.ones((1, 1, 1, 1)), index, Window((20, 20)), (20, 20))
    np.testing.assert_array_equal(gx, x == 399)


def test_float16_is_summed_in_float32():
    x = np.full((1, 60, 60, 1), 1.0, np.float16)
    y = sum_pool(x, Window((60, 60)))
    assert y.dtype == np.float16 and y.item() == 3600
    window = Window((1, 1), (1, 1), ((0, 0), (0, 0)))
    assert sum_pool_gradient(x, window, (60, 60)).dtype == np.float16
    peak = np.zeros((1, 1, 3000, 1), np.float16)
    peak[0, 0, 1500] = 1
    window = Window((1, 3000), (1, 1), ((0, 0), (2999, 2999)))
    _, index = max_pool(peak, window)
    gx = pool_scatter(np.ones(index.shape, np.float16), index, window, (1, 3000))
    assert gx.dtype == np.float16 and gx[0, 0, 1500] == 3000


@pytest.mark.parametrize("shape", [(0, 4, 4, 2), (2, 4, 4, 0)])
def test_nothing_gives_nothing(shape):
    x, window = np.zeros(shape), Window((2, 2), (2, 2))
    y, index = max_pool(x, window)
    for a in (y, index, sum_pool(x, window), pool_gather(x, index, window)):
        assert a.shape == (shape[0], 2, 2, shape[3])
    assert pool_scatter(y, index, window, (4, 4)).shape == shape
    assert sum_pool_gradient(y, window, (4, 4)).shape == shape
