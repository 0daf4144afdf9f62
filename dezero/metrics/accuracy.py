"""Shares of right answers."""

from typing import Any

import numpy as np

from dezero.backend import is_readable, xp
from dezero.core.errors import describe
from dezero.metrics.base import Mean
from dezero.metrics.tally import beside

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "SparseTopK",
    "TopK",
    "check_binary",
    "check_labels",
]

# To look at a label as unsigned makes a negative one huge, so that one comparison finds both.
_UNSIGNED = {np.dtype(f"i{n}"): np.dtype(f"u{n}") for n in (1, 2, 4, 8)}
_UNSIGNED |= {np.dtype(f"u{n}"): np.dtype(f"u{n}") for n in (1, 2, 4, 8)}
_UNSIGNED[np.dtype(bool)] = np.dtype("u1")


class Accuracy(Mean):
    """Share of samples whose class is right, by Keras's rule for what y and t hold.

    t one axis less than y: class labels against scores; y and t of one shape: one-hot or soft
    targets, or, where the last axis is 1 or the only one, probabilities of a binary model.
    Note: probabilities count as class 1 above 0.5; for logits use `BinaryAccuracy(0.0)`.
    """

    default_name = "accuracy"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t = beside(self.name, y, t)
        if y.ndim == t.ndim + 1 and y.shape[-1] != 1:
            hits = _sparse_hits(self.name, y, t)
        elif y.ndim > 1 and y.shape[-1] != 1:
            hits = _categorical_hits(self.name, y, t)
        else:
            hits = _binary_hits(self.name, y, t, 0.5)
        self._add(hits, weight)


class SparseCategoricalAccuracy(Mean):
    """Share of samples with argmax(y, -1) == t; y (N, ..., C) scores, t (N, ...) labels."""

    default_name = "sparse_categorical_accuracy"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        self._add(_sparse_hits(self.name, *beside(self.name, y, t)), weight)


class CategoricalAccuracy(Mean):
    """Share of samples with argmax(y, -1) == argmax(t, -1); y and t (N, ..., C)."""

    default_name = "categorical_accuracy"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        self._add(_categorical_hits(self.name, *beside(self.name, y, t)), weight)


class BinaryAccuracy(Mean):
    """Share of elements with (y > threshold) == t; y of the shape of t, or (N, 1) beside (N,).

    Args:
        threshold: 0.5 for probabilities, 0 for logits.
    """

    default_name = "binary_accuracy"
    settings = ("threshold",)

    def __init__(self, threshold: float = 0.5, name: str | None = None) -> None:
        self.threshold = threshold
        super().__init__(name)

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t = beside(self.name, y, t)
        self._add(_binary_hits(self.name, y, t, self.threshold), weight)


class TopK(Mean):
    """Share of samples whose class is among the k largest scores.

    Args:
        k: from 1 to the number of classes. y is (N, ..., C), t labels (N, ...) or (N, ..., C).
    Note: of equal scores the first counts as larger, as in argmax, so that k=1 is the accuracy.
    """

    default_name = "top_k"
    settings = ("k",)

    def __init__(self, k: int = 5, name: str | None = None) -> None:
        if isinstance(k, bool) or not isinstance(k, int | np.integer):
            raise TypeError(f"{type(self).__name__}: expected an integer k, got {k!r}. Try 5.")
        if k < 1:
            raise ValueError(f"{type(self).__name__}: expected k >= 1, got {k}. Change it.")
        self.k = int(k)
        super().__init__(name)

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t = beside(self.name, y, t)
        if y.shape == t.shape and y.ndim > 1:
            t = t.argmax(-1)
        bad = check_labels(self.name, y, t)
        if self.k > y.shape[-1]:
            raise ValueError(
                f"{self.name}: expected at least k={self.k} classes, got y {describe(y)}. "
                "Choose a smaller k."
            )
        module = xp(y)
        t = (t if bad is None else module.where(bad, 0, t))[..., None].astype(np.int64, copy=False)
        score = module.take_along_axis(y, t, axis=-1)
        # `not <=` and not `>`: a score of NaN is no hit.
        ahead = ~(y <= score) | ((y == score) & (module.arange(y.shape[-1]) < t))
        self._add(shown(module.count_nonzero(ahead, axis=-1) < self.k, bad), weight)


