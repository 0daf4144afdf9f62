"""Sums of the figures of batches, and numbers of whatever holds one."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dezero.backend import is_readable, to_host, xp
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


def read_together(holders: Iterable[Any]) -> None:
    """Have sums that were left on a device as numbers, all by one copy.

    Those of the library's own classes, which read them one by one else.
    """
    found: list[tuple[dict, str, Any]] = []
    for holder in holders:
        while type(holder).__module__.startswith("dezero."):
            record = holder.__dict__
            for name in ("total", "count"):
                value = record.get(name)
                is_number = getattr(value, "shape", None) == () and not is_readable(value)
                if is_number and value.dtype == np.float64:
                    found.append((record, name, value))
            holder = record.get("metric")
    if len(found) > 1:
        values = [value for _, _, value in found]
        numbers = to_host(xp(values[0]).stack(values)).tolist()
        for (record, name, _), number in zip(found, numbers, strict=True):
            record[name] = number


def records_of(holder: Any) -> list[dict]:
    """Return the attributes of a holder of figures, and of the metric that it wraps, if any."""
    found = [holder.__dict__]
    while hasattr(found[-1].get("metric"), "__dict__"):
        found.append(found[-1]["metric"].__dict__)
    return found


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
