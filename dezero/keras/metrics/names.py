"""Keras's metrics by name."""

from collections.abc import Mapping
from typing import Any

from dezero.keras.identifiers import Names
from dezero.keras.metrics.base import Mean, Sum
from dezero.keras.metrics.counts import (
    AUC,
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from dezero.keras.metrics.figures import (
    Accuracy,
    BinaryAccuracy,
    BinaryCrossentropy,
    CategoricalAccuracy,
    CategoricalCrossentropy,
    CategoricalHinge,
    ConcordanceCorrelation,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    PearsonCorrelation,
    Poisson,
    RootMeanSquaredError,
    SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy,
    SquaredHinge,
    TopKCategoricalAccuracy,
)
from dezero.keras.metrics.scores import (
    BinaryIoU,
    F1Score,
    FBetaScore,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
    R2Score,
)

__all__ = ["CLASSES", "deserialize", "get", "is_known", "serialize"]

CLASSES = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy,
    CategoricalCrossentropy, CategoricalHinge, ConcordanceCorrelation, CosineSimilarity, F1Score,
    FBetaScore, FalseNegatives, FalsePositives, Hinge, IoU, KLDivergence, LogCoshError, Mean,
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU, MeanSquaredError,
    MeanSquaredLogarithmicError, OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, Precision,
    PrecisionAtRecall, R2Score, Recall, RecallAtPrecision, RootMeanSquaredError,
    SensitivityAtSpecificity, SparseCategoricalAccuracy, SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum,
    TopKCategoricalAccuracy, TrueNegatives, TruePositives,
)  # fmt: skip
NAMES = Names(
    "metric", CLASSES, acc=Accuracy, bce=BinaryCrossentropy, kld=KLDivergence,
    log_cosh=LogCoshError, mae=MeanAbsoluteError, mape=MeanAbsolutePercentageError,
    mse=MeanSquaredError, msle=MeanSquaredLogarithmicError, rmse=RootMeanSquaredError,
)  # fmt: skip


def is_known(name: str) -> bool:
    """Return whether Keras has a metric of that name, in any of its spellings."""
    return NAMES.knows(name)


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a metric from a name, a configuration, a class, a function or itself.

    Raises:
        ValueError: the name is unknown (the nearest is suggested), or says too little.
        TypeError: identifier is none of these.
    """
    if not isinstance(identifier, str):
        return NAMES.get(identifier, custom_objects)
    found = NAMES.find(identifier, custom_objects)
    try:
        return found() if isinstance(found, type) else found
    except TypeError as error:
        raise ValueError(
            f"metric: expected the arguments of {found.__name__} too, got its name "
            f"{identifier!r} alone ({error}). Give the object, such as metrics.MeanIoU(10)."
        ) from error


def serialize(metric: Any) -> Any:
    """Return {"class_name", "config"}, the name of a function, or None for None."""
    return NAMES.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the metric that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)
