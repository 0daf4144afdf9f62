"""Keras's metrics that are means of one figure for each sample: of losses, and of right answers."""

from typing import Any, ClassVar

from dezero import metrics
from dezero.core import as_array
from dezero.keras import losses
from dezero.keras.arguments import named
from dezero.keras.backend import epsilon
from dezero.keras.losses.pairs import aligned, check_shapes, class_numbers, paired
from dezero.keras.metrics.base import Figure, MeanMetricWrapper

__all__ = [
    "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity",
    "Hinge", "KLDivergence", "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "PearsonCorrelation", "Poisson",
    "RootMeanSquaredError", "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy", "SquaredHinge", "TopKCategoricalAccuracy", "binary_accuracy",
    "categorical_accuracy", "concordance_correlation", "pearson_correlation",
    "sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]  # fmt: skip


class _Named(MeanMetricWrapper):
    """A `MeanMetricWrapper` whose function is its class's.

    Args:
        values: arguments without names, in the order of `first` and then of the options.
        given: name, dtype and the options of the function.
    """

    defaults: ClassVar[dict[str, Any]] = {}
    first: tuple[str, ...] = ("name", "dtype")
    reported = ""

    def __init__(self, *values: Any, **given: Any) -> None:
        rest = tuple(key for key in self.defaults if key not in self.first)
        named(type(self).__name__, self.first + rest, values, given)
        name = given.pop("name", None) or self.reported or type(self).fn.__name__
        super().__init__(None, name, given.pop("dtype", None), **{**self.defaults, **given})


def _beside(name: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    y, t = aligned(as_array(y_pred), as_array(y_true))
    check_shapes(name, t, y)
    return y, t


def _accuracy(y_true: Any, y_pred: Any) -> Any:
    y, t = _beside("accuracy", y_true, y_pred)
    return t == y


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Return where (y > threshold) == t."""
    y, t = _beside("binary_accuracy", y_true, y_pred)
    return (y > threshold) == t


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return where the largest of y is the largest of t."""
    y, t = as_array(y_pred), as_array(y_true)
    check_shapes("categorical_accuracy", t, y)
    return t.argmax(-1) == y.argmax(-1)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return where the largest of y is number t."""
    name, y = "sparse_categorical_accuracy", as_array(y_pred)
    t = class_numbers(name, y_true, y, -1)
    if t.shape != y.shape[:-1]:
        raise ValueError(
            f"{name}: expected one class number for each row of y_pred {y.shape}, got y_true "
            f"{t.shape}. Take both of the same samples."
        )
    return t == y.argmax(-1)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """Return where the class of one-hot t is among the k largest of y."""
    y, t = as_array(y_pred), as_array(y_true)
    check_shapes("top_k_categorical_accuracy", t, y)
    return metrics.in_top_k(y, t.argmax(-1), k)


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Any:
    """Return where class number t is among the k largest of y, or the first k numbers in y."""
    name, y = "sparse_top_k_categorical_accuracy", as_array(y_pred)
    t = class_numbers(name, y_true, y, -1)
    if from_sorted_ids:
        return (y[..., :k] == t[..., None]).any(-1)
    return metrics.in_top_k(y, t, k, name=name)


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Return the correlation of t and y along an axis."""
    t, y = paired("pearson_correlation", y_true, y_pred)
    return metrics.pearson_correlation(y.data, t.data, axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Return Lin's concordance of t and y along an axis: 1 only where they are equal."""
    t, y = paired("concordance_correlation", y_true, y_pred)
    return metrics.concordance_correlation(y.data, t.data, axis, eps=epsilon())


class TopKCategoricalAccuracy(_Named):
    """Share of samples whose class is among the k largest, t one-hot."""

    fn = staticmethod(top_k_categorical_accuracy)
    defaults: ClassVar[dict[str, Any]] = {"k": 5}
    first = ("k", "name", "dtype")


class SparseTopKCategoricalAccuracy(_Named):
    """Share of samples whose class is among the k largest, t class numbers."""

    fn = staticmethod(sparse_top_k_categorical_accuracy)
    defaults: ClassVar[dict[str, Any]] = {"k": 5, "from_sorted_ids": False}
    first = ("k", "name", "dtype", "from_sorted_ids")


class PearsonCorrelation(_Named):
    """Mean correlation of t and y along `axis`."""

    fn = staticmethod(pearson_correlation)
    defaults: ClassVar[dict[str, Any]] = {"axis": -1}


class ConcordanceCorrelation(_Named):
    """Mean concordance of t and y along `axis`."""

    fn = staticmethod(concordance_correlation)
    defaults: ClassVar[dict[str, Any]] = {"axis": -1}


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

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch; what is ignored is 0, and with weights not counted, as in Keras."""
        ignored = self.options["ignore_class"]
        if sample_weight is not None and ignored is not None:
            y, name = as_array(y_pred), "sparse_categorical_crossentropy"
            counted = class_numbers(name, y_true, y, self.options["axis"]) != ignored
            weight = as_array(sample_weight)
            if weight.ndim == counted.ndim + 1 and weight.shape[-1] == 1:
                weight = weight[..., 0]
            sample_weight = weight.reshape(weight.shape + (1,) * (counted.ndim - weight.ndim))
            sample_weight = sample_weight * counted
        super().update_state(y_true, y_pred, sample_weight)


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

    def result(self) -> Any:
        """Return the figure so far."""
        return Figure(super().result() ** 0.5)
