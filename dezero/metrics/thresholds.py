"""Counts of right and wrong answers at many thresholds, and the curves made of them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dezero.backend import xp
from dezero.core import as_array
from dezero.core.errors import describe, lookup
from dezero.functions.placing import kept, placed
from dezero.metrics.base import Metric
from dezero.metrics.tally import beside, joined, read, spread, tally

__all__ = ["AUC", "BestAt", "Counts", "ThresholdCounts"]

EPSILON = 1e-7
# What is not among the k largest counts as this, below every threshold.
FAR_BELOW = -1e10


def ratio(a: Any, b: Any) -> Any:
    """Return a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(a, dtype=np.float64), where=b != 0)


class Counts(NamedTuple):
    """Weights of right and wrong answers, an array of each, one number per threshold."""

    true_positives: np.ndarray
    false_positives: np.ndarray
    true_negatives: np.ndarray
    false_negatives: np.ndarray

    @property
    def precision(self) -> np.ndarray:
        """TP / (TP + FP), 0 where nothing is predicted."""
        return ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> np.ndarray:
        """TP / (TP + FN), 0 where there is nothing to find."""
        return ratio(self.true_positives, self.true_positives + self.false_negatives)

    sensitivity = recall

    @property
    def specificity(self) -> np.ndarray:
        """TN / (TN + FP), 0 where there are no negatives."""
        return ratio(self.true_negatives, self.true_negatives + self.false_positives)


