"""The scale of a loss whose gradients would vanish in half precision, in plain NumPy.

Its state is one array of float64, so that it may lie on a device and no step need ask for it:
scale, 1 / scale, finite updates since it changed, skipped updates, overflow found, skip this one.
"""

from typing import Any

import numpy as np

__all__ = ["adjust_scale", "pick_row", "unscale"]


def unscale(g: np.ndarray, factor: Any, found: np.ndarray) -> np.ndarray:
    """Return gradient g, float32 or float64, times `factor`; found becomes 1 if it has no bounds.

    Args:
        g: of any shape; it is not changed.
        factor: float, or float64 array ().
        found: float64 (1,); stays as it is if all is finite.
    """
    y = g * g.dtype.type(factor)
    if not np.isfinite(y).all():
        found[0] = 1
    return y


def adjust_scale(
    state: np.ndarray,
    *,
    growth: float,
    backoff: float,
    every: float,
    lowest: float,
    highest: float,
) -> None:
    """Count an update, and let the scale grow or shrink by what was found in its gradients.

    Args:
        state: as in the head of this file.
        growth: factor after `every` finite updates, up to `highest`.
        backoff: factor after an overflow, down to `lowest`.
    """
    scale, _, good, missed, found, _ = map(float, state)
    if found:
        good, missed = 0, missed + 1
        scale = max(scale * backoff, lowest)
    elif good + 1 >= every:
        good, scale = 0, min(scale * growth, highest)
    else:
        good += 1
    state[:] = scale, 1 / scale, good, missed, 0, found


def pick_row(rows: np.ndarray, state: np.ndarray, width: int) -> np.ndarray:
    """Return row number `state[3]` of the flat float64 `rows`, `width` numbers each."""
    start = int(state[3]) * width
    return rows[start : start + width].copy()
