"""Convolution kernels: chunks of any size give the same result, and memory stays bounded."""

import threading
import tracemalloc

import numpy as np
import pytest

from dezero.backend import numpy_convolution
from dezero.backend.numpy_convolution import (
    col2im,
    convolution_path,
    convolve,
    convolve_gradient_w,
    convolve_gradient_x,
    im2col,
)
from dezero.backend.window import Window

WINDOWS = [
    Window((3, 3)),
    Window((3, 2), (2, 1), ((1, 0), (2, 2))),
    Window((2, 3), (1, 3), ((0, 0), (0, 0)), (2, 1)),
    Window((1, 1)),
    Window((1, 1), (2, 2)),
]


def naive(x, W, window):
    """Multiply every pixel under the window with its entry of the kernel."""
    (sh, sw), (dh, dw), (oh, ow) = window.stride, window.dilation, window.out_shape(x.shape[1:3])
    x = np.pad(x, ((0, 0), *window.pads, (0, 0)))
    y = np.zeros((len(x), oh, ow, W.shape[3]))
    for i in range(oh):
        for j in range(ow):
            for k in range(window.kernel[0]):
                for m in range(window.kernel[1]):
                    y[:, i, j] += x[:, i * sh + k * dh, j * sw + m * dw] @ W[k, m]
    return y


@pytest.fixture(params=[1, 200, 1000, 1 << 20])
def chunk(request, monkeypatch):
    """Make the column buffer hold that many elements: single rows, samples, the whole batch."""
    monkeypatch.setattr(numpy_convolution, "CHUNK", request.param)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("channels", [1, 3, 9])
def test_chunks_do_not_show(rng, chunk, window, channels):
    x = rng.standard_normal((5, 7, 8, channels))
    W = rng.standard_normal((*window.kernel, channels, 4))
    b = rng.standard_normal(4)
    y = naive(x, W, window)
    np.testing.assert_allclose(convolve(x, W, b, window), y + b, rtol=1e-12, atol=1e-12)
    # Both gradients are the transposes of the same linear map.
    gy = rng.standard_normal(y.shape)
    gW = convolve_gradient_w(x, gy, window)
    gx = convolve_gradient_x(gy, W, window, x.shape[1:3])
    assert gW.shape == W.shape and gx.shape == x.shape
    other = rng.standard_normal(W.shape)
    np.testing.assert_allclose((gW * other).sum(), (naive(x, other, window) * gy).sum())
    other = rng.standard_normal(x.shape)
    np.testing.assert_allclose((gx * other).sum(), (naive(other, W, window) * gy).sum())


@pytest.mark.parametrize("window", WINDOWS)
def test_columns_and_back(rng, window):
    x = rng.standard_normal((2, 7, 8, 3))
    columns = im2col(x, window)
    W = rng.standard_normal((*window.kernel, 3, 2))
    y = np.tensordot(columns, W, ((3, 4, 5), (0, 1, 2)))
    np.testing.assert_allclose(y, naive(x, W, window))
    other = rng.standard_normal(columns.shape)
    back = col2im(other, window, (7, 8))
    np.testing.assert_allclose((back * x).sum(), (other * columns).sum())


def test_halves_are_summed_in_single_precision(rng):
    x = np.ones((1, 64, 64, 1), np.float16)
    W = np.ones((64, 64, 1, 1), np.float16)
    window = Window((64, 64))
    y = convolve(x, W, None, window)
    assert y.dtype == np.float16 and y.item() == 4096  # a running sum stands still at 2048
    assert convolve_gradient_w(x, y, window).dtype == np.float16
    assert convolve_gradient_x(y, W, window, (64, 64)).dtype == np.float16


@pytest.mark.parametrize("groups", [2, 6])
def test_groups_do_not_see_each_other(rng, groups):
    window = Window((2, 2), pads=((1, 0), (0, 1)))
    x = rng.standard_normal((2, 4, 5, 6))
    W = rng.standard_normal((2, 2, 6 // groups, 12))
    parts = np.split(x, groups, -1), np.split(W, groups, -1)
    expected = [naive(a, w, window) for a, w in zip(*parts, strict=True)]
    y = convolve(x, W, None, window, groups)
    np.testing.assert_allclose(y, np.concatenate(expected, -1))


def test_columns_of_a_batch_are_never_all_there(rng):
    x = rng.standard_normal((64, 40, 40, 16)).astype("f4")
    W = rng.standard_normal((3, 3, 16, 16)).astype("f4")
    window = Window((3, 3))
    gy = np.ones((64, 38, 38, 16), "f4")

    def peak(run):
        tracemalloc.start()
        run()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    bound = x.nbytes + 3 * 4 * numpy_convolution.CHUNK  # columns of all would be 9 times x

    def in_a_new_thread(run):
        # Buffers belong to their thread: here they are made anew, and counted.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    assert peak(lambda: in_a_new_thread(lambda: convolve(x, W, None, window))) < bound
    assert peak(lambda: in_a_new_thread(lambda: convolve_gradient_w(x, gy, window))) < bound
    runs = peak(lambda: in_a_new_thread(lambda: convolve_gradient_x(gy, W, window, (40, 40))))
    assert runs < bound


def test_empty_batches():
    window, W = Window((3, 3)), np.ones((3, 3, 2, 4))
    x, gy = np.ones((0, 5, 5, 2)), np.ones((0, 3, 3, 4))
    assert convolve(x, W, None, window).shape == gy.shape
    assert not convolve_gradient_w(x, gy, window).any()
    assert convolve_gradient_x(gy, W, window, (5, 5)).shape == x.shape


@pytest.mark.parametrize(
    ("x", "W", "options", "path"),
    [
        ((8, 56, 56, 64), (1, 1, 64, 128), {}, "pixels"),
        ((8, 56, 56, 64), (1, 1, 64, 128), {"stride": (2, 2)}, "columns"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {}, "tiles"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {}, "columns"),
        ((8, 56, 56, 3), (3, 3, 3, 64), {}, "planes"),
        ((8, 56, 56, 64), (3, 3, 1, 64), {"groups": 64}, "depthwise"),
        ((8, 56, 56, 64), (5, 5, 32, 64), {"groups": 2}, "columns in 2 groups"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {"dtype": "f2"}, "columns in float32"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {"dtype": "f8"}, "columns"),
    ],
)
def test_path_in_words(x, W, options, path):
    dtype, groups = options.pop("dtype", "f4"), options.pop("groups", 1)
    window = Window(W[:2], **options)
    arrays = np.empty(x, dtype), np.empty(W, dtype)
    assert convolution_path(*arrays, window, groups) == path
