"""Data sets that lie on the device: arrays go there once, and batches are gathered there.

The order of an epoch is drawn on the host, so that it is the same wherever a model is trained, and
sent as one array. A captured step reads its rows by their position in it, one number.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dezero.backend import kernels, xp
from dezero.backend.capture import recording, rehearsal
from dezero.backend.cupy.memory import SHARE, room_on, sent_data
from dezero.backend.random import default_rng
from dezero.training.home import Home
from dezero.training.nest import count, first_leaf, leaves, mapped

__all__ = ["ResidentBatches", "Rows", "resident_batches", "stays"]


def stays(data: tuple, home: Home, resident: bool | str, what: str) -> bool:
    """Return whether arrays are to be sent to the device as a whole, or lie there already.

    Args:
        data: x, targets and weights.
        home: of the model.
        resident: as `fit` was given it.
        what: the function, for the error.
    Raises:
        ValueError: resident is none of "auto", True and False.
    """
    if resident not in (True, False, "auto") or not isinstance(resident, bool | str):
        raise ValueError(
            f"{what}: expected resident to be 'auto', True or False, got {resident!r}."
        )
    if home.is_host or not resident:
        return False
    host = [a.nbytes for part in data for _, a in leaves(part) if type(a) is np.ndarray]
    if resident is True or not host:
        return True
    free = room_on(home.device)
    return free is not None and sum(host) <= SHARE * free


class Rows:
    """One batch of a data set on the device: which rows. To iterate over it gathers x, t, weight.

    Args:
        source: what it is a batch of.
        start: its first place in the order of the epoch.
        size: its samples.
    """

    __slots__ = ("size", "source", "start")

    def __init__(self, source: "ResidentBatches", start: int, size: int) -> None:
        self.source, self.start, self.size = source, start, size

    @property
    def is_last(self) -> bool:
        """Whether the order of the epoch ends with it."""
        return self.start + self.size == self.source.samples

    def __iter__(self) -> Iterator[Any]:
        return iter(self.source.gathered(float(self.start), self.size))

    def __eq__(self, other: object) -> bool:
        """Return whether a captured step of the other is one of this: only where it starts may
        differ."""
        if not isinstance(other, Rows):
            return False
        return other.source is self.source and other.size == self.size

    def __hash__(self) -> int:
        return hash((id(self.source), self.size))

    def taken(self, i: int) -> tuple:
        """Return x, t and weight as the i-th batch of a step, which may be being captured.

        Each replay takes the rows where `source.starts[i]` says.
        """
        taken, rehearsed, source = recording(), rehearsal(), self.source
        if taken is None:
            at = {"start": float(self.start)}
            start = at if rehearsed is None else rehearsed.rates(at)
            return source.gathered(start["start"], self.size)
        place = taken.place(1)
        taken.host[place] = self.start

        def refill() -> None:
            taken.host[place] = source.starts[i]

        taken.again(refill)
        return source.gathered(taken.device[place].reshape(()), self.size)


class ResidentBatches:
    """Batches of arrays that lie on the device, shuffled anew in every epoch if asked for.

    Args:
        data: x, t and weight: arrays with the samples on axis 0, lists and dicts of them, or None.
        size: samples per batch; the last batch may be smaller.
        shuffle: draw a new order for every epoch from the library's generator.
        home: of the model.
    Attributes:
        starts: where the batches of the step that runs now begin.
        sent: bytes of the arrays that are not the user's own.
    """

    def __init__(self, data: tuple, size: int, *, shuffle: bool, home: Home) -> None:
        self.size, self.shuffle, self.home = size, shuffle, home
        self.samples, self.starts = count(data[0]), list[float]()
        self._names = [name for name, _ in _named(data)]
        x, t, weight = data
        self.data = mapped(self._put, x), mapped(self._put, t), mapped(self._laid, weight)
        self._theirs = {id(a) for _, a in _named(data)} & {id(a) for _, a in _named(self.data)}
        owned = [a for _, a in _named(self.data) if id(a) not in self._theirs]
        self.sent = sum(array.nbytes for array in owned)
        module = xp(first_leaf(self.data[0]))
        self.order, self._in_order = module.arange(self.samples, dtype=np.int64), True
        self._is_busy = False
        sent_data.add(self)

    def _put(self, array: Any) -> Any:
        return self._laid(self.home.cast(array))

    def _laid(self, array: Any) -> Any:
        array = self.home.moved(array)
        return array if array.flags.c_contiguous else xp(array).ascontiguousarray(array)

    def __len__(self) -> int:
        return -(-self.samples // self.size)

    def __iter__(self) -> Iterator[Rows]:
        if self.shuffle:
            order = default_rng().permutation(self.samples)
            self.order[...] = self.home.moved(order.astype(np.int64, copy=False))
            self._in_order = False
        elif not self._in_order:
            self.order[...] = xp(self.order).arange(self.samples, dtype=np.int64)
            self._in_order = True
        self._is_busy = True
        try:
            for start in range(0, self.samples, self.size):
                yield Rows(self, start, min(self.size, self.samples - start))
        finally:
            self._is_busy = False

    def gathered(self, start: Any, size: int) -> tuple:
        """Return x, t and weight of `size` rows from a place in the order on."""

        def rows(array: Any) -> Any:
            return kernels(array).batch_rows(array, self.order, start, size)

        x, t, weight = self.data
        return mapped(rows, x), mapped(rows, t), mapped(rows, weight)

    def takes(self, data: tuple, home: Home) -> bool:
        """Have other data take the place of these, so that captured steps go on to serve.

        Returns:
            Whether they could: they are of the same form, and nobody reads these.
        """
        x, t, weight = data
        theirs = list(_named((mapped(home.cast, x), mapped(home.cast, t), weight)))
        given, ours = [array for _, array in _named(data)], list(_named(self.data))
        if self._is_busy or home.device != self.home.device or home.dtype != self.home.dtype:
            return False
        if [name for name, _ in theirs] != self._names:
            return False
        pairs = [(a, b) for (_, a), (_, b) in zip(ours, theirs, strict=True)]
        for (old, new), array in zip(pairs, given, strict=True):
            if id(old) in self._theirs and array is not old:
                return False
            if (old.shape, old.dtype) != (new.shape, new.dtype):
                return False
        for old, new in pairs:
            if new is not old:
                old[...] = home.moved(new)
        return True


def resident_batches(
    old: ResidentBatches | None, data: tuple, size: int, *, shuffle: bool, home: Home
) -> ResidentBatches:
    """Return batches of data on the device, in the place of `old` ones where they fit there."""
    if old is None or not old.takes(data, home):
        return ResidentBatches(data, size, shuffle=shuffle, home=home)
    old.size, old.shuffle = size, shuffle
    return old


def _named(data: tuple) -> Iterator[tuple[str, Any]]:
    for name, part in zip(("x", "y", "sample_weight"), data, strict=True):
        yield from leaves(part, name)
