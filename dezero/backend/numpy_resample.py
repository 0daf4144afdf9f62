"""Pictures shown through an affine map: the kernel of rotation, shift, shear and zoom.

Work is done on a few pictures at a time, so that what lies between stays in the cache.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["warp"]

CHUNK = 1 << 15  # pixels of the result at a time, few enough for the processor's cache


def warp(
    xs: np.ndarray,
    matrices: np.ndarray,
    ys: np.ndarray,
    *,
    order: int,
    fill_mode: str,
    fill: np.ndarray,
) -> None:
    """Let each pixel (row, col) of ys show the place `matrix @ (row, col, 1)` of xs.

    Args:
        xs: (N, C, H, W), neither empty in H nor in W.
        matrices: float64 (N, 2, 3).
        ys: (N, C, height, width) to write to; integers are rounded.
        order: 1 is bilinear, 0 takes the nearest pixel.
        fill_mode: "nearest", "constant", "reflect" or "wrap".
        fill: what "constant" shows outside, (C, 1, 1) or (1, 1, 1).
    """
    height, width = ys.shape[2:]
    step = max(1, CHUNK // max(1, height * width))
    for start in range(0, len(xs), step):
        part = slice(start, start + step)
        shape = (*xs[part].shape[:2], xs.shape[2] + 3, xs.shape[3] + 3)
        padded = np.empty(shape, working(xs, ys) if order else xs.dtype)
        surround(padded, xs[part], fill_mode, fill)
        places = _places(matrices[part], height, width)
        for place, size in zip(places, xs.shape[2:], strict=True):
            _fold(place, size, fill_mode)
        (_interpolate if order else _pick)(padded, *places, ys[part])


def working(xs: np.ndarray, ys: np.ndarray) -> Any:
    """Return the floating type to interpolate in."""
    small = all(x.dtype.itemsize <= 2 or x.dtype == np.float32 for x in (xs, ys))
    return np.float32 if small else np.float64


def _places(matrix: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column in the source, (N, height, width), of each pixel of the result."""
    rows, cols = np.arange(height, dtype=np.float64)[:, None], np.arange(width, dtype=np.float64)
    m = matrix[:, :, :, None, None]  # (N, 2, 3, 1, 1)
    row, col = (m[:, i, 0] * rows + m[:, i, 2] + m[:, i, 1] * cols for i in (0, 1))
    return row, col


def _fold(place: np.ndarray, size: int, fill_mode: str) -> None:
    """Bring coordinates into the padded picture, in place; its first pixel is -1."""
    if fill_mode == "nearest":
        np.clip(place, 0, size - 1, out=place)
    elif fill_mode == "constant":
        np.clip(place, -1, size, out=place)
    elif fill_mode == "wrap":
        np.mod(place, size, out=place)
    else:
        place += 0.5
        np.mod(place, 2 * size, out=place)
        np.minimum(place, 2 * size - place, out=place)
        place -= 0.5
        np.clip(place, 0, size - 1, out=place)
    place += 1


def surround(padded: np.ndarray, xs: np.ndarray, fill_mode: str, fill: np.ndarray) -> None:
    """Write xs (..., H, W) with a pixel before and two behind, so that each has its neighbours.

    Args:
        padded: (..., H + 3, W + 3).
        xs, fill_mode, fill: as in `warp`.
    """
    padded[..., 1:-2, 1:-2] = xs
    if fill_mode == "constant":
        for edge in (0, -2, -1):
            padded[..., edge, :], padded[..., edge] = fill[..., 0], fill[..., 0]
        return
    # The places are folded already: of the surroundings only the pixel after the last is ever
    # taken with a weight, and that by "wrap" alone.
    after = 1 if fill_mode == "wrap" else -3
    padded[..., 0, :], padded[..., -2, :] = padded[..., 1, :], padded[..., after, :]
    padded[..., -1, :] = padded[..., -2, :]
    padded[..., 0], padded[..., -2] = padded[..., 1], padded[..., after]
    padded[..., -1] = padded[..., -2]


def _interpolate(padded: np.ndarray, row: np.ndarray, col: np.ndarray, ys: np.ndarray) -> None:
    """Bilinear: between two columns in both rows, then between the rows."""
    top, left = row.astype(np.intp), col.astype(np.intp)
    down, right = (row - top).astype(padded.dtype), (col - left).astype(padded.dtype)
    width = padded.shape[3]
    for channel, plane, places in _planes(padded, top, left):
        upper = _between(plane, places, right)
        value = _between(plane[width:], places, right)
        value -= upper
        value *= down
        value += upper
        if ys.dtype.kind in "iu":
            np.rint(value, out=value)
        elif ys.dtype.kind == "b":
            value = value >= 0.5
        ys[:, channel] = value


def _between(plane: np.ndarray, places: np.ndarray, right: np.ndarray) -> np.ndarray:
    left = plane.take(places)
    value = plane[1:].take(places)
    value -= left
    value *= right
    value += left
    return value


def _pick(padded: np.ndarray, row: np.ndarray, col: np.ndarray, ys: np.ndarray) -> None:
    """Nearest pixel, the lower or right one where two are equally near."""
    row, col = (row + 0.5).astype(np.intp), (col + 0.5).astype(np.intp)
    for channel, plane, places in _planes(padded, row, col):
        ys[:, channel] = plane.take(places)


def _planes(padded: np.ndarray, row: np.ndarray, col: np.ndarray) -> Iterator[Any]:
    """Yield (channel, flat pixels from that channel on, places of row and col in them)."""
    n, channels, height, width = padded.shape
    places = row * width + col
    places += (np.arange(n) * (channels * height * width))[:, None, None]
    flat = padded.reshape(-1)
    for channel in range(channels):
        yield channel, flat[channel * height * width :], places
