"""Sums of the figures of batches, and numbers of whatever holds one."""

from collections.abc import Callable
from typing import Any

from dezero.backend import to_host
from dezero.core import Variable
from dezero.metrics.base import as_number

# What holds a part of the figures, and the call that takes a batch into it.
Part = tuple[Any, Callable[..., None], tuple]


def plain(value: Any) -> Any:
    """Return a Python number for whatever holds one."""
    if isinstance(value, int | float):
        return float(value) if hasattr(value, "dtype") else value
    if isinstance(value, Variable):
        value = value.data
    return to_host(value).item() if getattr(value, "shape", None) == () else value


class Sum:
    """Sum of values, each times a number of samples; on a device it stays there until it is read.

    Attributes:
        total, count: the sum, and all samples.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self.total: Any = 0.0
        self.count = 0

    def add(self, value: Any, n: int) -> None:
        """Add the mean of n samples."""
        self.total += value * n
        self.count += n

    def mean(self) -> float:
        """Return the mean of all samples, 0 if there is none."""
        self.total = as_number(self.total)
        return self.total / max(self.count, 1)
