"""One line per data set: how to make it small, and the shape of a sample."""

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dezero.datasets import (
    CIFAR10,
    CIFAR100,
    MNIST,
    Dataset,
    FashionMNIST,
    ImageFolder,
    ImageNet,
    Shakespeare,
    SinCurve,
    Spiral,
    SyntheticFashion,
    TupleDataset,
)
from dezero.transforms import Compose, Resize, ToArray


class DatasetSpec(NamedTuple):
    """How to make a data set, the shape and dtype of x, and the number of classes.

    Without classes, t has the shape and dtype of x. Files are played by `tests.played`.
    """

    make: Callable[[], Dataset]
    shape: tuple[int, ...]
    dtype: type
    classes: int | None
    id: str


class Squares(Dataset):
    """A data set in the book's manner: `prepare` fills two arrays."""

    def prepare(self):
        self.data = np.arange(12, dtype=np.float32).reshape(6, 2)
        self.label = np.arange(6) % 2


def pair():
    return TupleDataset(np.ones((5, 2), np.float32), np.array([0, 1, 1, 0, 1]))


def folder(transform=None):
    return ImageFolder(os.path.join(os.environ["DEZERO_DATA"], "folder"), transform)


SMALL = Compose([Resize((4, 3)), ToArray()])

SPECS = [
    DatasetSpec(Squares, (2,), np.float32, 2, "Dataset"),
    DatasetSpec(pair, (2,), np.float32, 2, "TupleDataset"),
    DatasetSpec(MNIST, (784,), np.float32, 10, "MNIST"),
    DatasetSpec(lambda: MNIST(transform=None), (1, 28, 28), np.uint8, 10, "MNIST-raw"),
    DatasetSpec(FashionMNIST, (784,), np.float32, 10, "FashionMNIST"),
    DatasetSpec(CIFAR10, (3, 32, 32), np.float32, 10, "CIFAR10"),
    DatasetSpec(lambda: CIFAR10(transform=None), (3, 32, 32), np.uint8, 10, "CIFAR10-raw"),
    DatasetSpec(CIFAR100, (3, 32, 32), np.float32, 100, "CIFAR100"),
    DatasetSpec(
        lambda: CIFAR100(label_type="coarse"), (3, 32, 32), np.float32, 20, "CIFAR100-coarse"
    ),
    DatasetSpec(folder, (3, 5, 6), np.uint8, 2, "ImageFolder"),
    DatasetSpec(lambda: folder(SMALL), (3, 3, 4), np.float32, 2, "ImageFolder-array"),
    DatasetSpec(ImageNet, (3, 5, 6), np.uint8, 1000, "ImageNet"),
    DatasetSpec(Shakespeare, (), np.int64, 11, "Shakespeare"),
    DatasetSpec(SinCurve, (1,), np.float64, None, "SinCurve"),
    DatasetSpec(Spiral, (2,), np.float32, 3, "Spiral"),
    DatasetSpec(lambda: SyntheticFashion(size=30), (784,), np.float32, 10, "SyntheticFashion"),
]
