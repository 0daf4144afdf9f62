"""Columns and pooling of the GPU, their text run on the host: any window, any memory."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_windows
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.window import Window
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler

WINDOWS = [
    Window((1, 1)),
    Window((2, 2), (2, 2)),
    Window((3, 3), (1, 1), ((1, 1), (1, 1))),
    Window((3, 2), (2, 3), ((2, 0), (1, 3)), (2, 1)),
    Window((2, 3), (3, 1), ((0, 1), (2, 2)), (1, 3)),
    Window((6, 7)),
]
# Nowhere on the padding alone.
POOLS = [
    Window((3, 2), (2, 3), ((1, 0), (1, 0)), (2, 1)),
    Window((2, 3), (3, 1), ((0, 1), (1, 2)), (1, 3)),
    Window((6, 7)),
]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("layout", ["NHWC", "NCHW", "gaps"])
def test_columns(window, layout, rng):
    x = rng.standard_normal((3, 6, 7, 4)).astype("f4")
    if layout == "NCHW":
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    x = x[..., ::2] if layout == "gaps" else x
    with hosted():
        columns = kernels_windows.im2col(x, window)
        part = kernels_windows.columns_of(x, window, 1, 1)
        back = kernels_windows.col2im(columns, window, (6, 7))
    expected = HOST_KERNELS.im2col(x, window)
    np.testing.assert_array_equal(columns, expected)
    np.testing.assert_array_equal(part, expected[..., 1:2])
    np.testing.assert_allclose(back, HOST_KERNELS.col2im(expected, window, (6, 7)), 1e-5, 1e-6)


@pytest.mark.parametrize("window", [*WINDOWS[:3], *POOLS])
def test_pooling(window, rng):
    x = rng.integers(-2, 3, (3, 6, 7, 4)).astype("f4")
    x[rng.random(x.shape) < 0.05] = np.nan
    y, index = HOST_KERNELS.max_pool(x, window)
    gy = rng.standard_normal(y.shape).astype("f4")
    clean = np.nan_to_num(x)
    with hosted():
        own, where = kernels_windows.max_pool(x, window)
        np.testing.assert_array_equal(own, y)
        np.testing.assert_array_equal(where, index)
        assert kernels_windows.max_pool(x, window, False)[1] is None
        for name, given in (
            ("pool_scatter", (gy, index, window, (6, 7))),
            ("pool_gather", (x, index, window)),
            ("sum_pool", (clean, window)),
            ("sum_pool_gradient", (gy, window, (6, 7))),
        ):
            expected = getattr(HOST_KERNELS, name)(*given)
            ours = getattr(kernels_windows, name)(*given)
            np.testing.assert_allclose(ours, expected, 1e-5, 1e-5, err_msg=name)


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "i8", "u8"])
def test_largest_of_integers(dtype, rng):
    x, window = rng.integers(0, 2, (2, 5, 5, 1)).astype(dtype), WINDOWS[2]
    with hosted():
        y, index = kernels_windows.max_pool(x, window)
    expected = HOST_KERNELS.max_pool(x, window)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, expected[0])
    np.testing.assert_array_equal(index, expected[1])


def test_no_pictures():
    x, window = np.empty((0, 6, 7, 2), "f4"), WINDOWS[2]
    assert kernels_windows.im2col(x, window).shape == (0, 6, 7, 3, 3, 2)
    assert kernels_windows.max_pool(x, window)[1].shape == (0, 6, 7, 2)
    assert kernels_windows.sum_pool_gradient(x, window, (6, 7)).shape == x.shape