class SparseTopK(TopK):
    """`TopK` for class labels only."""

    default_name = "sparse_top_k"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        check_labels(self.name, *beside(self.name, y, t))
        super().update(y, t, weight)


def check_labels(name: str, y: Any, t: Any) -> Any:
    """Refuse labels `t` that do not name one of the classes that scores `y` (N, ..., C) have.

    Returns:
        None; of labels on a device, whose values are not looked at, where they do not.
    """
    if y.ndim != t.ndim + 1 or y.shape[:-1] != t.shape:
        raise ValueError(
            f"{name}: expected y (N, ..., C) and class labels t (N, ...), got y {describe(y)} "
            f"and t {describe(t)}. Use t.reshape(-1) for labels (N, 1)."
        )
    unsigned = _UNSIGNED.get(t.dtype)
    if unsigned is None:
        if t.dtype.kind not in "iu":
            raise TypeError(
                f"{name}: expected integer class labels, got t {describe(t)}. "
                "Use t.astype(int), or one row per sample for one-hot targets."
            )
        t, unsigned = t.astype(np.int64), np.dtype("u8")  # of the other byte order
    if not is_readable(t):
        return t.view(unsigned) >= y.shape[-1]
    if t.size and int(t.view(unsigned).max()) >= y.shape[-1]:
        low, high = int(t.min()), int(t.max())
        raise ValueError(
            f"{name}: expected labels from 0 to {y.shape[-1] - 1}, got {low if low < 0 else high}. "
            "Correct the labels, or give the model more outputs."
        )
    return None


def shown(hits: Any, bad: Any) -> Any:
    """Return hits, NaN for the samples whose targets make no sense."""
    return hits if bad is None else xp(hits).where(bad, np.nan, hits)


def check_binary(name: str, y: Any, t: Any) -> tuple[Any, Any]:
    """Return outputs `y` in the shape of targets `t`, which must be all 0 or 1.

    Outputs (N, 1) go with targets (N,), as in the loss of a binary model.

    Returns:
        The outputs, and None; of targets on a device, which are not looked at, where they are not.
    """
    if y.shape == (*t.shape, 1):
        y = y.reshape(t.shape)
    if y.shape != t.shape:
        raise ValueError(
            f"{name}: expected y and t of one shape, got y {describe(y)} and t {describe(t)}. "
            "Reshape t to one value for each of y."
        )
    if t.dtype != bool and not is_readable(t):
        return y, (t != 0) & (t != 1)
    if t.dtype != bool and not bool(((t == 0) | (t == 1)).all()):
        raise ValueError(
            f"{name}: expected targets of 0 and 1, got t {describe(t)} from {float(t.min()):g} to "
            f"{float(t.max()):g}. Map the two classes to 0 and 1."
        )
    return y, None


def _sparse_hits(name: str, y: Any, t: Any) -> Any:
    bad = check_labels(name, y, t)
    return shown(y.argmax(-1) == t, bad) if t.size else t


def _categorical_hits(name: str, y: Any, t: Any) -> Any:
    if y.shape != t.shape or y.ndim < 2:
        raise ValueError(
            f"{name}: expected y and one-hot t of one shape (N, ..., C), got y {describe(y)} and "
            f"t {describe(t)}. Use t.reshape(-1) for class labels (N, 1)."
        )
    return y.argmax(-1) == t.argmax(-1) if t.size else t


def _binary_hits(name: str, y: Any, t: Any, threshold: float) -> Any:
    y, bad = check_binary(name, y, t)
    return shown((y > threshold) == t, bad)
