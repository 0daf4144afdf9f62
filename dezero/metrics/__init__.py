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
from dezero.metrics.correlation import concordance_correlation, pearson_correlation
from dezero.metrics.counts import (
    F1,
    ConfusionMatrix,
    CountRatio,
    Precision,
    Recall,
    confusion_matrix,
)
from dezero.metrics.overlap import IoU
from dezero.metrics.ranks import in_top_k
from dezero.metrics.scores import R2, FBeta, adjusted_r2
from dezero.metrics.table import METRICS, get, serialize
from dezero.metrics.thresholds import AUC, BestAt, Counts, ThresholdCounts

__all__ = [
    "AUC",
    "Accuracy",
    "BestAt",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "ConfusionMatrix",
    "CountRatio",
    "Counts",
    "F1",
    "FBeta",
    "FromFunction",
    "IoU",
    "METRICS",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "R2",
    "Recall",
    "SparseCategoricalAccuracy",
    "SparseTopK",
    "ThresholdCounts",
    "TopK",
    "adjusted_r2",
    "concordance_correlation",
    "confusion_matrix",
    "get",
    "in_top_k",
    "pearson_correlation",
    "serialize",
]
