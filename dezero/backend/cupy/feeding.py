"""Batches on their way to the device: each is copied while the step before it is running.

A copy is asynchronous from pinned memory alone, and only on a stream of its own does it go beside
what the device computes. Who writes to that memory, or reads what arrives, has to wait for events;
there is nobody else to see to it.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend.cupy import loading as room
from dezero.backend.cupy.streams import STREAMS, empty_pinned
from dezero.backend.registry import Backend, is_array
from dezero.backend.transfers import sending

__all__ = ["Feeder", "fed", "feeder"]

# Batches whose memory takes turns: one is computed with, one is let go of, one is on its way.
DEPTH = 3
FORMS = 4  # of batches, each with memory of its own


class _Slot:
    """Memory of one batch, on the host and on the device.

    Attributes:
        copied: event, after the last copy.
        passed: event, after all that was computed with the batch; None while somebody holds it.
        turn: when that was found.
    """

    def __init__(self, cupy: Any, arrays: list[np.ndarray]) -> None:
        self.pinned = [empty_pinned(a.shape, a.dtype) for a in arrays]
        self.copied = cupy.cuda.Event(disable_timing=True)
        self.gone = cupy.cuda.Event(disable_timing=True)
        self.renew(cupy)

    def renew(self, cupy: Any) -> None:
        """Take other memory on the device, which work of before may still be done with."""
        self.device = [cupy.empty(a.shape, a.dtype) for a in self.pinned]
        self.let_go(cupy.cuda.get_current_stream(), 0)

    def let_go(self, stream: Any, turn: int) -> None:
        """Note that nobody holds the batch; what was done with it is on this stream by now."""
        self.gone.record(stream)
        self.passed, self.turn = self.gone, turn

    def is_alone(self) -> bool:
        """Return whether nobody but the slot holds its arrays, or views of them."""
        device = self.device
        return all(sys.getrefcount(device[i]) <= _ALONE for i in range(len(device)))


def _alone() -> int:
    held = [object()]
    return max(sys.getrefcount(held[i]) for i in range(1))


_ALONE = _alone()


class Feeder:
    """Sends batches of arrays to the device; used by one thread.

    What it returns may be kept: memory is used again only when nobody holds it any more. A batch
    is waited for by the stream that is current when it is sent, and is to be used on that.

    Args:
        cupy: array module of the device.
    """

    def __init__(self, cupy: Any) -> None:
        self.cupy = cupy
        # A blocking stream would wait for what the default stream computes.
        self.copies = self.cupy.cuda.Stream(non_blocking=True)
        self._rings: dict[tuple, list[_Slot]] = {}
        self._turn = 0

    def send(self, arrays: list[np.ndarray]) -> list[Any]:
        """Return the arrays of one batch on the device, on their way there."""
        if not all(a.size and a.dtype.isnative for a in arrays):
            return [self._by_itself(a) for a in arrays]
        for a in arrays:
            sending("from_host", a.nbytes)
        stream = self.cupy.cuda.get_current_stream()
        slot = self._free_slot(arrays, stream)
        slot.copied.synchronize()  # until the last copy has left the pinned memory
        for pinned, a in zip(slot.pinned, arrays, strict=True):
            np.copyto(pinned, a)
        self.copies.wait_event(slot.passed)
        slot.passed = None
        for there, pinned in zip(slot.device, slot.pinned, strict=True):
            there.set(pinned, self.copies)
        slot.copied.record(self.copies)
        stream.wait_event(slot.copied)
        return list(slot.device)

    def _by_itself(self, array: np.ndarray) -> Any:
        sending("from_host", array.nbytes)
        return self.cupy.asarray(array)

    def _free_slot(self, arrays: list[np.ndarray], stream: Any) -> _Slot:
        """Return the slot that was let go of first; a new one while there are few."""
        ring = self._ring(tuple([(a.shape, a.dtype.char) for a in arrays]))
        self._turn += 1
        free = None
        for slot in ring:
            if slot.passed is None and slot.is_alone():
                slot.let_go(stream, self._turn)
            if slot.passed is not None and (free is None or slot.turn < free.turn):
                free = slot
        if len(ring) < DEPTH and (free is None or free.turn == self._turn):
            free = _Slot(self.cupy, arrays)
            ring.append(free)
        elif free is None:  # somebody keeps them all, and owns the first from now on
            free = ring.pop(0)
            free.renew(self.cupy)
            ring.append(free)
        return free

    def _ring(self, form: tuple) -> list[_Slot]:
        if form not in self._rings:
            if len(self._rings) >= FORMS:
                self.copies.synchronize()
                del self._rings[next(iter(self._rings))]
            self._rings[form] = []
        return self._rings[form]

    def rest(self) -> None:
        """Wait for what is on its way, and let go of all memory."""
        self.copies.synchronize()
        self._rings.clear()

    def __del__(self) -> None:
        if not sys.is_finalizing() and getattr(self, "_rings", None):
            self.rest()


def feeder(backend: Backend, what: str) -> Feeder | None:
    """Return a new Feeder; None for a device without streams, whose copies are plain ones.

    Args:
        backend: of the device.
        what: the operation that needs it, for the error.
    Raises:
        RuntimeError: this process was forked from one that uses the GPU.
    """
    if backend.name not in STREAMS or not hasattr(backend.xp, "cuda"):
        return None
    room.expect_own_process(what)
    return Feeder(backend.xp)


def fed(batches: Iterator[Any], backend: Backend, what: str) -> Iterator[Any]:
    """Yield the batches, arrays or tuples and dicts of them, with all arrays on a device.

    Args:
        batches: of the host's arrays, or of arrays that are there.
        backend: of the device.
        what: the operation, for errors.
    """
    sender = feeder(backend, what)
    try:
        for batch in batches:
            arrays: list[np.ndarray] = []
            _mapped(arrays.append, batch)
            there = iter(map(backend.from_host, arrays) if sender is None else sender.send(arrays))
            yield _mapped(lambda _, there=there: next(there), batch)
    finally:
        if sender is not None:
            sender.rest()


def _mapped(function: Callable[[Any], Any], batch: Any) -> Any:
    if isinstance(batch, tuple):
        return tuple([_mapped(function, part) for part in batch])
    if isinstance(batch, dict):
        return {key: _mapped(function, part) for key, part in batch.items()}
    if isinstance(batch, np.memmap):
        batch = np.asarray(batch)
    if batch is None or (is_array(batch) and type(batch) is not np.ndarray):
        return batch  # it is there
    return function(np.asarray(batch))
