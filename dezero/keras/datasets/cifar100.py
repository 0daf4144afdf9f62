"""CIFAR-100, small colour pictures in a hundred classes."""

from dezero import datasets
from dezero.keras.datasets.arrays import Split, loaded

__all__ = ["load_data"]


def load_data(label_mode: str = "fine") -> Split:
    """Return ((x_train, y_train), (x_test, y_test)): uint8, in the shapes of CIFAR-10.

    Args:
        label_mode: "fine" for the hundred classes, "coarse" for the twenty groups.
    Raises:
        ValueError: label_mode is neither.
    """
    return loaded(datasets.CIFAR100, label_type=label_mode)
