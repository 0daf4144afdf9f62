"""Keras's metrics by name, over the library's own and over its losses."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from dezero import metrics
from dezero.core import as_array
from dezero.core.errors import lookup
from dezero.keras import losses
from dezero.keras.identifiers import Names
from dezero.keras.losses.functions import aligned
from dezero.keras.metrics.base import Mean, MeanMetricWrapper, Metric, Sum

__all__ = [
    "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "CLASSES", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "CosineSimilarity", "FalseNegatives",
    "FalsePositives", "Hinge", "KLDivergence", "LogCoshError", "MeanAbsoluteError",
    "MeanAbsolutePercentageError", "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson",
    "Precision", "Recall", "RootMeanSquaredError", "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy", "SquaredHinge",
    "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives", "binary_accuracy",
    "categorical_accuracy", "deserialize", "get", "serialize", "sparse_categorical_accuracy",
]  # fmt: skip


class _Named(MeanMetricWrapper):
    """A `MeanMetricWrapper` whose function is its class's."""

    defaults: ClassVar[dict[str, Any]] = {}
    reported = ""

    def __init__(self, name: str | None = None, dtype: Any = None, **options: Any) -> None:
        for option in options:
            lookup(f"{type(self).__name__} option", option, self.defaults)
        name = name or self.reported or type(self).fn.__name__
        super().__init__(None, name, dtype, **{**self.defaults, **options})


