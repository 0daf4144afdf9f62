"""Batches of (x, t, weight) from whatever `fit` is given: arrays, a Dataset, a loader, a generator.

An epoch is one `for` over such batches.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from dezero.backend import Backend, backend_of, is_array
from dezero.backend.cupy.columns import Columns
from dezero.backend.random import default_rng
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.dataloaders import DataLoader
from dezero.training.home import Home
from dezero.training.nest import count, first_leaf, is_structure, leaves, mapped
from dezero.training.resident import ResidentBatches, Rows, resident_batches, stays
from dezero.training.sequences import SequenceBatches, is_sequence

DEFAULT_SIZE = 32


class ArrayBatches:
    """Batches cut from arrays in memory, shuffled anew in every epoch if asked for.

    Args:
        x, t: arrays with the samples on axis 0, or lists and dicts of them; t may be None.
        weight: one weight per sample, a structure of such, or None.
        size: samples per batch; the last batch may be smaller.
        shuffle: draw a new order for every epoch from the library's generator.
        home: where batches are moved to.
    """

    def __init__(
        self, x: Any, t: Any, weight: Any, size: int, *, shuffle: bool, home: Home
    ) -> None:
        self.x, self.t, self.weight = x, t, weight
        self.size, self.shuffle, self.home = size, shuffle, home

    def __len__(self) -> int:
        return -(-count(self.x) // self.size)

    def __iter__(self) -> Iterator[tuple]:
        x, t, weight, size = self.x, self.t, self.weight, self.size
        samples = count(x)
        order = _Order(default_rng().permutation(samples)) if self.shuffle else None
        for start in range(0, samples, size):
            stop = start + size
            rows = slice(start, stop) if order is None else order.part(start, stop)
            batch = (
                _rows(x, rows),
                None if t is None else _rows(t, rows),
                None if weight is None else _rows(weight, rows),
            )
            yield self.home.sent(*batch)


class _Order:
    """The order of an epoch, drawn on the host; sent to a device once, if the data is there."""

    def __init__(self, host: np.ndarray, whole: "_Order | None" = None, cut: Any = None) -> None:
        self.host, self.whole, self.cut = host, whole, cut
        self.there: dict[type, Any] = {}

    def part(self, start: int, stop: int) -> "_Order":
        """Return the rows of one batch."""
        return _Order(self.host[start:stop], self, slice(start, stop))

    def beside(self, array: Any) -> Any:
        """Return the rows on the device of `array`."""
        if self.whole is not None:
            return self.whole.beside(array)[self.cut]
        kind = type(array)
        if kind not in self.there:
            self.there[kind] = backend_of(array).from_host(self.host)
        return self.there[kind]


def _rows(array: Any, rows: Any) -> Any:
    if isinstance(array, dict | list):
        return mapped(lambda part: _rows(part, rows), array)
    if type(rows) is slice:
        return array[rows]
    if type(array) is not np.ndarray:
        return array.take(rows.beside(array), axis=0)
    rows = rows.host
    # take is a third quicker, but copies all of an array whose rows do not lie one after another.
    return array.take(rows, axis=0) if array.flags.c_contiguous else array[rows]


class LoaderBatches:
    """Batches from an iterable of (x, t) or (x, t, weight): a DataLoader or a generator.

    `once` says whether the source can be read through but once, as a generator.

    Args:
        source: the iterable. One that can be iterated again starts anew every epoch, unless
            `steps` cut it short; a generator goes on where it was.
        steps: batches per epoch, where they run out the source is started again; None reads to
            the end.
        home: what the arrays are made ready for.
        what: the argument's name, for errors.
        from_start: with `steps`, take the first ones every time, as a validation must.
        stays: keep the data set of a DataLoader on the device, as a loader of the device does.
    """

    def __init__(
        self,
        source: Any,
        steps: int | None,
        home: Home,
        what: str,
        *,
        from_start: bool,
        stays: bool = False,
    ) -> None:
        if stays and getattr(type(source), "__iter__", None) is DataLoader.__iter__:
            source = _OnDevice(source, home.backend)
        self.source, self.steps, self.home, self.what = source, steps, home, what
        self.from_start = from_start
        self.once = iter(source) is source and not hasattr(source, "reset")
        self._walk: Iterator[Any] | None = iter(source) if self.once else None

    def __len__(self) -> int:
        return len(self.source) if self.steps is None else self.steps

    def __iter__(self) -> Iterator[tuple]:
        if self.steps is None and not self.once:
            walk: Any = self.source
        elif self._walk is None or (self.from_start and not self.once):
            walk = self._walk = _again_and_again(self.source)
        else:
            walk = self._walk
        return map(self._made_ready, islice(walk, self.steps))

    def _made_ready(self, batch: Any) -> tuple:
        return ready_batch(batch, self.home, self.what)


class _OnDevice:
    """A loader of the host, for a model on a device; what it sends is let go of with it."""

    def __init__(self, loader: DataLoader, device: Backend) -> None:
        self.loader, self.device, self.columns = loader, device, Columns()

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        return self.loader.epoch_on(self.device, self.columns)


def ready_batch(batch: Any, home: Home, what: str) -> Any:
    """Return (x, t, weight) of a batch that a loader gave, made ready for the model.

    Raises:
        TypeError: it is no tuple of one to three.
    """
    if type(batch) is Rows:
        return batch
    if is_array(batch) or isinstance(batch, Mapping):
        batch = (batch,)
    if not isinstance(batch, list | tuple) or not 1 <= len(batch) <= 3:
        raise TypeError(
            f"{what}: expected batches of (x, t) or (x, t, weight), "
            f"got {describe(batch)}. Yield tuples of arrays."
        )
    x, t, weight = (*batch, None, None)[:3]
    return home.sent(home.prepared(x), home.prepared(t), home.prepared(weight))


def _again_and_again(source: Any) -> Iterator[Any]:
    found = True
    while found:
        found = False
        for batch in source:
            found = True
            yield batch


def make_batches(
    data: tuple[Any, Any, Any],
    home: Home,
    what: str,
    *,
    batch_size: int | None = None,
    shuffle: bool = False,
    steps: int | None = None,
    from_start: bool = True,
    targets: bool = True,
    resident: bool | str = False,
    old: ResidentBatches | None = None,
) -> Any:
    """Return something to iterate once per epoch over (x, t, weight).

    Args:
        data: (x, y, sample_weight) as the user gave them.
        home: what the model computes on.
        what: the name of the function or argument, for errors.
        batch_size, shuffle: for arrays and Datasets.
        steps: batches per epoch; None for all there are.
        from_start: with `steps`, begin at the first batch every time, not where the last ended.
        targets: whether arrays need a y.
        resident: whether arrays go to a device as a whole, as in `fit`; `old` ones there, whose
            place they take if they can.
    Raises:
        TypeError: x is neither an array nor an iterable of batches, or something comes beside a
            loader that belongs into it, or y is missing.
        ValueError: x, y and weight differ in length, there is no sample, or a count is below 1.
    """
    x, y, weight = arranged(data, what)
    check_count(what, "batch_size", batch_size)
    check_count(what, "the number of steps", steps)
    if not (is_array(x) or isinstance(x, dict | list)):
        extra = {"y": y, "sample_weight": weight}
        source = x
        if not is_sequence(x) and (isinstance(x, str | bytes) or not hasattr(x, "__iter__")):
            source = _loader(x, batch_size, shuffle, what)
        else:
            extra["batch_size"] = batch_size
        _refuse(extra, x, what)
        may_stay = stays((), home, resident, what)
        if may_stay and resident is True:
            raise TypeError(
                f"{what}: expected arrays for resident=True, got {type(x).__name__}, whose batches "
                "are sent as they come. Leave resident out."
            )
        if is_sequence(x):
            ready = partial(ready_batch, home=home, what=what)
            return SequenceBatches(x, steps, ready, shuffle=shuffle, from_start=from_start)
        return LoaderBatches(source, steps, home, what, from_start=from_start, stays=may_stay)
    check_lengths(x, y, weight, what)
    if targets:
        check_targets(x, y, what)
    size = batch_size or DEFAULT_SIZE
    batches: Any
    if stays((x, y, weight), home, resident, what):
        batches = resident_batches(old, (x, y, weight), size, shuffle=shuffle, home=home)
    else:
        x, y = home.cast(x), home.cast(y)
        batches = ArrayBatches(x, y, weight, size, shuffle=shuffle, home=home)
    if steps is None:
        return batches
    return LoaderBatches(batches, steps, home, what, from_start=from_start)


def arranged(data: tuple, what: str) -> tuple:
    """Return arrays for Variables, lists, and what else offers `__array__`; the rest as it is.

    A list whose entries are arrays, as for a model of several inputs, stays a list, a dict a dict;
    but if there is one target for each entry, they are the samples.
    """
    x, *rest = data
    targets = [_as_array(part, what) for part in rest]
    return _stacked(_as_array(x, what), targets[0] if targets else None), *targets


def _stacked(x: Any, y: Any) -> Any:
    if not isinstance(x, list) or not hasattr(y, "shape") or not x:
        return x
    shapes = {getattr(part, "shape", None) for part in x}
    alike = len(shapes) == 1 and None not in shapes
    return np.stack(x) if alike and len(x) == len(y) != len(x[0]) else x


def _as_array(part: Any, what: str) -> Any:
    if is_structure(part):
        if not isinstance(part, Mapping) and len(part) == 1:
            return _as_array(part[0], what)
        return mapped(partial(_as_array, what=what), part)
    if isinstance(part, Variable):
        return part.data
    if isinstance(part, np.memmap):
        return np.asarray(part)  # a view, as lazy; devices take arrays of this very class
    if is_array(part) or not (isinstance(part, list | tuple) or hasattr(part, "__array__")):
        return part
    try:
        return np.asarray(part)
    except ValueError as error:
        raise ValueError(
            f"{what}: expected samples of one shape, got {describe(part)} ({error}). "
            "Pad or crop them."
        ) from error


def check_count(what: str, name: str, value: Any, least: int = 1) -> None:
    """Refuse `value` unless it is None or an integer of at least `least`."""
    if value is None:
        return
    message = f"{what}: expected {name} to be an integer >= {least}, got {value!r}. Change it."
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(message)
    if value < least:
        raise ValueError(message)


def check_lengths(x: Any, y: Any, weight: Any, what: str) -> None:
    """Refuse arrays that differ in the number of samples, or have none."""
    reference = first_leaf(x)
    for part_name, part in (("x", x), ("y", y), ("sample_weight", weight)):
        for name, array in leaves(part, part_name):
            if not getattr(array, "ndim", 0):
                raise TypeError(
                    f"{what}: expected {name} to be an array of samples, got {describe(array)}. "
                    "Give an array with the samples on its first axis."
                )
            if len(array) != len(reference):
                raise ValueError(
                    f"{what}: expected x and {name} with the same number of samples, "
                    f"got {describe(reference)} and {describe(array)}. {_pairing(x)}"
                )
    if reference is None or len(reference) == 0:
        raise ValueError(
            f"{what}: expected at least one sample, got x {describe(x)}. Is the data loaded?"
        )


def _pairing(x: Any) -> str:
    if isinstance(x, list):
        return "A list of arrays is several inputs: use np.stack(x) if they are samples."
    return "Pair every sample with its target."


def check_targets(x: Any, t: Any, what: str) -> None:
    """Refuse samples without targets."""
    if t is None:
        raise TypeError(
            f"{what}: expected targets, got x {describe(x)} alone. Give y, or batches of (x, t)."
        )


def split_validation(x: Any, y: Any, weight: Any, share: float) -> tuple[tuple, tuple]:
    """Return ((x, y, weight), (x, y, weight)): the last `share` of the samples is for validation.

    As in Keras the tail is taken before any shuffling.

    Raises:
        ValueError: share is not between 0 and 1, or leaves one part empty.
        TypeError: x is no array.
    """
    x, y, weight = arranged((x, y, weight), "fit")
    if not (is_array(x) or isinstance(x, dict | list)):
        raise TypeError(
            f"fit: expected arrays with validation_split, got {type(x).__name__}. "
            "Pass validation_data instead."
        )
    check_lengths(x, y, weight, "fit")
    samples = count(x)
    cut = int(samples * (1.0 - share)) if 0 < share < 1 else 0
    if not 0 < cut < samples:
        raise ValueError(
            f"fit: expected validation_split between 0 and 1 that leaves samples in both parts, "
            f"got {share} of {samples} samples. 0.2 is usual."
        )
    data = (x, y, weight)
    first = tuple(mapped(lambda array: array[:cut], part) for part in data)
    return first, tuple(mapped(lambda array: array[cut:], part) for part in data)


def _loader(dataset: Any, batch_size: int | None, shuffle: bool, what: str) -> DataLoader:
    indexed = hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    if not indexed or isinstance(dataset, str | bytes | Mapping):
        raise TypeError(
            f"{what}: expected arrays, a Dataset, a DataLoader or a generator, "
            f"got {describe(dataset)}. Pass x and y as arrays."
        )
    return DataLoader(dataset, batch_size or DEFAULT_SIZE, shuffle=shuffle)


def _refuse(extra: dict[str, Any], x: Any, what: str) -> None:
    given = [name for name, value in extra.items() if value is not None]
    if given:
        raise TypeError(
            f"{what}: expected no {' and '.join(given)} beside a {type(x).__name__}, which brings "
            "its own. Give arrays, or the loader alone."
        )
