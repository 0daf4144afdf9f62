"""CIFAR-10, small colour pictures in ten classes."""

from dezero import datasets
from dezero.keras.datasets.arrays import Split, loaded

__all__ = ["load_data"]


def load_data() -> Split:
    """Return ((x_train, y_train), (x_test, y_test)), uint8.

    Pictures are (50000, 32, 32, 3) and labels (50000, 1), those of the test 10000.
    """
    return loaded(datasets.CIFAR10)
