"""Keras's losses as objects, and both kinds by name."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dezero.core import Variable, as_array
from dezero.core.errors import lookup
from dezero.keras.identifiers import Names
from dezero.keras.losses import functions

__all__ = [
    "BinaryCrossentropy", "CLASSES", "CategoricalCrossentropy", "CategoricalHinge",
    "CosineSimilarity", "Hinge", "Huber", "KLDivergence", "LogCosh", "Loss",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "deserialize", "get", "serialize",
]  # fmt: skip

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")


class Loss:
    """Base: yours defines `call(y_true, y_pred)`, one value per sample.

    Args:
        name: what it is reported by.
        reduction: "sum_over_batch_size" or "mean", the mean; "sum"; None or "none" for the values;
            "mean_with_sample_weight", which divides by the sum of the weights.
        dtype: accepted; the predictions have it.
    Raises:
        ValueError: reduction is another word.
    """

    def __init__(
        self, name: str | None = None, reduction: Any = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        word = "none" if reduction is None else "sum_over_batch_size"
        word = word if reduction in (None, "auto") else reduction
        lookup(f"{type(self).__name__} reduction", word, dict.fromkeys(REDUCTIONS, True))
        self.name, self.reduction, self.dtype = name or type(self).__name__, word, dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Variable:
        """Return the loss, reduced; values times weights if there are any."""
        values = Variable.wrap(self.call(y_true, y_pred))
        weights = None
        if sample_weight is not None:
            weights = np.asarray(as_array(sample_weight), values.dtype)
            if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
                weights = weights[..., 0]
            weights = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
        counted = self._counted(y_true, values)
        if counted is not None:
            mean = self.reduction in ("sum_over_batch_size", "mean")
            share = counted * (counted.size / max(counted.sum(), 1) if mean else 1.0)
            weights = (share if weights is None else share * weights).astype(values.dtype)
        if weights is not None:
            values = values * weights
        if self.reduction == "none" or values.ndim == 0:
            return values
        if self.reduction == "sum":
            return values.sum()
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            return values.sum() / float(weights.sum())
        return values.mean()

    def _counted(self, y_true: Any, values: Variable) -> Any:
        """Return which of the values count; None for all."""
        return None

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value per sample."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method call(self, y_true, y_pred). Write it."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new one from what `get_config` returned."""
        return cls(**{key: value for key, value in config.items() if key not in ("fn", "dtype")})


class _OfFunction(Loss):
    """A loss that is one of the functions above; its options are those of the function."""

    function: Callable[..., Variable]
    reported = ""

    def __init__(
        self,
        *values: Any,
        reduction: Any = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        function = type(self).function
        known = list(inspect.signature(function).parameters)[2:]
        options.update(zip(known, values, strict=False))
        for option in options:
            lookup(f"{type(self).__name__} option", option, dict.fromkeys(known, True))
        super().__init__(name or self.reported or function.__name__, reduction, dtype)
        self.options = options

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value per sample."""
        return type(self).function(y_true, y_pred, **self.options)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), **self.options}


class MeanSquaredError(_OfFunction):
    """mean((t - y)**2)."""

    function = staticmethod(functions.mean_squared_error)


class MeanAbsoluteError(_OfFunction):
    """mean(|t - y|)."""

    function = staticmethod(functions.mean_absolute_error)


class MeanAbsolutePercentageError(_OfFunction):
    """100 mean(|t - y| / |t|)."""

    function = staticmethod(functions.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(_OfFunction):
    """mean((ln(1 + t) - ln(1 + y))**2)."""

    function = staticmethod(functions.mean_squared_logarithmic_error)


class CosineSimilarity(_OfFunction):
    """Minus the cosine between t and y over `axis`."""

    function = staticmethod(functions.cosine_similarity)


class Huber(_OfFunction):
    """Squares up to `delta`, their tangents beyond."""

    function = staticmethod(functions.huber)
    reported = "huber_loss"


class LogCosh(_OfFunction):
    """mean(ln(cosh(y - t)))."""

    function = staticmethod(functions.log_cosh)


class Hinge(_OfFunction):
    """mean(max(1 - t y, 0))."""

    function = staticmethod(functions.hinge)


class SquaredHinge(_OfFunction):
    """mean(max(1 - t y, 0)**2)."""

    function = staticmethod(functions.squared_hinge)


class CategoricalHinge(_OfFunction):
    """max(1 + largest wrong score - right score, 0)."""

    function = staticmethod(functions.categorical_hinge)


class KLDivergence(_OfFunction):
    """sum(t ln(t / y))."""

    function = staticmethod(functions.kl_divergence)


class Poisson(_OfFunction):
    """mean(y - t ln(y))."""

    function = staticmethod(functions.poisson)


class BinaryCrossentropy(_OfFunction):
    """`binary_crossentropy`; options from_logits, label_smoothing and axis."""

    function = staticmethod(functions.binary_crossentropy)


class CategoricalCrossentropy(_OfFunction):
    """`categorical_crossentropy`; options from_logits, label_smoothing and axis."""

    function = staticmethod(functions.categorical_crossentropy)


class SparseCategoricalCrossentropy(_OfFunction):
    """`sparse_categorical_crossentropy`; options from_logits, ignore_class and axis."""

    function = staticmethod(functions.sparse_categorical_crossentropy)

    def _counted(self, y_true: Any, values: Variable) -> Any:
        ignored = self.options.get("ignore_class")
        if ignored is None:
            return None
        return (np.asarray(as_array(y_true)) != ignored).reshape(values.shape)


CLASSES = (
    BinaryCrossentropy, CategoricalCrossentropy, CategoricalHinge, CosineSimilarity, Hinge, Huber,
    KLDivergence, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge,
)  # fmt: skip
NAMES = Names("loss", CLASSES)
FUNCTIONS: dict[str, Callable[..., Variable]] = {
    cls.function.__name__: cls.function for cls in CLASSES
}
ALIASES = {
    "bce": functions.binary_crossentropy, "kld": functions.kl_divergence,
    "mae": functions.mean_absolute_error,
    "mse": functions.mean_squared_error, "mape": functions.mean_absolute_percentage_error,
    "msle": functions.mean_squared_logarithmic_error, "logcosh": functions.log_cosh,
}  # fmt: skip


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a function by its snake_case name, an object by class name or configuration.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is none of these.
    """
    if isinstance(identifier, str) and identifier not in (custom_objects or {}):
        found = FUNCTIONS.get(identifier) or ALIASES.get(
            identifier.lower() if identifier.isupper() else identifier
        )
        if found is not None:
            return found
        lookup("loss", identifier, {**FUNCTIONS, **NAMES.shown})
    return NAMES.get(identifier, custom_objects)


def serialize(loss: Any) -> Any:
    """Return the name of a function, or {"class_name", "config"} of an object."""
    return NAMES.serialize(loss)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the loss that `serialize` described."""
    return get(config, custom_objects)
