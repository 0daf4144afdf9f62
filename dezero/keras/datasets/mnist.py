"""MNIST, handwritten digits in ten classes."""

from dezero import datasets
from dezero.keras.datasets.arrays import Split, folder_of, loaded

__all__ = ["load_data"]


def load_data(path: str = "mnist.npz") -> Split:
    """Return ((x_train, y_train), (x_test, y_test)): uint8 (60000, 28, 28), (60000,) and 10000.

    Args:
        path: a file name with a folder says where to look first; a bare name says nothing.
    """
    return loaded(datasets.MNIST, folder_of(path))
