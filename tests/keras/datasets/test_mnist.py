"""`mnist` by the import that scripts write; its arrays are tested in `test_arrays`."""

from dezero.keras.datasets import mnist
from dezero.keras.datasets.mnist import load_data


def test_the_import():
    assert mnist.load_data is load_data
    assert "uint8" in load_data.__doc__
