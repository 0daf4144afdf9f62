"""Fashion-MNIST, photographs of clothes in ten classes."""

from dezero import datasets
from dezero.keras.datasets.arrays import Split, loaded

__all__ = ["load_data"]


def load_data() -> Split:
    """Return ((x_train, y_train), (x_test, y_test)): uint8 (60000, 28, 28), (60000,) and 10000."""
    return loaded(datasets.FashionMNIST)
