"""Batches of a data set, in order or shuffled: one index per batch, not one call per sample."""

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dezero.backend import Backend, backend_of, backends, is_array, needed_gpu
from dezero.backend import random as backend_random
from dezero.backend.ahead import ahead
from dezero.backend.cupy.columns import Columns
from dezero.backend.cupy.feeding import fed
from dezero.transforms import from_picture, is_picture

__all__ = ["DataLoader", "SeqDataLoader"]


class DataLoader:
    """Iterate over `(x, t)` batches of a data set.

    Each `for` is a whole epoch, wherever the last one ended. `next(loader)` walks through an
    epoch of its own and raises StopIteration at its end, as in the book.

    Args:
        dataset: an object with `__len__` and `__getitem__`, a torch Dataset too; an array; or a
            tuple of arrays of equal length. With `__getitems__` that is called once per batch.
        batch_size: samples per batch; the last batch may be smaller.
        shuffle: draw a new order for each epoch from the loader's own generator.
        gpu: move each batch to the registered device.
        drop_last: leave out a last batch that is too small.
        seed: start of the loader's generator; None takes one from `dezero.backend.random`.
        transform: callable on the x of each batch, (N, ...).
        prefetch: batches made ahead in a thread; 0 makes them when they are asked for.
    Raises:
        TypeError: dataset has no length or index; batch_size is no integer.
        ValueError: batch_size or prefetch out of range.
        RuntimeError: gpu=True, and no device is there.
    Note: without shuffle, batches of arrays are views of the data, not copies. Arrays of a device
        stay there: its order is all that an epoch sends. So it is with a Dataset's on a device,
        sent as they are stored, if its transforms only scale and flatten, `transform` is None and
        they fit a 4th of what is free; arrays edited in place are sent again
        in the next epoch.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        shuffle: bool = True,
        gpu: bool = False,
        *,
        drop_last: bool = False,
        seed: int | np.random.Generator | None = None,
        transform: Callable[[Any], Any] | None = None,
        prefetch: int = 0,
    ) -> None:
        name = type(self).__name__
        _check_count(name, "batch_size", batch_size, 1)
        _check_count(name, "prefetch", prefetch, 0)
        self.fetch = _fetcher(dataset, name)
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.transform = transform
        self.prefetch = prefetch
        self._home = _home(dataset, name)
        self.data_size = len(dataset[0]) if _is_columns(dataset) else len(dataset)
        if seed is None:
            seed = int(backend_random.default_rng().integers(2**63))
        self.rng = _generator(name, seed)
        self.iteration = 0
        self._epoch: Iterator[Any] | None = None
        self._device: Backend | None = None
        self._columns = Columns()
        if gpu:
            self.to_gpu()

    @property
    def max_iter(self) -> int:
        """Batches per epoch."""
        if self.drop_last:
            return self.data_size // self.batch_size
        return math.ceil(self.data_size / self.batch_size)

    @property
    def gpu(self) -> bool:
        """Whether batches are moved to a device."""
        return self._device is not None

    @gpu.setter
    def gpu(self, wanted: bool) -> None:
        self.to_gpu() if wanted else self.to_cpu()

    def __len__(self) -> int:
        return self.max_iter

    def __iter__(self) -> Iterator[Any]:
        """Start a new epoch. The loader keeps no hold of it: after a `break` its thread ends."""
        return self._walk(self._device, self._columns)

    def epoch_on(self, device: Backend, columns: Columns) -> Iterator[Any]:
        """Start a new epoch for who computes on a device: of batches there if the data set can
        stay there, in `columns`, which are the caller's; else of those that `iter` gives."""
        return iter(self) if self.gpu else self._walk(device, columns)

    def _walk(self, device: Backend | None, columns: Columns) -> Iterator[Any]:
        self.iteration = 0
        for batch in self._batches(device, columns):
            self.iteration += 1
            yield batch

    def __next__(self) -> Any:
        if self._epoch is None:
            self._epoch = self._batches(self._device, self._columns)
        try:
            batch = next(self._epoch)
        except StopIteration:
            self.reset()
            raise
        self.iteration += 1
        return batch

    def next(self) -> Any:
        """Return the next batch, as `next(loader)` does."""
        return self.__next__()

    def reset(self) -> None:
        """Begin anew: the next `next(loader)` is the first batch of an epoch."""
        self._epoch = None
        self.iteration = 0

    def to_cpu(self) -> None:
        """Give NumPy arrays from now on."""
        self._device = None
        self._columns.let_go()

    def to_gpu(self) -> None:
        """Give arrays of the registered device from now on, each copied while it computes.

        Raises:
            RuntimeError: there is none, with the reason.
        """
        devices = [backend for backend in backends() if backend.name != "numpy"]
        self._device = devices[0] if devices else needed_gpu(type(self).__name__)

    def _indices(self, home: Backend) -> Iterator[Any]:
        """Yield what to fetch for each batch: slices in order, or pieces of a permutation."""
        size = self.batch_size
        starts = range(0, self.max_iter * size, size)
        if self.shuffle:
            # Where the data are, batches are gathered there: it goes up once.
            order = home.from_host(self.rng.permutation(self.data_size))
            return (order[start : start + size] for start in starts)
        return (slice(start, min(start + size, self.data_size)) for start in starts)

    def _batches(self, device: Backend | None, columns: Columns) -> Iterator[Any]:
        if device is not None and self.transform is None:
            fetch = columns.fetcher(self.dataset, self.data_size, device)
            if fetch is not None:
                return _made(fetch, self._indices(device))
        # Not a method: a thread that held the loader would keep both alive for ever.
        make = functools.partial(_make, self.fetch, self.transform)
        batches = _made(make, self._indices(self._home))
        if self.prefetch:
            batches = ahead(batches, self.prefetch)
        return batches if self._device is None else fed(batches, self._device, "DataLoader")


