"""Counts of true and predicted classes, and the ratios made of them."""

from typing import Any, NamedTuple

import numpy as np

from dezero.backend import is_readable, to_host, xp
from dezero.core import as_array
from dezero.core.errors import describe
from dezero.functions.placing import placed
from dezero.metrics.accuracy import check_binary, check_labels
from dezero.metrics.base import Metric
from dezero.metrics.tally import beside, joined, read, spread, tally

__all__ = ["F1", "ConfusionMatrix", "CountRatio", "Precision", "Recall", "confusion_matrix"]

AVERAGES = (None, "macro", "micro", "weighted")
# The matrix of so many classes takes 2 GiB; a label of a billion is an id that went astray.
MAX_CLASSES = 1 << 14


class ConfusionMatrix(Metric):
    """Counts of samples by true class (rows) and predicted class (columns).

    Args:
        num_classes: C; None takes it from the scores, or from the largest label so far.
    Note: y is (N, ..., C) scores, or predicted labels of the shape of t; t is labels or one-hot.
        `result()` is a (C, C) array, so this one is for your own loop rather than for `fit`.
    """

    default_name = "confusion_matrix"
    settings = ("num_classes",)
    scalar = False

    def __init__(self, num_classes: int | None = None, name: str | None = None) -> None:
        self.num_classes = _checked_classes(type(self).__name__, num_classes)
        super().__init__(name)

    def reset(self) -> None:
        self.matrix = np.zeros((self.num_classes or 0,) * 2)

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        pairs = _pairs(self.name, y, t, self.num_classes)
        self.matrix = _added(_enlarged(self.matrix, pairs.classes), self.name, pairs, weight)

    def result(self) -> np.ndarray:
        self.matrix = read(self.matrix)
        return np.array(self.matrix)


def confusion_matrix(y: Any, t: Any, num_classes: int | None = None) -> np.ndarray:
    """Return how often each true class (row) was taken for each class (column).

    Args:
        y: (N, C) scores, or (N,) predicted labels.
        t: (N,) labels, or (N, C) one-hot.
        num_classes: C; None takes it from the scores, or from the largest label.
    Returns:
        numpy.ndarray (C, C), int64.
    """
    metric = ConfusionMatrix(num_classes)
    metric.update(y, t)
    return metric.result().astype(np.int64)


