"""Losses of classifiers that are one launch on a device, in plain NumPy."""

import numpy as np

from dezero.backend.numpy_activations import activate
from dezero.backend.numpy_kernels import softmax_cross_entropy

__all__ = [
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_gradient",
    "softmax_cross_entropy_mean",
]


def softmax_cross_entropy_mean(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of -log softmax(x) at the labels, (), and its gradient by x, (N, C).

    Args:
        x, t: as for `softmax_cross_entropy`. Where a label is no class its row of the gradient
            is NaN, and so is the mean.
    """
    bad = (t < 0) | (t >= x.shape[1])
    values, gx = softmax_cross_entropy(x, np.where(bad, 0, t))  # type: ignore[misc]
    values[bad], gx[bad] = np.nan, np.nan
    return np.asarray(values.mean()), gx / len(x)


def sigmoid_cross_entropy(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return -t log s(x) - (1 - t) log(1 - s(x)) of floating x, where s is the sigmoid."""
    # Without an exp that could overflow.
    return np.maximum(x, 0) - x * t + np.log1p(np.exp(-abs(x)))


def sigmoid_cross_entropy_gradient(gy: np.ndarray, x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return gy * (s(x) - t), where s is the sigmoid; gy broadcasts to x and t."""
    return gy * (activate("sigmoid", x) - t)
