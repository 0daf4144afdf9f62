"""Convolution with each set of loops: right in chunks of any size, and memory stays bounded."""

import threading
import tracemalloc

import numpy as np
import pytest

from dezero.backend import convolution, numpy_depthwise, registry
from dezero.backend.window import Window

WINDOWS = [
    Window((3, 3)),
    Window((3, 2), (2, 1), ((1, 0), (2, 2))),
    Window((2, 3), (1, 3), ((0, 0), (0, 0)), (2, 1)),
    Window((1, 1)),
    Window((1, 1), (2, 2)),
]


@pytest.fixture(params=["numpy", "numba"])
def kernels(request):
    """Return the kernels in NumPy, then with convolution compiled."""
    if request.param == "numpy":
        return registry.HOST_KERNELS
    pytest.importorskip("numba")
    from dezero.backend import numba_convolution

    return registry.overlay(registry.HOST_KERNELS, numba_convolution)


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
    monkeypatch.setattr(convolution, "CHUNK", request.param)
    monkeypatch.setattr(numpy_depthwise, "CHUNK", request.param)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("channels", "outs"), [(1, 4), (3, 17), (9, 4)])
def test_chunks_do_not_show(rng, kernels, chunk, *, window, channels, outs):
    x = rng.standard_normal((5, 7, 8, channels))
    W = rng.standard_normal((*window.kernel, channels, outs))
    b = rng.standard_normal(outs)
    y = naive(x, W, window)
    np.testing.assert_allclose(kernels.convolve(x, W, b, window), y + b, rtol=1e-12, atol=1e-12)
    # Both gradients are the transposes of the same linear map.
    gy = rng.standard_normal(y.shape)
    gW = kernels.convolve_gradient_w(x, gy, window)
    gx = kernels.convolve_gradient_x(gy, W, window, x.shape[1:3])
    assert gW.shape == W.shape and gx.shape == x.shape
    other = rng.standard_normal(W.shape)
    np.testing.assert_allclose((gW * other).sum(), (naive(x, other, window) * gy).sum())
    other = rng.standard_normal(x.shape)
    np.testing.assert_allclose((gx * other).sum(), (naive(other, W, window) * gy).sum())


@pytest.mark.parametrize("window", WINDOWS)
def test_columns_and_back(rng, kernels, window):
    x = rng.standard_normal((2, 7, 8, 3))
    columns = kernels.im2col(x, window)
    W = rng.standard_normal((*window.kernel, 3, 2))
    y = np.tensordot(columns, W, ((3, 4, 5), (0, 1, 2)))
    np.testing.assert_allclose(y, naive(x, W, window))
    other = rng.standard_normal(columns.shape)
    back = kernels.col2im(other, window, (7, 8))
    np.testing.assert_allclose((back * x).sum(), (other * columns).sum())


def test_halves_are_summed_in_single_precision(kernels):
    x = np.ones((1, 64, 64, 1), np.float16)
    W = np.ones((64, 64, 1, 1), np.float16)
    window = Window((64, 64))
    y = kernels.convolve(x, W, None, window)
    assert y.dtype == np.float16 and y.item() == 4096  # a running sum stands still at 2048
    assert kernels.convolve_gradient_w(x, y, window).dtype == np.float16
    assert kernels.convolve_gradient_x(y, W, window, (64, 64)).dtype == np.float16


@pytest.mark.parametrize("groups", [2, 6])
def test_groups_do_not_see_each_other(rng, kernels, groups):
    window = Window((2, 2), pads=((1, 0), (0, 1)))
    x = rng.standard_normal((2, 4, 5, 6))
    W = rng.standard_normal((2, 2, 6 // groups, 12))
    parts = np.split(x, groups, -1), np.split(W, groups, -1)
    expected = [naive(a, w, window) for a, w in zip(*parts, strict=True)]
    y = kernels.convolve(x, W, None, window, groups)
    np.testing.assert_allclose(y, np.concatenate(expected, -1))


def peak(run):
    """Return the most memory held at once while `run` runs in a thread with buffers of its own."""

    def in_a_new_thread():
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    in_a_new_thread()  # compiles
    tracemalloc.start()
    in_a_new_thread()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_columns_of_a_batch_are_never_all_there(rng, kernels):
    x = rng.standard_normal((64, 40, 40, 16)).astype("f4")
    W = rng.standard_normal((3, 3, 16, 16)).astype("f4")
    window = Window((3, 3))
    gy = np.ones((64, 38, 38, 16), "f4")

    bound = x.nbytes + 3 * 4 * convolution.CHUNK  # columns of all would be 9 times x

    assert peak(lambda: kernels.convolve(x, W, None, window)) < bound
    assert peak(lambda: kernels.convolve_gradient_w(x, gy, window)) < bound
    assert peak(lambda: kernels.convolve_gradient_x(gy, W, window, (40, 40))) < bound


@pytest.mark.slow
@pytest.mark.parametrize("channels", [3, 16])
def test_padded_pictures_of_a_batch_are_never_all_there(rng, kernels, channels):
    # Of windows far apart the columns are smaller than the padded picture.
    x = rng.standard_normal((3072 // channels, 50, 50, channels)).astype("f4")
    W = rng.standard_normal((2, 2, channels, 4)).astype("f4")
    window = Window((2, 2), (8, 8), ((1, 1), (1, 1)))
    gy = np.ones((len(x), *window.out_shape((50, 50)), 4), "f4")
    chunks = 3 * 4 * convolution.CHUNK
    assert chunks < x.nbytes  # a stage for all of them would show
    assert peak(lambda: kernels.convolve(x, W, None, window)) < gy.nbytes + chunks
    assert peak(lambda: kernels.convolve_gradient_w(x, gy, window)) < chunks
    runs = peak(lambda: kernels.convolve_gradient_x(gy, W, window, (50, 50)))
    assert runs < x.nbytes + chunks


@pytest.mark.parametrize("channels, outs, groups", [(2, 4, 1), (16, 16, 1), (8, 32, 2), (8, 8, 8)])
@pytest.mark.parametrize("pads", [((0, 0), (0, 0)), ((1, 1), (1, 1))])
def test_empty_batches(kernels, pads, channels, outs, groups):
    # 16 channels of output are enough for the loops without columns.
    window, W = Window((3, 3), pads=pads), np.ones((3, 3, channels // groups, outs), "f4")
    x, gy = np.ones((0, 5, 5, channels), "f4"), np.ones((0, *window.out_shape((5, 5)), outs), "f4")
    assert kernels.convolve(x, W, None, window, groups).shape == gy.shape
    gW = kernels.convolve_gradient_w(x, gy, window, groups)
    assert gW.shape == W.shape and not gW.any()
    assert kernels.convolve_gradient_x(gy, W, window, (5, 5), groups).shape == x.shape
