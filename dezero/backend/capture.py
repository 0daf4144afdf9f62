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

__all__ = [
    "GraphCaptureError", "Recording", "Restructured", "Unfit", "recording", "while_recording"
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

    def draw(self) -> None:
        """Pass over the random numbers of one replay, and say where they are."""
        for base, words in self.chance.advance():
            self.host[self._bases[id(base)]] = words.view(np.float64)


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
