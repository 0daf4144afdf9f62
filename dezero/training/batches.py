"""Batches of (x, t, weight) from whatever `fit` is given: arrays, a DataLoader, a generator."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from dezero.backend import is_array, xp
from dezero.backend.random import default_rng
from dezero.core import Config, Variable
from dezero.core.errors import describe


class ArrayBatches:
    """Batches cut from arrays in memory, shuffled anew in every epoch if asked for.

    Args:
        x, t: arrays with the samples on axis 0; t may be None.
        weight: one weight per sample, or None.
        batch_size: samples per batch; the last batch may be smaller.
        shuffle: draw a new order for every epoch from the library's generator.
    """

    def __init__(
        self, x: Any, t: Any, weight: Any = None, batch_size: int = 32, shuffle: bool = False
    ) -> None:
        self.x, self.t, self.weight = x, t, weight
        self.batch_size, self.shuffle = batch_size, shuffle

    def __len__(self) -> int:
        return -(-len(self.x) // self.batch_size)

    def __iter__(self) -> Iterator[tuple]:
        n, size = len(self.x), self.batch_size
        order = default_rng().permutation(n) if self.shuffle else None
        for start in range(0, n, size):
            if order is None:
                rows = slice(start, start + size)
                yield tuple(None if a is None else a[rows] for a in (self.x, self.t, self.weight))
            else:
                rows = order[start : start + size]
                yield tuple(_taken(a, rows) for a in (self.x, self.t, self.weight))


def _taken(array: Any, rows: np.ndarray) -> Any:
    # take is a third quicker than array[rows] on the host; on a device the rows must move first.
    if array is None:
        return None
    return array.take(xp(array).asarray(rows), axis=0)


class LoaderBatches:
    """Batches from an iterable of (x, t) or (x, t, weight): a DataLoader or a generator.

    Args:
        source: the iterable; one that can be iterated again starts anew every epoch.
        steps: batches per epoch; None reads to the end.
        what: the argument's name, for errors.
    """

    def __init__(self, source: Any, steps: int | None, dtype: Any, what: str) -> None:
        self.source, self.steps, self.dtype, self.what = source, steps, dtype, what
        self._once = iter(source) is source and not hasattr(source, "reset")
        self._iterator = iter(source) if self._once else None

    def __len__(self) -> int:
        return self.steps if self.steps is not None else len(self.source)

    def __iter__(self) -> Iterator[tuple]:
        iterator = self._iterator if self._iterator is not None else iter(self.source)
        for batch in islice(iterator, self.steps):
            if not isinstance(batch, list | tuple) or not 1 <= len(batch) <= 3:
                raise TypeError(
                    f"{self.what}: expected batches of (x, t) or (x, t, weight), "
                    f"got {describe(batch)}. Yield tuples of arrays."
                )
            x, t, weight = (*batch, None, None)[:3]
            yield prepared(x, self.dtype), prepared(t, self.dtype), weight


def make_batches(
    x: Any,
    t: Any,
    weight: Any,
    *,
    batch_size: int | None,
    shuffle: bool,
    steps: int | None,
    dtype: Any,
    what: str,
) -> Any:
    """Return something to iterate once per epoch over (x, t, weight).

    Raises:
        TypeError: x is neither an array nor an iterable of batches, or t comes beside a loader.
        ValueError: x, t and weight differ in length, or there is no sample.
    """
    if is_array(x) or isinstance(x, Variable):
        x, t = prepared(x, dtype), prepared(t, dtype)
        weight = None if weight is None else np.asarray(weight)
        for name, other in (("y", t), ("sample_weight", weight)):
            if other is not None and len(other) != len(x):
                raise ValueError(
                    f"{what}: expected x and {name} with the same number of samples, "
                    f"got {describe(x)} and {describe(other)}. Pair every sample with its target."
                )
        if len(x) == 0:
            raise ValueError(f"{what}: expected at least one sample, got x {describe(x)}.")
        size = 32 if batch_size is None else batch_size
        if size < 1:
            raise ValueError(f"{what}: expected batch_size >= 1, got {batch_size}. 32 is usual.")
        batches: Any = ArrayBatches(x, t, weight, size, shuffle)
        return batches if steps is None else LoaderBatches(_Endless(batches), steps, dtype, what)
    if t is not None or weight is not None:
        raise TypeError(
            f"{what}: expected no y and sample_weight beside a {type(x).__name__}, which yields "
            "its own targets. Give arrays, or the loader alone."
        )
    if not hasattr(x, "__iter__"):
        raise TypeError(
            f"{what}: expected arrays, a DataLoader or a generator, got {describe(x)}. "
            "Wrap a Dataset in DataLoader(dataset, batch_size)."
        )
    return LoaderBatches(x, steps, dtype, what)


class _Endless:
    """Epoch after epoch of the same arrays, for `steps_per_epoch` that does not divide them."""

    def __init__(self, batches: ArrayBatches) -> None:
        self._generator = self._forever(batches)

    @staticmethod
    def _forever(batches: ArrayBatches) -> Iterator[tuple]:
        while True:
            yield from batches

    def __iter__(self) -> Iterator[tuple]:
        return self._generator


def prepared(x: Any, dtype: Any) -> Any:
    """Return x as the array the model computes on: floats become `dtype`, integers stay.

    Float64 images (x / 255.0 gives them) would otherwise make the whole network float64.
    """
    if isinstance(x, Variable):
        x = x.data
    if x is None:
        return None
    if not is_array(x):
        x = np.asarray(x)
    return x.astype(dtype) if x.dtype.kind == "f" and x.dtype != dtype else x


def model_dtype(model: Any) -> Any:
    """Return the dtype of the model's first Parameter, or `Config.dtype` while it has none."""
    for param in model.params():
        if param.data is not None:
            return param.dtype
    return np.dtype(getattr(model, "input_dtype", None) or Config.dtype)


def split_validation(x: Any, t: Any, weight: Any, share: float) -> tuple[tuple, tuple]:
    """Return ((x, t, weight), (x, t, weight)): the last `share` of the samples is for validation.

    As in Keras the tail is taken before any shuffling.

    Raises:
        ValueError: share is not between 0 and 1, or leaves one part empty.
        TypeError: x is no array.
    """
    if not is_array(x):
        raise TypeError(
            f"fit: expected arrays with validation_split, got {type(x).__name__}. "
            "Pass validation_data instead."
        )
    cut = round(len(x) * (1 - share)) if 0 < share < 1 else 0
    if not 0 < cut < len(x):
        raise ValueError(
            f"fit: expected validation_split between 0 and 1 that leaves samples in both parts, "
            f"got {share} of {len(x)} samples. 0.2 is usual."
        )
    parts = [(None, None) if a is None else (a[:cut], a[cut:]) for a in (x, t, weight)]
    return tuple(part[0] for part in parts), tuple(part[1] for part in parts)
