"""Batches as a data set that can be gone through again and again, and steps hung on it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.draws import start_of

__all__ = ["Batches"]


class Batches:
    """A data set of batches: each `for` is an epoch, and steps may be hung on one after another.

    Args:
        make: returns the batches of one epoch.
        length: how many there are.
        class_names, file_paths: for whoever asks.
    """

    def __init__(
        self,
        make: Callable[[], Iterator[Any]],
        length: int,
        class_names: Sequence[str] | None = None,
        file_paths: Sequence[str] = (),
    ) -> None:
        self._make, self._length = make, length
        self.class_names, self.file_paths = class_names, list(file_paths)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        return self._make()

    def _then(self, make: Callable[[], Iterator[Any]], length: int) -> "Batches":
        return Batches(make, length, self.class_names, self.file_paths)

    def map(self, function: Callable[..., Any], num_parallel_calls: Any = None) -> "Batches":
        """Return the data set of function(x), or function(x, y), for each batch."""

        def make() -> Iterator[Any]:
            for batch in self:
                yield function(*batch) if isinstance(batch, tuple) else function(batch)

        return self._then(make, len(self))

    def take(self, count: int) -> "Batches":
        """Return the first `count` batches of each epoch."""
        count = len(self) if count < 0 else min(count, len(self))

        def make() -> Iterator[Any]:
            batches = iter(self)
            return (next(batches) for _ in range(count))

        return self._then(make, count)

    def skip(self, count: int) -> "Batches":
        """Return all but the first `count` batches of each epoch."""

        def make() -> Iterator[Any]:
            return (batch for number, batch in enumerate(self) if number >= count)

        return self._then(make, max(0, len(self) - count))

    def cache(self) -> "Batches":
        """Return the data set that keeps the batches of its first whole epoch in memory."""
        kept: list[Any] = []

        def make() -> Iterator[Any]:
            if len(kept) == len(self):
                yield from kept
                return
            fresh = []
            for batch in self:
                fresh.append(batch)
                yield batch
            kept[:] = fresh

        return self._then(make, len(self))

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True
    ) -> "Batches":
        """Return the batches in a new order in each epoch, drawn from `buffer_size` at a time."""
        start = start_of(seed)
        epochs = np.random.default_rng(start)

        def make() -> Iterator[Any]:
            rng = epochs if reshuffle_each_iteration else np.random.default_rng(start)
            waiting: list[Any] = []
            for batch in self:
                waiting.append(batch)
                if len(waiting) >= buffer_size:
                    yield waiting.pop(int(rng.integers(len(waiting))))
            while waiting:
                yield waiting.pop(int(rng.integers(len(waiting))))

        return self._then(make, len(self))

    def prefetch(self, buffer_size: Any = None) -> "Batches":
        """Return the data set itself; for scripts that ask for it."""
        return self
