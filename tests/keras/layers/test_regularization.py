"""Tests of `dezero/keras/layers/regularization.py`."""

import numpy as np
import pytest

from dezero.backend import random, to_host
from dezero.core import Variable
from dezero.keras import layers
from tests.strict_device import strict_device

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


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Dropout(0.3),
        lambda: layers.Dropout(0.3, seed=3),
        lambda: layers.Dropout(0.3, noise_shape=(None, 1, None)),
        lambda: layers.SpatialDropout1D(0.3),
        lambda: layers.GaussianNoise(0.3),
        lambda: layers.GaussianDropout(0.3, seed=1),
        lambda: layers.AlphaDropout(0.3),
    ],
)
def test_one_seed_disturbs_the_same_on_every_device(make, rng, seeded):
    values = rng.standard_normal((4, 5, 6)).astype("f4")

    def results(move):
        random.seed(0)
        x = Variable(move(values))
        layer = make()
        y = layer(x, training=True)
        y.sum().backward()
        return [to_host(v.data) for v in (y, x.grad)]

    here = results(np.copy)
    with strict_device() as device:
        for ours, twin in zip(results(device.from_host), here, strict=True):
            np.testing.assert_allclose(ours, twin, 1e-6, 1e-6)
