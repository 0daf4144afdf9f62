"""Rotation, shift, shear and zoom as one matrix, and the one routine that resamples by it.

Coordinates are (row, column) with pixel centres at whole numbers, the top left one at (0, 0). A
matrix maps a place in the result to the place in the source that is shown there, the convention
of scipy.ndimage.affine_transform.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dezero.transforms.formats import check_dtype, work_dtype

__all__ = ["FILL_MODES", "affine_matrix", "check_fill", "fill_values", "resample"]

CHUNK = 1 << 15  # pixels of the result at a time, few enough for the processor's cache
FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def affine_matrix(
    shape: tuple[int, int],
    *,
    rotation: Any = 0.0,
    shift: tuple[Any, Any] = (0.0, 0.0),
    shear: Any = 0.0,
    zoom: Any = 1.0,
) -> np.ndarray:
    """Return the matrices that zoom, shear and rotate about the centre, then shift.

    Args:
        shape: (height, width) of the pictures.
        rotation: degrees, counter-clockwise as one sees it. A number, as all others below, or
            one for each picture, (N,).
        shift: (down, to the right) in pixels.
        shear: degrees by which upright lines lean to the right.
        zoom: factor, above 1 enlarges; or two of them, (height, width).
    Returns:
        float64 (N, 2, 3), N = 1 where all are plain numbers.
    """
    down, right = (np.atleast_1d(np.asarray(value, np.float64)) for value in shift)
    turn, lean = (np.deg2rad(np.atleast_1d(value)) for value in (rotation, shear))
    tall, wide = zoom if isinstance(zoom, tuple) else (zoom, zoom)
    tall, wide = (np.atleast_1d(np.asarray(value, np.float64)) for value in (tall, wide))
    down, right, turn, lean, tall, wide = np.broadcast_arrays(down, right, turn, lean, tall, wide)
    cos, sin, tan = np.cos(turn), np.sin(turn), np.tan(lean)
    matrix = np.empty((len(turn), 2, 3))
    # The inverses in reverse order: first the rotation, then the shear, then the zoom is undone.
    matrix[:, 0, 0] = cos / tall
    matrix[:, 0, 1] = sin / tall
    matrix[:, 1, 0] = (tan * cos - sin) / wide
    matrix[:, 1, 1] = (tan * sin + cos) / wide
    row, col = (shape[0] - 1) / 2, (shape[1] - 1) / 2
    matrix[:, 0, 2] = row - matrix[:, 0, 0] * (row + down) - matrix[:, 0, 1] * (col + right)
    matrix[:, 1, 2] = col - matrix[:, 1, 0] * (row + down) - matrix[:, 1, 1] * (col + right)
    return matrix


def resample(
    xs: np.ndarray,
    matrix: np.ndarray,
    *,
    order: int = 1,
    fill_mode: str = "nearest",
    fill: Any = 0.0,
    shape: tuple[int, int] | None = None,
) -> np.ndarray:
    """Return pictures whose pixel (row, col) shows the place `matrix @ (row, col, 1)` of xs.

    Args:
        xs: (N, C, H, W), booleans, integers or floats.
        matrix: (N, 2, 3), or (2, 3) for all pictures alike.
        order: 1 interpolates between four pixels, 0 takes the nearest one.
        fill_mode: what lies outside: "nearest" (aaa|abc|ccc), "reflect" (cba|abc|cba),
            "wrap" (abc|abc|abc), or "constant" (fff|abc|fff), into which the edge fades.
        fill: f of "constant"; a number, or one per channel.
        shape: (height, width) of the result; None is that of xs.
    Returns:
        Array (N, C, height, width) of xs's dtype; integers are rounded.
    Raises:
        TypeError: xs is no array of numbers.
        ValueError: a shape, order, fill_mode or fill that does not fit, or a matrix that is not
            finite.
    """
    check_dtype("resample", xs)
    check_fill("resample", order, fill_mode)
    _check_shapes(xs, matrix)
    fill = fill_values("resample", fill, xs)
    height, width = xs.shape[2:] if shape is None else shape
    ys = np.empty((*xs.shape[:2], height, width), xs.dtype)
    matrices = np.broadcast_to(np.asarray(matrix, np.float64), (len(xs), 2, 3))
    step = max(1, CHUNK // max(1, height * width))
    for start in range(0, len(xs), step):
        part = slice(start, start + step)
        padded = _surrounded(xs[part], fill_mode, fill, work_dtype(xs.dtype) if order else xs.dtype)
        places = _places(matrices[part], height, width)
        for place, size in zip(places, xs.shape[2:], strict=True):
            _fold(place, size, fill_mode)
        (_interpolate if order else _pick)(padded, *places, ys[part])
    return ys


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


def _surrounded(xs: np.ndarray, fill_mode: str, fill: np.ndarray, dtype: Any) -> np.ndarray:
    """Return (N, C, H, W) with a pixel before and two behind, so that each has its neighbours."""
    padded = np.empty((*xs.shape[:2], xs.shape[2] + 3, xs.shape[3] + 3), dtype)
    padded[:, :, 1:-2, 1:-2] = xs
    if fill_mode == "constant":
        padded[:, :, [0, -2, -1]] = fill
        padded[:, :, :, [0, -2, -1]] = fill
        return padded
    # The places are folded already: of the surroundings only the pixel after the last is ever
    # taken with a weight, and that by "wrap" alone.
    after = 1 if fill_mode == "wrap" else -3
    padded[:, :, 0], padded[:, :, -2] = padded[:, :, 1], padded[:, :, after]
    padded[:, :, -1] = padded[:, :, -2]
    padded[..., 0], padded[..., -2] = padded[..., 1], padded[..., after]
    padded[..., -1] = padded[..., -2]
    return padded


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


def check_fill(name: str, order: Any, fill_mode: Any) -> None:
    """Refuse an order or a fill_mode that is not known."""
    if order not in (0, 1):
        raise ValueError(
            f"{name}: expected order 0 (nearest pixel) or 1 (bilinear), got {order!r}. Take 1."
        )
    if fill_mode not in FILL_MODES:
        raise ValueError(
            f"{name}: expected fill_mode to be one of {', '.join(FILL_MODES)}, got {fill_mode!r}. "
            "Take nearest."
        )


def fill_values(name: str, fill: Any, xs: np.ndarray) -> np.ndarray:
    """Return `fill` as (C, 1, 1) or (1, 1, 1), if pictures (N, C, H, W) can hold it."""
    values = np.asarray(fill)
    if values.dtype.kind not in "buif" or values.ndim > 1 or values.size not in (1, xs.shape[1]):
        raise ValueError(
            f"{name}: expected fill to be a number or one for each of {xs.shape[1]} channels, "
            f"got {fill!r}. Give one number."
        )
    if xs.dtype.kind in "iu":
        limits = np.iinfo(xs.dtype)
        if not np.all((values >= limits.min) & (values <= limits.max)):
            raise ValueError(
                f"{name}: expected fill within {limits.min} to {limits.max} for {xs.dtype}, "
                f"got {fill!r}. Give another, or make the picture floating first."
            )
        values = np.rint(values)
    return values.reshape(-1, 1, 1)


def _check_shapes(xs: np.ndarray, matrix: np.ndarray) -> None:
    shape = np.shape(matrix)
    if xs.ndim != 4 or shape not in ((2, 3), (len(xs), 2, 3), (1, 2, 3)):
        raise ValueError(
            f"resample: expected xs (N, C, H, W) and matrix (N, 2, 3) or (2, 3), "
            f"got {xs.shape} and {shape}. Give one matrix for each picture."
        )
    if not np.isfinite(matrix).all():
        raise ValueError("resample: expected a finite matrix, got NaN or infinity. Zoom by no 0.")
    if min(xs.shape[2:]) < 1:
        raise ValueError(f"resample: expected pictures with pixels, got {xs.shape}. Leave it out.")
