"""Kernels of `numpy_norm` as compiled loops, one sweep over memory each.

An array is taken in blocks that stay in the cache, so that a second look at a block is nearly
free. Sums run in the dtype of the array within a block, in float64 over blocks. Where B is short,
the loops run along `lanes`, all C * B elements of one of the A rows, otherwise along B.
"""

from functools import partial

import numpy as np

from dezero.backend import numpy_norm
from dezero.backend.numba_kernels import _FLOATS, compiled

# Sums may be taken in any order, which lets them run in vectors; NaN and infinity keep their sense.
_summing = partial(compiled, fastmath={"reassoc", "contract", "nsz"})
# Elements of a block; rows of one at least; a B that is worth a loop of its own.
_BLOCK, _ROWS, _LONG = 16_384, 64, 16


def _is_plain(x: np.ndarray, gy: np.ndarray | None = None) -> bool:
    """Return whether the loops may run over these arrays, and gain by it."""
    if x.dtype not in _FLOATS or not x.flags.c_contiguous or not x.size:
        return False
    if gy is not None and not (gy.dtype is x.dtype and gy.flags.c_contiguous):
        return False
    # A handful of lanes fills no vector; NumPy's kernels lay several rows end to end.
    return not _by_lane(x) or x.shape[2] * x.shape[3] >= _LONG


def _by_lane(x: np.ndarray) -> bool:
    return x.shape[3] < _LONG and x.shape[1] > 1


def _table(x: np.ndarray) -> np.ndarray:
    s, a, c, b = x.shape
    return x.reshape(s, a, c * b)


def _lanes(numbers: np.ndarray | None, x: np.ndarray) -> np.ndarray:
    """Return a number of the dtype of `x` for each lane: (S, C * B), 0 for None."""
    s, _, c, b = x.shape
    if numbers is None:
        return np.zeros((s, c * b), x.dtype)
    return np.repeat(numbers.astype(x.dtype), b, axis=1) if b > 1 else numbers.astype(x.dtype)


def _each(numbers: np.ndarray | None, x: np.ndarray) -> np.ndarray:
    s, _, c, _ = x.shape
    return np.zeros((s, c), x.dtype) if numbers is None else numbers.astype(x.dtype)


@compiled
def _merge(moments, count, more, found):
    """Add `more` elements to mean and sum of squares of `count`: Chan et al. 1983, eq. 2.1.

    What was found of them: a number near their mean, the sums of distances from it and of squares.
    """
    near, distance, squares = np.float64(found[0]), np.float64(found[1]), np.float64(found[2])
    share = more / (count + more)
    delta = near + distance / more - moments[0]
    moments[0] += delta * share
    moments[1] += squares - distance * distance / more + delta * delta * (count * share)


@_summing
def _moments_of_rows(x, moments):
    zero = x.dtype.type(0)
    for s in range(x.shape[0]):
        for a in range(x.shape[1]):
            for c in range(x.shape[2]):
                for start in range(0, x.shape[3], _BLOCK):
                    block = x[s, a, c, start : start + _BLOCK]
                    total, sums, squares = zero, zero, zero
                    for i in range(block.size):
                        total += block[i]
                    center = x.dtype.type(total / block.size)
                    for i in range(block.size):
                        d = block[i] - center
                        sums += d
                        squares += d * d
                    count = a * x.shape[3] + start
                    _merge(moments[s, c], count, block.size, (center, sums, squares))


