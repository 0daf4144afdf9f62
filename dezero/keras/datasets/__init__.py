"""Keras's data sets: `(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()`."""

from dezero.keras.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    mnist,
)

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "mnist",
]
