"""Keras's data sets: four arrays of bytes, channels last."""

import numpy as np
import pytest

from dezero import datasets
from dezero.keras.datasets import arrays, cifar10, cifar100, fashion_mnist, mnist


def small(kind, monkeypatch, shape, size):
    """Let a data set of ours have a few samples."""
    seen = []

    def prepare(self):
        n = size if self.train else size // 2
        seen.append((self.root, getattr(self, "label_type", None)))
        self.data = np.arange(n * np.prod(shape)).reshape(n, *shape).astype("u1")
        self.label = np.arange(n)

    monkeypatch.setattr(kind, "prepare", prepare)
    return seen


@pytest.mark.parametrize(
    ("module", "kind"), [(mnist, datasets.MNIST), (fashion_mnist, datasets.FashionMNIST)]
)
def test_grey_pictures(monkeypatch, module, kind):
    small(kind, monkeypatch, (1, 28, 28), 6)
    (x, t), (x_test, t_test) = module.load_data()
    assert (x.shape, t.shape, x_test.shape, t_test.shape) == (
        (6, 28, 28), (6,), (3, 28, 28), (3,),
    )  # fmt: skip
    assert {a.dtype.name for a in (x, t, x_test, t_test)} == {"uint8"}
    assert x.flags.writeable and x[1, 0, 0] == 784 % 256


def test_colour_pictures(monkeypatch):
    seen = small(datasets.CIFAR10, monkeypatch, (3, 32, 32), 4)
    (x, t), _ = cifar10.load_data()
    assert x.shape == (4, 32, 32, 3) and t.shape == (4, 1) and t.dtype == np.uint8
    assert x[0, 0, 0].tolist() == [0, 1024 % 256, 2048 % 256] and x[0, 0, 1, 0] == 1
    cifar100.load_data("coarse")
    assert [label for _, label in seen] == [None, None, "coarse", "coarse"]
    with pytest.raises(ValueError, match="fine"):
        cifar100.load_data("none")


def test_the_folder_of_a_path(monkeypatch):
    seen = small(datasets.MNIST, monkeypatch, (1, 28, 28), 2)
    mnist.load_data("/data/here/mnist.npz")
    assert seen[0][0] == "/data/here"
    assert arrays.folder_of("mnist.npz") is None and arrays.folder_of(None) is None
