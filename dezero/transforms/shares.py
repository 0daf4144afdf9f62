"""Which pixels of a line make each pixel of a line of another length, by TensorFlow's rules.

Places are those of pixel centres. Each pixel of the result is a weighted sum of a few of the
source, whose weights add up to 1.
"""

import math
from collections.abc import Callable

import numpy as np

__all__ = ["RESIZE_METHODS", "shares"]


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
RESIZE_METHODS = (
    "bilinear",
    "nearest",
    "bicubic",
    "area",
    "lanczos3",
    "lanczos5",
    "gaussian",
    "mitchellcubic",
)


def shares(
    size: int, length: int, method: str, antialias: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels that make each of the result, and their weights, both (taps, length).

    Args:
        size, length: pixels of the source and of the result.
        method: one of `RESIZE_METHODS`.
        antialias: whether a line that gets shorter is smoothed: the kernel reaches over as many
            more pixels. "nearest" and "area" are as they are.
    Note: a pixel may occur twice, at the ends, with weight 0 then at least once.
    """
    scale = size / length
    if method == "nearest":
        index = np.minimum(np.floor((np.arange(length) + 0.5) * scale), size - 1)[None]
        return index.astype(np.intp), np.ones(index.shape)
    if method == "area":
        start = np.arange(length) * scale
        index = np.floor(start) + np.arange(math.ceil(scale) + 1)[:, None]
        weights = np.minimum(index + 1, start + scale) - np.maximum(index, start)
        weights = np.where(index < size, weights.clip(0), 0)
    else:
        reach, kernel = KERNELS[method]
        wide = max(scale, 1.0) if antialias else 1.0
        centre = (np.arange(length) + 0.5) * scale - 0.5
        index = np.ceil(centre - reach * wide)
        index = index + np.arange(math.floor(2 * reach * wide) + 1)[:, None]
        weights = kernel(np.abs(index - centre) / wide)
        weights = np.where((index >= 0) & (index < size), weights, 0)
    return index.clip(0, size - 1).astype(np.intp), weights / weights.sum(axis=0)
