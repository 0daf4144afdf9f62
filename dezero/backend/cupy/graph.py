"""A step that runs on a device, captured once and then replayed by a single launch.

Here is decided when to run a step as it is, when to capture it, and when a capture is of no more
use; what the step is made of, `dezero.training.graph` knows.
"""

import gc
import sys
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from operator import is_
from typing import Any, Protocol

from dezero.backend.capture import (
    Recording,
    Rehearsal,
    Restructured,
    Unfit,
    while_recording,
    while_rehearsing,
)
from dezero.backend.cupy.streams import Capture, Streams
from dezero.backend.transfers import no_sync

__all__ = ["Captured", "Driver", "Step", "World", "graph_bytes"]

NUMBERS = 4096  # that may change from step to step: rates of optimizers, places of random numbers
SEEN = 64  # signatures whose calls are counted
RESTLESS = 16  # calls that each found other parameters, before it is said

_alive: "weakref.WeakSet[Captured]" = weakref.WeakSet()


class World(Protocol):
    """What a step works on besides its arguments: models, optimizers, random numbers."""

    def state(self) -> list[Any]:
        """Return the objects that a captured step is bound to; others make it useless."""
        ...

    def snapshot(self) -> Callable[[], None]:
        """Return what sets all on the host back to how it is now."""
        ...

    def guard(self) -> None:
        """Make what a replay cannot do raise GraphCaptureError: before the step is captured."""
        ...

    def check(self) -> None:
        """Raise GraphCaptureError if the captured step did what a replay cannot do."""
        ...

    def results(self) -> Callable[[], None]:
        """Return what leaves gradients and the like as the captured step has left them."""
        ...


class Step(Protocol):
    """One call: its arrays, and how to run it on those or on others.

    Attributes:
        key: all that makes it another step to capture; signature: the arguments' part of that.
    """

    key: Hashable
    signature: Hashable
    arrays: list[Any]

    def run(self, arrays: list[Any]) -> Any:
        """Run the step on these arrays; return its result."""
        ...


class Captured:
    """One captured step, with all memory it works in.

    Args:
        streams: of the device.
        arrays: the arguments of the call that is captured.
    """

    recording: Any = None

    def __init__(self, streams: Streams, arrays: list[Any]) -> None:
        self.streams = streams
        self.capture = Capture(streams.new_pool())
        with streams.using(self.capture.pool):
            self.inputs = [streams.twin(x) for x in arrays]
            self.recording = Recording(streams.numbers(NUMBERS))
        self.result: Any = None
        self.state: list[Any] = []
        self.leave: Callable[[], None] = _nothing
        self._written = b""
        self._numbers: Any = None  # on the device and on the host, as many as are used
        _alive.add(self)

    def __del__(self) -> None:
        if self.recording is not None and not sys.is_finalizing():  # None: no memory for it
            self.recording.let_go()

    def take(self, step: Step, world: World) -> None:
        """Capture the step; nothing of it is done yet."""
        world.guard()
        with self.streams.capturing(self.capture), while_recording(self.recording):
            with no_sync(sending=False):
                self.result = step.run(self.inputs)
        world.check()
        self.leave = world.results()

    def fits(self, state: list[Any]) -> bool:
        """Return whether models and optimizers are what they were."""
        return len(state) == len(self.state) and all(map(is_, state, self.state))

    def replay(self, arrays: list[Any], *, first: bool = False) -> Any:
        """Run it on the device, with these arguments; return the result."""
        recording = self.recording
        if not first:
            recording.repeat()
            for static, x in zip(self.inputs, arrays, strict=True):
                if static is not x:
                    static[...] = x
        recording.draw()
        if self._numbers is None:
            used = recording.used
            self._numbers = recording.device[:used], recording.host[:used]
        device, host = self._numbers
        found = host.tobytes()
        if found != self._written:
            self.streams.write(device, host)
            self._written = found
        self.streams.launch(self.capture)
        self.leave()
        return self.result


def graph_bytes() -> int:
    """Return the memory that captured steps hold."""
    return sum(one.streams.pool_bytes(one.capture.pool) for one in _alive)


