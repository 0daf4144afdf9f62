"""One line per data set: how to make it small, and the shape of a sample."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dezero.datasets import MNIST, Dataset, FashionMNIST, Spiral, SyntheticFashion, TupleDataset


class DatasetSpec(NamedTuple):
    """How to make a data set, the shape and dtype of x, and the number of classes.

    The files of MNIST are played by arrays.
    """

    make: Callable[[], Dataset]
    shape: tuple[int, ...]
    dtype: type
    classes: int
    id: str


class Squares(Dataset):
    """A data set in the book's manner: `prepare` fills two arrays."""

    def prepare(self):
        self.data = np.arange(12, dtype=np.float32).reshape(6, 2)
        self.label = np.arange(6) % 2


def pair():
    return TupleDataset(np.ones((5, 2), np.float32), np.array([0, 1, 1, 0, 1]))


SPECS = [
    DatasetSpec(Squares, (2,), np.float32, 2, "Dataset"),
    DatasetSpec(pair, (2,), np.float32, 2, "TupleDataset"),
    DatasetSpec(MNIST, (784,), np.float32, 10, "MNIST"),
    DatasetSpec(lambda: MNIST(transform=None), (1, 28, 28), np.uint8, 10, "MNIST-raw"),
    DatasetSpec(FashionMNIST, (784,), np.float32, 10, "FashionMNIST"),
    DatasetSpec(Spiral, (2,), np.float32, 3, "Spiral"),
    DatasetSpec(lambda: SyntheticFashion(size=30), (784,), np.float32, 10, "SyntheticFashion"),
]
