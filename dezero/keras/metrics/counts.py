"""Keras's metrics that count right and wrong answers at thresholds: Precision, Recall, AUC, ..."""

from typing import Any

from dezero import metrics
from dezero.core import as_array
from dezero.keras.arguments import named
from dezero.keras.losses.pairs import aligned, check_shapes
from dezero.keras.metrics.base import Metric, figure

__all__ = [
    "AUC", "FalseNegatives", "FalsePositives", "OverOurs", "Precision", "PrecisionAtRecall",
    "Recall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity",
    "TrueNegatives", "TruePositives",
]  # fmt: skip

FAR_BELOW = -1e10  # the threshold of Keras where only the k largest count


class OverOurs(Metric):
    """Base of metrics that one of `dezero.metrics` gathers, held as `ours`."""

    ours: metrics.Metric

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch.

        Raises:
            ValueError: the shapes do not fit.
        """
        y, t = aligned(as_array(y_pred), as_array(y_true))
        check_shapes(self.name, t, y)
        self.ours.update(y, t, sample_weight)

    def result(self) -> Any:
        """Return the figure so far; 0 before the first batch."""
        return figure(self.ours.result())

    def reset_state(self) -> None:
        """Forget all batches."""
        super().reset_state()
        self.ours.reset()


class _AtThresholds(OverOurs):
    """Base: a figure at each threshold, one alone if there is one threshold."""

    what = ""
    order: tuple[str, ...] = ("thresholds", "top_k", "class_id", "name", "dtype")

    def __init__(self, *values: Any, **given: Any) -> None:
        named(type(self).__name__, self.order, values, given)
        super().__init__(given.pop("name", None), given.pop("dtype", None))
        self.options = {key: given.get(key) for key in self.order if key not in ("name", "dtype")}
        top_k = given.get("top_k")
        thresholds = self._checked(given.pop("thresholds", None))
        points = thresholds or [0.5 if top_k is None else FAR_BELOW]
        self.thresholds = points
        self.ours = metrics.ThresholdCounts(points, name=self.name, **given)

    def _checked(self, thresholds: Any) -> list:
        if thresholds is None:
            return []
        several = hasattr(thresholds, "__len__")
        points = list(thresholds) if several else [thresholds]
        if not points or not all(p is not None and 0 <= p <= 1 for p in points):
            raise ValueError(
                f"{type(self).__name__}: expected thresholds from 0 to 1, got {thresholds!r}. "
                "For logits, put sigmoid before, or metrics=[BinaryAccuracy(threshold=0)]."
            )
        return points

    def result(self) -> Any:
        """Return the figure so far, one for each threshold if there are several."""
        counts: Any = self.ours.counts  # type: ignore[attr-defined]
        values = getattr(counts, self.what)
        return figure(values[0] if len(values) == 1 else values)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), **self.options}


class Precision(_AtThresholds):
    """Share of those predicted that are right.

    Args:
        thresholds: one number, or a list of them; 0.5 if None.
        top_k: only the k largest of each row are predicted.
        class_id: only this column counts.
        name, dtype: as in `Metric`.
    """

    what = "precision"


class Recall(_AtThresholds):
    """Share of those there are that were found; arguments as in `Precision`."""

    what = "recall"


class TruePositives(_AtThresholds):
    """How many of class 1 were found, at each of `thresholds`."""

    what, order = "true_positives", ("thresholds", "name", "dtype")


class FalsePositives(TruePositives):
    """How many were taken for class 1 and are not, at each of `thresholds`."""

    what = "false_positives"


class TrueNegatives(TruePositives):
    """How many of class 0 were found, at each of `thresholds`."""

    what = "true_negatives"


class FalseNegatives(TruePositives):
    """How many were taken for class 0 and are not, at each of `thresholds`."""

    what = "false_negatives"


class AUC(OverOurs):
    """Area under the ROC curve, or under precision over recall (`curve="PR"`, "PRGAIN").

    Args:
        num_thresholds: how many, evenly from 0 to 1.
        curve: "ROC", "PR" or "PRGAIN".
        summation_method: "interpolation", "minoring" or "majoring".
        name, dtype: as in `Metric`.
        thresholds: numbers between 0 and 1 instead of even ones.
        multi_label: the mean over the columns of y (N, L).
        num_labels: L, if it is known.
        label_weights: L numbers, how much each column counts.
        from_logits: y are logits.
    Raises:
        ValueError: an argument is out of range, or a name unknown.
    """

    def __init__(  # noqa: PLR0917 (Keras's signature)
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name, dtype)
        if num_labels is not None and not multi_label:
            raise ValueError(
                f"AUC: expected num_labels only with multi_label=True, got {num_labels!r}. "
                "Leave it out."
            )
        self.num_labels = num_labels
        points = None if thresholds is None else [float(v) for v in thresholds]
        self.ours = metrics.AUC(
            num_thresholds, curve, summation_method, given=points, multi_label=multi_label,
            label_weights=label_weights, from_logits=from_logits, name=self.name,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        ours = self.ours.config()
        given, ours["name"] = ours.pop("given"), self.name
        more = {} if given is None else {"thresholds": given}
        return {**super().get_config(), **ours, "num_labels": self.num_labels, **more}


class _BestAt(OverOurs):
    """Base: the best of one figure where another is at least a number."""

    given = ""
    wanted = ""

    def __init__(self, *values: Any, **given: Any) -> None:
        cls = type(self)
        order = (self.given, "num_thresholds", "class_id", "name", "dtype")
        named(cls.__name__, order, values, given)
        super().__init__(given.pop("name", None), given.pop("dtype", None))
        if self.given not in given:
            raise ValueError(
                f"{cls.__name__}: expected {self.given} from 0 to 1, got none. "
                f"Write {cls.__name__}({self.given}=0.5)."
            )
        self.options = {"num_thresholds": 200, "class_id": None, **given}
        value = given.pop(self.given)
        self.ours = metrics.BestAt(self.wanted, self.given, value, name=self.name, **given)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), **self.options}


class SensitivityAtSpecificity(_BestAt):
    """Best sensitivity (recall) at thresholds where the specificity is at least `specificity`."""

    given, wanted = "specificity", "sensitivity"


class SpecificityAtSensitivity(_BestAt):
    """Best specificity at thresholds where the sensitivity is at least `sensitivity`."""

    given, wanted = "sensitivity", "specificity"


class PrecisionAtRecall(_BestAt):
    """Best precision at thresholds where the recall is at least `recall`."""

    given, wanted = "recall", "precision"


class RecallAtPrecision(_BestAt):
    """Best recall at thresholds where the precision is at least `precision`."""

    given, wanted = "precision", "recall"
