"""Pictures of another size by TensorFlow's rules, which image_dataset_from_directory follows.

Nothing is smoothed when a picture shrinks, except by "area".
"""

from typing import Any

import numpy as np

from dezero.preprocessing.pictures import check_choice, check_data_format, check_size
from dezero.transforms import RESIZE_METHODS, shares

__all__ = ["resize", "smart_resize"]


def resize(xs: np.ndarray, size: tuple[int, int], method: str, row_axis: int) -> np.ndarray:
    """Return xs with its rows and columns, axes row_axis and row_axis + 1, resampled to `size`.

    The result is float32 (float64 of float64); "nearest" keeps the dtype.
    """
    for axis, length in zip((row_axis, row_axis + 1), size, strict=True):
        if xs.shape[axis] != length:
            xs = _along(xs, axis, length, method)
    if method == "nearest" or xs.dtype.kind == "f":
        return xs
    return xs.astype(np.float32)


def _along(xs: np.ndarray, axis: int, length: int, method: str) -> np.ndarray:
    index, weights = shares(xs.shape[axis], length, method)
    if method == "nearest":
        return xs.take(index[0], axis)
    shape = [1] * xs.ndim
    shape[axis] = length
    dtype = xs.dtype if xs.dtype in (np.float32, np.float64) else np.dtype(np.float32)
    total: Any = 0
    for places, weight in zip(index, weights, strict=True):
        total = total + xs.take(places, axis) * weight.astype(dtype).reshape(shape)
    return total


def smart_resize(
    x: Any, size: Any, interpolation: str = "bilinear", data_format: str | None = None
) -> np.ndarray:
    """Return pictures of `size` that are not distorted: what is too much is cut off both sides.

    Args:
        x: (H, W, C) or (N, H, W, C); with channels_first (C, H, W) or (N, C, H, W).
        size: (height, width).
        interpolation: one of `RESIZE_METHODS`.
        data_format: None is channels_last.
    Returns:
        Array of floats; "nearest" keeps the dtype.
    """
    size = check_size("smart_resize", size)
    check_choice("smart_resize", "interpolation", interpolation, RESIZE_METHODS)
    first = check_data_format("smart_resize", data_format) == "channels_first"
    x = np.asarray(x)
    if x.ndim not in (3, 4) or 0 in x.shape:
        raise ValueError(
            f"smart_resize: expected pictures (H, W, C) or (N, H, W, C), got shape {x.shape}. "
            "Add the axis of channels."
        )
    row = x.ndim - 2 if first else x.ndim - 3
    return resize(cropped(x, size, row), size, interpolation, row)


def cropped(x: np.ndarray, size: tuple[int, int], row_axis: int) -> np.ndarray:
    """Return the largest part in the middle with the proportions of `size` (height, width)."""
    height, width = x.shape[row_axis : row_axis + 2]
    tall = max(1, min(height, width * size[0] // size[1]))
    wide = max(1, min(width, height * size[1] // size[0]))
    top, left = (height - tall) // 2, (width - wide) // 2
    window = (slice(top, top + tall), slice(left, left + wide))
    return x[(slice(None),) * row_axis + window]
