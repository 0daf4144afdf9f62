"""Depthwise convolution of pictures (N, H, W, C) in plain NumPy: every channel by its own kernel.

There is no product of matrices in it: each entry of the kernel is one pass over the picture, done
for a few rows at a time that stay in the cache.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dezero.backend.buffers import buffers
from dezero.backend.window import Window

LOOPS = ("depthwise", "depthwise_gradient_w", "depthwise_scatter")
# Elements of output in a chunk.
CHUNK = 1 << 15


def depthwise(x: np.ndarray, W: np.ndarray, b: Any, window: Window, y: np.ndarray) -> None:
    """Write the convolution of x (N, H, W, C) by W (KH, KW, C), plus b (C,), into y."""
    kernels = _rows(W, y.shape[2])
    y[...] = 0 if b is None else b
    for part in _chunks(y.shape):
        for k, places, pixels in _entries(x, window, y.shape[1:3], part):
            target = y[places]
            products = buffers.take("products", target.shape, y.dtype)
            target += np.multiply(x[pixels], kernels[k][: target.shape[2]], out=products)


def depthwise_gradient_w(x: np.ndarray, gy: np.ndarray, window: Window, gW: np.ndarray) -> None:
    """Add the gradient of `depthwise` by W to gW (KH, KW, C)."""
    ones = np.ones(CHUNK + gy.shape[2], gy.dtype)
    for part in _chunks(gy.shape):
        for k, places, pixels in _entries(x, window, gy.shape[1:3], part):
            g = gy[places]
            products = buffers.take("products", g.shape, gy.dtype)
            products = np.multiply(x[pixels], g, out=products).reshape(-1, g.shape[3])
            gW[k] += ones[: len(products)] @ products


def depthwise_scatter(gy: np.ndarray, W: np.ndarray, window: Window, gx: np.ndarray) -> None:
    """Add the gradient of `depthwise` by x to gx (N, H, W, C)."""
    kernels = _rows(W, gy.shape[2])
    for part in _chunks(gy.shape):
        for k, places, pixels in _entries(gx, window, gy.shape[1:3], part):
            g, target = gy[places], gx[pixels]
            products = buffers.take("products", g.shape, gy.dtype)
            target += np.multiply(g, kernels[k][: g.shape[2]], out=products)


def _rows(W: np.ndarray, width: int) -> np.ndarray:
    """Return W (KH, KW, C) again for each pixel of a row: (KH, KW, width, C).

    Then rows of pixels that lie next to each other are one long run for NumPy.
    """
    return np.repeat(W[:, :, None], width, 2)


def _chunks(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Yield (samples, rows) of pictures of `shape` (N, H, W, C)."""
    n, height, width, channels = shape
    rows = max(1, min(height, CHUNK // max(1, width * channels)))
    samples = max(1, min(n, CHUNK // max(1, height * width * channels)))
    for i in range(0, n, samples):
        for r in range(0, height, rows):
            yield slice(i, i + samples), slice(r, min(r + rows, height))


def _entries(
    x: np.ndarray, window: Window, out: tuple[int, int], part: tuple[slice, slice]
) -> Iterator[tuple]:
    """Yield, for each entry of the kernel, (entry, places of output, the pixels of x they meet)."""
    samples, rows = part
    for kh in range(window.kernel[0]):
        down, pixel_rows = window.span(0, kh, x.shape[1], rows)
        for kw in range(window.kernel[1]):
            across, columns = window.span(1, kw, x.shape[2], slice(0, out[1]))
            down_here = slice(rows.start + down.start, rows.start + down.stop)
            yield (kh, kw), (samples, down_here, across), (samples, pixel_rows, columns)
