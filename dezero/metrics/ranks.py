"""Which class is among the best."""

from typing import Any

from dezero.backend import xp
from dezero.metrics.accuracy import check_labels, shown
from dezero.metrics.tally import beside

__all__ = ["in_top_k"]


def in_top_k(y: Any, t: Any, k: int = 5, *, name: str = "in_top_k") -> Any:
    """Return whether fewer than k classes have a larger score than class t.

    Args:
        y: scores (N, ..., C).
        t: class numbers (N, ...).
        k: how many classes are the best.
        name: what errors name.
    Returns:
        booleans, shape of t; on a device floats, NaN where a label is out of range.
    Raises:
        ValueError: the shapes do not fit, or a label is out of range.
    Note: classes that are equal to the k-th are all among the best, as in Keras; the metric
        `TopK` lets the first of them be, as argmax does. A NaN is never.
    """
    y, t = beside(name, y, t)
    bad, module = check_labels(name, y, t), xp(y)
    t = (t if bad is None else module.where(bad, 0, t))[..., None].astype("int64")
    score = module.take_along_axis(y, t, axis=-1)
    return shown(module.count_nonzero(~(y <= score), axis=-1) < k, bad)
