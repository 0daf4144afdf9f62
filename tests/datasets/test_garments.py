"""Each garment: a picture of the right shape, inside the canvas, and with its own features."""

import numpy as np
import pytest

from dezero.datasets import garments
from dezero.datasets.garments import GARMENTS
from dezero.datasets.images import FASHION_CLASSES

N = 200


def picture_of(name, seed=0):
    return getattr(garments, name)(np.random.default_rng(seed), N)


def test_order_is_that_of_the_classes():
    names = [garment.__name__ for garment in GARMENTS]
    short = {"t_shirt": "T-shirt/top", "boot": "Ankle boot"}
    assert [short.get(name, name.capitalize()) for name in names] == list(FASHION_CLASSES)


@pytest.mark.parametrize("garment", GARMENTS, ids=lambda garment: garment.__name__)
def test_picture(garment):
    picture = garment(np.random.default_rng(1), N)
    assert picture.shape == (N, 28, 28) and picture.dtype == np.float32
    assert np.isfinite(picture).all() and picture.min() >= 0.0 and picture.max() <= 4.0
    filled = (picture > 0.3).mean(axis=(1, 2))
    assert 0.04 < filled.min() and filled.max() < 0.8
    assert (picture[:, :, [0, -1]] > 0.3).mean() < 0.06
    again = garment(np.random.default_rng(1), N)
    np.testing.assert_array_equal(again, picture)
    assert len(np.unique(picture, axis=0)) == N


def width(picture, rows):
    return (picture[:, rows] > 0.2).any(axis=1).sum(axis=1)


def test_trousers_have_two_legs():
    legs = picture_of("trouser")[:, 19:22].mean(axis=1) > 0.3
    assert (np.abs(np.diff(legs.astype(int), axis=1)).sum(axis=1) == 4).mean() > 0.9


def test_sleeves_are_long_or_short():
    low = slice(16, 19)
    long = width(picture_of("pullover"), low).mean()
    short = width(picture_of("t_shirt"), low).mean()
    assert long > short + 3


def test_boots_are_taller_than_sneakers():
    def height(name):
        return (picture_of(name) > 0.2).any(axis=2).sum(axis=1)

    assert height("boot").min() > height("sneaker").max() - 1
    assert height("boot").mean() > height("sneaker").mean() + 6


def edges(name):
    """Return how often a column crosses from cloth to no cloth or back, on average."""
    return np.abs(np.diff((picture_of(name) > 0.2).astype(int), axis=1)).sum(axis=1).mean()


def test_sandals_have_gaps():
    assert edges("sandal") > 1.2 * edges("sneaker")


def test_bags_have_handles():
    picture = picture_of("bag") > 0.2
    crossings = np.abs(np.diff(picture.astype(int), axis=1)).sum(axis=1).max(axis=1)
    assert (crossings >= 3).mean() > 0.9


def test_shoes_point_both_ways():
    picture = picture_of("boot")
    left = picture[:, :14, :14].sum(axis=(1, 2)) > picture[:, :14, 14:].sum(axis=(1, 2))
    assert 0.35 < left.mean() < 0.65


def test_details_are_lighter_or_darker():
    strengths = garments.contrast(np.random.default_rng(0), 1000, 0.4, 0.8)
    assert strengths.dtype == np.float32
    assert 0.4 < (strengths > 0).mean() < 0.6
    assert np.abs(strengths).min() >= 0.4 * 0.85 - 1e-6 and strengths.max() <= 0.8
