"""What ImageDataGenerator subtracts and divides by, and the statistics it takes them from."""

import math
import warnings
from typing import Any

import numpy as np

__all__ = ["EPS", "standardized", "whitening"]

EPS = 1e-6


def standardized(xs: np.ndarray, options: Any) -> np.ndarray:
    """Return pictures (N, ...) as ImageDataGenerator's options say; xs may be overwritten.

    Args:
        xs: floating pictures that nobody else needs.
        options: what has the attributes of an ImageDataGenerator.
    """
    if options.preprocessing_function is not None:
        xs = _preprocessed(xs, options.preprocessing_function)
    if options.rescale:
        xs *= options.rescale
    if options.samplewise_center:
        xs -= xs.mean(axis=(1, 2, 3), keepdims=True)
    if options.samplewise_std_normalization:
        xs /= xs.std(axis=(1, 2, 3), keepdims=True) + EPS
    if options.featurewise_center and _is_fitted("featurewise_center", options.mean):
        xs -= options.mean
    if options.featurewise_std_normalization:
        if _is_fitted("featurewise_std_normalization", options.std):
            xs /= options.std + EPS
    if options.zca_whitening and _is_fitted("zca_whitening", options.zca_whitening_matrix):
        matrix = options.zca_whitening_matrix
        size = math.prod(xs.shape[1:])
        if len(matrix) != size:
            raise ValueError(
                f"ImageDataGenerator: expected pictures of the {len(matrix)} values that fit() "
                f"saw, got shape {xs.shape[1:]}. Fit it to pictures of this size."
            )
        xs = (xs.reshape(-1, size) @ matrix).reshape(xs.shape)
    return xs


def _preprocessed(xs: np.ndarray, function: Any) -> np.ndarray:
    for i, x in enumerate(xs):
        y = np.asarray(function(x))
        if y.shape != x.shape:
            raise ValueError(
                f"ImageDataGenerator: expected preprocessing_function to keep the shape {x.shape}, "
                f"got {y.shape}. Resize with target_size instead."
            )
        xs[i] = y
    return xs


def _is_fitted(option: str, value: Any) -> bool:
    if value is None:
        warnings.warn(
            f"ImageDataGenerator: {option} is set, but there are no statistics and nothing is "
            "done. Call fit(x) first.",
            stacklevel=4,
        )
    return value is not None


def whitening(x: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the matrix (D, D) that makes the D values of pictures (N, ...) uncorrelated.

    Note: as Keras, sqrt(N) / (s + epsilon) along each singular vector of the data. Directions
        that the data does not have, s = 0 up to rounding, are left out, not blown up.
    """
    flat = x.reshape(len(x), -1).astype(np.float64)
    u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
    noise = s.max(initial=0) * max(flat.shape) * np.finfo(x.dtype).eps
    scale = np.where(s > noise, math.sqrt(len(x)) / (s + epsilon), 0.0)
    return ((u * scale) @ u.T).astype(x.dtype)
