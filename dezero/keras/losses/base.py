"""What Keras's losses are made of: `Loss`, and a loss that is a function with its options."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Variable
from dezero.core.errors import lookup
from dezero.functions.placing import placed
from dezero.keras.arguments import named
from dezero.keras.losses.pairs import aligned
from dezero.keras.naming import snake_case, unique_name

__all__ = ["Loss", "LossFunctionWrapper", "OfFunction", "Reduction"]

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")


class Reduction:
    """The words for `reduction` as Keras 2 names them."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss:
    """Base: yours defines `call(y_true, y_pred)`, one value per sample.

    Args:
        name: what it is reported by; the class in snake_case, numbered, if None.
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
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.reduction, self.dtype = word, dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Variable:
        """Return the loss, reduced; values times weights if there are any."""
        y_true, y_pred = (np.array(v) if isinstance(v, list) else v for v in (y_true, y_pred))
        values = Variable.wrap(self.call(y_true, y_pred))
        weights = None
        if sample_weight is not None:
            weights = placed(self.name, sample_weight, values.data).astype(values.dtype)
            if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
                weights = weights[..., 0]
            weights = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
        counted = self._counted(y_true, values)
        if counted is not None:
            mean = self.reduction in ("sum_over_batch_size", "mean")
            least = xp(counted).maximum(counted.sum(), 1)
            share = counted * (counted.size / least if mean else 1.0)
            weights = (share if weights is None else share * weights).astype(values.dtype)
        if weights is not None:
            values = values * weights
        if self.reduction == "none" or values.ndim == 0:
            return values
        if self.reduction == "sum":
            return values.sum()
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            return values.sum() / weights.sum()
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


class LossFunctionWrapper(Loss):
    """A loss of `fn(y_true, y_pred, **options)`, one value per sample.

    Args:
        fn: a function of Keras's kind.
        reduction, name, dtype: as in `Loss`.
        options: further arguments of the function.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: Any = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn, self.options = fn, options

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value per sample."""
        y, t = aligned(Variable.wrap(y_pred), Variable.wrap(y_true))
        return self.fn(t, y, **self.options)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON but for a function of one's own."""
        return {**super().get_config(), **self.options}


class OfFunction(Loss):
    """Base of losses that are one of Keras's functions; its options are those of the function.

    Args:
        values: arguments without names, in the order of `order`, Keras's.
        given: arguments by name.
    Raises:
        ValueError: an argument is unknown or given twice.
    """

    function: Callable[..., Variable]
    reported = ""
    order: tuple[str, ...] = ()

    def __init__(self, *values: Any, **given: Any) -> None:
        name, function = type(self).__name__, type(self).function
        parameters = list(inspect.signature(function).parameters.values())[2:]
        defaults = {p.name: p.default for p in parameters if not p.name.startswith("ref_")}
        order = self.order or (*defaults, "reduction", "name", "dtype")
        named(name, order, values, given)
        own = {key: given.pop(key) for key in ("reduction", "name", "dtype") if key in given}
        own["name"] = own.get("name") or self.reported or function.__name__
        super().__init__(**own)
        self.options = {**defaults, **given}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value per sample."""
        return type(self).function(y_true, y_pred, **self.options)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), **self.options}
