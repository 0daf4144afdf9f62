"""Depthwise convolution in NumPy: each entry of the kernel where it belongs, in any chunks."""

import numpy as np
import pytest

from dezero.backend import numpy_depthwise
from dezero.backend.window import Window

WINDOWS = [
    Window((3, 3), pads=((1, 1), (1, 1))),
    Window((3, 2), (2, 1), ((1, 0), (2, 2))),
    Window((2, 3), (1, 3), ((0, 0), (5, 1)), (2, 1)),
    Window((1, 1), (2, 2)),
]


def naive(x, W, window):
    """Multiply what is under each entry of the kernel with it."""
    (sh, sw), (dh, dw), out = window.stride, window.dilation, window.out_shape(x.shape[1:3])
    x = np.pad(x, ((0, 0), *window.pads, (0, 0)))
    y = np.zeros((len(x), *out, x.shape[3]))
    for i, j, k, m in np.ndindex(*out, *window.kernel):
        y[:, i, j] += x[:, i * sh + k * dh, j * sw + m * dw] * W[k, m]
    return y


@pytest.mark.parametrize("chunk", [1, 60, 1 << 15])
@pytest.mark.parametrize("window", WINDOWS)
def test_forward_and_both_gradients(rng, monkeypatch, chunk, window):
    monkeypatch.setattr(numpy_depthwise, "CHUNK", chunk)
    x, W = rng.standard_normal((3, 6, 7, 4)), rng.standard_normal((*window.kernel, 4))
    b, exact = rng.standard_normal(4), naive(x, W, window)
    y = np.empty_like(exact)
    numpy_depthwise.depthwise(x, W, b, window, y)
    np.testing.assert_allclose(y, exact + b)
    gy, gW, gx = rng.standard_normal(y.shape), np.zeros_like(W), np.zeros_like(x)
    numpy_depthwise.depthwise_gradient_w(x, gy, window, gW)
    numpy_depthwise.depthwise_scatter(gy, W, window, gx)
    # Both are the transposes of the same linear map.
    other = rng.standard_normal(W.shape)
    np.testing.assert_allclose((gW * other).sum(), (naive(x, other, window) * gy).sum())
    other = rng.standard_normal(x.shape)
    np.testing.assert_allclose((gx * other).sum(), (naive(other, W, window) * gy).sum())
