"""Tests of `dezero/keras/layers/regularization.py`."""

import numpy as np
import pytest

from dezero.backend import random
from dezero.keras import layers

X = np.ones((40, 5, 6, 10), np.float32)


@pytest.mark.parametrize(
    ("layer", "x", "axes"),
    [
        (layers.SpatialDropout1D(0.25, seed=0), X[:, 0], (1,)),
        (layers.SpatialDropout2D(0.25, seed=0), X, (1, 2)),
        (layers.SpatialDropout2D(0.25, "channels_first", seed=0), X, (2, 3)),
    ],
)
def test_whole_channels_are_dropped(layer, x, axes):
    assert layer(x, training=False) is x
    y = layer(x, training=True).data
    assert set(np.unique(y)) <= {0, np.float32(1 / 0.75)}
    assert (y.min(axes) == y.max(axes)).all()
    assert 0.2 < 1 - y.mean() * 0.75 < 0.3


@pytest.mark.parametrize(
    ("layer", "deviation"),
    [(layers.GaussianNoise(0.5, seed=0), 0.5), (layers.GaussianDropout(0.2, seed=0), 0.5)],
)
def test_noise_has_its_mean_and_deviation(layer, deviation):
    assert layer(X, training=False) is X
    y = layer(X, training=True).data
    np.testing.assert_allclose(y.mean(), 1, atol=0.02)
    np.testing.assert_allclose(y.std(), deviation, atol=0.02)
    again = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(again(X, training=True).data, y)


def test_without_a_seed_the_generator_of_the_library_draws(seeded):
    layer = layers.SpatialDropout1D(0.5)
    random.seed(3)
    y = layer(X[:, 0], training=True).data
    random.seed(3)
    np.testing.assert_array_equal(layer(X[:, 0], training=True).data, y)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.SpatialDropout1D(1.5), "SpatialDropout1D: expected rate from 0 to 1"),
        (lambda: layers.GaussianNoise(-1), "GaussianNoise: expected stddev from 0 to 1"),
        (lambda: layers.GaussianDropout(1), "GaussianDropout: expected 0 <= rate < 1"),
    ],
)
def test_errors(make, match):
    with pytest.raises(ValueError, match=match):
        make()
