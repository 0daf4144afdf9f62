"""Kernels of `numpy_pooling` as single compiled loops: the extra `fast`.

Each has the name, signature and meaning of its NumPy twin. The loop over channels runs in vectors
and each pixel is read or written once; with few channels, or planes stored one by one, there is
nothing to gain, and the twin takes over, as for other dtypes than float32 and float64,
and read-only arrays.
"""

from typing import Any

import numpy as np

from dezero.backend import numpy_pooling
from dezero.backend.numba_kernels import compiled
from dezero.backend.window import Window

_FLOATS = frozenset((np.dtype(np.float32), np.dtype(np.float64)))


def _plain(x: np.ndarray) -> bool:
    return x.dtype in _FLOATS and x.flags.carray


# Channels from which on the loops are quicker than their twins: 2x2 windows unrolled, all others.
_CHANNELS_2X2, _CHANNELS = 8, 16


@compiled
def _inside(start, step, count, size):
    """Return from which to which of `count` pixels, `step` apart, a window is in the image."""
    first = max(0, -(start // step))
    return first, max(first, min(count, (size - 1 - start) // step + 1))


@compiled
def _max_2x2(x, y, index, stride):
    one, two, three = np.uint8(1), np.uint8(2), np.uint8(3)
    for b in range(y.shape[0]):
        for oh in range(y.shape[1]):
            for ow in range(y.shape[2]):
                h, w = oh * stride[0], ow * stride[1]
                x0, x1, x2, x3 = x[b, h, w], x[b, h, w + 1], x[b, h + 1, w], x[b, h + 1, w + 1]
                largest, place = y[b, oh, ow], index[b, oh, ow]
                for d in range(x.shape[3]):
                    best, k = x0[d], np.uint8(0)
                    hit = (x1[d] > best) | (x1[d] != x1[d])
                    best, k = x1[d] if hit else best, one if hit else k
                    hit = (x2[d] > best) | (x2[d] != x2[d])
                    best, k = x2[d] if hit else best, two if hit else k
                    hit = (x3[d] > best) | (x3[d] != x3[d])
                    largest[d], place[d] = x3[d] if hit else best, three if hit else k


@compiled
def _max(x, y, index, window):
    kernel, stride, pads, dilation = window
    for b in range(y.shape[0]):
        for oh in range(y.shape[1]):
            h = oh * stride[0] - pads[0][0]
            top, bottom = _inside(h, dilation[0], kernel[0], x.shape[1])
            for ow in range(y.shape[2]):
                w = ow * stride[1] - pads[1][0]
                left, right = _inside(w, dilation[1], kernel[1], x.shape[2])
                largest, place = y[b, oh, ow], index[b, oh, ow]
                largest[:] = x[b, h + top * dilation[0], w + left * dilation[1]]
                place[:] = np.uint8(top * kernel[1] + left)
                for i in range(top, bottom):
                    for j in range(left, right):
                        pixel = x[b, h + i * dilation[0], w + j * dilation[1]]
                        k = np.uint8(i * kernel[1] + j)
                        for d in range(x.shape[3]):
                            hit = (pixel[d] > largest[d]) | (pixel[d] != pixel[d])
                            largest[d] = pixel[d] if hit else largest[d]
                            place[d] = k if hit else place[d]


def max_pool(x: np.ndarray, window: Window, with_index: bool = True) -> tuple[np.ndarray, Any]:
    """Return the largest pixel of each window and where it is, in one pass."""
    depth, tight = x.shape[3], window.dilation == (1, 1) and window.inside(x.shape[1:3])
    small = tight and window.kernel == (2, 2)
    enough = depth >= (_CHANNELS_2X2 if small else _CHANNELS)
    if not _plain(x) or not enough or window.index_dtype != np.uint8:
        return numpy_pooling.max_pool(x, window, with_index)
    y = np.empty((len(x), *window.out_shape(x.shape[1:3]), depth), x.dtype)
    index = np.empty(y.shape, np.uint8)
    if small:
        _max_2x2(x, y, index, window.stride)
    else:
        _max(x, y, index, tuple(window))
    return y, index if with_index else None


@compiled
def _scatter(gy, index, gx, window, add):
    kernel, stride, pads, dilation = window
    zero = gx.dtype.type(0)
    for b in range(gy.shape[0]):
        for oh in range(gy.shape[1]):
            h = oh * stride[0] - pads[0][0]
            top, bottom = _inside(h, dilation[0], kernel[0], gx.shape[1])
            for i in range(top, bottom):
                for ow in range(gy.shape[2]):
                    w = ow * stride[1] - pads[1][0]
                    left, right = _inside(w, dilation[1], kernel[1], gx.shape[2])
                    g, place = gy[b, oh, ow], index[b, oh, ow]
                    for j in range(left, right):
                        pixel = gx[b, h + i * dilation[0], w + j * dilation[1]]
                        k = np.uint8(i * kernel[1] + j)
                        if add:
                            for d in range(gx.shape[3]):
                                pixel[d] += g[d] if place[d] == k else zero
                        else:
                            for d in range(gx.shape[3]):
                                pixel[d] = g[d] if place[d] == k else zero


def pool_scatter(
    gy: np.ndarray, index: np.ndarray, window: Window, shape: tuple[int, int]
) -> np.ndarray:
    """Return zeros with each element of `gy` added to the pixel that `index` names, in one pass."""
    if not _plain(gy) or index.dtype != np.uint8 or gy.shape[3] < _CHANNELS_2X2:
        return numpy_pooling.pool_scatter(gy, index, window, shape)
    new = np.empty if window.tiles(shape) else np.zeros
    gx = new((len(gy), *shape, gy.shape[3]), gy.dtype)
    _scatter(gy, index, gx, tuple(window), not window.disjoint(shape))
    return gx
