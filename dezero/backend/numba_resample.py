"""The kernel of `numpy_resample` as a compiled loop over the rows of each picture."""

import numpy as np

from dezero.backend import numpy_resample
from dezero.backend.numba_kernels import _FLOATS, compiled, inlined

_MODES = {"nearest": 0, "constant": 1, "wrap": 2, "reflect": 3}


@inlined
def _within(x, low, high):
    """A number between both, also of NaN: it becomes an address."""
    x = x if x > low else low
    return x if x < high else high


@compiled
def _places(start, step, size, mode, place):
    """Fill coordinates of a row, folded into the padded picture as `numpy_resample._fold` does."""
    # One short loop for each mode, which LLVM makes vectors of.
    for k in range(place.size):
        place[k] = start + step * k
    if mode == 0:
        for k in range(place.size):
            place[k] = _within(place[k], 0.0, size - 1.0) + 1.0
    elif mode == 1:
        for k in range(place.size):
            place[k] = _within(place[k], -1.0, size + 0.0) + 1.0
    elif mode == 2:
        for k in range(place.size):
            x = place[k] - np.floor(place[k] / size) * size
            # Of a tiny negative number the sum is rounded up to the size.
            place[k] = (x if 0.0 < x < size else 0.0) + 1.0
    else:
        for k in range(place.size):
            x = place[k] + 0.5
            x -= np.floor(x / (2.0 * size)) * (2.0 * size)
            place[k] = _within(min(x, 2.0 * size - x) - 0.5, 0.0, size - 1.0) + 1.0


@compiled
def _bilinear(padded, matrix, ys, size, mode):
    # padded: pixels of (H + 3, W + 3, C) in one row, the channels of a pixel together.
    channels, height, width = ys.shape
    tall, wide = size
    row, col = np.empty(width), np.empty(width)
    first = np.empty(width, np.uintp)
    down, right = np.empty(width, padded.dtype), np.empty(width, padded.dtype)
    step, line = np.uintp(channels), np.uintp((wide + 3) * channels)
    for r in range(height):
        _places(matrix[0, 0] * r + matrix[0, 2], matrix[0, 1], tall, mode, row)
        _places(matrix[1, 0] * r + matrix[1, 2], matrix[1, 1], wide, mode, col)
        for k in range(width):
            i, j = np.int64(row[k]), np.int64(col[k])
            down[k], right[k] = row[k] - i, col[k] - j
            first[k] = (i * (wide + 3) + j) * channels
        for k in range(width):
            u, v = down[k], right[k]
            at = first[k]
            for c in range(channels):
                a, b = padded[at], padded[at + line]
                a += v * (padded[at + step] - a)
                b += v * (padded[at + line + step] - b)
                ys[c, r, k] = a + u * (b - a)
                at += np.uintp(1)


def warp(
    xs: np.ndarray,
    matrices: np.ndarray,
    ys: np.ndarray,
    *,
    order: int,
    fill_mode: str,
    fill: np.ndarray,
) -> None:
    """See `numpy_resample.warp`; what is not bilinear and floating goes there."""
    if order != 1 or ys.dtype not in _FLOATS:
        return numpy_resample.warp(xs, matrices, ys, order=order, fill_mode=fill_mode, fill=fill)
    mode, size = _MODES[fill_mode], xs.shape[2:]
    matrices = np.ascontiguousarray(matrices)
    shape = (size[0] + 3, size[1] + 3, xs.shape[1])
    padded = np.empty(shape, numpy_resample.working(xs, ys))
    flat, planes = padded.reshape(-1), padded.transpose(2, 0, 1)
    for x, matrix, y in zip(xs, matrices, ys, strict=True):
        numpy_resample.surround(planes, x, fill_mode, fill)
        _bilinear(flat, matrix, y, size, mode)
    return None
