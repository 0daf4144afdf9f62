"""`fashion_mnist` by the import that scripts write; its arrays are tested in `test_arrays`."""

from dezero.keras.datasets import fashion_mnist
from dezero.keras.datasets.fashion_mnist import load_data


def test_the_import():
    assert fashion_mnist.load_data is load_data
    assert "uint8" in load_data.__doc__
