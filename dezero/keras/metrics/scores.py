"""Keras's metrics of several columns or classes: F1Score, R2Score, MeanIoU and their kin."""

import warnings
from typing import Any

import numpy as np

from dezero import metrics
from dezero.backend import is_readable
from dezero.core import as_array
from dezero.core.errors import lookup
from dezero.functions.placing import placed
from dezero.keras.metrics.base import figure
from dezero.keras.metrics.counts import OverOurs

__all__ = [
    "BinaryIoU", "F1Score", "FBetaScore", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU",
    "R2Score",
]  # fmt: skip


class FBetaScore(OverOurs):
    """(1 + beta**2) P R / (beta**2 P + R), P and R precision and recall of each column of (N, C).

    Args:
        average: None for one number per column, or "micro", "macro", "weighted".
        beta: > 0; how many times recall counts as much as precision.
        threshold: y above it is taken for 1; None takes the largest of each row.
        name, dtype: as in `Metric`.
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        self.average, self.beta, self.threshold = average, beta, threshold
        self.ours = metrics.FBeta(beta, average, threshold, self.name)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


class F1Score(FBetaScore):
    """2 P R / (P + R) of each column; arguments as in `FBetaScore`."""

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        config = super().get_config()
        del config["beta"]
        return config


AGGREGATIONS = {
    "uniform_average": "uniform", "variance_weighted_average": "variance", None: None
}  # fmt: skip


class R2Score(OverOurs):
    """1 - sum((y - t)**2) / sum((t - mean)**2) of columns (N, C).

    Args:
        class_aggregation: "uniform_average", "variance_weighted_average" or None for each column.
        num_regressors: number of inputs, for the adjusted figure; 0 for none.
        name, dtype: as in `Metric`.
    Note: adjusted by the number of elements, N * C, as in Keras; dezero.metrics.R2 takes N.
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        if class_aggregation is not None:
            table = {key: True for key in AGGREGATIONS if key}
            lookup("R2Score class_aggregation", class_aggregation, table)
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        metrics.R2(None, num_regressors)  # refuses a negative number
        self.ours = metrics.R2(AGGREGATIONS[class_aggregation], 0, self.name)
        self.elements = 0

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch."""
        super().update_state(y_true, y_pred, sample_weight)
        self.elements += as_array(y_pred).size

    def result(self) -> Any:
        """Return the figure so far."""
        score, few = self.ours.result(), self.elements <= self.num_regressors + 1
        if self.num_regressors and few:
            warnings.warn(
                f"R2Score: expected more numbers than the {self.num_regressors} regressors and 1, "
                f"got {self.elements}. The figure is not adjusted.",
                stacklevel=2,
            )
        return figure(metrics.adjusted_r2(score, self.elements, self.num_regressors))

    def reset_state(self) -> None:
        """Forget all batches."""
        super().reset_state()
        self.elements = 0

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}


class IoU(OverOurs):
    """Intersection over union, the mean of it over `target_class_ids`.

    Args:
        num_classes: how many classes there are; other numbers do not count.
        target_class_ids: which of them the mean is over.
        name, dtype: as in `Metric`; with an integer dtype, the default, weights are cut to
            integers, as in Keras, with a warning if they are the host's.
        ignore_class: elements of this true class do not count.
        sparse_y_true, sparse_y_pred: whether they are class numbers; else argmax along `axis`.
        axis: that of the classes.
    """

    kept: tuple[str, ...] = (
        "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 (Keras's signature)
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype or "int64")
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.ours = metrics.IoU(num_classes, self.target_class_ids, ignore_class, self.name)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch."""
        y, t = as_array(y_pred), as_array(y_true)
        t = t if self.sparse_y_true else t.argmax(self.axis)
        y = self._numbers(y)
        if t.ndim == y.ndim + 1 and t.shape[-1] == 1:
            t = t[..., 0]
        if sample_weight is not None:
            sample_weight = self._cut(placed(self.name, sample_weight, y))
            if sample_weight.ndim == t.ndim + 1 and sample_weight.shape[-1] == 1:
                sample_weight = sample_weight[..., 0]
        self.ours.update(y, t, sample_weight)

    def _numbers(self, y: Any) -> Any:
        return y if self.sparse_y_pred else y.argmax(self.axis)

    def _cut(self, weight: Any) -> Any:
        whole, cuts = weight.astype(self.dtype), np.dtype(self.dtype).kind in "iu"
        # On a device they are not looked at: that would make the host wait.
        if cuts and is_readable(weight) and not (whole == weight).all():
            warnings.warn(
                f"{type(self).__name__}: expected whole numbers as sample_weight for "
                f"dtype {self.dtype!r}, got fractions, which are cut off. Give dtype='float32'.",
                stacklevel=4,
            )
        return whole

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), **{key: getattr(self, key) for key in self.kept}}


class MeanIoU(IoU):
    """`IoU` over all classes."""

    kept = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def __init__(  # noqa: PLR0917 (Keras's signature)
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class,
            sparse_y_true=sparse_y_true, sparse_y_pred=sparse_y_pred, axis=axis,
        )  # fmt: skip


class BinaryIoU(IoU):
    """`IoU` of classes 0 and 1, y from `threshold` up being 1."""

    kept = ("target_class_ids", "threshold")

    def __init__(
        self,
        target_class_ids: Any = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def _numbers(self, y: Any) -> Any:
        return (y.astype("float32") >= np.float32(self.threshold)).astype("int64")


class OneHotIoU(IoU):
    """`IoU` of one-hot t, and of y by its largest along `axis`."""

    kept = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")

    def __init__(  # noqa: PLR0917 (Keras's signature)
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class,
            sparse_y_true=False, sparse_y_pred=sparse_y_pred, axis=axis,
        )  # fmt: skip


class OneHotMeanIoU(MeanIoU):
    """`OneHotIoU` over all classes."""

    kept = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(  # noqa: PLR0917 (Keras's signature)
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, name, dtype, ignore_class,
            sparse_y_true=False, sparse_y_pred=sparse_y_pred, axis=axis,
        )  # fmt: skip
