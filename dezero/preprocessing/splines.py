"""Pictures shown through an affine map by splines of order 2 to 5, smoother than between pixels.

Unser, Aldroubi and Eden 1993, "B-spline signal processing": the pixels become coefficients, and a
place is a sum of B-splines around it.
"""

import functools
import math
from typing import Any

import numpy as np

from dezero.transforms import resample

__all__ = ["ORDERS", "warped"]

ORDERS = (0, 1, 2, 3, 4, 5)
EDGE = 12  # pixels around a picture; what lies further has no weight that float32 could hold
PADDING = {"nearest": "edge", "reflect": "symmetric", "wrap": "wrap", "constant": "constant"}


def warped(
    xs: np.ndarray,
    matrices: np.ndarray,
    *,
    order: int,
    fill_mode: str,
    fill: Any,
    out: np.ndarray,
) -> np.ndarray:
    """Return `out`, what `resample` makes of xs (N, C, H, W), by splines where order is above 1."""
    if order < 2:
        return resample(xs, matrices, order=order, fill_mode=fill_mode, fill=fill, out=out)
    for x, matrix, y in zip(xs, np.broadcast_to(matrices, (len(xs), 2, 3)), out, strict=True):
        padded = _surrounded(x.astype(np.float64), fill_mode, fill)
        for axis in (1, 2):
            solved = _inverse(padded.shape[axis], order)
            padded = np.moveaxis(np.tensordot(solved, padded, (1, axis)), 0, axis)
        rows, cols = np.mgrid[: y.shape[1], : y.shape[2]]
        places = [
            _folded(m[0] * rows + m[1] * cols + m[2], size, fill_mode) + EDGE
            for m, size in zip(matrix, x.shape[1:], strict=True)
        ]
        result = _summed(padded, places[0], places[1], order)
        if y.dtype.kind in "iu":
            limits = np.iinfo(y.dtype)
            result = np.clip(np.rint(result), limits.min, limits.max)
        y[...] = result
    return out


def _surrounded(x: np.ndarray, fill_mode: str, fill: Any) -> np.ndarray:
    sides = ((0, 0), (EDGE, EDGE), (EDGE, EDGE))
    if fill_mode != "constant":
        return np.pad(x, sides, mode=PADDING[fill_mode])  # type: ignore[call-overload]
    padded = np.broadcast_to(np.reshape(fill, (-1, 1, 1)), (len(x), 1, 1))
    padded = np.tile(padded.astype(np.float64), (1, x.shape[1] + 2 * EDGE, x.shape[2] + 2 * EDGE))
    padded[:, EDGE:-EDGE, EDGE:-EDGE] = x
    return padded


def _folded(place: np.ndarray, size: int, fill_mode: str) -> np.ndarray:
    """Return coordinates brought to where the padded picture has all around them."""
    if fill_mode == "wrap":
        return np.mod(place, size)
    if fill_mode == "reflect":
        place = np.mod(place + 0.5, 2 * size)
        return np.minimum(place, 2 * size - place) - 0.5
    # Further out than a spline reaches nothing changes any more.
    return np.clip(place, -EDGE / 2, size - 1 + EDGE / 2)


def _bspline(x: np.ndarray, order: int) -> np.ndarray:
    """Return the B-spline of this order at x, equation 2.2 of the paper."""
    half, total = (order + 1) / 2, np.zeros_like(x)
    for k in range(order + 2):
        total += (-1) ** k * math.comb(order + 1, k) * np.maximum(x + half - k, 0) ** order
    return total / math.factorial(order)


@functools.lru_cache(maxsize=16)
def _inverse(size: int, order: int) -> np.ndarray:
    """Return the matrix that makes coefficients of `size` pixels, mirrored at both ends."""
    matrix = np.zeros((size, size))
    pixels = np.arange(size)
    for k in range(-(order // 2), order // 2 + 1):
        place = np.abs(pixels + k)
        place = np.minimum(place, 2 * (size - 1) - place)
        matrix[pixels, place] += _bspline(np.array(float(k)), order)
    return np.linalg.inv(matrix)


def _summed(padded: np.ndarray, row: np.ndarray, col: np.ndarray, order: int) -> np.ndarray:
    first = [np.floor(place - (order - 1) / 2).astype(np.intp) for place in (row, col)]
    weights = [
        [_bspline(place - start - k, order) for k in range(order + 1)]
        for place, start in zip((row, col), first, strict=True)
    ]
    total = np.zeros((len(padded), *row.shape))
    flat = padded.reshape(len(padded), -1)
    for i, down in enumerate(weights[0]):
        line = (first[0] + i) * padded.shape[2] + first[1]
        for j, right in enumerate(weights[1]):
            total += flat.take(line + j, axis=1) * (down * right)
    return total
