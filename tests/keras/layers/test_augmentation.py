"""Tests of `dezero/keras/layers/augmentation.py`."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("RandomRotation", "RandomZoom", "RandomTranslation")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


X = np.random.default_rng(0).random((6, 5, 4, 3)).astype(np.float32)
KINDS = [
    lambda **o: layers.RandomFlip(**o),
    lambda **o: layers.RandomRotation(0.2, **o),
    lambda **o: layers.RandomZoom(0.3, **o),
    lambda **o: layers.RandomTranslation(0.2, 0.3, **o),
]


@pytest.mark.parametrize("make", [*KINDS, lambda **o: layers.RandomContrast(0.5, **o)])
def test_only_training_varies_and_a_seed_repeats(make):
    np.testing.assert_array_equal(make(seed=1)(X, training=False).data, X)
    varied = make(seed=1)(X, training=True).data
    assert varied.shape == X.shape and varied.dtype == np.float32
    assert abs(varied - X).max() > 0.01
    np.testing.assert_array_equal(varied, make(seed=1)(X, training=True).data)
    whole = make(seed=1)((X * 255).astype(np.uint8), training=True)
    assert whole.dtype == np.float32
    assert make(seed=1)(X[0], training=True).shape == X[0].shape


@pytest.mark.parametrize("make", KINDS)
def test_channels_first(make):
    last = make(seed=3)(X, training=True).data
    first = make(seed=3, data_format="channels_first")(X.transpose(0, 3, 1, 2), training=True)
    np.testing.assert_allclose(first.data.transpose(0, 2, 3, 1), last, atol=1e-6)


def test_every_flip_is_the_picture_or_its_mirror():
    seen = set()
    y = layers.RandomFlip("horizontal", seed=0)(X, training=True).data
    for before, after in zip(X, y, strict=True):
        same, flipped = (before == after).all(), (before[:, ::-1] == after).all()
        assert same or flipped
        seen.add(bool(same))
    assert seen == {True, False}


def test_a_flip_is_differentiated():
    x = Variable(X)
    y = layers.RandomFlip(seed=0)(x, training=True)
    (y * y.data).sum().backward()
    np.testing.assert_array_equal(x.grad.data, X)


def test_contrast_keeps_the_mean_and_the_range():
    y = layers.RandomContrast(0.5, value_range=(-9, 9), seed=0)(X, training=True).data
    np.testing.assert_allclose(y.mean((1, 2)), X.mean((1, 2)), atol=1e-5)
    assert (
        layers.RandomContrast(1.0, value_range=(0, 0.5), seed=0)(X, training=True).data.max() <= 0.5
    )


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.RandomRotation(20), "RandomRotation: expected factor"),
        (lambda: layers.RandomRotation((0.1, 0.2, 0.3)), "RandomRotation: expected factor"),
        (lambda: layers.RandomRotation("0.1"), "RandomRotation: expected factor"),
        (lambda: layers.RandomZoom(2), "RandomZoom: expected height_factor"),
        (lambda: layers.RandomTranslation(0.1, -7), "RandomTranslation: expected width_factor"),
        (lambda: layers.RandomContrast(2), "RandomContrast: expected factor"),
        (lambda: layers.RandomFlip("sideways"), "RandomFlip: expected mode"),
        (lambda: layers.RandomZoom(0.1, fill_mode="mirror"), "RandomZoom: expected fill_mode"),
    ],
)
def test_errors(make, match):
    with pytest.raises(ValueError, match=match):
        make()
