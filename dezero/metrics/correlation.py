"""How outputs and targets go together along an axis, as functions of arrays."""

from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import as_array

__all__ = ["concordance_correlation", "pearson_correlation"]


def _moments(y: Any, t: Any, axis: int) -> tuple:
    y, t = as_array(y), as_array(t)
    y, t = (v.astype(np.float64) if v.dtype.kind != "f" else v for v in (y, t))
    means = [v.mean(axis=axis, keepdims=True) for v in (y, t)]
    y, t = y - means[0], t - means[1]
    parts = [(a * b).mean(axis=axis) for a, b in ((y, t), (y, y), (t, t))]
    return *parts, (means[0] - means[1]).squeeze(axis)


def pearson_correlation(y: Any, t: Any, axis: int = -1) -> Any:
    """Return the covariance by the root of the variances, from -1 to 1, along `axis`.

    Args:
        y, t: arrays of one shape.
        axis: int; the numbers along it are one sample each.
    Returns:
        array without axis; NaN where y or t does not vary.
    """
    both, own, theirs, _ = _moments(y, t, axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return both / (xp(own).sqrt(own) * xp(own).sqrt(theirs))


def concordance_correlation(y: Any, t: Any, axis: int = -1, *, eps: float = 1e-7) -> Any:
    """Return 2 cov / (var(y) + var(t) + (mean(y) - mean(t))**2 + eps) along `axis`.

    Args:
        y, t, axis: as in `pearson_correlation`.
        eps: number; makes it 0 where neither varies.
    Reference: Lin 1989, "A concordance correlation coefficient to evaluate reproducibility".
    """
    both, own, theirs, apart = _moments(y, t, axis)
    return 2.0 * both / (own + theirs + apart * apart + eps)
