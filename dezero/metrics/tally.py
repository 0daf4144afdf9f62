"""Counting where the numbers are: what is counted on a device stays there until it is asked for."""

from typing import Any

import numpy as np

from dezero.backend import backend_of, is_readable, kernels, to_host, xp
from dezero.core import as_array
from dezero.core.errors import describe
from dezero.functions.placing import placed

__all__ = ["beside", "joined", "read", "spread", "tally"]


def beside(name: str, y: Any, *others: Any) -> tuple[Any, ...]:
    """Return y and others as arrays of the device of y; what is None stays None.

    Raises:
        TypeError: one is an array of another device.
    """
    y = as_array(y)
    return y, *[None if v is None else placed(name, v, y) for v in others]


def spread(name: str, weight: Any, shape: tuple[int, ...]) -> Any:
    """Return weights of samples in float64, broadcast to `shape`: one for each element.

    Raises:
        ValueError: they do not fit.
    """
    inner = (1,) * (len(shape) - weight.ndim)
    try:
        wide = weight.astype(np.float64).reshape(weight.shape + inner)
        return xp(weight).broadcast_to(wide, shape)
    except ValueError as error:
        raise ValueError(
            f"{name}: expected one weight per sample, {shape[:1]}, got {describe(weight)}. "
            "Reshape the weights."
        ) from error


def tally(index: Any, weight: Any, bins: int) -> Any:
    """Return how often each bin is named, or by what weight, as float64 (bins,).

    Args:
        index: int64 (N,), from 0 to bins - 1.
        weight: float64 (N,), or None for 1 each.
    """
    if is_readable(index):
        return np.bincount(index, weight, bins).astype(np.float64, copy=False)
    module = xp(index)
    counts = module.zeros(bins, dtype=np.float64)
    weight = module.ones(index.shape, dtype=np.float64) if weight is None else weight
    kernels(counts).index_add(counts, index, weight)
    return counts


def joined(total: Any, counts: Any) -> Any:
    """Return total + counts, where the counts are; on a device in place.

    So a captured step can go on with the same array.
    """
    alike = getattr(total, "shape", None) == counts.shape and total.dtype == counts.dtype
    if alike and not is_readable(total) and not is_readable(counts):
        total += counts
        return total
    if not is_readable(counts) and type(total) is np.ndarray:  # the first batch on a device
        total = backend_of(counts).from_host(total)
    elif is_readable(counts) and not is_readable(total):
        total = to_host(total)
    return total + counts


def read(x: Any) -> Any:
    """Return what was counted as a host array, or the number it began with."""
    return x if is_readable(x) else to_host(x)
