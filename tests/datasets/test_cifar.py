"""CIFAR10 and CIFAR100: what a user sees, their files played by arrays."""

import re
from pathlib import Path

import numpy as np
import pytest

import dezero.datasets
from dezero.datasets import CIFAR10, CIFAR100, cifar


@pytest.fixture
def played(monkeypatch):
    """Files played by arrays: picture i is filled with i, coarse label i % 20, fine i % 100."""
    asked = []

    def load(files, train, root, download):
        asked.append((files.name, train, root, download))
        images = np.arange(200, dtype=np.uint8).repeat(3072).reshape(200, 3, 32, 32)
        numbers = np.arange(200)
        labels = np.stack([numbers % most for most in files.classes], axis=1)
        return images, labels.astype(np.uint8)

    monkeypatch.setattr(cifar, "load", load)
    return asked


@pytest.mark.parametrize("kind", [CIFAR10, CIFAR100])
def test_default_transform_gives_values_between_minus_one_and_one(played, kind):
    data = kind()
    x, t = data[51]
    assert x.shape == (3, 32, 32) and x.dtype == np.float32
    np.testing.assert_allclose(x, (51 - 127.5) / 127.5)
    assert t == 51 % len(kind.classes) and data.label.dtype == np.int64
    x, t = data[[0, 3]]
    assert x.shape == (2, 3, 32, 32) and t.tolist() == [0, 3]


def test_raw_arrays_and_arguments(played, tmp_path):
    data = CIFAR10(False, None, None, root=tmp_path, download=False)
    assert data.data.shape == (200, 3, 32, 32) and data.data.dtype == np.uint8
    CIFAR100(True, None, lambda t: t + 1, "coarse")
    assert played == [("CIFAR10", False, tmp_path, False), ("CIFAR100", True, None, True)]


def test_bug_16_coarse_and_fine_labels_do_not_share_a_file(played):
    coarse, fine = CIFAR100(label_type="coarse"), CIFAR100(label_type="fine")
    again = CIFAR100(label_type="coarse")
    np.testing.assert_array_equal(fine.label, np.arange(200) % 100)
    np.testing.assert_array_equal(coarse.label, np.arange(200) % 20)
    np.testing.assert_array_equal(again.label, coarse.label)
    np.testing.assert_array_equal(CIFAR100().label, fine.label)


def test_bug_41_fine_labels_are_filled_in():
    fine, coarse = CIFAR100.labels("fine"), CIFAR100.labels("coarse")
    assert CIFAR100.labels() == fine and list(fine) == list(range(100))
    assert (fine[0], fine[1], fine[99]) == ("apple", "aquarium fish", "worm")
    assert (len(coarse), coarse[0], coarse[19]) == (20, "aquatic mammals", "vehicles 2")
    assert len(set(fine.values())) == 100 and sorted(fine.values()) == list(fine.values())


def test_bug_42_airplane_is_spelt_right():
    assert CIFAR10.labels()[0] == "airplane" and len(CIFAR10.labels()) == 10


def test_bug_6_label_types_are_compared_by_value():
    assert CIFAR100.labels("".join(["fi", "ne"])) == CIFAR100.labels("fine")
    with pytest.raises(ValueError, match=r"CIFAR100: expected label_type 'fine' or 'coarse', got"):
        CIFAR100.labels("medium")
    with pytest.raises(ValueError, match=r"CIFAR100: expected label_type 'fine' or 'coarse', got"):
        CIFAR100(label_type=None)


def test_bug_51_no_data_set_is_unpickled_or_evaluated():
    for path in Path(dezero.datasets.__file__).parent.glob("*.py"):
        assert not re.search(r"pickle\.|\beval\(|\bexec\(", path.read_text("utf-8")), path


def test_grid_and_show_in_colour(played):
    import matplotlib.pyplot as plt

    data = CIFAR10()
    grid = data.grid(2, 3, seed=0)
    assert grid.shape == (64, 96, 3) and grid.dtype == np.uint8
    index = np.random.default_rng(0).integers(0, 200, 6)
    np.testing.assert_array_equal(grid[32:, 32:64, 0], np.full((32, 32), index[4]))
    (image,) = data.show(2, 3, seed=0).get_images()
    np.testing.assert_array_equal(image.get_array(), grid)
    plt.close("all")


def test_repr(played):
    assert repr(CIFAR10(train=False)) == (
        "CIFAR10: 200 samples, data uint8 (3, 32, 32), label int64, 10 classes, test part"
    )
    assert "20 classes" in repr(CIFAR100(label_type="coarse"))
