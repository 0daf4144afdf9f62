"""ImageDataset: class names and a grid of pictures."""

import numpy as np
import pytest

from dezero.datasets.images import FASHION_CLASSES, ImageDataset, flat_unit


class Tiny(ImageDataset):
    classes = ("dark", "light")

    def prepare(self):
        self.data = np.array([10, 200], np.uint8).repeat(784).reshape(2, 1, 28, 28)
        self.label = np.array([0, 1])


def test_labels_count_from_zero():
    assert Tiny.labels() == {0: "dark", 1: "light"}
    assert len(FASHION_CLASSES) == 10


def test_grid_holds_whole_pictures():
    grid = Tiny().grid(3, 4, seed=0)
    assert grid.shape == (84, 112) and grid.dtype == np.uint8
    tiles = grid.reshape(3, 28, 4, 28).transpose(0, 2, 1, 3).reshape(12, 784)
    assert all(len(set(tile)) == 1 for tile in tiles)
    assert set(tiles[:, 0]) == {10, 200}
    np.testing.assert_array_equal(Tiny().grid(3, 4, seed=0), grid)


def test_show_draws_the_grid(monkeypatch):
    import matplotlib
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(1))
    axes = Tiny().show(row=2, col=3, seed=1)
    (image,) = axes.get_images()
    np.testing.assert_array_equal(image.get_array(), Tiny().grid(2, 3, seed=1))
    monkeypatch.setattr(matplotlib, "get_backend", lambda: "tkagg")
    Tiny().show(1, 1)
    assert shown == [1]
    plt.close("all")


@pytest.mark.parametrize("images", [Tiny().data, Tiny().data[0]])
def test_flat_unit(images):
    flat = flat_unit.batch(images) if images.ndim == 4 else flat_unit(images)
    assert flat.dtype == np.float32 and flat.shape[-1] == 784
    np.testing.assert_array_equal(flat.ravel()[:784], np.full(784, 10 / 255, np.float32))
