"""Data sets: samples and labels by index. Knows arrays, files and the network, never Variables."""

from dezero.datasets.base import ArrayDataset, Dataset, TupleDataset
from dezero.datasets.cache import load_cache_npz, save_cache_npz
from dezero.datasets.cifar import CIFAR10, CIFAR100
from dezero.datasets.fashion import load_fashion
from dezero.datasets.folder import ImageFolder
from dezero.datasets.idx import DataCorrupt, read_idx
from dezero.datasets.imagenet import ImageNet
from dezero.datasets.mnist import MNIST, FashionMNIST
from dezero.datasets.places import DataNotFound
from dezero.datasets.series import SinCurve
from dezero.datasets.spiral import Spiral, get_spiral
from dezero.datasets.synthetic import SyntheticFashion
from dezero.datasets.text import Shakespear, Shakespeare

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "MNIST",
    "ArrayDataset",
    "DataCorrupt",
    "DataNotFound",
    "Dataset",
    "FashionMNIST",
    "ImageFolder",
    "ImageNet",
    "Shakespear",
    "Shakespeare",
    "SinCurve",
    "Spiral",
    "SyntheticFashion",
    "TupleDataset",
    "get_spiral",
    "load_fashion",
    "load_cache_npz",
    "read_idx",
    "save_cache_npz",
]
