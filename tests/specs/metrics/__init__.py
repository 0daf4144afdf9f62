"""One line per metric: a batch, and its figure in NumPy."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dezero import metrics as M


class MetricSpec(NamedTuple):
    """How to make a metric, predictions and targets of 12 samples, and the figure they have."""

    make: Callable[[], M.Metric]
    y: np.ndarray
    t: np.ndarray | None
    oracle: Callable[[np.ndarray, Any], Any]
    id: str


RNG = np.random.default_rng(0)
SCORES = RNG.random((12, 4)).astype(np.float32)
LABELS = RNG.integers(0, 4, 12)
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]
CHANCES = RNG.random(12).astype(np.float32)
BITS = RNG.integers(0, 2, 12)


def hits(y, t):
    return np.mean(y.argmax(1) == t)


def best(k):
    def among_best(y, t):
        return np.mean([label in np.argsort(row)[-k:] for row, label in zip(y, t, strict=True)])

    return among_best


def confusion(y, t):
    table = np.zeros((4, 4), int)
    for true, guess in zip(t, y.argmax(1), strict=True):
        table[true, guess] += 1
    return table


def precision(y, t):
    return t[y > 0.5].mean()


def recall(y, t):
    return (y[t == 1] > 0.5).mean()


def f1(y, t):
    p, r = precision(y, t), recall(y, t)
    return 2 * p * r / (p + r)


def largest(y, t):
    return np.abs(y - t).max(axis=1)


SPECS = [
    MetricSpec(M.Mean, CHANCES, None, lambda y, t: y.mean(), "Mean"),
    MetricSpec(M.Accuracy, SCORES, LABELS, hits, "Accuracy"),
    MetricSpec(M.Accuracy, SCORES, ONE_HOT, lambda y, t: hits(y, t.argmax(1)), "Accuracy-one-hot"),
    MetricSpec(M.SparseCategoricalAccuracy, SCORES, LABELS, hits, "SparseCategoricalAccuracy"),
    MetricSpec(
        M.CategoricalAccuracy,
        SCORES,
        ONE_HOT,
        lambda y, t: hits(y, t.argmax(1)),
        "CategoricalAccuracy",
    ),
    MetricSpec(
        lambda: M.BinaryAccuracy(0.4),
        CHANCES,
        BITS,
        lambda y, t: np.mean((y > 0.4) == t),
        "BinaryAccuracy",
    ),
    MetricSpec(
        lambda: M.TopK(2), SCORES, ONE_HOT, lambda y, t: best(2)(y, t.argmax(1)), "TopK-one-hot"
    ),
    MetricSpec(lambda: M.SparseTopK(2), SCORES, LABELS, best(2), "SparseTopK"),
    MetricSpec(lambda: M.ConfusionMatrix(4), SCORES, LABELS, confusion, "ConfusionMatrix"),
    MetricSpec(M.Precision, CHANCES, BITS, precision, "Precision"),
    MetricSpec(M.Recall, CHANCES, BITS, recall, "Recall"),
    MetricSpec(M.F1, CHANCES, BITS, f1, "F1"),
    MetricSpec(
        M.MeanSquaredError, SCORES, ONE_HOT, lambda y, t: ((y - t) ** 2).mean(), "MeanSquaredError"
    ),
    MetricSpec(
        M.MeanAbsoluteError, SCORES, ONE_HOT, lambda y, t: abs(y - t).mean(), "MeanAbsoluteError"
    ),
    MetricSpec(
        lambda: M.FromFunction(largest),
        SCORES,
        ONE_HOT,
        lambda y, t: largest(y, t).mean(),
        "FromFunction",
    ),
]
