"""What Keras's metrics are made of: `Metric`, its variables, means and sums."""

from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Config, Variable, as_array, no_grad
from dezero.core.errors import describe
from dezero.functions.placing import placed
from dezero.keras import initializers
from dezero.keras.naming import snake_case, unique_name
from dezero.metrics.base import as_number, unread

__all__ = [
    "Figure", "Figures", "Mean", "MeanMetricWrapper", "Metric", "MetricVariable", "Sum", "figure",
]  # fmt: skip


class Figure(float):
    """A float that a script may also ask `.numpy()` of, as of TensorFlow's."""

    def numpy(self) -> np.float32:
        """Return the number as NumPy's float32."""
        return np.float32(self)


class Figures(np.ndarray):
    """An array of figures that a script may also ask `.numpy()` of."""

    def numpy(self) -> np.ndarray:
        """Return a plain array in float32."""
        return np.asarray(self, np.float32)


def figure(value: Any) -> Any:
    """Return a number as a Figure, an array as Figures."""
    if np.ndim(value):
        return np.asarray(value, np.float64).view(Figures)
    return Figure(value)


def _wide(value: Any) -> Any:
    return as_array(value).astype(np.float64)


class MetricVariable(Variable):
    """A number or array that a metric adds to: `assign`, `assign_add`, `assign_sub`."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The variable itself, for scripts that read `total.value`."""
        return self

    def assign(self, value: Any) -> None:
        """Take another value."""
        self.data = np.broadcast_to(np.asarray(as_array(value), self.dtype), self.shape).copy()

    def assign_add(self, value: Any) -> None:
        """Add to the value."""
        self.assign(self.data + np.asarray(as_array(value)))  # type: ignore[operator]

    def assign_sub(self, value: Any) -> None:
        """Subtract from the value."""
        self.assign(self.data - np.asarray(as_array(value)))  # type: ignore[operator]


class Metric:
    """Base: yours makes variables with `add_weight`, and defines `update_state` and `result`.

    Args:
        name: what it is reported by; the class in snake_case, numbered as by Keras, if None.
        dtype: of its variables.
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.dtype = np.dtype(dtype or Config.dtype).name
        self._variables: list[tuple[MetricVariable, np.ndarray]] = []

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: Any = None
    ) -> MetricVariable:
        """Return a variable that `reset_state` sets back; `add_weight("total")` is Keras 2's."""
        if isinstance(shape, str):
            shape = ()
        first = initializers.get(initializer or "zeros")
        value = np.array(first(tuple(shape), np.dtype(dtype or self.dtype)))
        variable = MetricVariable(value)
        variable.requires_grad = False
        self._variables.append((variable, value.copy()))
        return variable

    add_variable = add_weight

    @property
    def variables(self) -> list[MetricVariable]:
        """What `add_weight` made, in order."""
        return [variable for variable, _ in self._variables]

    weights = variables

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method update_state. Write it."
        )

    def result(self) -> Any:
        """Return the figure so far."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method result. Write it.")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable, first in self._variables:
            variable.assign(first)

    def reset_states(self) -> None:
        """Forget all batches, by the name of Keras 2."""
        self.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the figure so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new one from what `get_config` returned."""
        return cls(**config)


class Mean(Metric):
    """Mean of values: `mean.update_state(losses)`."""

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.total, self.count = 0.0, 0.0

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values, and how much each counts.

        Raises:
            ValueError: the weights do not fit the values.
        """
        values, weights = self._beside(values, sample_weight)
        if not values.size:
            return
        inner = max(values.size / max(values.shape[:1], default=1), 1.0) if values.ndim else 1.0
        self.total += unread((values * weights).sum()) / inner
        self.count += unread(weights.sum()) / inner

    def _beside(self, values: Any, weights: Any) -> tuple[Any, Any]:
        """Return values, their inner axes averaged, and a weight for each."""
        values = _wide(values)
        module = xp(values)
        if weights is None:
            weights = module.ones(values.shape[:1], dtype=np.float64)
        else:
            weights = placed(self.name, weights, values).astype(np.float64)
        if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
            weights = weights[..., 0]
        shape = values.shape
        values = values.mean(axis=tuple(range(weights.ndim, values.ndim)))
        try:
            return values, module.broadcast_to(weights, values.shape)
        except ValueError as error:
            raise ValueError(
                f"{self.name}: expected one sample_weight for each of the values {shape}, got "
                f"{describe(weights)}. Reshape the weights."
            ) from error

    def result(self) -> Any:
        """Return the mean; 0 before the first value."""
        self._read()
        return Figure(self.total / self.count if self.count else 0.0)

    def _read(self) -> None:
        """Have the sums that were left on a device as numbers."""
        self.total, self.count = as_number(self.total), as_number(self.count)

    def reset_state(self) -> None:
        """Forget all values."""
        super().reset_state()
        self.total, self.count = 0.0, 0.0


class Sum(Mean):
    """Sum of values."""

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values, and how much each counts."""
        means, weights = self._beside(values, sample_weight)
        inner = as_array(values).size / max(means.size, 1)
        self.total += unread((means * weights).sum()) * inner

    def result(self) -> Any:
        """Return the sum."""
        self._read()
        return Figure(self.total)


class MeanMetricWrapper(Mean):
    """Mean of `fn(y_true, y_pred, **options)`, one value per sample."""

    fn: Any = None

    def __init__(
        self, fn: Any = None, name: str | None = None, dtype: Any = None, **options: Any
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), dtype)
        self._fn, self.options = fn or type(self).fn, options

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch."""
        with no_grad():
            values = self._fn(y_true, y_pred, **self.options)
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {**super().get_config(), **self.options}
