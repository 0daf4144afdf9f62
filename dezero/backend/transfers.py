"""Counts what crosses between the host and a device.

A copy costs more than most functions, and a hidden one in every step is how a GPU becomes slower
than the CPU. All copies go through `to_host` and `from_host` of a backend, which count here.
And a value read on the host makes it wait until the device is done; `no_sync` forbids that.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

__all__ = [
    "Transfers", "counting", "expect_readable", "is_readable", "no_sync", "reading", "sending",
    "transfers",
]  # fmt: skip


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


# Whether reading is forbidden, and sending: by thread, so that a loader's may go on.
_forbidden: ContextVar[tuple[bool, bool]] = ContextVar("forbidden", default=(False, False))


@contextmanager
def no_sync(*, sending: bool = True) -> Iterator[None]:
    """Refuse, inside a `with` block, whatever makes the host wait for a device.

    `float(x)`, `bool(x)`, `x.item()` and copies to the host raise RuntimeError with their name,
    if x lives on a device; NumPy's arrays are read as ever. For a training step that is to run
    ahead of the device, or to be captured.

    Args:
        sending: whether copies to the device stay allowed, which a capture does not.
    """
    before = _forbidden.get()
    token = _forbidden.set((True, before[1] or not sending))
    try:
        yield
    finally:
        _forbidden.reset(token)


def expect_readable(name: str, x: Any) -> None:
    """Refuse the operation `name`, which is about to read array `x`, inside `no_sync`.

    Raises:
        RuntimeError: inside `no_sync`, if x lives on a device.
    """
    if type(x) is not np.ndarray and _forbidden.get()[0]:
        raise RuntimeError(
            f"{name}: expected no value of a device to be read on the host inside no_sync(), got "
            f"one of shape {x.shape}. Keep it on the device, and read it after the block."
        )


def is_readable(x: Any) -> bool:
    """Return whether looking at the values of array `x` costs no wait for a device."""
    return type(x) is np.ndarray or isinstance(x, np.generic | bool | int | float)


def reading(name: str, nbytes: int) -> None:
    """Count a copy of `nbytes` to the host by the operation `name`; refuse it in `no_sync`.

    Raises:
        RuntimeError: inside `no_sync`.
    """
    if _forbidden.get()[0]:
        raise RuntimeError(
            f"{name}: expected no value of a device to be read on the host inside no_sync(), got "
            f"{nbytes} bytes of it. Keep it on the device, and read it after the block."
        )
    for counter in tuple(_counters):
        counter.to_host += 1
        counter.to_host_bytes += nbytes


def sending(name: str, nbytes: int) -> None:
    """Count a copy of `nbytes` to a device; refuse it in `no_sync(sending=False)`.

    Raises:
        RuntimeError: inside `no_sync(sending=False)`.
    """
    if _forbidden.get()[1]:
        raise RuntimeError(
            f"{name}: expected nothing to be sent to a device inside no_sync(sending=False), got "
            f"{nbytes} bytes. Make it on the device, or send it before the block."
        )
    for counter in tuple(_counters):
        counter.from_host += 1
        counter.from_host_bytes += nbytes


def counting(
    to_host: Callable[[Any], np.ndarray], from_host: Callable[[np.ndarray], Any]
) -> tuple[Callable[[Any], np.ndarray], Callable[[np.ndarray], Any]]:
    """Return both functions of a backend, so that `transfers` sees their copies."""

    def counted_to_host(x: Any) -> np.ndarray:
        reading("to_host", x.nbytes)
        return to_host(x)

    def counted_from_host(x: np.ndarray) -> Any:
        sending("from_host", np.asarray(x).nbytes)
        return from_host(x)

    return counted_to_host, counted_from_host
