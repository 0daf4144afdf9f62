"""Endless batches by number: what the iterators of ImageDataGenerator have in common."""

import math
import os
import threading
from typing import Any

import numpy as np

from dezero.preprocessing.draws import start_of
from dezero.preprocessing.pictures import array_to_img

__all__ = ["PictureIterator"]


class PictureIterator:
    """Batches of n samples without end, `next(it)`, or by number, `it[i]`; a parent.

    Args:
        n: samples.
        batch_size: samples of a batch; the last one of an epoch may be smaller.
        shuffle: a new order in every epoch.
        seed: start of the random numbers; None takes one from `dezero.backend.random`.
    Note: epoch, number of the batch, and how often it was taken in this epoch give each batch
        random numbers of its own: two iterators of one seed stay together, in whatever order and
        from however many threads their batches are asked for.
    """

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: Any) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer):
            raise TypeError(
                f"{type(self).__name__}: expected batch_size to be an integer, got {batch_size!r}. "
                "32 is usual."
            )
        if batch_size < 1:
            raise ValueError(
                f"{type(self).__name__}: expected batch_size >= 1, got {batch_size}. 32 is usual."
            )
        self.n, self.batch_size, self.shuffle, self.seed = n, int(batch_size), shuffle, seed
        self._seed = start_of(seed)
        self.lock = threading.Lock()
        self.batch_index = self.total_batches_seen = 0
        self._epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(self.n / self.batch_size)

    def __iter__(self) -> "PictureIterator":
        return self

    def __next__(self) -> Any:
        if not self.n:
            raise ValueError(
                f"{type(self).__name__}: expected pictures to make batches of, got none. "
                "Check the folder, the endings of the files and the subset."
            )
        with self.lock:
            if self.batch_index == 0 and self._taken:
                self._begin_epoch()
            index = self.batch_index
            self.batch_index = (index + 1) % len(self)
            rows, rng = self._job(index)
        return self.make_batch(rows, rng)

    def next(self) -> Any:
        """Return the next batch, as `next(it)` does."""
        return self.__next__()

    def __getitem__(self, idx: int) -> Any:
        if not -len(self) <= idx < len(self):
            raise IndexError(
                f"{type(self).__name__}: expected a batch below {len(self)}, got {idx}. "
                "It begins anew after on_epoch_end()."
            )
        with self.lock:
            rows, rng = self._job(idx % len(self))
        return self.make_batch(rows, rng)

    def on_epoch_end(self) -> None:
        """Begin a new epoch, in a new order if it is shuffled."""
        with self.lock:
            self._begin_epoch()

    def reset(self) -> None:
        """Let `next(it)` be the first batch of an epoch."""
        with self.lock:
            self.batch_index = 0

    def _begin_epoch(self) -> None:
        self._epoch += 1
        self._taken: dict[int, int] = {}
        order = np.random.default_rng([self._seed, 0, self._epoch])
        self.index_array = order.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _job(self, index: int) -> "tuple[np.ndarray, np.random.Generator]":
        times = self._taken[index] = self._taken.get(index, -1) + 1
        self.total_batches_seen += 1
        start = index * self.batch_size
        rng = np.random.default_rng([self._seed, 1, self._epoch, index, times])
        return self.index_array[start : start + self.batch_size], rng

    def make_batch(self, rows: np.ndarray, rng: "np.random.Generator") -> Any:
        """Return the batch of these samples; for subclasses to write."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method make_batch(rows, rng), got none. Define it."
        )


class Saving:
    """Where an iterator writes its pictures for someone to look at them.

    Args:
        folder: None writes nothing.
        prefix, kind: how the files' names begin, and their ending.
    """

    def __init__(self, folder: Any, prefix: str, kind: str) -> None:
        if folder is not None and not os.path.isdir(folder):
            raise ValueError(
                f"save_to_dir: expected a folder, got {os.fspath(folder)!r}. Make it first."
            )
        self.folder, self.prefix, self.kind = folder, prefix, kind

    def write(self, xs: np.ndarray, rows: np.ndarray, data_format: str, rng: Any) -> None:
        """Write each picture, stretched from black to white, as PREFIX_ROW_NUMBER.KIND."""
        if self.folder is None:
            return
        for x, row in zip(xs, rows.tolist(), strict=True):
            name = f"{self.prefix}_{row}_{rng.integers(10**7)}.{self.kind}"
            image = array_to_img(x, data_format)
            if self.kind.lower() in {"jpg", "jpeg"} and image.mode == "RGBA":
                image = image.convert("RGB")
            image.save(os.path.join(self.folder, name))
