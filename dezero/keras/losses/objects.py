"""Keras's losses as objects, and both kinds by name."""

from collections.abc import Callable, Mapping
from typing import Any

from dezero.core import Variable, as_array
from dezero.core.errors import lookup
from dezero.keras import registry
from dezero.keras.identifiers import Names
from dezero.keras.losses import crossentropies, functions
from dezero.keras.losses.base import OfFunction

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CLASSES", "CTC", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "CategoricalHinge",
    "Circle", "CosineSimilarity", "Dice", "Hinge", "Huber", "KLDivergence", "LogCosh",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "Tversky", "deserialize", "get", "serialize",
]  # fmt: skip


class MeanSquaredError(OfFunction):
    """mean((t - y)**2)."""

    function = staticmethod(functions.mean_squared_error)


class MeanAbsoluteError(OfFunction):
    """mean(|t - y|)."""

    function = staticmethod(functions.mean_absolute_error)


class MeanAbsolutePercentageError(OfFunction):
    """100 mean(|t - y| / |t|)."""

    function = staticmethod(functions.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(OfFunction):
    """mean((ln(1 + t) - ln(1 + y))**2)."""

    function = staticmethod(functions.mean_squared_logarithmic_error)


class CosineSimilarity(OfFunction):
    """Minus the cosine between t and y over `axis`."""

    function = staticmethod(functions.cosine_similarity)


class Huber(OfFunction):
    """Squares up to `delta`, their tangents beyond."""

    function = staticmethod(functions.huber)
    reported = "huber_loss"


class LogCosh(OfFunction):
    """mean(ln(cosh(y - t)))."""

    function = staticmethod(functions.log_cosh)


class Hinge(OfFunction):
    """mean(max(1 - t y, 0))."""

    function = staticmethod(functions.hinge)


class SquaredHinge(OfFunction):
    """mean(max(1 - t y, 0)**2)."""

    function = staticmethod(functions.squared_hinge)


class CategoricalHinge(OfFunction):
    """max(1 + largest wrong score - right score, 0)."""

    function = staticmethod(functions.categorical_hinge)


class KLDivergence(OfFunction):
    """sum(t ln(t / y))."""

    function = staticmethod(functions.kl_divergence)


class Poisson(OfFunction):
    """mean(y - t ln(y))."""

    function = staticmethod(functions.poisson)


class BinaryCrossentropy(OfFunction):
    """`binary_crossentropy`; options from_logits, label_smoothing and axis."""

    function = staticmethod(crossentropies.binary_crossentropy)


class CategoricalCrossentropy(OfFunction):
    """`categorical_crossentropy`; options from_logits, label_smoothing and axis."""

    function = staticmethod(crossentropies.categorical_crossentropy)


class BinaryFocalCrossentropy(OfFunction):
    """`binary_focal_crossentropy` with its options."""

    function = staticmethod(crossentropies.binary_focal_crossentropy)


class CategoricalFocalCrossentropy(OfFunction):
    """`categorical_focal_crossentropy` with its options."""

    function = staticmethod(crossentropies.categorical_focal_crossentropy)


class CategoricalGeneralizedCrossEntropy(OfFunction):
    """(1 - y[t]**q) / q, t class numbers.

    Raises:
        ValueError: q is not between 0 and 1.
    """

    function = staticmethod(crossentropies.categorical_generalized_cross_entropy)

    def __init__(self, *values: Any, **given: Any) -> None:
        super().__init__(*values, **given)
        if not 0 < self.options["q"] < 1:
            raise ValueError(
                "CategoricalGeneralizedCrossEntropy: expected q between 0 and 1, got "
                f"{self.options['q']!r}. 0.5 is usual."
            )


class CTC(OfFunction):
    """`ctc` of logits and labels: what is said, at whatever steps."""

    function = staticmethod(functions.ctc)


class Dice(OfFunction):
    """1 - 2 sum(t y) / (sum(t) + sum(y)) over `axis`, all of them if None."""

    function = staticmethod(functions.dice)
    order = ("reduction", "name", "axis", "dtype")


class Tversky(OfFunction):
    """1 - sum(t y) / (sum(t y) + alpha * missed + beta * added) over `axis`."""

    function = staticmethod(functions.tversky)
    order = ("alpha", "beta", "reduction", "name", "axis", "dtype")


class Circle(OfFunction):
    """`circle` of normalized embeddings and class numbers; the mean is of what is above 0."""

    function = staticmethod(functions.circle)
    order = ("gamma", "margin", "remove_diagonal", "reduction", "name", "dtype")

    def _counted(self, y_true: Any, values: Variable) -> Any:
        return values.data > 0  # type: ignore[operator]


class SparseCategoricalCrossentropy(OfFunction):
    """`sparse_categorical_crossentropy`; options from_logits, ignore_class and axis."""

    function = staticmethod(crossentropies.sparse_categorical_crossentropy)
    order = ("from_logits", "ignore_class", "reduction", "axis", "name", "dtype")

    def _counted(self, y_true: Any, values: Variable) -> Any:
        ignored = self.options.get("ignore_class")
        if ignored is None:
            return None
        return (as_array(y_true) != ignored).reshape(values.shape)


CLASSES = (
    BinaryCrossentropy, BinaryFocalCrossentropy, CTC, CategoricalCrossentropy,
    CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle,
    CosineSimilarity, Dice, Hinge, Huber, KLDivergence, LogCosh, MeanAbsoluteError,
    MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson,
    SparseCategoricalCrossentropy, SquaredHinge, Tversky,
)  # fmt: skip
NAMES = Names("loss", CLASSES)
FUNCTIONS: dict[str, Callable[..., Variable]] = {
    cls.function.__name__: cls.function for cls in CLASSES
}
ALIASES = {
    "bce": crossentropies.binary_crossentropy, "kld": functions.kl_divergence,
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
    if isinstance(identifier, str) and identifier not in registry.known(custom_objects):
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
