"""The spiral: the book's shape and sizes, without touching NumPy's global generator."""

import numpy as np
import pytest

from dezero.datasets import Spiral, get_spiral


@pytest.mark.parametrize("train", [True, False])
def test_three_arms_of_a_hundred_points(train):
    x, t = get_spiral(train)
    assert x.shape == (300, 2) and x.dtype == np.float32
    assert t.shape == (300,) and t.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(t), [100, 100, 100])
    radius = np.hypot(*x.T)
    for arm in range(3):
        np.testing.assert_allclose(np.sort(radius[t == arm]), np.arange(100) / 100, atol=1e-6)


def test_points_follow_their_arm():
    x, t = get_spiral()
    radius = np.hypot(*x.T)
    far = radius > 0.1
    angle = np.arctan2(x[:, 0], x[:, 1]) - 4.0 * t - 4.0 * radius
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(angle[far]).max() < 1.0
    assert 0.15 < angle[far].std() < 0.25


def test_points_are_shuffled_and_repeatable():
    x, t = get_spiral()
    again, _ = get_spiral()
    np.testing.assert_array_equal(x, again)
    assert len(set(t[:20])) == 3
    assert not np.array_equal(x, get_spiral(train=False)[0])
    assert not np.array_equal(x, get_spiral(seed=1)[0])


def test_points_are_those_of_the_book():
    """The loop of the book, on a generator of its own."""
    for train, seed in ((True, 1984), (False, 2020)):
        rng = np.random.RandomState(seed)  # noqa: TID251 - the book has it
        points = np.empty((300, 2), np.float32)
        for i in range(300):
            arm, radius = i // 100, i % 100 / 100
            angle = arm * 4.0 + 4.0 * radius + rng.randn() * 0.2
            points[i] = radius * np.sin(angle), radius * np.cos(angle)
        order = rng.permutation(300)
        x, t = get_spiral(train)
        np.testing.assert_array_equal(x, points[order])
        np.testing.assert_array_equal(t, order // 100)


def test_bug_19_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    Spiral()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_dataset():
    dataset = Spiral(train=False, transform=lambda x: x * 2, seed=3)
    x, t = get_spiral(train=False, seed=3)
    assert len(dataset) == 300
    np.testing.assert_array_equal(dataset[7][0], x[7] * 2)
    assert dataset[7][1] == t[7]