class ThresholdCounts(Metric):
    """True and false positives, true and false negatives at each threshold, an array (4, K).

    Args:
        thresholds: K numbers; y above one of them is taken for 1.
        top_k: only the k largest of each row (..., C) are taken for 1.
        class_id: only this column of y and t counts.
        multi_label: count the columns of y (N, L) apart: (4, K, L).
        label_weights: L numbers; how much each column counts.
    Note: y and t are of one shape; t counts as 1 where it is not 0. Numbers are compared in
        float32, as Keras does.
    """

    default_name = "threshold_counts"
    settings: tuple[str, ...] = (
        "thresholds", "top_k", "class_id", "multi_label", "label_weights"
    )  # fmt: skip
    scalar = False

    def __init__(
        self,
        thresholds: Sequence[float] = (0.5,),
        *,
        top_k: int | None = None,
        class_id: int | None = None,
        multi_label: bool = False,
        label_weights: Any = None,
        name: str | None = None,
    ) -> None:
        self.thresholds = [float(v) for v in thresholds]
        self.top_k, self.class_id, self.multi_label = top_k, class_id, multi_label
        self.label_weights = None if label_weights is None else np.array(label_weights).tolist()
        self._limits = np.array(self.thresholds, np.float32)
        self._order = np.argsort(self._limits, kind="stable")
        self._even = _is_even(self.thresholds)
        super().__init__(name)

    def reset(self) -> None:
        # (2, K + 1, L), L 1 without multi_label: false and true ones in each bin or a higher one.
        self.held: Any = 0.0

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t, weight = beside(self.name, y, t, weight)
        if y.shape != t.shape:
            raise ValueError(
                f"{self.name}: expected y and t of one shape, got y {describe(y)} and "
                f"t {describe(t)}. Reshape t, or make it one-hot."
            )
        y, t = self._columns(y.astype(np.float32), t != 0)
        if self.multi_label and y.ndim != 2:
            raise ValueError(
                f"{self.name}: expected y (N, L) for multi_label, got {describe(y)}. "
                "Flatten the other axes."
            )
        weights, labels = self._weights(y, weight), y.shape[-1] if self.multi_label else 1
        place = self._places(y) * labels  # (N, ...)
        if self.multi_label:
            place = place + xp(y).arange(labels)
        bins = (len(self.thresholds) + 1) * labels
        place = (place + t * bins).reshape(-1)
        found = tally(place, None if weights is None else weights.reshape(-1), 2 * bins)
        found = found.reshape(2, -1, labels)
        self.held = joined(self.held, found[:, ::-1].cumsum(1)[:, ::-1])

    def _columns(self, y: Any, t: Any) -> tuple[Any, Any]:
        if self.top_k is not None:
            module = xp(y)
            best = module.argsort(-y, axis=-1, kind="stable")[..., : self.top_k]
            among = module.zeros(y.shape, dtype=bool)
            module.put_along_axis(among, best, True, axis=-1)
            y = module.where(among, y, np.float32(FAR_BELOW))
        if self.class_id is None:
            return y, t
        if y.ndim < 2 or not -y.shape[-1] <= self.class_id < y.shape[-1]:
            raise ValueError(
                f"{self.name}: expected y (N, C) with a column {self.class_id}, got {describe(y)}. "
                "Correct class_id, or leave it out."
            )
        first = self.class_id % y.shape[-1]
        return y[..., first : first + 1], t[..., first : first + 1]

    def _weights(self, y: Any, weight: Any) -> Any:
        if weight is not None:
            if weight.ndim == y.ndim + 1 and weight.shape[-1] == 1:
                weight = weight[..., 0]
            weight = spread(self.name, weight, y.shape)
        if self.label_weights is None or self.multi_label:
            return weight
        labels = placed(self.name, np.array(self.label_weights, np.float64).tolist(), y)
        return xp(y).broadcast_to(labels.astype(np.float64), y.shape) * (
            1.0 if weight is None else weight
        )

    def _places(self, y: Any) -> Any:
        """Return how many of the sorted thresholds each of y is above."""
        module = xp(y)
        y = module.nan_to_num(y, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        if not self._even:
            return module.searchsorted(kept(self._limits[self._order], y), y, side="left")
        # As Keras rounds it, which tells for y on a threshold.
        steps = np.float32(len(self.thresholds) - 1)
        place = module.ceil(y.clip(0.0, 1.0) * steps).astype(np.int64)
        return module.maximum(place, 1) if self.thresholds[0] < 0 else place

    @property
    def counts(self) -> Counts:
        """What was counted, in the order of the thresholds; arrays (K,), or (K, L)."""
        self.held = read(self.held)
        held = self.held
        if isinstance(held, float):
            held = np.zeros((2, len(self.thresholds) + 1, 1))
        total, above = held[:, :1], held[:, 1:]
        back = np.empty_like(above)
        back[:, self._order] = above
        below = total - back
        parts = (back[1], back[0], below[0], below[1])
        return Counts(*(part if self.multi_label else part[:, 0] for part in parts))

    def result(self) -> Any:
        return np.array(self.counts)


def _is_even(thresholds: Sequence[float]) -> bool:
    if len(thresholds) < 3:
        return False
    even = np.arange(len(thresholds), dtype=np.float32) / (len(thresholds) - 1)
    return bool(np.allclose(thresholds, even, atol=EPSILON))


def spaced(count: int, *, margin: float = 0.0) -> list[float]:
    """Return `count` thresholds from 0 to 1, the ends moved outwards by `margin`."""
    inner = [(i + 1) / (count - 1) for i in range(count - 2)]
    return [0.0 - margin, *inner, 1.0 + margin]


CURVES = {"ROC": "ROC", "PR": "PR", "PRGAIN": "PRGAIN"}
HEIGHTS = {
    "interpolation": lambda a, b: (a + b) / 2.0,
    "minoring": np.minimum,
    "majoring": np.maximum,
}


class AUC(ThresholdCounts):
    """Area under a curve through many thresholds: ROC, or precision over recall.

    Args:
        num_thresholds: how many, evenly from 0 to 1.
        curve: "ROC" (recall over the rate of false positives), "PR" or "PRGAIN".
        summation_method: "interpolation" between the points, "minoring" or "majoring".
        thresholds: numbers between 0 and 1 instead of even ones.
        multi_label: the mean of the areas of the columns of y (N, L), by `label_weights`.
        label_weights: L numbers; without multi_label how much each column counts.
        from_logits: y are logits.
    Raises:
        ValueError: a name is unknown, or there are fewer than two thresholds.
    Note: PR is interpolated as Davis and Goadrich do, not by straight lines.
    Reference: Davis and Goadrich 2006, "The relationship between precision-recall and ROC
        curves"; Flach and Kull 2015, "Precision-recall-gain curves".
    """

    default_name = "auc"
    settings = (
        "num_thresholds", "curve", "summation_method", "multi_label", "label_weights",
        "from_logits", "given",
    )  # fmt: skip
    scalar = True

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        *,
        given: Sequence[float] | None = None,
        multi_label: bool = False,
        label_weights: Any = None,
        from_logits: bool = False,
        name: str | None = None,
    ) -> None:
        self.curve = lookup("AUC curve", str(curve).upper(), CURVES)
        self.summation_method = str(summation_method).lower()
        lookup("AUC summation_method", self.summation_method, HEIGHTS)
        if given is None and not num_thresholds > 1:
            raise ValueError(
                f"AUC: expected num_thresholds > 1, got {num_thresholds!r}. 200 is usual."
            )
        self.given = None if given is None else sorted(float(v) for v in given)
        self.from_logits = from_logits
        if self.given is None:
            points = spaced(num_thresholds, margin=EPSILON)
        else:
            points = [-EPSILON, *self.given, 1.0 + EPSILON]
        super().__init__(points, multi_label=multi_label, label_weights=label_weights, name=name)
        self.num_thresholds = len(points)

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y = as_array(y)
        if self.from_logits:
            y = 1.0 / (1.0 + xp(y).exp(-y.clip(-80.0, 80.0)))
        super().update(y, t, weight)

    def result(self) -> float:
        areas = _areas(self.counts, self.curve, self.summation_method)
        if not self.multi_label:
            return float(areas)
        weights = np.ones(len(areas)) if self.label_weights is None else self.label_weights
        weights = np.asarray(weights, np.float64)
        return float(ratio((areas * weights).sum(), weights.sum()))


