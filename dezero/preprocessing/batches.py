"""Batches as a data set that can be gone through again and again, and steps hung on it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.draws import start_of

__all__ = ["Batches", "Tensor"]

UNKNOWN, ENDLESS = -2, -1


class Tensor(np.ndarray):
    """An array as data sets give it, with `numpy()` for scripts that ask for it."""

    def numpy(self) -> Any:
        """Return the array as NumPy's own, a NumPy number if there are no axes."""
        return np.asarray(self)[()]

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return np.asarray(found).view(Tensor) if isinstance(found, np.generic) else found


def mapped(function: Callable[..., Any], first: Any, *others: Any) -> Any:
    """Return `function` of the leaves of structures alike, in their structure."""
    if isinstance(first, dict):
        return {k: mapped(function, v, *(o[k] for o in others)) for k, v in first.items()}
    if isinstance(first, tuple):
        return tuple(mapped(function, *parts) for parts in zip(first, *others, strict=True))
    return function(first, *others)


def _given(item: Any) -> Any:
    """Return a batch with Tensors for its arrays and numbers."""
    if type(item) is tuple:
        return tuple(map(_given, item))
    if isinstance(item, np.ndarray | np.generic | int | float):
        return np.asarray(item).view(Tensor)
    return {k: _given(v) for k, v in item.items()} if isinstance(item, dict) else item