class Driver:
    """Runs a step as it is or replays it.

    Args:
        streams: of the device.
        world: what the step works on.
        warmup: calls of a signature that run as they are before it is captured, at least 1.
        limit: captured signatures; others run as they are.
        explain: makes a reason of what a capture raised.
        refused: called with the reason when a step cannot be captured.
    """

    def __init__(
        self,
        streams: Streams,
        world: World,
        *,
        warmup: int,
        limit: int,
        explain: Callable[[BaseException], str],
        refused: Callable[[str, BaseException | None], None],
    ) -> None:
        self.streams, self.world = streams, world
        self.warmup, self.limit = warmup, limit
        self.explain, self.refused = explain, refused
        self.graphs: dict[Hashable, Captured] = {}
        self.reasons: dict[Hashable, str] = {}
        self._calls: dict[Hashable, int] = {}
        self._keys: dict[Hashable, None] = {}
        self._state: list[Any] | None = None
        self._restless = 0
        self._numbers: Any = None

    def __call__(self, step: Step) -> Any:
        """Run the step; return its result, and whether it is of a replay."""
        key, state = step.key, self.world.state()
        graph = self.graphs.get(key)
        if graph is not None and graph.fits(state):
            try:
                return graph.replay(step.arrays), True
            except Restructured:
                del self.graphs[key], graph
        elif self.graphs and not next(iter(self.graphs.values())).fits(state):
            self.graphs.clear()
        graph = None
        if self._is_ripe(step, state):
            return self._captured(step, state)
        return self._as_it_is(step, state), False

    def _is_ripe(self, step: Step, state: list[Any]) -> bool:
        key = step.key
        if key in self.reasons or len(self.graphs) >= self.limit:
            return False
        # Once with this very key, so that a capture finds every kernel compiled.
        if self._calls.get(step.signature, 0) < self.warmup or key not in self._keys:
            return False
        before = self._state
        if before is not None and len(before) == len(state) and all(map(is_, before, state)):
            return True
        # The last call has left other parameters behind than it found: the next may, too.
        self._restless += before is not None
        if self._restless >= RESTLESS:
            reason = (
                "models, optimizers or what else it reads are not the same in any two calls. Give "
                "arrays and numbers as arguments, and update parameters in place, by an optimizer "
                "or by param.data[...] = array"
            )
            self._refuse(key, reason, None)
        return False

    def _as_it_is(self, step: Step, state: list[Any]) -> Any:
        key = step.key
        if key in self.reasons or len(self.graphs) >= self.limit:
            self._state = None
            return step.run(step.arrays)
        is_new = step.signature not in self._calls
        self._calls[step.signature] = self._calls.pop(step.signature, 0) + 1
        self._keys[key] = None
        if self._numbers is None:
            self._numbers = self.streams.numbers(NUMBERS)
        # As a capture will meet them: kernels for arrays are others than those for numbers.
        rehearsed = Rehearsal(self._numbers, self.streams.write)
        with self.streams.aside(), while_rehearsing(rehearsed):
            before = [self.streams.twin(x) for x in step.arrays] if is_new else []
            result = step.run(step.arrays)
            edited = [i for i, x in enumerate(before) if not self.streams.same(x, step.arrays[i])]
        self._state = state
        if edited:
            reason = (
                f"it writes to array {edited[0] + 1} of those it is given, of which a replay has "
                "a copy. Write to an array of its own, or return the result"
            )
            self._refuse(key, reason, None)
        self._forget_old(key)
        return result

    def _forget_old(self, key: Hashable) -> None:
        if len(self._calls) > SEEN and not self.graphs and max(self._calls.values()) == 1:
            reason = (
                f"its arguments were others in each of {SEEN} calls. Give it arrays of the same "
                "shapes, themselves or in lists, tuples and dicts"
            )
            self._refuse(key, reason, None)
        for seen in (self._calls, self._keys):
            if len(seen) > SEEN:
                del seen[next(iter(seen))]

    def _captured(self, step: Step, state: list[Any]) -> Any:
        back = self.world.snapshot()
        graph: Captured | None = None
        try:
            with _no_collection():
                graph = Captured(self.streams, step.arrays)
                graph.take(step, self.world)
        except BaseException as error:
            back()
            graph = None
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, Unfit):
                self._refuse(step.key, self.explain(error), error)
            return self._as_it_is(step, state), False
        graph.state = state
        self.graphs[step.key] = graph
        self._restless, self._state = 0, None
        return graph.replay(graph.inputs, first=True), True

    def _refuse(self, key: Hashable, reason: str, error: BaseException | None) -> None:
        if len(self.reasons) >= SEEN:
            del self.reasons[next(iter(self.reasons))]
        self.reasons[key] = reason
        self.refused(reason, error)

    def reset(self) -> None:
        """Forget all captured steps, and why others could not be."""
        self.graphs.clear()
        self.reasons.clear()
        self._calls.clear()
        self._keys.clear()
        self._state, self._restless = None, 0


@contextmanager
def _no_collection() -> Iterator[None]:
    # What the collector frees in mid-capture may call the driver, which a capture does not bear.
    was = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _nothing() -> None:
    """Leave all as it is."""