@_summing
def _moments_of_lanes(x, moments):
    width = x.shape[2]
    step = max(_ROWS, _BLOCK // width)
    center = np.empty(width, x.dtype)
    sums, squares = np.empty_like(center), np.empty_like(center)
    for s in range(x.shape[0]):
        for start in range(0, x.shape[1], step):
            block = x[s, start : start + step]
            center[:] = 0
            sums[:] = 0
            squares[:] = 0
            for i in range(block.shape[0]):
                for k in range(width):
                    center[k] += block[i, k]
            for k in range(width):
                center[k] /= x.dtype.type(block.shape[0])
            for i in range(block.shape[0]):
                for k in range(width):
                    d = block[i, k] - center[k]
                    sums[k] += d
                    squares[k] += d * d
            for k in range(width):
                found = center[k], sums[k], squares[k]
                _merge(moments[s, k], start, block.shape[0], found)


def channel_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of every channel, in one sweep."""
    if not _is_plain(x):
        return numpy_norm.channel_moments(x)
    s, a, c, b = x.shape
    if not _by_lane(x):
        moments = np.zeros((s, c, 2))
        _moments_of_rows(x, moments)
        return moments[..., 0], moments[..., 1] / (a * b)
    moments = np.zeros((s, c * b, 2))
    _moments_of_lanes(_table(x), moments)
    means, squares = moments.reshape(s, c, b, 2).transpose(3, 0, 1, 2)
    mean = means.mean(2)
    squares = squares.sum(2)
    if b > 1:
        squares = squares + a * ((means - mean[..., None]) ** 2).sum(2)
    return mean, squares / (a * b)


@_summing
def _affine_of_rows(x, y, scale, shift, center):
    for s in range(x.shape[0]):
        for a in range(x.shape[1]):
            for c in range(x.shape[2]):
                factor, term, near = scale[s, c], shift[s, c], center[s, c]
                row, out = x[s, a, c], y[s, a, c]
                for i in range(row.size):
                    out[i] = (row[i] - near) * factor + term


@_summing
def _affine_of_lanes(x, y, scale, shift, center):
    for s in range(x.shape[0]):
        factor, term, near = scale[s], shift[s], center[s]
        for a in range(x.shape[1]):
            row, out = x[s, a], y[s, a]
            for k in range(row.size):
                out[k] = (row[k] - near[k]) * factor[k] + term[k]


def channel_affine(
    x: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray | None = None,
    center: np.ndarray | None = None,
) -> np.ndarray:
    """Return (x - center) * scale + shift, in one sweep."""
    if not _is_plain(x):
        return numpy_norm.channel_affine(x, scale, shift, center)
    if center is not None:
        rest = (center - center.astype(x.dtype)) * scale
        shift = -rest if shift is None else shift - rest
    y = np.empty_like(x)
    if _by_lane(x):
        numbers = (_lanes(v, x) for v in (scale, shift, center))
        _affine_of_lanes(_table(x), _table(y), *numbers)
    else:
        _affine_of_rows(x, y, *(_each(v, x) for v in (scale, shift, center)))
    return y


@_summing
def _products_of_rows(gy, x, center, sums):
    zero = x.dtype.type(0)
    for s in range(x.shape[0]):
        for a in range(x.shape[1]):
            for c in range(x.shape[2]):
                near = center[s, c]
                for start in range(0, x.shape[3], _BLOCK):
                    row = x[s, a, c, start : start + _BLOCK]
                    g = gy[s, a, c, start : start + _BLOCK]
                    total, product = zero, zero
                    for i in range(row.size):
                        total += g[i]
                        product += g[i] * (row[i] - near)
                    sums[0, s, c] += total
                    sums[1, s, c] += product


@_summing
def _products_of_lanes(gy, x, center, sums):
    width = x.shape[2]
    step = max(_ROWS, _BLOCK // width)
    total, product = np.empty(width, x.dtype), np.empty(width, x.dtype)
    for s in range(x.shape[0]):
        near = center[s]
        for start in range(0, x.shape[1], step):
            total[:] = 0
            product[:] = 0
            for i in range(start, min(start + step, x.shape[1])):
                g, row = gy[s, i], x[s, i]
                for k in range(width):
                    total[k] += g[k]
                    product[k] += g[k] * (row[k] - near[k])
            for k in range(width):
                sums[0, s, k] += total[k]
                sums[1, s, k] += product[k]


def channel_products(
    gy: np.ndarray, x: np.ndarray, center: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of gy and of gy * (x - center) over every channel, in one sweep."""
    if not _is_plain(x, gy):
        return numpy_norm.channel_products(gy, x, center)
    s, _, c, b = x.shape
    if _by_lane(x):
        sums = np.zeros((2, s, c * b))
        _products_of_lanes(_table(gy), _table(x), _lanes(center, x), sums)
        total, product = sums.reshape(2, s, c, b).sum(3)
    else:
        sums = np.zeros((2, s, c))
        _products_of_rows(gy, x, _each(center, x), sums)
        total, product = sums
    return total, product - (center - center.astype(x.dtype)) * total


@_summing
def _gradient_of_rows(gy, x, gx, numbers):
    by_gy, by_x, shift = numbers
    for s in range(x.shape[0]):
        for a in range(x.shape[1]):
            for c in range(x.shape[2]):
                p, q, term = by_gy[s, c], by_x[s, c], shift[s, c]
                g, row, out = gy[s, a, c], x[s, a, c], gx[s, a, c]
                for i in range(row.size):
                    out[i] = g[i] * p + row[i] * q + term


@_summing
def _gradient_of_lanes(gy, x, gx, numbers):
    by_gy, by_x, shift = numbers
    for s in range(x.shape[0]):
        p, q, term = by_gy[s], by_x[s], shift[s]
        for a in range(x.shape[1]):
            g, row, out = gy[s, a], x[s, a], gx[s, a]
            for k in range(row.size):
                out[k] = g[k] * p[k] + row[k] * q[k] + term[k]


def channel_gradient(
    gy: np.ndarray, x: np.ndarray, by_gy: np.ndarray, by_x: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """Return gy * by_gy + x * by_x + shift, in one sweep."""
    if not _is_plain(x, gy):
        return numpy_norm.channel_gradient(gy, x, by_gy, by_x, shift)
    gx = np.empty_like(x)
    if _by_lane(x):
        numbers = (_lanes(by_gy, x), _lanes(by_x, x), _lanes(shift, x))
        _gradient_of_lanes(_table(gy), _table(x), _table(gx), numbers)
    else:
        _gradient_of_rows(gy, x, gx, (_each(by_gy, x), _each(by_x, x), _each(shift, x)))
    return gx


@_summing
def _row_norm(x, y, numbers, rows, eps):
    zero, eps = x.dtype.type(0), x.dtype.type(eps)
    gamma, beta = numbers
    mean, inverse = rows
    for i in range(x.shape[0]):
        row, out = x[i], y[i]
        near, squares = zero, zero
        if mean.size:
            for k in range(row.size):
                near += row[k]
            near = x.dtype.type(near / row.size)
            mean[i] = near
        for k in range(row.size):
            squares += (row[k] - near) * (row[k] - near)
        scale = x.dtype.type(1 / np.sqrt(squares / x.dtype.type(row.size) + eps))
        inverse[i] = scale
        for k in range(row.size):
            out[k] = (row[k] - near) * scale * gamma[k] + beta[k]


def row_norm(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray | None, eps: float
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Return rows normalised, scaled and shifted, their means and inverse deviations."""
    if x.dtype not in _FLOATS or not x.flags.c_contiguous:
        return numpy_norm.row_norm(x, gamma, beta, eps)
    m, d = x.shape
    y, inverse = np.empty_like(x), np.empty(m, x.dtype)
    mean = np.empty(0 if beta is None else m, x.dtype)
    shift = np.zeros(d, x.dtype) if beta is None else beta.astype(x.dtype)
    _row_norm(x, y, (gamma.astype(x.dtype), shift), (mean, inverse), float(eps))
    return y, None if beta is None else mean, inverse


@_summing
def _row_norm_gradient(gy, x, gx, numbers, sums):
    gamma, mean, inverse = numbers
    zero, size = x.dtype.type(0), x.dtype.type(x.shape[1])
    by_scale, by_shift = np.zeros_like(gamma), np.zeros_like(gamma)
    for start in range(0, x.shape[0], _ROWS):
        by_scale[:] = 0
        by_shift[:] = 0
        for i in range(start, min(start + _ROWS, x.shape[0])):
            row, g, out, scale = x[i], gy[i], gx[i], inverse[i]
            near, total, product = zero, zero, zero
            if mean.size:
                near = mean[i]
            for k in range(row.size):
                normed = (row[k] - near) * scale
                by_scale[k] += g[k] * normed
                by_shift[k] += g[k]
                total += g[k] * gamma[k]
                product += g[k] * gamma[k] * normed
            total = total / size if mean.size else zero
            product /= size
            for k in range(row.size):
                normed = (row[k] - near) * scale
                out[k] = (g[k] * gamma[k] - total - normed * product) * scale
        for k in range(x.shape[1]):
            sums[0, k] += by_scale[k]
            sums[1, k] += by_shift[k]


def row_norm_gradient(
    gy: np.ndarray,
    x: np.ndarray,
    gamma: np.ndarray,
    mean: np.ndarray | None,
    inverse: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of `row_norm` by x, gamma and beta, in one sweep."""
    plain = x.dtype in _FLOATS and gy.dtype is x.dtype
    if not plain or not x.flags.c_contiguous or not gy.flags.c_contiguous:
        return numpy_norm.row_norm_gradient(gy, x, gamma, mean, inverse)
    gx, sums = np.empty_like(x), np.zeros((2, x.shape[1]))
    center = np.empty(0, x.dtype) if mean is None else mean
    _row_norm_gradient(gy, x, gx, (gamma.astype(x.dtype), center, inverse), sums)
    return gx, sums[0], sums[1] if mean is not None else np.zeros(x.shape[1])
