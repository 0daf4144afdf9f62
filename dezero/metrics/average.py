"""Means over samples or elements: errors of regression, and functions of one's own."""

from collections.abc import Callable
from typing import Any

from dezero.core import as_array
from dezero.core.errors import describe
from dezero.metrics.base import Mean, unread
from dezero.metrics.tally import beside

__all__ = ["FromFunction", "MeanAbsoluteError", "MeanSquaredError"]


class MeanSquaredError(Mean):
    """mean((y - t) ** 2) over all elements; y and t of one shape."""

    default_name = "mean_squared_error"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        difference = _difference(self.name, y, t)
        self._add(difference * difference, weight)


class MeanAbsoluteError(Mean):
    """mean(abs(y - t)) over all elements; y and t of one shape."""

    default_name = "mean_absolute_error"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        self._add(abs(_difference(self.name, y, t)), weight)


class FromFunction(Mean):
    """Mean of `function(y, t)`, which returns one figure for the batch or one for each sample.

    Note: a figure for the batch counts by the number of samples; it cannot be weighted.
    """

    def __init__(self, function: Callable[[Any, Any], Any], name: str | None = None) -> None:
        self.function = function
        super().__init__(name or getattr(function, "__name__", type(function).__name__))

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t = beside(self.name, y, t)
        values = as_array(self.function(y, t))
        if values.ndim:
            self._add(values, weight)
        elif weight is None:
            samples = y.shape[0] if y.ndim else 1
            self.total += unread(values) * samples
            self.count += samples
        else:
            raise ValueError(
                f"{self.name}: expected one value per sample to weight, got a single one. "
                "Return an array from the function, or pass no weights."
            )


def _difference(name: str, y: Any, t: Any) -> Any:
    y, t = beside(name, y, t)
    if y.shape != t.shape:
        raise ValueError(
            f"{name}: expected y and t of one shape, got y {describe(y)} and t {describe(t)}. "
            "Reshape t: broadcasting (N, 1) against (N,) would compare all pairs."
        )
    # uint8 - uint8 wraps around, and the square of a float16 ends at 65504.
    if y.dtype.kind != "f" or y.dtype.itemsize < 4:
        y = y.astype("float64")
    return y - t
