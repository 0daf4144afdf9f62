"""MNIST and FashionMNIST: what a user sees, from files that are real where they are installed."""

import time
from pathlib import Path

import numpy as np
import pytest

from dezero.datasets import MNIST, DataNotFound, Dataset, FashionMNIST, mnist
from dezero.datasets.images import FASHION_CLASSES

REAL = Path("/usr/share/datasets/fashion-mnist")
needs_files = pytest.mark.skipif(
    not REAL.is_dir(), reason="needs the Debian package dataset-fashion-mnist"
)


@pytest.fixture
def played(monkeypatch):
    """Files played by arrays: image i is filled with i, its label is i % 10."""
    asked = []

    def load(collection, train, root, download):
        asked.append((collection.name, train, root, download))
        images = np.arange(20, dtype=np.uint8).repeat(784).reshape(20, 28, 28)
        return images, (np.arange(20) % 10).astype(np.uint8)

    monkeypatch.setattr(mnist, "load", load)
    return asked


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST])
def test_default_transform_gives_rows_between_zero_and_one(played, kind):
    data = kind()
    assert isinstance(data, Dataset) and len(data) == 20
    x, t = data[5]
    assert x.shape == (784,) and x.dtype == np.float32 and t == 5
    np.testing.assert_array_equal(x, np.float32(5.0) / np.float32(255.0))
    x, t = data[:3]
    assert x.shape == (3, 784) and x.dtype == np.float32
    assert t.tolist() == [0, 1, 2] and t.dtype == np.uint8


def test_raw_arrays(played):
    data = MNIST(train=False, transform=None)
    assert data.data.shape == (20, 1, 28, 28) and data.data.dtype == np.uint8
    assert data.label.shape == (20,)
    assert data[3][0].shape == (1, 28, 28)


def test_arguments_reach_the_search(played, tmp_path):
    FashionMNIST(False, None, None, root=tmp_path, download=False)
    MNIST()
    assert played == [("FashionMNIST", False, tmp_path, False), ("MNIST", True, None, True)]


def test_classes():
    assert MNIST.labels() == {i: str(i) for i in range(10)}
    assert FashionMNIST.labels() == dict(enumerate(FASHION_CLASSES))
    assert FashionMNIST.labels()[9] == "Ankle boot"


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST])
def test_pins_are_complete_and_distinct(kind):
    files = kind.collection.train + kind.collection.test
    hashes = [file.sha256 for file in files] + [file.packed_sha256 for file in files]
    assert all(len(value) == 64 and int(value, 16) for value in hashes)
    assert len(set(hashes)) == 8
    assert len(kind.collection.mirrors) >= 3
    assert all(mirror.endswith("/") for mirror in kind.collection.mirrors)
    assert [file.shape for file in files] == [
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    ]


def test_only_mnist_is_in_keras_npz():
    files = MNIST.collection.train + MNIST.collection.test
    assert [file.member for file in files] == ["x_train", "y_train", "x_test", "y_test"]
    assert not any(file.member for file in FashionMNIST.collection.train)


def test_nothing_found(monkeypatch, tmp_path):
    for name in ("HOME", "DEZERO_CACHE", "KERAS_HOME", "TORCH_HOME", "DEZERO_DATA"):
        monkeypatch.setenv(name, str(tmp_path / "empty"))
    monkeypatch.setattr("dezero.datasets.places.SYSTEM", tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        DataNotFound, match=r"FashionMNIST: .* \(26\.5 MB\), .* use SyntheticFashion"
    ):
        FashionMNIST(download=False)
    with pytest.raises(DataNotFound, match=r"MNIST: .* \(1\.7 MB\), got neither"):
        MNIST(train=False, download=False)


@needs_files
def test_real_test_set():
    data = FashionMNIST(train=False, root=REAL, download=False)
    assert len(data) == 10000
    np.testing.assert_array_equal(np.bincount(data.label), np.full(10, 1000))
    assert data.label[:5].tolist() == [9, 2, 1, 1, 6]


@needs_files
@pytest.mark.slow
def test_real_training_set_loads_in_a_second():
    FashionMNIST(root=REAL, download=False)
    start = time.perf_counter()
    data = FashionMNIST(root=REAL, download=False)
    assert time.perf_counter() - start < 1.0
    np.testing.assert_array_equal(np.bincount(data.label), np.full(10, 6000))
