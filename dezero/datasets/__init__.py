"""Data sets: samples and labels by index. Knows arrays, files and the network, never Variables."""

from dezero.datasets.base import ArrayDataset, Dataset, TupleDataset
from dezero.datasets.fashion import load_fashion
from dezero.datasets.idx import DataCorrupt, read_idx
from dezero.datasets.mnist import MNIST, FashionMNIST
from dezero.datasets.places import DataNotFound
from dezero.datasets.spiral import Spiral, get_spiral
from dezero.datasets.synthetic import SyntheticFashion

__all__ = [
    "MNIST",
    "ArrayDataset",
    "DataCorrupt",
    "DataNotFound",
    "Dataset",
    "FashionMNIST",
    "Spiral",
    "SyntheticFashion",
    "TupleDataset",
    "get_spiral",
    "load_fashion",
    "read_idx",
]
