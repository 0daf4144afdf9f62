"""Rotation, shift, shear and zoom as one matrix, and the one routine that resamples by it.

Coordinates are (row, column) with pixel centres at whole numbers, the top left one at (0, 0). A
matrix maps a place in the result to the place in the source that is shown there, the convention
of scipy.ndimage.affine_transform.
"""

from typing import Any

import numpy as np

from dezero.backend import kernels
from dezero.transforms.formats import check_dtype

__all__ = ["FILL_MODES", "affine_matrix", "check_fill", "fill_values", "resample"]

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
    out: np.ndarray | None = None,
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
        out: array to write to, of any dtype, with any strides; None makes a new one.
    Returns:
        Array (N, C, height, width) of xs's dtype, or out; integers are rounded.
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
    size = (*xs.shape[:2], height, width)
    ys = np.empty(size, xs.dtype) if out is None else _checked_out(out, size)
    matrices = np.broadcast_to(np.asarray(matrix, np.float64), (len(xs), 2, 3))
    kernels(xs).warp(xs, matrices, ys, order=order, fill_mode=fill_mode, fill=fill)
    return ys


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


def _checked_out(out: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if out.shape != shape or out.dtype.kind not in "buif":
        raise ValueError(
            f"resample: expected out to be an array of numbers {shape}, got {out.dtype} "
            f"{out.shape}. Leave it out for a new one."
        )
    return out


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
