"""What a data set is: a length and an index, for one sample or for many at once."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dezero.transforms import apply_batch, from_picture, is_picture

__all__ = ["ArrayDataset", "Dataset", "TupleDataset"]


class Dataset:
    """Samples and labels by index; subclasses fill `data` and `label` in `prepare`.

    Args:
        train: the training or the test part.
        transform: callable on one sample; None changes nothing. Those of `dezero.transforms`
            are applied to a whole batch at once.
        target_transform: the same for the label.
    Note: an integer gives one `(x, t)`; a slice, an index array or a mask gives `(x, t)` with a
        leading axis, fetched with one index. Without labels t is None. A subclass may instead
        define `__getitem__` and `__len__` alone.
    """

    data: Any = None
    label: Any = None

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        self.prepare()

    def prepare(self) -> None:
        """Fill `self.data` and `self.label`; called once by `__init__`."""

    @property
    def takes_index_arrays(self) -> bool:
        """Whether `self[array]` is a batch: not where a subclass has its own `__getitem__`."""
        return type(self).__getitem__ is Dataset.__getitem__

    def array_columns(self) -> list[tuple[Any, Any]] | None:
        """Return (array, transform) of each part of `self[index]`; None if that is more than rows
        and their transform."""
        if type(self).__getitem__ is not Dataset.__getitem__:
            return None
        return [(self.data, self.transform), (self.label, self.target_transform)]

    def __len__(self) -> int:
        self._check()
        if self.label is not None and len(self.label) != len(self.data):
            raise ValueError(
                f"{type(self).__name__}: expected as many labels as samples, got "
                f"{len(self.label)} and {len(self.data)}. Each sample needs its label."
            )
        return len(self.data)

    def _check(self) -> None:
        if self.data is None:
            raise RuntimeError(
                f"{type(self).__name__}: expected prepare() to set self.data, got None. "
                "Set it there, or define __len__ and __getitem__."
            )

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"{name}: {', '.join(self._facts())}" if self.data is not None else name

    def _facts(self) -> list[str]:
        """Return what `repr` says, all of it known without reading a sample."""
        facts = [f"{len(self.data)} samples"]
        for what, values in (("data", self.data), ("label", self.label)):
            if hasattr(values, "dtype"):
                shape = f" {values.shape[1:]}" if len(values.shape) > 1 else ""
                facts.append(f"{what} {values.dtype}{shape}")
        return facts

    def __getitem__(self, index: Any) -> Any:
        self._check()
        if is_one(index):
            x, t = self.data[index], None if self.label is None else self.label[index]
            return _one(self.transform, x), None if t is None else _one(self.target_transform, t)
        x = _many(self.transform, self.data, index)
        if self.label is None:
            return x, None
        return x, apply_batch(self.target_transform, take(self.label, index))

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Return the samples at `indices` as a list, fetched and transformed as one batch.

        torch's loader calls this and stacks the list; our own indexes with the array instead.
        """
        if not self.takes_index_arrays:
            return [self[index] for index in indices]
        columns = self[np.asarray(indices, dtype=np.intp)]
        if any(column is None for column in columns):
            return [(x, None) for x in columns[0]]
        return list(zip(*columns, strict=True))


class TupleDataset(Dataset):
    """Arrays of equal length side by side: item i is `(a[i], b[i], ...)`.

    Args:
        *arrays: arrays or lists with the same length; usually x and t.
        transform: callable on one sample of the first array.
        target_transform: callable on one sample of the second array.
    Raises:
        ValueError: no array, or their lengths differ.
    """

    def __init__(
        self,
        *arrays: Any,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        if not arrays:
            raise ValueError("TupleDataset: expected at least one array, got none. Pass x and t.")
        lengths = [len(array) for array in arrays]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"TupleDataset: expected arrays of one length, got {lengths}. "
                "Each sample needs its label."
            )
        self.arrays = arrays
        super().__init__(transform=transform, target_transform=target_transform)

    def prepare(self) -> None:
        self.data = self.arrays[0]
        self.label = self.arrays[1] if len(self.arrays) > 1 else None

    @property
    def takes_index_arrays(self) -> bool:
        return type(self).__getitem__ is TupleDataset.__getitem__

    def array_columns(self) -> list[tuple[Any, Any]] | None:
        if type(self).__getitem__ is not TupleDataset.__getitem__:
            return None
        rest = (None,) * len(self.arrays)
        transforms = (self.transform, self.target_transform, *rest)
        return list(zip(self.arrays, transforms, strict=False))

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        transforms = (self.transform, self.target_transform)[: len(self.arrays)]
        if is_one(index):
            row = [array[index] for array in self.arrays]
            row[: len(transforms)] = map(_one, transforms, row)
            return tuple(row)
        columns = [_many(*column, index) for column in zip(transforms, self.arrays, strict=False)]
        columns += [take(array, index) for array in self.arrays[len(transforms) :]]
        return tuple(columns)


ArrayDataset = TupleDataset


def is_one(index: Any) -> bool:
    """Return whether `index` names a single sample, not a slice, list, index array or mask."""
    return np.ndim(index) == 0 and not isinstance(index, slice)


def take(values: Any, index: Any) -> Any:
    """Return `values[index]` with a leading axis; a slice of an array is a view."""
    if not hasattr(values, "dtype"):
        chosen = _chosen(values, index)
        # Where none is chosen, the first tells shape and dtype.
        rows = [np.asarray(value) for value in chosen or values[:1]]
        return np.stack(rows)[: len(chosen)] if rows else np.empty(0)
    if isinstance(index, slice):
        return values[index]
    index = np.asarray(index)
    if index.dtype.kind in "iu" and index.ndim == 1 and isinstance(values, np.ndarray):
        return values.take(index, axis=0)  # the same rows as values[index], found quicker
    return values[index if index.size else index.astype(np.intp)]


def _chosen(values: Any, index: Any) -> list[Any]:
    if not isinstance(index, slice):
        index = np.asarray(index)
        index = index if index.size else index.astype(np.intp)
    return [values[i] for i in np.arange(len(values))[index]]


def _many(transform: Callable[[Any], Any] | None, values: Any, index: Any) -> Any:
    """Return the transformed `values[index]`; Pillow images one by one, as arrays (C, H, W)."""
    if hasattr(values, "dtype") or not len(values) or not is_picture(values[0]):
        return apply_batch(transform, take(values, index))
    chosen = _chosen(values, index)
    xs = apply_batch(transform, chosen or [values[0]])
    if isinstance(xs, list):
        sizes = sorted({x.size for x in xs})
        if len(sizes) > 1:
            raise ValueError(
                f"Dataset: expected pictures of one size for a batch, got {sizes} (width, height). "
                "Put Resize and a crop into transform."
            )
        xs = np.stack([from_picture(x) for x in xs])
    return xs[: len(chosen)]


def _one(transform: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if transform is None else transform(value)
