"""Pictures of another size by TensorFlow's rules, which image_dataset_from_directory follows.

Each row and column of the result is a weighted sum of a few of the source; places are those of
pixel centres, and nothing is smoothed when a picture shrinks, except by "area".
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.preprocessing.pictures import check_choice, check_data_format, check_size

__all__ = ["METHODS", "resize", "smart_resize"]


def _tent(d: np.ndarray) -> np.ndarray:
    return np.maximum(1 - d, 0)


def _cubic(b: float, c: float) -> Callable[[np.ndarray], np.ndarray]:
    """Mitchell and Netravali 1988, "Reconstruction filters in computer graphics", equation 8."""

    def weight(d: np.ndarray) -> np.ndarray:
        near = (12 - 9 * b - 6 * c) * d**3 + (-18 + 12 * b + 6 * c) * d**2 + 6 - 2 * b
        far = (-b - 6 * c) * d**3 + (6 * b + 30 * c) * d**2 - (12 * b + 48 * c) * d + 8 * b + 24 * c
        return np.where(d < 1, near, np.where(d < 2, far, 0)) / 6

    return weight


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda d: np.where(d < radius, np.sinc(d) * np.sinc(d / radius), 0)


def _gauss(d: np.ndarray) -> np.ndarray:
    return np.where(d < 1.5, np.exp(-2 * d**2), 0)  # a deviation of half a pixel


# How far a method reaches, in pixels of the source, and what it weighs at a distance.
KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1, _tent),
    "bicubic": (2, _cubic(0, 0.5)),
    "mitchellcubic": (2, _cubic(1 / 3, 1 / 3)),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, _gauss),
}
METHODS = (
    "bilinear",
    "nearest",
    "bicubic",
    "area",
    "lanczos3",
    "lanczos5",
    "gaussian",
    "mitchellcubic",
)


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
    scale = xs.shape[axis] / length
    if method == "nearest":
        places = np.floor((np.arange(length) + 0.5) * scale).astype(np.intp)
        return xs.take(np.minimum(places, xs.shape[axis] - 1), axis)
    index, weights = (_shares if method == "area" else _taps)(xs.shape[axis], length, method)
    shape = [1] * xs.ndim
    shape[axis] = length
    dtype = xs.dtype if xs.dtype in (np.float32, np.float64) else np.dtype(np.float32)
    total: Any = 0
    for places, weight in zip(index, weights, strict=True):
        total = total + xs.take(places, axis) * weight.astype(dtype).reshape(shape)
    return total


def _taps(size: int, length: int, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which pixels make each of the result, and their weights, both (taps, length)."""
    reach, kernel = KERNELS[method]
    centre = (np.arange(length) + 0.5) * (size / length) - 0.5
    first = np.ceil(centre - reach)
    index = first + np.arange(math.floor(2 * reach) + 1)[:, None]
    weights = np.where((index >= 0) & (index < size), kernel(np.abs(index - centre)), 0)
    if method == "bilinear":  # beyond the edge lies the edge
        index, weights = index.clip(0, size - 1), kernel(np.abs(index - centre))
    return index.clip(0, size - 1).astype(np.intp), weights / weights.sum(axis=0)


def _shares(size: int, length: int, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels that each of the result covers, and the part of it that is each."""
    scale = size / length
    start = np.arange(length) * scale
    index = np.floor(start) + np.arange(math.ceil(scale) + 1)[:, None]
    covered = np.minimum(index + 1, start + scale) - np.maximum(index, start)
    return index.clip(0, size - 1).astype(np.intp), covered.clip(0) / scale


def smart_resize(
    x: Any, size: Any, interpolation: str = "bilinear", data_format: str | None = None
) -> np.ndarray:
    """Return pictures of `size` that are not distorted: what is too much is cut off both sides.

    Args:
        x: (H, W, C) or (N, H, W, C); with channels_first (C, H, W) or (N, C, H, W).
        size: (height, width).
        interpolation: one of `METHODS`.
        data_format: None is channels_last.
    Returns:
        Array of floats; "nearest" keeps the dtype.
    """
    size = check_size("smart_resize", size)
    check_choice("smart_resize", "interpolation", interpolation, METHODS)
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