class SeqDataLoader(DataLoader):
    """Batches for recurrent networks: row i walks through its own stretch of the sequence.

    With N samples, batch b holds the samples `(i * (N // batch_size) + b) % N` for each row i, so
    that row i of the next batch follows row i of this one.

    Args:
        dataset: as in DataLoader, in the order of time.
        batch_size: rows, that is stretches read side by side.
        gpu: move each batch to the registered device.
    """

    def __init__(self, dataset: Any, batch_size: int, gpu: bool = False) -> None:
        super().__init__(dataset, batch_size, shuffle=False, gpu=gpu)

    def _indices(self, home: Backend) -> Iterator[Any]:
        starts = np.arange(self.batch_size) * (self.data_size // self.batch_size)
        there = home.from_host
        return (there((starts + step) % self.data_size) for step in range(self.max_iter))


def _check_count(name: str, what: str, value: Any, least: int) -> None:
    message = f"{name}: expected {what} to be an integer >= {least}, got {value!r}. Mend {what}."
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(message)
    if value < least:
        raise ValueError(message)


def _generator(name: str, seed: Any) -> np.random.Generator:
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name}: expected seed to be an integer >= 0 or a Generator, got {seed!r} ({error}). "
            "Leave it out for a new one."
        ) from error


def _is_columns(dataset: Any) -> bool:
    return isinstance(dataset, tuple) and any(map(_is_array, dataset))


def _is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and getattr(value, "ndim", 0) > 0


def _fetcher(dataset: Any, name: str) -> Callable[[Any], Any]:
    """Return a function from a slice or an index array to a batch, the quickest the data allow."""
    if _is_columns(dataset):
        if not all(map(_is_array, dataset)):
            kinds = [type(column).__name__ for column in dataset]
            raise TypeError(
                f"{name}: expected a tuple of arrays alone, got {kinds}. "
                "Convert lists with numpy.asarray, and leave None out."
            )
        dataset = tuple(map(_column, dataset))
        lengths = [len(column) for column in dataset]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"{name}: expected arrays of one length, got {lengths}. Each x needs its t."
            )
        return lambda index: tuple(_rows(column, index) for column in dataset)
    if _is_array(dataset):
        column = _column(dataset)
        return lambda index: _rows(column, index)
    named = isinstance(dataset, Mapping) and 0 not in dataset
    if named or not hasattr(dataset, "__len__") or not hasattr(dataset, "__getitem__"):
        raise TypeError(
            f"{name}: expected a data set with __len__ and __getitem__, got "
            f"{type(dataset).__name__}. Of a generator make a list, of a dict of arrays a tuple."
        )
    if getattr(dataset, "takes_index_arrays", False):
        return dataset.__getitem__
    if hasattr(dataset, "__getitems__"):
        return lambda index: _from_getitems(dataset, _as_list(index), name)
    return lambda index: _collate([dataset[i] for i in _as_list(index)], name)


