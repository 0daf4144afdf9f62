"""What every metric is: something to update batch by batch, ask for its figure, and reset."""

import math
from typing import Any

import numpy as np

from dezero.backend import is_readable, to_host, xp
from dezero.core import as_array
from dezero.core.errors import describe
from dezero.functions.placing import placed

__all__ = ["Mean", "Metric", "as_number", "unread"]


def unread(x: Any) -> Any:
    """Return 0-d `x` as a float; on a device, which is not waited for, as its float64."""
    return float(x) if is_readable(x) else x.astype(np.float64)


def as_number(x: Any) -> float:
    """Return what `unread` left unread as a float."""
    return float(x) if is_readable(x) else float(to_host(x))


class Metric:
    """Base: a subclass writes `update`, `result` and `reset`.

    Args:
        name: what it is called in progress lines and histories.
    """

    default_name = "metric"
    settings: tuple[str, ...] = ()
    scalar = True

    def __init__(self, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(
                f"{type(self).__name__}: expected a string as name, got {describe(name)}. "
                "It is what progress lines and histories call the figure."
            )
        self.name = name or self.default_name
        self.reset()

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        """Take in a batch: outputs `y`, targets `t`, and how much each sample counts."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method update. Write it.")

    def result(self) -> Any:
        """Return the figure over all batches since `reset`; NaN before the first one."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method result. Write it.")

    def reset(self) -> None:
        """Forget all batches."""

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, fit for JSON."""
        return {key: getattr(self, key) for key in (*self.settings, "name")}

    def __repr__(self) -> str:
        settings = ", ".join(f"{key}={value!r}" for key, value in self.config().items())
        return f"{type(self).__name__}({settings})"


class Mean(Metric):
    """Mean of the values that `update` is given, such as the loss of each batch.

    The sums of values on a device stay there until `result` is asked for.
    Note: `update(loss, weight=len(x))` lets each batch count by its size.
    """

    default_name = "mean"

    def reset(self) -> None:
        self.total, self.count = 0.0, 0.0

    def update(self, y: Any, t: Any = None, weight: Any = None) -> None:
        self._add(as_array(y), weight)

    def result(self) -> float:
        self.total, self.count = as_number(self.total), as_number(self.count)
        return self.total / self.count if self.count else math.nan

    def _add(self, values: Any, weight: Any) -> None:
        if not values.size:
            raise ValueError(
                f"{self.name}: expected at least one sample, got {describe(values)}. "
                "Skip empty batches."
            )
        if weight is not None:
            self._add_weighted(values, placed(self.name, weight, values))
        elif values.dtype == bool:
            self.total += unread(xp(values).count_nonzero(values))
            self.count += values.size
        else:
            self.total += unread(values.sum(dtype=np.float64))
            self.count += values.size

    def _add_weighted(self, values: Any, weight: Any) -> None:
        if weight.shape != values.shape[: weight.ndim]:
            raise ValueError(
                f"{self.name}: expected one weight per sample, {values.shape[:1]}, "
                f"got {describe(weight)}. Reshape the weights."
            )
        inner = values.ndim - weight.ndim
        spread = weight.astype(np.float64).reshape(weight.shape + (1,) * inner)
        self.total += unread((values * spread).sum())
        self.count += unread(spread.sum()) * math.prod(values.shape[weight.ndim :])
