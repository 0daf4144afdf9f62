"""What the library tells a step that is being captured for replay, see `backend.cupy.graph`.

A replay runs kernels and no Python. What a step does on the host besides (count updates, work out
a learning rate, pass over random numbers) is told here, and done again before each replay.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from dezero.backend import random
from dezero.backend.philox import Place, Stream

__all__ = [
    "GraphCaptureError", "Recording", "Rehearsal", "Restructured", "Unfit", "recording",
    "rehearsal", "while_recording", "while_rehearsing",
]  # fmt: skip


class GraphCaptureError(RuntimeError):
    """A step cannot be captured, for the reason given."""


class Unfit(GraphCaptureError):
    """A part of a step cannot be captured, and will be left out of it the next time."""


class Restructured(Exception):
    """A step would do other operations now than those that were captured."""


class Recording:
    """What one captured step does on the host, in order.

    Args:
        device: array of float64 on the device, which the captured kernels read.
    """

    def __init__(self, device: Any) -> None:
        self.device = device
        self.host = np.zeros(device.shape, np.float64)
        self.used = 0
        self.chance = random.Replay(self._base)
        self._bases: dict[int, slice] = {}
        self._held: list[Any] = []
        self._again: list[Callable[[], Callable[[], None] | None]] = []

    def place(self, count: int) -> slice:
        """Reserve `count` numbers of eight bytes.

        Raises:
            GraphCaptureError: there is no room for them.
        """
        place = slice(self.used, self.used + count)
        if place.stop > len(self.host):
            raise GraphCaptureError(
                f"graph: expected at most {len(self.host)} numbers that change from step to step, "
                f"got {place.stop}. Let fewer optimizers or parameters have their own settings."
            )
        self.used = place.stop
        return place

    def _base(self, words: np.ndarray) -> Any:
        """Return words on the device that say where random numbers are drawn."""
        place = self.place(len(words))
        base = self.device[place].view("u8")
        self._bases[id(base)] = place
        return base

    def hold(self, x: Any) -> None:
        """Keep `x`, which the captured kernels read and others may let go of."""
        self._held.append(x)

    def again(self, effect: Callable[[], Callable[[], None] | None]) -> None:
        """Have `effect` called before each replay but the first; it may return what undoes it."""
        self._again.append(effect)

    def rates(
        self,
        now: dict[str, Any],
        later: Callable[[], tuple[dict[str, Any], Callable[[], None]]],
    ) -> dict[str, Any]:
        """Return the numbers of an update with each float as an array, refilled for each replay.

        Args:
            now: {name: number} of the captured update. What is no float is part of the graph.
            later: makes the numbers of the next update, and what undoes that.
        """
        names = [name for name, value in now.items() if isinstance(value, float)]
        rest = {name: value for name, value in now.items() if name not in names}
        place = self.place(len(names))
        self.host[place] = [now[name] for name in names]

        def refill() -> Callable[[], None]:
            numbers, undo = later()
            floats = [name for name, value in numbers.items() if isinstance(value, float)]
            others = {name: value for name, value in numbers.items() if name not in floats}
            if floats != names or others != rest:
                undo()
                raise Restructured(f"rates: expected {now}, got {numbers}. Capture the step anew.")
            self.host[place] = [numbers[name] for name in names]
            return undo

        self.again(refill)
        one = [self.device[i : i + 1].reshape(()) for i in range(place.start, place.stop)]
        return {**rest, **dict(zip(names, one, strict=True))}

    def repeat(self) -> None:
        """Do on the host what the step does there; all or, if anything raises, nothing.

        Random numbers are passed over by `draw`, which the first replay needs too.
        """
        undone: list[Callable[[], None]] = []
        try:
            for effect in self._again:
                undo = effect()
                if undo is not None:
                    undone.append(undo)
        except BaseException:
            for undo in reversed(undone):
                undo()
            raise

    def let_go(self) -> None:
        """Forget all of it: what is done again knows of it, and it would wait for the collector."""
        for known in (self._again, self._held, self._bases):
            known.clear()
        self.chance = random.Replay(np.copy)

    def draw(self) -> None:
        """Pass over the random numbers of one replay, and say where they are."""
        for base, words in self.chance.advance():
            self.host[self._bases[id(base)]] = words.view(np.float64)


class Rehearsal:
    """A step that runs as it is, with its numbers where a captured one would read them.

    A kernel is another one for an array than for a number, and to compile and load it is no work
    for a capture: so it is met before, in a call whose results are the same to the last bit.

    Args:
        device: array of float64 on the device.
        write: copies an array of the host to one of the device.
    """

    def __init__(self, device: Any, write: Callable[[Any, np.ndarray], None]) -> None:
        self.device, self._write = device, write
        self.used = 0

    def rates(self, now: dict[str, Any]) -> dict[str, Any]:
        """Return the numbers of an update with each float as an array."""
        names = [name for name, value in now.items() if isinstance(value, float)]
        at = self._sent(np.array([now[name] for name in names], np.float64))
        if at is None:
            return now
        one = [at[i : i + 1].reshape(()) for i in range(len(names))]
        return {**now, **dict(zip(names, one, strict=True))}

    def place(self, stream: Stream, blocks: int) -> Place:
        """Return where the next blocks of a stream are, told by the device."""
        place = stream.take(blocks)
        words = np.array([*place.key, place.block], np.uint64)
        at = self._sent(words.view(np.float64))
        return place if at is None else Place((0, 0), 0, at.view("u8"))

    def _sent(self, numbers: np.ndarray) -> Any:
        """Return the numbers on the device, None where there is no room for them."""
        place = slice(self.used, self.used + len(numbers))
        if not len(numbers) or place.stop > self.device.shape[0]:
            return None
        self.used = place.stop
        self._write(self.device[place], numbers)
        return self.device[place]


_recording: "ContextVar[Recording | None]" = ContextVar("dezero_recording", default=None)


def recording() -> Recording | None:
    """Return what takes down the step that is being captured; None while none is."""
    return _recording.get()


@contextmanager
def while_recording(taken: Recording) -> Iterator[None]:
    """Let `recording` return `taken` inside a `with` block, and random numbers be drawn by it."""
    token = _recording.set(taken)
    try:
        with random.recording(taken.chance):
            yield
    finally:
        _recording.reset(token)


_rehearsal: "ContextVar[Rehearsal | None]" = ContextVar("dezero_rehearsal", default=None)


def rehearsal() -> Rehearsal | None:
    """Return what the step that is run now is rehearsed by; None while none is."""
    return _rehearsal.get()


@contextmanager
def while_rehearsing(rehearsed: Rehearsal) -> Iterator[None]:
    """Let `rehearsal` return `rehearsed` inside a `with` block, and random numbers know it too."""
    token = _rehearsal.set(rehearsed)
    try:
        with random.recording(rehearsed):
            yield
    finally:
        _rehearsal.reset(token)
