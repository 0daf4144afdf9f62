"""Metrics by name: the strings that `compile` understands, and what a saved model may hold."""

from collections.abc import Mapping
from typing import Any

from dezero.core.errors import lookup
from dezero.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopK,
    TopK,
)
from dezero.metrics.average import FromFunction, MeanAbsoluteError, MeanSquaredError
from dezero.metrics.base import Mean, Metric
from dezero.metrics.counts import F1, ConfusionMatrix, Precision, Recall
from dezero.metrics.overlap import IoU
from dezero.metrics.scores import R2, FBeta
from dezero.metrics.thresholds import AUC, BestAt, ThresholdCounts

__all__ = ["METRICS", "get", "serialize"]

# The first name of each class is the one that `serialize` writes; the others are Keras's spellings.
METRICS: dict[str, type[Metric]] = {
    "accuracy": Accuracy,
    "auc": AUC,
    "best_at": BestAt,
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "confusion_matrix": ConfusionMatrix,
    "f1": F1,
    "fbeta_score": FBeta,
    "iou": IoU,
    "mean": Mean,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_squared_error": MeanSquaredError,
    "precision": Precision,
    "r2": R2,
    "recall": Recall,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
    "sparse_top_k": SparseTopK,
    "threshold_counts": ThresholdCounts,
    "top_k": TopK,
    "acc": Accuracy,
    "f1_score": F1,
    "mae": MeanAbsoluteError,
    "mse": MeanSquaredError,
    "sparse_top_k_categorical_accuracy": SparseTopK,
    "top_k_categorical_accuracy": TopK,
}


def get(metric: Any) -> Metric:
    """Return a Metric from one, a name, a function of (y, t) or a saved dict.

    Note: it goes by the name that it was asked for, so that "acc" is called "acc" in histories.
    Raises:
        ValueError: an unknown name (the nearest is suggested), or a dict that does not fit it.
        TypeError: none of these.
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, str):
        return lookup("metric", metric, METRICS)(name=metric)
    if isinstance(metric, Mapping):
        kind = lookup("metric", metric.get("name"), METRICS)
        try:
            return kind(**metric["config"])
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"metric: expected a configuration of {kind.__name__}, got {metric!r} ({error}). "
                "Was it changed by hand?"
            ) from error
    if callable(metric) and not isinstance(metric, type):
        return FromFunction(metric)
    raise TypeError(
        f"metric: expected a name, a Metric or a function of y and t, got {metric!r}. "
        "Try 'accuracy'."
    )


def serialize(metric: Metric) -> dict[str, Any]:
    """Return `{"name", "config"}`, from which `get` builds an equal metric, without its counts."""
    for name, kind in METRICS.items():
        if kind is type(metric):
            return {"name": name, "config": metric.config()}
    raise TypeError(
        f"metric: expected one of dezero's own, got {type(metric).__name__} {metric.name!r}. "
        "Only those in METRICS can be saved with a model."
    )
