"""`cifar100` by the import that scripts write; its arrays are tested in `test_arrays`."""

from dezero.keras.datasets import cifar100
from dezero.keras.datasets.cifar100 import load_data


def test_the_import():
    assert cifar100.load_data is load_data
    assert "uint8" in load_data.__doc__
