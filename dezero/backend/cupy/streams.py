"""The few calls of CuPy's that capturing a step takes: stream, graph, private memory, numbers.

`graph.py` decides what is captured and when; it meets this file as the protocol `Streams`. Tests
run `CupyStreams` too, on a CuPy that they play: what the driver does, a GPU alone can tell.
"""

import importlib
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from dezero.backend.cupy import loading as room
from dezero.backend.cupy.blas import workspaces
from dezero.backend.cupy.cudnn import plans

__all__ = ["STREAMS", "Capture", "CupyStreams", "Streams", "empty_pinned"]

# Pinned copies of the numbers that may be on their way to the device at once.
IN_FLIGHT = 8


class Capture:
    """What a captured stream leaves: `graph`, and the `pool` whose memory it works in.

    `held` is what else it works with, and must not be let go of while it can be launched.
    """

    graph: Any = None
    held: tuple = ()

    def __init__(self, pool: Any) -> None:
        self.pool = pool


class Streams(Protocol):
    """What a device has to offer for its work to be captured."""

    def aside(self) -> Any:
        """Return a context in which work goes to the stream of captures, in order with the rest."""
        ...

    def new_pool(self) -> Any:
        """Return memory that nobody else is given."""
        ...

    def pool_bytes(self, pool: Any) -> int:
        """Return how much memory a pool holds."""
        ...

    def using(self, pool: Any) -> Any:
        """Return a context in which arrays are made in the pool."""
        ...

    def capturing(self, capture: Capture) -> Any:
        """Return a context in which work is taken down and not done; then `capture.graph` is it."""
        ...

    def launch(self, capture: Capture) -> None:
        """Do what was taken down, in order with the user's work."""
        ...

    def numbers(self, count: int) -> Any:
        """Return an array of float64 on the device."""
        ...

    def twin(self, x: Any) -> Any:
        """Return an array like x, of its order in memory, that holds what x does."""
        ...

    def same(self, x: Any, y: Any) -> bool:
        """Return whether two arrays hold the same; waits for the device."""
        ...

    def write(self, device: Any, host: np.ndarray) -> None:
        """Copy to an array of `numbers` as long as host, in order with the user's work."""
        ...


# By device, streams whose owner is gone. They are taken again: cuBLAS keeps memory to work in for
# each that it ever saw, as a captured step may work in it.
_idle: dict[int, list[Any]] = {}


class CupyStreams:
    """Streams of CuPy."""

    def __init__(self) -> None:
        self.cupy: Any = room.module()
        idle = _idle.setdefault(self.cupy.cuda.runtime.getDevice(), [])
        self.stream = idle.pop() if idle else self._new_stream()
        weakref.finalize(self, _let_go, self.__dict__, idle)
        self._pinned: list[tuple[Any, Any]] = []
        self._turn = 0

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Send work to the stream of captures inside the block, in order with the rest."""
        users = self._current()
        self.stream.wait_event(users.record())
        try:
            with self.stream:
                yield
        finally:
            users.wait_event(self.stream.record())

    def new_pool(self) -> Any:
        """Return memory that nobody else is given.

        It is taken from the device: what the common pool keeps for reuse, mostly of the same step
        when it ran as it is, would not be there for it.
        """
        self.cupy.get_default_memory_pool().free_all_blocks()
        return self.cupy.cuda.MemoryPool()

    def pool_bytes(self, pool: Any) -> int:
        """Return how much memory a pool holds."""
        return pool.total_bytes()

    def using(self, pool: Any) -> Any:
        """Make arrays in the pool inside the block."""
        return self.cupy.cuda.using_allocator(pool.malloc)

    @contextmanager
    def capturing(self, capture: Capture) -> Iterator[None]:
        """Take work down inside the block instead of doing it."""
        with self.stream, self.using(capture.pool):
            self.stream.begin_capture()
            try:
                yield
            except BaseException:
                self._give_up()
                raise
            capture.graph = self.stream.end_capture()
        # A thread's own, which end with it, while what it has captured may serve another thread.
        capture.held = *workspaces(), *plans()

    def _give_up(self) -> None:
        try:
            self.stream.end_capture()
        except Exception:  # what made the capture invalid is on its way already
            self.stream = self._new_stream()

    def launch(self, capture: Capture) -> None:
        """Do what was taken down, on the user's stream."""
        capture.graph.launch(self._current())

    def numbers(self, count: int) -> Any:
        """Return an array of float64 on the device."""
        return self.cupy.zeros(count, "f8")

    def twin(self, x: Any) -> Any:
        """Return a copy of x, in its order in memory."""
        y = self.cupy.empty_like(x)
        y[...] = x
        return y

    def same(self, x: Any, y: Any) -> bool:
        """Return whether two arrays hold the same, NaN included."""
        return bool(((x == y) | ((x != x) & (y != y))).all())

    def write(self, device: Any, host: np.ndarray) -> None:
        """Copy by pinned memory, of which a few pieces take turns."""
        if len(self._pinned) < IN_FLIGHT:
            made = self._new_event(), empty_pinned(len(device), "f8")
            self._pinned.append(made)
        self._turn = (self._turn + 1) % len(self._pinned)
        done, pinned = self._pinned[self._turn]
        done.synchronize()  # until the copy before has left this piece of memory
        if len(pinned) < len(device):
            pinned = empty_pinned(len(device), "f8")
            self._pinned[self._turn] = done, pinned
        piece, stream = pinned[: len(host)], self._current()
        piece[...] = host
        device.set(piece, stream)
        done.record(stream)

    def _current(self) -> Any:
        return self.cupy.cuda.get_current_stream()

    def _new_stream(self) -> Any:
        # A blocking stream would tie the default stream to the capture.
        return self.cupy.cuda.Stream(non_blocking=True)

    def _new_event(self) -> Any:
        return self.cupy.cuda.Event(disable_timing=True)

    def __del__(self) -> None:
        if not sys.is_finalizing():
            for done, _ in getattr(self, "_pinned", ()):
                done.synchronize()  # the pieces are given to others when this is gone


def empty_pinned(shape: Any, dtype: Any) -> Any:
    """Return an array of the host that is copied to a device without help of the host."""
    return importlib.import_module("cupyx").empty_pinned(shape, dtype)


def _let_go(owner: dict[str, Any], idle: list[Any]) -> None:
    idle.append(owner["stream"])


# By the name of the backend; tests add one for theirs.
STREAMS: dict[str, Callable[[], Streams]] = {"cuda": CupyStreams}
