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


POINTS = (0.2, 0.7, 0.5)
GUESSES = RNG.integers(0, 4, 12)
GATES = (SCORES > 0.6) * 1.0
TARGETS = RNG.normal(size=(12, 4))


def counts_at(y, t, points):
    """Return TP, FP, TN, FN at each point, one after another."""
    table = [[0.0] * len(points) for _ in range(4)]
    for k, point in enumerate(points):
        for value, true in zip(y.ravel(), t.ravel(), strict=True):
            table[(0 if true else 1) if value > point else (3 if true else 2)][k] += 1
    return np.array(table)


def area(y, t):
    """Return the area under the ROC: how many pairs of a 1 and a 0 are in order."""
    pairs = [float(a > b) for a in y[t == 1] for b in y[t == 0]]
    return np.mean(pairs)


def best_recall(y, t):
    found = [0.0]
    for point in np.linspace(0, 1, 11):
        tp, fp, _, fn = counts_at(y, t, [point])[:, 0]
        found += [tp / (tp + fn)] if tp + fp and tp / (tp + fp) >= 0.6 else []
    return max(found)


def overlap(y, t):
    return np.mean([np.sum((y == c) & (t == c)) / np.sum((y == c) | (t == c)) for c in range(4)])


def fbeta(y, t):
    scores = []
    for column in range(y.shape[1]):
        true, chosen = t[:, column] == 1, y[:, column] > 0.4
        p, r = (true & chosen).sum() / chosen.sum(), (true & chosen).sum() / true.sum()
        scores.append(5 * p * r / (4 * p + r))
    return np.array(scores)


def explained(y, t):
    return np.mean(1 - ((y - t) ** 2).sum(0) / ((t - t.mean(0)) ** 2).sum(0))


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
    MetricSpec(
        lambda: M.ThresholdCounts(POINTS),
        CHANCES,
        BITS,
        lambda y, t: counts_at(y, t, POINTS),
        "ThresholdCounts",
    ),
    MetricSpec(lambda: M.AUC(20001), CHANCES, BITS, area, "AUC"),
    MetricSpec(
        lambda: M.BestAt("recall", "precision", 0.6, num_thresholds=11),
        CHANCES,
        BITS,
        best_recall,
        "BestAt",
    ),
    MetricSpec(lambda: M.IoU(4), GUESSES, LABELS, overlap, "IoU"),
    MetricSpec(lambda: M.FBeta(2.0, threshold=0.4), SCORES, GATES, fbeta, "FBeta"),
    MetricSpec(M.R2, SCORES, TARGETS, explained, "R2"),
]
