"""Noise drawn at a place of a stream, in plain NumPy: the reference every device is tested by.

Elements are counted in the order of the axes, however they lie in memory.
"""

from typing import Any

import numpy as np

from dezero.backend.philox import (
    Place,
    keeps,
    mask_blocks,
    normal_blocks,
    normals,
    words_at,
)

__all__ = ["dropout", "gaussian_dropout", "standard_normal"]


def dropout(x: np.ndarray, place: Place, dropped: int) -> np.ndarray:
    """Return floating x, each element 0 with the probability dropped / 65536, the rest scaled."""
    mask = dropout_mask(words_at(place, mask_blocks(x.size, dropped)), x.shape, dropped, x.dtype)
    mask *= x
    return mask


def dropout_mask(words: np.ndarray, shape: tuple[int, ...], dropped: int, dtype: Any) -> np.ndarray:
    """Return what `dropout` multiplies by: 0, or what keeps the mean as it is."""
    mask = keeps(words, shape, dropped).astype(dtype)
    mask *= scale_of(dropped)
    return mask


def scale_of(dropped: int) -> float:
    """Return what the elements that are kept are multiplied by."""
    return 65536 / (65536 - dropped) if dropped < 65536 else 1.0


def gaussian_dropout(x: np.ndarray, place: Place, stddev: float) -> np.ndarray:
    """Return floating x times normal noise of mean 1, of so much deviation."""
    return x * noise_of_one(standard_normal(x, place), stddev, x.dtype)


def noise_of_one(noise: np.ndarray, stddev: float, dtype: Any) -> np.ndarray:
    """Return 1 + noise * stddev for float32 noise, in another dtype."""
    return (noise * np.float32(stddev) + np.float32(1)).astype(dtype, copy=False)


def standard_normal(like: np.ndarray, place: Place) -> np.ndarray:
    """Return float32 of the standard normal distribution, of the shape of `like`."""
    return normals(words_at(place, normal_blocks(like.size)), like.shape)
