"""Scores of several columns at once: F-beta of labels, and R2 of numbers."""

from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core.errors import describe
from dezero.metrics.base import Metric
from dezero.metrics.tally import beside, joined, read
from dezero.metrics.thresholds import ratio

__all__ = ["FBeta", "R2", "adjusted_r2"]

AVERAGES = (None, "micro", "macro", "weighted")


def _table(name: str, y: Any, t: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Return y and t (N, C) in float64, and the weights (N, 1) or (N, C)."""
    y, t, weight = beside(name, y, t, weight)
    if y.ndim != 2 or y.shape != t.shape:
        raise ValueError(
            f"{name}: expected y and t of one shape (N, C), got y {describe(y)} and "
            f"t {describe(t)}. Make class numbers one-hot, and a single column (N, 1)."
        )
    y, t = y.astype(np.float64), t.astype(np.float64)
    if weight is None:
        return y, t, xp(y).ones((len(y), 1))
    weight = weight.astype(np.float64)
    weight = weight[:, None] if weight.ndim == 1 else weight
    if weight.ndim != 2 or weight.shape[0] != len(y) or weight.shape[1] not in (1, y.shape[1]):
        raise ValueError(
            f"{name}: expected one weight per sample, {y.shape[:1]}, got {describe(weight)}. "
            "Reshape the weights."
        )
    return y, t, weight


class FBeta(Metric):
    """(1 + beta**2) P R / (beta**2 P + R) of the precision P and recall R of each column.

    Args:
        beta: > 0; how many times recall counts as much as precision.
        average: None for one number per column; "macro" their mean, "weighted" that by how often
            each column is true, "micro" one of all columns together.
        threshold: y above it is taken for 1; None takes the largest of each row.
    Raises:
        ValueError: an argument is out of range.
    Note: y and t are (N, C), t of 0 and 1.
    """

    default_name = "fbeta_score"
    settings = ("beta", "average", "threshold")
    scalar = False

    def __init__(
        self,
        beta: float = 1.0,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = None,
    ) -> None:
        if average not in AVERAGES or not beta > 0:
            raise ValueError(
                f"{type(self).__name__}: expected average among {AVERAGES} and beta > 0, got "
                f"{average!r} and {beta!r}. Choose one of them."
            )
        if threshold is not None and not 0 < threshold <= 1:
            raise ValueError(
                f"{type(self).__name__}: expected threshold above 0, up to 1, got {threshold!r}. "
                "None takes the largest of each row."
            )
        self.beta, self.average, self.threshold = beta, average, threshold
        super().__init__(name)

    def reset(self) -> None:
        self.sums: Any = 0.0  # then an array: of hits, of those predicted, of those there are

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t, weight = _table(self.name, y, t, weight)
        if self.threshold is None:
            chosen = (y >= y.max(axis=-1, keepdims=True)) & (abs(y) > 1e-9)
        else:
            chosen = y.astype(np.float32) > np.float32(self.threshold)
        axis = None if self.average == "micro" else 0
        sums = [(v * weight).sum(axis) for v in (chosen * t, chosen, t)]
        self.sums = joined(self.sums, xp(y).stack(sums))

    def result(self) -> Any:
        self.sums = read(self.sums)
        hits, predicted, true = np.zeros(3) if isinstance(self.sums, float) else self.sums
        square = self.beta**2
        scores = (1 + square) * ratio(hits, square * true + predicted)
        if self.average is None:
            return scores
        if self.average == "weighted":
            return float(ratio((scores * true).sum(), true.sum()))
        return float(scores.mean())


class R2(Metric):
    """Share of the variance that is explained, 1 - sum((y - t)**2) / sum((t - mean)**2).

    Args:
        average: "uniform" for the mean over the columns of y (N, C), "variance" for that by the
            variance of each, None for one number per column.
        regressors: how many inputs the model has, for the adjusted figure; 0 for none.
    Raises:
        ValueError: average is another word, or regressors is negative.
    Note: a column that does not vary has 0, and NaN where it is hit exactly.
    """

    default_name = "r2"
    settings = ("average", "regressors")

    def __init__(
        self, average: str | None = "uniform", regressors: int = 0, name: str | None = None
    ) -> None:
        if average not in (None, "uniform", "variance") or regressors < 0:
            raise ValueError(
                f"{type(self).__name__}: expected average 'uniform', 'variance' or None and "
                f"regressors >= 0, got {average!r} and {regressors!r}. Choose one of them."
            )
        self.average, self.regressors = average, regressors
        super().__init__(name)

    def reset(self) -> None:
        self.samples = 0
        self.moments: Any = 0.0  # then an array: sums of 1, t, t**2 and (t - y)**2

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t, weight = _table(self.name, y, t, weight)
        weight = xp(t).broadcast_to(weight, t.shape)
        sums = [weight.sum(0), *((v * weight).sum(0) for v in (t, t * t, (t - y) ** 2))]
        self.samples += len(t)
        self.moments = joined(self.moments, xp(t).stack(sums))

    def result(self) -> Any:
        if not self.samples:
            return float("nan")
        self.moments = read(self.moments)
        weight, mean, square, missed = self.moments
        with np.errstate(divide="ignore", invalid="ignore"):
            total = square - mean**2 / weight
            scores = 1.0 - missed / total
        scores = np.where(np.isinf(scores), 0.0, scores)
        if self.average is not None:
            weight = total if self.average == "variance" else np.ones_like(total)
            scores = float((weight * scores).sum() / weight.sum())
        return adjusted_r2(scores, self.samples, self.regressors)


def adjusted_r2(score: Any, samples: int, regressors: int) -> Any:
    """Return R2 lowered by what `regressors` inputs explain by chance; as it is for few samples.

    1 - (1 - R2) (n - 1) / (n - p - 1), where n > p + 1.
    """
    if not regressors or samples <= regressors + 1:
        return score
    return 1.0 - (1.0 - score) * (samples - 1.0) / (samples - regressors - 1.0)
