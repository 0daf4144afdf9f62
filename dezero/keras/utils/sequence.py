"""`Sequence`: batches by number, for data sets of one's own; Keras 3 calls it `PyDataset`."""

from collections.abc import Iterator
from typing import Any

__all__ = ["PyDataset", "Sequence"]


class Sequence:
    """A parent: a subclass writes `__len__`, batches in an epoch, and `__getitem__`, a batch.

    Args:
        workers, use_multiprocessing, max_queue_size: accepted; batches are made as they are used.
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers, self.use_multiprocessing = workers, use_multiprocessing
        self.max_queue_size = max_queue_size

    def __len__(self) -> int:
        """Return how many batches an epoch has."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected __len__, batches in an epoch. Define it."
        )

    def __getitem__(self, index: int) -> Any:
        """Return batch `index`, (x, y) or (x, y, sample_weight)."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected __getitem__(index), a batch. Define it."
        )

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    @property
    def num_batches(self) -> int:
        """How many batches an epoch has."""
        return len(self)

    def on_epoch_end(self) -> None:
        """Called after each epoch, such as to shuffle."""


PyDataset = Sequence