class Batches:
    """A data set of batches: each `for` is an epoch, and steps may be hung on one after another.

    Args:
        make: returns the batches of one epoch.
        length: how many there are; -1 if they never end, -2 if nobody knows.
        class_names, file_paths: for whoever asks.
    """

    def __init__(
        self,
        make: Callable[[], Iterator[Any]],
        length: int = UNKNOWN,
        class_names: Sequence[str] | None = None,
        file_paths: Sequence[str] = (),
    ) -> None:
        self._make, self._length = make, length
        self.class_names, self.file_paths = class_names, list(file_paths)

    def __len__(self) -> int:
        if self._length < 0:
            what = "ends" if self._length == ENDLESS else "has a known length"
            raise TypeError(f"len: expected a data set that {what}, got another. Use take(count).")
        return self._length

    def cardinality(self) -> Any:
        """Return how many batches there are: -1 if they never end, -2 if nobody knows."""
        return np.asarray(self._length).view(Tensor)

    def __iter__(self) -> Iterator[Any]:
        return map(_given, self._make())

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Return the batches of one epoch as NumPy's own arrays."""
        return (mapped(lambda x: np.asarray(x)[()], item) for item in self._make())

    def _then(self, make: Callable[[], Iterator[Any]], length: int) -> Any:
        return type(self)(make, length, self.class_names, self.file_paths)

    def map(
        self, function: Callable[..., Any], num_parallel_calls: Any = None, **ignored: Any
    ) -> Any:
        """Return the data set of function(x), or function(x, y), for each batch."""

        def make() -> Iterator[Any]:
            for batch in self:
                found = function(*batch) if isinstance(batch, tuple) else function(batch)
                yield tuple(found) if isinstance(found, list) else found

        return self._then(make, self._length)

    def filter(self, predicate: Callable[..., Any]) -> Any:
        """Return the batches for which `predicate` holds."""

        def make() -> Iterator[Any]:
            for batch in self:
                if bool(predicate(*batch) if isinstance(batch, tuple) else predicate(batch)):
                    yield batch

        return self._then(make, UNKNOWN)

    def take(self, count: int) -> Any:
        """Return the first `count` batches of each epoch, all if it is -1."""
        known = self._length
        if known >= 0:
            count = known if count < 0 else min(count, known)

        def make() -> Iterator[Any]:
            for number, batch in enumerate(self._make() if count else ()):
                yield batch
                if number + 1 == count:
                    return

        return self._then(make, known if count < 0 else UNKNOWN if known == UNKNOWN else count)

    def skip(self, count: int) -> Any:
        """Return all but the first `count` batches of each epoch."""

        def make() -> Iterator[Any]:
            return (batch for number, batch in enumerate(self._make()) if number >= count)

        return self._then(make, self._length if self._length < 0 else max(0, self._length - count))

    def batch(self, batch_size: int, drop_remainder: bool = False, **ignored: Any) -> Any:
        """Return the data set whose batches hold `batch_size` elements of this one each."""

        def make() -> Iterator[Any]:
            waiting: list[Any] = []
            for item in self._make():
                waiting.append(item)
                if len(waiting) == batch_size:
                    yield _stacked(waiting)
                    waiting = []
            if waiting and not drop_remainder:
                yield _stacked(waiting)

        known = self._length
        if known >= 0:
            known = known // batch_size if drop_remainder else -(-known // batch_size)
        return self._then(make, known)

    def unbatch(self) -> Any:
        """Return the data set of single elements."""

        def make() -> Iterator[Any]:
            for batch in self._make():
                yield from slices(batch)

        return self._then(make, ENDLESS if self._length == ENDLESS else UNKNOWN)

    def repeat(self, count: int | None = None) -> Any:
        """Return `count` epochs as one, or an endless one."""
        times = ENDLESS if count is None or count < 0 else count

        def make() -> Iterator[Any]:
            done = 0
            while done != times:
                yield from self._make()
                done += 1

        known = self._length * times if self._length >= 0 else self._length
        return self._then(make, ENDLESS if times == ENDLESS else known)

    def concatenate(self, dataset: Any) -> Any:
        """Return the batches of another data set after these."""

        def make() -> Iterator[Any]:
            yield from self._make()
            yield from dataset

        known = self._length >= 0 and dataset.cardinality() >= 0
        return self._then(make, self._length + len(dataset) if known else UNKNOWN)

    def enumerate(self, start: int = 0) -> Any:
        """Return (number, batch) pairs."""
        return self._then(lambda: ((i, b) for i, b in enumerate(self._make(), start)), self._length)

    def cache(self, filename: str = "") -> Any:
        """Return the data set that keeps the batches of its first whole epoch in memory."""
        kept: list[Any] = []
        whole: list[bool] = []

        def make() -> Iterator[Any]:
            if whole:
                yield from kept
                return
            fresh = []
            for batch in self._make():
                fresh.append(batch)
                yield batch
            kept[:], whole[:] = fresh, [True]

        return self._then(make, self._length)

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True
    ) -> Any:
        """Return the batches in a new order in each epoch, drawn from `buffer_size` at a time."""
        start = start_of(seed)
        epochs = np.random.default_rng(start)

        def make() -> Iterator[Any]:
            rng = epochs if reshuffle_each_iteration else np.random.default_rng(start)
            waiting: list[Any] = []

            def drawn() -> Any:
                place = int(rng.random() * len(waiting))
                waiting[place], waiting[-1] = waiting[-1], waiting[place]
                return waiting.pop()

            for batch in self._make():
                waiting.append(batch)
                if len(waiting) >= buffer_size:
                    yield drawn()
            while waiting:
                yield drawn()

        return self._then(make, self._length)

    def prefetch(self, buffer_size: Any = None) -> Any:
        """Return the data set itself; for scripts that ask for it."""
        return self

    with_options = prefetch


def _stacked(items: list) -> Any:
    """Return one batch of elements alike."""
    return mapped(lambda *leaves: np.stack([np.asarray(x) for x in leaves]), *items)


def slices(batch: Any) -> Iterable[Any]:
    """Yield the elements of a batch, along its first axis."""
    count = rows_of(batch)
    return (mapped(lambda x: x[i], batch) for i in range(count))  # noqa: B023


def rows_of(batch: Any) -> int:
    """Return the length of the first axis.

    Raises:
        ValueError: arrays differ in it, or there is none.
    """
    found: list[int] = []
    mapped(lambda x: found.append(len(x)), batch)
    if len(set(found)) != 1:
        raise ValueError(
            f"Dataset: expected arrays with the same number of rows, got {found}. Check them."
        )
    return found[0]