def _home(dataset: Any, name: str) -> Backend:
    """Return the backend of a data set's arrays."""
    columns = dataset if _is_columns(dataset) else (dataset,)
    found = [backend_of(column if is_array(column) else 0) for column in columns]
    if len({backend.name for backend in found}) > 1:
        raise TypeError(
            f"{name}: expected arrays on one device, got {[backend.name for backend in found]}. "
            "Move them there, or all to the host."
        )
    return found[0]


def _column(array: Any) -> Any:
    """Return a torch tensor as the NumPy array that shares its memory, any other array as it is."""
    return _as_host(array) if hasattr(array, "cpu") else array


def _rows(array: Any, index: Any) -> Any:
    """Return rows of an array: a view for a slice, else copies (`take` beats indexing)."""
    if isinstance(index, slice):
        return array[index]
    return array.take(index, axis=0) if is_array(array) else array[index]


def _as_list(index: Any) -> list[int]:
    if isinstance(index, slice):
        return list(range(index.start, index.stop))
    return index.tolist()


def _make(fetch: Callable[[Any], Any], transform: Callable[[Any], Any] | None, index: Any) -> Any:
    """Return one batch: fetched, and changed."""
    batch = fetch(index)
    if transform is not None:
        change = getattr(transform, "batch", transform)
        batch = (change(batch[0]), *batch[1:]) if isinstance(batch, tuple) else change(batch)
    return batch


def _made(make: Callable[[Any], Any], indices: Iterator[Any]) -> Iterator[Any]:
    """Yield the batches; a StopIteration from the data must not pass for the end of the epoch."""
    for index in indices:
        try:
            batch = make(index)
        except StopIteration as error:
            raise RuntimeError(
                f"DataLoader: expected a batch for {index!r}, got StopIteration from the data set. "
                "Let it give as many samples as its __len__ says."
            ) from error
        yield batch


def _from_getitems(dataset: Any, indices: list[int], name: str) -> Any:
    """Accept both forms of answer: a list of samples, as for torch, or a tuple of arrays."""
    batch = dataset.__getitems__(indices)
    columns = batch if isinstance(batch, tuple) else (batch,)
    lengths = [_length(column) for column in columns if column is not None]
    if any(length != len(indices) for length in lengths):
        raise ValueError(
            f"{name}: expected {len(indices)} samples from __getitems__, got lengths {lengths}. "
            "Return a list of samples, or a tuple of arrays."
        )
    return _collate(batch, name) if isinstance(batch, list) else batch


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def _collate(samples: Sequence[Any], name: str) -> Any:
    """Stack samples: tuples column by column, dicts key by key, anything else as it is."""
    first = samples[0]
    if isinstance(first, (tuple, list)):
        if any(len(sample) != len(first) for sample in samples):
            raise ValueError(
                f"{name}: expected samples with {len(first)} parts, got "
                f"{sorted({len(sample) for sample in samples})}. Return (x, t) each time."
            )
        return tuple(_collate(column, name) for column in zip(*samples, strict=True))
    if isinstance(first, dict):
        if any(set(sample) != set(first) for sample in samples):
            raise ValueError(
                f"{name}: expected samples with the keys {list(first)}, got others too. "
                "Return the same keys each time."
            )
        return {key: _collate([sample[key] for sample in samples], name) for key in first}
    missing = sum(sample is None for sample in samples)
    if missing == len(samples):
        return None
    if missing:
        raise ValueError(
            f"{name}: expected all of {len(samples)} samples or none to be None, got {missing}. "
            "Return a value each time, such as -1 for a label not known."
        )
    try:
        return np.stack([_as_host(sample) for sample in samples])
    except ValueError as error:
        shapes = sorted({np.shape(_as_host(sample)) for sample in samples})
        raise ValueError(
            f"{name}: expected samples of one shape, got {shapes}. "
            "Crop or pad them in the data set's transform."
        ) from error


def _as_host(sample: Any) -> np.ndarray:
    if is_picture(sample):
        return from_picture(sample)  # (C, H, W)
    # A torch tensor, without importing torch.
    return np.asarray(sample.detach().cpu() if hasattr(sample, "cpu") else sample)
