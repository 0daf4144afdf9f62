"""The library's random numbers: seeded once, one per context, never NumPy's global generator.

There are two sources. `default_rng` is a NumPy generator, for what the host draws: first values,
orders of samples. `masks` is a stream by counting, for what a training step draws where its arrays
are: dropout, noise. `seed` starts both.

Annotations are strings: naming numpy.random would import it, a fifth of `import dezero`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import numpy as np

from dezero.backend.philox import Place, Stream, stream_key

__all__ = [
    "Replay", "default_rng", "get_state", "masks", "place_of", "recording", "seed", "set_state",
]  # fmt: skip

_generator: "ContextVar[np.random.Generator | None]" = ContextVar("dezero_generator", default=None)
_stream: "ContextVar[Stream | None]" = ContextVar("dezero_stream", default=None)


def default_rng() -> "np.random.Generator":
    """Return the generator that layers and functions draw from when none is given to them."""
    generator = _generator.get()
    if generator is None:
        generator = np.random.default_rng()
        _generator.set(generator)
    return generator


def masks() -> Stream:
    """Return the stream that dropout and noise draw from when no generator is given to them."""
    stream = _stream.get()
    if stream is None:
        stream = Stream(stream_key(None))
        _stream.set(stream)
    return stream


def seed(value: Any = None) -> None:
    """Start the library's random numbers anew from `value`; None takes fresh entropy.

    NumPy's global generator is neither read nor changed.
    """
    generator = np.random.default_rng(value)
    _generator.set(generator)
    sequence = generator.bit_generator.seed_seq
    known = isinstance(sequence, np.random.SeedSequence)
    _stream.set(Stream(stream_key(sequence if known else None)))


def get_state() -> dict:
    """Return the state of generator and stream as plain numbers, fit for JSON."""
    stream = masks()
    drawn = {"key": list(stream.key), "position": stream.position}
    return {**default_rng().bit_generator.state, "masks": drawn}


def set_state(state: dict) -> None:
    """Continue from a state that `get_state` returned; one without a stream leaves that alone."""
    state = dict(state)
    drawn = state.pop("masks", None)
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    _generator.set(generator)
    if drawn is not None:
        first, second = drawn["key"]
        _stream.set(Stream((int(first), int(second)), int(drawn["position"])))


class Replay:
    """What a step drew while it was captured, so that each replay draws the numbers that follow.

    Args:
        new_base: makes an array of three words on the device from one on the host.
    """

    def __init__(self, new_base: Callable[[np.ndarray], Any]) -> None:
        self._new_base = new_base
        self._drawn: dict[int, list[Any]] = {}

    def place(self, stream: Stream, blocks: int) -> Place:
        """Return a place counted from where `stream` stands when the step is replayed."""
        entry = self._drawn.get(id(stream))
        if entry is None:
            library = stream is _stream.get()  # `seed` puts another in its place
            base = self._new_base(np.zeros(3, np.uint64))
            entry = self._drawn[id(stream)] = [stream, library, base, 0]
        place = Place((0, 0), entry[3], entry[2])
        entry[3] += blocks
        return place

    def advance(self) -> list[tuple[Any, np.ndarray]]:
        """Return each array of the device with what it has to hold in the next replay.

        The streams go on by what that draws.
        """
        written = []
        for stream, library, base, blocks in self._drawn.values():
            place = (masks() if library else stream).take(blocks)
            written.append((base, np.array([*place.key, place.block], np.uint64)))
        return written


class Recorder(Protocol):
    """What says where a stream's next numbers are: a captured step, or one that is rehearsed."""

    def place(self, stream: Stream, blocks: int) -> Place:
        """Return where the next blocks of `stream` are."""
        ...


_replay: "ContextVar[Recorder | None]" = ContextVar("dezero_replay", default=None)


@contextmanager
def recording(replay: Recorder) -> Iterator[None]:
    """Let what is drawn in a `with` block be drawn anew whenever `replay` advances."""
    token = _replay.set(replay)
    try:
        yield
    finally:
        _replay.reset(token)


def place_of(stream: Stream, blocks: int) -> Place:
    """Return where the next blocks of `stream` are, and pass over them."""
    replay = _replay.get()
    return stream.take(blocks) if replay is None else replay.place(stream, blocks)