class CountRatio(Metric):
    """Base: a ratio of counts of one class, or its mean over classes.

    Args:
        threshold: outputs above it are predicted as 1 (0 for logits); without `average` only.
        average: None for targets 0 and 1, of one shape with y, counted all together; for classes
            "macro" (mean over classes), "weighted" (mean weighted by how often each is true) or
            "micro" (counted all together).
        num_classes: C; None takes it from the scores, or from the largest label so far.
    Note: a ratio with nothing below the line is 0.
    """

    settings = ("threshold", "average", "num_classes")

    def __init__(
        self,
        threshold: float = 0.5,
        average: str | None = None,
        num_classes: int | None = None,
        name: str | None = None,
    ) -> None:
        if average not in AVERAGES:
            raise ValueError(
                f"{type(self).__name__}: expected average to be one of {AVERAGES}, "
                f"got {average!r}. Choose one."
            )
        self.threshold, self.average = threshold, average
        self.num_classes = _checked_classes(type(self).__name__, num_classes)
        super().__init__(name)

    def reset(self) -> None:
        self.matrix = np.zeros((self.num_classes or 0,) * 2 if self.average else (2, 2))

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        if self.average:
            pairs = _pairs(self.name, y, t, self.num_classes)
            self.matrix = _enlarged(self.matrix, pairs.classes)
        else:
            pairs = self._binary_pairs(*beside(self.name, y, t))
        self.matrix = _added(self.matrix, self.name, pairs, weight)

    def _binary_pairs(self, y: Any, t: Any) -> "Pairs":
        if y.shape not in (t.shape, (*t.shape, 1)):
            raise ValueError(
                f"{self.name}: expected y and t of one shape, got y {describe(y)} and "
                f"t {describe(t)}. For classes use {type(self).__name__}(average='macro')."
            )
        y, bad = check_binary(self.name, y, t)
        return Pairs((y > self.threshold).astype(np.int64), t.astype(np.int64), 2, bad)

    def result(self) -> float:
        self.matrix = read(self.matrix)
        hit, predicted, true = self.matrix.diagonal(), self.matrix.sum(0), self.matrix.sum(1)
        if self.average is None:
            hit, predicted, true = hit[1:], predicted[1:], true[1:]
        if self.average in {None, "micro"}:
            return float(self.ratio(hit.sum(), predicted.sum(), true.sum()))
        ratios = self.ratio(hit, predicted, true)
        if self.average == "macro":
            return float(ratios.sum() / max(len(ratios), 1))
        return float(_quotient((ratios * true).sum(), true.sum()))

    def ratio(self, hit: Any, predicted: Any, true: Any) -> Any:
        """Return the ratio of counts: right ones, those predicted, and those there are."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method ratio. Write it.")


class Precision(CountRatio):
    """TP / (TP + FP): how many of those predicted are right. Arguments as in `CountRatio`."""

    default_name = "precision"

    def ratio(self, hit: Any, predicted: Any, true: Any) -> Any:
        return _quotient(hit, predicted)


class Recall(CountRatio):
    """TP / (TP + FN): how many of those there are were found. Arguments as in `CountRatio`."""

    default_name = "recall"

    def ratio(self, hit: Any, predicted: Any, true: Any) -> Any:
        return _quotient(hit, true)


class F1(CountRatio):
    """2 TP / (2 TP + FP + FN), the harmonic mean of both. Arguments as in `CountRatio`.

    Note: "macro" is the mean of the F1 of each class, as in scikit-learn.
    """

    default_name = "f1"

    def ratio(self, hit: Any, predicted: Any, true: Any) -> Any:
        return _quotient(2 * hit, predicted + true)


def _checked_classes(name: str, num_classes: Any) -> int | None:
    if num_classes is None:
        return None
    if isinstance(num_classes, bool) or not isinstance(num_classes, int | np.integer):
        raise TypeError(
            f"{name}: expected an integer as num_classes, got {describe(num_classes)}. "
            "Leave it out to take it from the data."
        )
    if not 1 <= num_classes <= MAX_CLASSES:
        raise ValueError(
            f"{name}: expected num_classes from 1 to {MAX_CLASSES}, got {num_classes}. "
            "Leave it out to take it from the data."
        )
    return int(num_classes)


def _quotient(a: Any, b: Any) -> Any:
    # Not where b > 0: counts that are NaN stay so.
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1, b))


class Pairs(NamedTuple):
    """Predicted and true labels, how many classes there are, and where a label is none of them.

    `was_read` says that they were on a device, and now are here.
    """

    predicted: Any
    true: Any
    classes: int
    bad: Any = None
    was_read: bool = False


def _pairs(name: str, y: Any, t: Any, num_classes: int | None) -> Pairs:
    """Return predicted and true labels, scores and their labels where they are."""
    y, t = beside(name, y, t)
    if y.shape == t.shape and y.dtype.kind in "iub" and t.dtype.kind in "iub":
        y, t = y.astype(np.int64), t.astype(np.int64)
        if num_classes is not None and not is_readable(y):
            bad = (y < 0) | (y >= num_classes) | (t < 0) | (t >= num_classes)
            return Pairs(y, t, num_classes, bad)
        was_read = not is_readable(y)
        y, t = to_host(y), to_host(t)  # to see how many classes there are
        ends = [v for part in (y, t) if part.size for v in (int(part.min()), int(part.max()))]
        classes = num_classes or min(max(ends, default=-1) + 1, MAX_CLASSES)
        if ends and (min(ends) < 0 or max(ends) >= classes):
            raise ValueError(
                f"{name}: expected labels from 0 to {classes - 1}, got {min(ends)} to {max(ends)}. "
                "Correct the labels or num_classes."
            )
        return Pairs(y, t, classes, was_read=was_read)
    if y.shape == t.shape and y.ndim > 1:
        t = t.argmax(-1)
    bad = check_labels(name, y, t)
    if num_classes not in {None, y.shape[-1]} or y.shape[-1] > MAX_CLASSES:
        raise ValueError(
            f"{name}: expected scores of {num_classes or f'at most {MAX_CLASSES}'} classes, got y "
            f"{describe(y)}. Correct num_classes or the outputs."
        )
    return Pairs(y.argmax(-1), t.astype(np.int64), y.shape[-1], bad)


def _added(matrix: Any, name: str, pairs: Pairs, weight: Any) -> Any:
    """Return the matrix with the pairs counted, on the device where they are."""
    return joined(matrix, _counted(name, pairs, weight))


def _counted(name: str, pairs: Pairs, weight: Any) -> Any:
    predicted, true, classes, bad, was_read = pairs
    if not true.size:
        raise ValueError(f"{name}: expected at least one sample, got none. Skip empty batches.")
    if weight is not None:
        weight = to_host(as_array(weight)) if was_read else weight
        weight = spread(name, placed(name, weight, true), true.shape).reshape(-1)
    index = true * classes + predicted
    if bad is not None:  # on a device: labels that are no classes make the counts NaN
        index = xp(index).where(bad, 0, index)
    counts = tally(index.reshape(-1), weight, classes * classes).reshape((classes, classes))
    return counts if bad is None else counts + xp(bad).where(bad.any(), np.nan, 0.0)


def _enlarged(matrix: Any, classes: int) -> Any:
    more = max(classes - len(matrix), 0)
    return np.pad(to_host(matrix), (0, more)) if more else matrix
