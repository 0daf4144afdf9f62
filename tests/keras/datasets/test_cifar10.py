"""`cifar10` by the import that scripts write; its arrays are tested in `test_arrays`."""

from dezero.keras.datasets import cifar10
from dezero.keras.datasets.cifar10 import load_data


def test_the_import():
    assert cifar10.load_data is load_data
    assert "uint8" in load_data.__doc__