def _areas(c: Counts, curve: str, method: str) -> np.ndarray:
    if curve == "PR" and method == "interpolation":
        return _interpolated(c)
    if curve == "ROC":
        x, y = ratio(c.false_positives, c.true_negatives + c.false_positives), c.recall
    elif curve == "PR":
        x, y = c.recall, c.precision
    else:
        odds = ratio(c.true_positives + c.false_negatives, c.true_negatives + c.false_positives)
        none = c.true_positives == 0
        x = np.where(none, 0.0, 1.0 - odds * ratio(c.false_negatives, c.true_positives))
        y = np.where(none, 1.0, 1.0 - odds * ratio(c.false_positives, c.true_positives))
        x = np.maximum(x, 0.0)
    return ((x[:-1] - x[1:]) * HEIGHTS[method](y[:-1], y[1:])).sum(0)


def _interpolated(c: Counts) -> np.ndarray:
    """Return the area under precision over recall, between points as TP and FP grow together."""
    tp, predicted = c.true_positives, c.true_positives + c.false_positives
    gained, more = tp[:-1] - tp[1:], predicted[:-1] - predicted[1:]
    slope = ratio(gained, np.maximum(more, 0.0))
    intercept = tp[1:] - slope * predicted[1:]
    both = (predicted[:-1] > 0) & (predicted[1:] > 0)
    growth = np.where(both, ratio(predicted[:-1], np.maximum(predicted[1:], 0.0)), 1.0)
    part = slope * (gained + intercept * np.log(growth))
    return ratio(part, np.maximum(tp[1:] + c.false_negatives[1:], 0.0)).sum(0)


FIGURES = ("precision", "recall", "sensitivity", "specificity")


class BestAt(ThresholdCounts):
    """The largest `wanted` over all thresholds at which `given` is at least `value`, else 0.

    Args:
        wanted, given: "precision", "recall" ("sensitivity" is the same) or "specificity".
        value: from 0 to 1.
        num_thresholds: how many, evenly from 0 to 1; one is at 0.5.
        class_id: only this column counts.
    Raises:
        ValueError: a name is unknown, or a number out of range.
    """

    default_name = "best_at"
    settings = ("wanted", "given", "value", "num_thresholds", "class_id")
    scalar = True

    def __init__(
        self,
        wanted: str = "recall",
        given: str = "precision",
        value: float = 0.5,
        *,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
    ) -> None:
        for word in (wanted, given):
            lookup("BestAt figure", word, dict.fromkeys(FIGURES))
        if not 0 <= value <= 1 or num_thresholds < 1:
            raise ValueError(
                f"BestAt: expected {given} from 0 to 1 and num_thresholds >= 1, got {value!r} and "
                f"{num_thresholds!r}. 0.5 and 200 are usual."
            )
        self.wanted, self.given, self.value = wanted, given, value
        self.num_thresholds = num_thresholds
        points = [0.5] if num_thresholds == 1 else spaced(num_thresholds)
        super().__init__(points, class_id=class_id, name=name)

    def result(self) -> float:
        counts = self.counts
        held = getattr(counts, self.given).astype(np.float32) >= np.float32(self.value)
        return float(np.where(held, getattr(counts, self.wanted), 0.0).max(initial=0.0))
