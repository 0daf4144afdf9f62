"""Figures that tell how well a model does, gathered batch by batch.

`update(y, t, weight=None)` takes a batch of outputs and targets, `result()` gives the figure over
all samples since `reset()`. Outputs may be Variables, lists or arrays of any device; no graph is
recorded.
"""

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
from dezero.metrics.counts import (
    F1,
    ConfusionMatrix,
    CountRatio,
    Precision,
    Recall,
    confusion_matrix,
)
from dezero.metrics.table import METRICS, get, serialize

__all__ = [
    "F1",
    "METRICS",
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "ConfusionMatrix",
    "CountRatio",
    "FromFunction",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "Recall",
    "SparseCategoricalAccuracy",
    "SparseTopK",
    "TopK",
    "confusion_matrix",
    "get",
    "serialize",
]
