"""Counts what crosses between the host and a device.

A copy costs more than most functions, and a hidden one in every step is how a GPU becomes slower
than the CPU. All copies go through `to_host` and `from_host` of a backend, which count here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

__all__ = ["Transfers", "counting", "transfers"]


class Transfers:
    """Copies between host and device: how many, and of how many bytes, in each direction."""

    def __init__(self) -> None:
        self.to_host = self.from_host = 0
        self.to_host_bytes = self.from_host_bytes = 0

    def __repr__(self) -> str:
        return (
            f"Transfers(to_host={self.to_host} ({self.to_host_bytes} bytes), "
            f"from_host={self.from_host} ({self.from_host_bytes} bytes))"
        )


_counters: list[Transfers] = []


@contextmanager
def transfers() -> Iterator[Transfers]:
    """Count the copies between host and device inside a `with` block, on all threads."""
    counter = Transfers()
    _counters.append(counter)
    try:
        yield counter
    finally:
        _counters.remove(counter)


def counting(
    to_host: Callable[[Any], np.ndarray], from_host: Callable[[np.ndarray], Any]
) -> tuple[Callable[[Any], np.ndarray], Callable[[np.ndarray], Any]]:
    """Return both functions of a backend, so that `transfers` sees their copies."""

    def counted_to_host(x: Any) -> np.ndarray:
        for counter in tuple(_counters):
            counter.to_host += 1
            counter.to_host_bytes += x.nbytes
        return to_host(x)

    def counted_from_host(x: np.ndarray) -> Any:
        for counter in tuple(_counters):
            counter.from_host += 1
            counter.from_host_bytes += np.asarray(x).nbytes
        return from_host(x)

    return counted_to_host, counted_from_host
