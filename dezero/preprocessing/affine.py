"""Rotation, shift, shear and zoom of pictures by Keras's numbers, in one resampling.

Every change is about the centre, ((H - 1) / 2, (W - 1) / 2), for pictures that are not square too.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dezero.preprocessing.pictures import check_choice
from dezero.preprocessing.splines import ORDERS, warped

__all__ = ["affine_matrices", "apply_affine_transform", "axes_of", "is_still"]

FILL_MODES = ("nearest", "constant", "reflect", "wrap")
# The name of each number, what it does, and its value where nothing is done.
STILL = {"theta": 0.0, "tx": 0.0, "ty": 0.0, "shear": 0.0, "zx": 1.0, "zy": 1.0}


def affine_matrices(shape: tuple[int, int], change: Mapping[str, Any]) -> np.ndarray:
    """Return the matrices (N, 2, 3) from (row, column, 1) of the result to those of the source.

    Args:
        shape: (height, width) of the pictures.
        change: a number or an array (N,) for each of theta (degrees), tx and ty (pixels of the
            source, to the right and down), shear (degrees), zx and zy (below 1 enlarges); and
            booleans flip_horizontal and flip_vertical, done to the result of all others.
    Note: what Keras multiplies: rotation, shift, shear, zoom, in (x, y) about the centre.
    """
    values = [np.atleast_1d(np.asarray(change.get(key, rest))) for key, rest in STILL.items()]
    flips = [
        np.atleast_1d(change.get(f"flip_{side}", False)) for side in ("horizontal", "vertical")
    ]
    theta, tx, ty, shear, zx, zy, mirrored, upended = np.broadcast_arrays(*values, *flips)
    theta, shear = np.deg2rad(theta), np.deg2rad(shear)
    cos, sin = np.cos(theta), np.sin(theta)
    m = np.empty((len(theta), 2, 3))
    m[:, 1, 1] = cos * zx
    m[:, 1, 0] = -(cos * np.sin(shear) + sin * np.cos(shear)) * zy
    m[:, 0, 1] = sin * zx
    m[:, 0, 0] = (cos * np.cos(shear) - sin * np.sin(shear)) * zy
    m[:, 1, 2] = cos * tx - sin * ty
    m[:, 0, 2] = sin * tx + cos * ty
    # About the centre a flip is a change of sign of what comes in.
    m[:, :, 1] *= np.where(mirrored, -1.0, 1.0)[:, None]
    m[:, :, 0] *= np.where(upended, -1.0, 1.0)[:, None]
    centre = (np.array(shape) - 1) / 2
    m[:, :, 2] += centre - m[:, :, :2] @ centre
    return m


def is_still(change: Mapping[str, Any]) -> bool:
    """Return whether only flips are left of a change."""
    return all(np.all(np.equal(change.get(key, rest), rest)) for key, rest in STILL.items())


def apply_affine_transform(  # noqa: PLR0917
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int | None = None,
    col_axis: int | None = None,
    channel_axis: int | None = None,
    fill_mode: str = "nearest",
    cval: Any = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Rotate, shift, shear and zoom one picture about its centre.

    Args:
        x: (C, H, W), or with other axes as they say.
        theta: rotation in degrees.
        tx, ty: shift of columns and of rows, in pixels; above 0 to the left and up.
        shear: angle in degrees.
        zx, zy: zoom of the width and the height; below 1 enlarges.
        row_axis, col_axis, channel_axis: None are 1, 2, 0 as in Keras, but 0, 1, 2 where only
            the last axis has the length of channels (1 to 4).
        fill_mode, cval: what lies outside, as in ImageDataGenerator.
        order: 1 interpolates between four pixels, 0 takes the nearest one; 2 to 5 are splines.
    Returns:
        Array of x's shape and dtype; integers are rounded.
    """
    planes, back = axes_of("apply_affine_transform", x, (channel_axis, row_axis, col_axis))
    change = {"theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy}
    if is_still(change):
        return x
    matrix = affine_matrices(planes.shape[1:], change)
    check_choice("apply_affine_transform", "order", order, ORDERS)
    check_choice("apply_affine_transform", "fill_mode", fill_mode, FILL_MODES)
    y = np.empty((1, *planes.shape), x.dtype)
    warped(planes[None], matrix, order=order, fill_mode=fill_mode, fill=cval, out=y)
    return np.ascontiguousarray(y[0].transpose(back))


def axes_of(name: str, x: Any, axes: tuple[Any, Any, Any]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return a view (C, H, W) of a picture, and the order of axes that turns it back."""
    if not isinstance(x, np.ndarray) or x.ndim != 3:
        raise ValueError(
            f"{name}: expected one picture of three axes, got {type(x).__name__} of shape "
            f"{np.shape(x)}. Take one of the batch, as an array with an axis of channels."
        )
    if axes == (None, None, None):
        last = x.shape[0] > 4 and x.shape[2] <= 4
        axes = (2, 0, 1) if last else (0, 1, 2)
    full = [rest if axis is None else axis for axis, rest in zip(axes, (0, 1, 2), strict=True)]
    if sorted(axis % 3 for axis in full) != [0, 1, 2] or not all(-3 <= axis < 3 for axis in full):
        raise ValueError(
            f"{name}: expected channel_axis, row_axis and col_axis to be 0, 1 and 2 in some "
            f"order, got {full}. Channels last are 2, 0, 1."
        )
    return x.transpose(full), tuple(np.argsort([axis % 3 for axis in full]).tolist())