def _accuracy(y_true: Any, y_pred: Any) -> Any:
    y, t = aligned(as_array(y_pred), np.asarray(as_array(y_true)))
    return t == y


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Return where (y > threshold) == t."""
    y, t = aligned(as_array(y_pred), np.asarray(as_array(y_true)))
    return (y > threshold) == t


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return where the largest of y is the largest of t."""
    return np.asarray(as_array(y_true)).argmax(-1) == as_array(y_pred).argmax(-1)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return where the largest of y is number t."""
    y, t = as_array(y_pred), np.asarray(as_array(y_true))
    t = t[..., 0] if t.ndim == y.ndim and t.shape[-1] == 1 else t
    return t == y.argmax(-1)


class _OverOurs(Metric):
    """A metric of `dezero.metrics` under Keras's name."""

    ours: metrics.Metric

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch."""
        y, t = aligned(as_array(y_pred), np.asarray(as_array(y_true)))
        self.ours.update(y, t, sample_weight)

    def result(self) -> Any:
        """Return the figure so far; 0 before the first batch."""
        found = self.ours.result()
        return 0.0 if found != found else found

    def reset_state(self) -> None:
        """Forget all batches."""
        self.ours.reset()


class TopKCategoricalAccuracy(_OverOurs):
    """Share of samples whose class is among the k largest, t one-hot."""

    def __init__(self, k: int = 5, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name or "top_k_categorical_accuracy", dtype)
        self.k, self.ours = k, metrics.TopK(k)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), "k": self.k}


class SparseTopKCategoricalAccuracy(TopKCategoricalAccuracy):
    """Share of samples whose class is among the k largest, t class numbers."""

    def __init__(self, k: int = 5, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(k, name or "sparse_top_k_categorical_accuracy", dtype)
        self.ours = metrics.SparseTopK(k)


class _Counts(_OverOurs):
    """Over the counts of true and predicted classes 0 and 1, at one threshold."""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        one = thresholds[0] if isinstance(thresholds, list | tuple) else thresholds
        if isinstance(thresholds, list | tuple) and len(thresholds) != 1:
            raise ValueError(
                f"{type(self).__name__}: expected one threshold, got {thresholds}. "
                "Use one metric for each."
            )
        self.thresholds = thresholds
        self.ours = self._made(0.5 if one is None else one)

    def _made(self, threshold: float) -> Any:
        return metrics.Precision(threshold)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), "thresholds": self.thresholds}


class Precision(_Counts):
    """Share of those predicted that are right."""


class Recall(_Counts):
    """Share of those there are that were found."""

    def _made(self, threshold: float) -> Any:
        return metrics.Recall(threshold)


class _Cell(_Counts):
    cell = (1, 1)

    def result(self) -> float:
        """Return the count."""
        return float(self.ours.matrix[self.cell])  # type: ignore[attr-defined]


class TruePositives(_Cell):
    """How many of class 1 were found."""


class FalsePositives(_Cell):
    """How many were taken for class 1 and are not."""

    cell = (0, 1)


class TrueNegatives(_Cell):
    """How many of class 0 were found."""

    cell = (0, 0)


class FalseNegatives(_Cell):
    """How many were taken for class 0 and are not."""

    cell = (1, 0)


class Accuracy(_Named):
    """Share of elements of y that equal t."""

    fn = staticmethod(_accuracy)
    reported = "accuracy"


class BinaryAccuracy(_Named):
    """Share of elements with (y > threshold) == t."""

    fn = staticmethod(binary_accuracy)
    defaults: ClassVar[dict[str, Any]] = {"threshold": 0.5}


class CategoricalAccuracy(_Named):
    """Share of samples whose largest of y is the largest of t."""

    fn = staticmethod(categorical_accuracy)


class SparseCategoricalAccuracy(_Named):
    """Share of samples whose largest of y is number t."""

    fn = staticmethod(sparse_categorical_accuracy)


class MeanSquaredError(_Named):
    """Mean of (t - y)**2."""

    fn = staticmethod(losses.mean_squared_error)


class MeanAbsoluteError(_Named):
    """Mean of |t - y|."""

    fn = staticmethod(losses.mean_absolute_error)


class MeanAbsolutePercentageError(_Named):
    """100 times the mean of |t - y| / |t|."""

    fn = staticmethod(losses.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(_Named):
    """Mean of (ln(1 + t) - ln(1 + y))**2."""

    fn = staticmethod(losses.mean_squared_logarithmic_error)


class LogCoshError(_Named):
    """Mean of ln(cosh(y - t))."""

    fn = staticmethod(losses.log_cosh)
    reported = "logcosh"


class Hinge(_Named):
    """Mean of max(1 - t y, 0)."""

    fn = staticmethod(losses.hinge)


class SquaredHinge(_Named):
    """Mean of max(1 - t y, 0)**2."""

    fn = staticmethod(losses.squared_hinge)


class CategoricalHinge(_Named):
    """Mean of max(1 + largest wrong score - right score, 0)."""

    fn = staticmethod(losses.categorical_hinge)


class KLDivergence(_Named):
    """Mean of sum(t ln(t / y))."""

    fn = staticmethod(losses.kl_divergence)


class Poisson(_Named):
    """Mean of y - t ln(y)."""

    fn = staticmethod(losses.poisson)


class BinaryCrossentropy(_Named):
    """Mean of the loss of that name."""

    fn = staticmethod(losses.binary_crossentropy)
    defaults: ClassVar[dict[str, Any]] = {"from_logits": False, "label_smoothing": 0.0}


class CategoricalCrossentropy(_Named):
    """Mean of the loss of that name."""

    fn = staticmethod(losses.categorical_crossentropy)
    defaults: ClassVar[dict[str, Any]] = {"from_logits": False, "label_smoothing": 0.0, "axis": -1}


class SparseCategoricalCrossentropy(_Named):
    """Mean of the loss of that name."""

    fn = staticmethod(losses.sparse_categorical_crossentropy)
    defaults: ClassVar[dict[str, Any]] = {"from_logits": False, "ignore_class": None, "axis": -1}


def _cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    return -losses.cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(_Named):
    """Mean cosine of the angle between t and y; the loss of that name is its negative."""

    fn = staticmethod(_cosine)
    reported = "cosine_similarity"
    defaults: ClassVar[dict[str, Any]] = {"axis": -1}


class RootMeanSquaredError(MeanSquaredError):
    """Root of the mean of (t - y)**2."""

    reported = "root_mean_squared_error"

    def result(self) -> float:
        """Return the figure so far."""
        return super().result() ** 0.5


CLASSES = (
    Accuracy, BinaryAccuracy, BinaryCrossentropy, CategoricalAccuracy, CategoricalCrossentropy,
    CategoricalHinge, CosineSimilarity, FalseNegatives, FalsePositives, Hinge, KLDivergence,
    LogCoshError, Mean, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, Precision, Recall, RootMeanSquaredError,
    SparseCategoricalAccuracy, SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy,
    SquaredHinge, Sum, TopKCategoricalAccuracy, TrueNegatives, TruePositives,
)  # fmt: skip
NAMES = Names(
    "metric", CLASSES, acc=Accuracy, bce=BinaryCrossentropy, mae=MeanAbsoluteError,
    mape=MeanAbsolutePercentageError, mse=MeanSquaredError, msle=MeanSquaredLogarithmicError,
)  # fmt: skip


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a metric from a name, a configuration, a class, a function or itself.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is none of these.
    """
    return NAMES.get(identifier, custom_objects)


def serialize(metric: Any) -> Any:
    """Return {"class_name", "config"}, the name of a function, or None for None."""
    return NAMES.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the metric that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)
