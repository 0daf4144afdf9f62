"""Identity, ActivityRegularization, AlphaDropout, AdditiveAttention; the numbers are Keras's."""

import numpy as np
import pytest

from dezero.keras import Input, Model, layers, models


def test_identity_and_a_penalty():
    x = Input((3,))
    model = Model(x, layers.ActivityRegularization(l1=0.1, l2=0.2)(layers.Identity()(x)))
    model.compile("sgd", "mse")
    rows = np.arange(6.0).reshape(2, 3)
    assert model.evaluate(rows, rows, verbose=0) == pytest.approx(6.25)
    twin = models.clone_model(model)
    twin.compile("sgd", "mse")
    assert twin.evaluate(rows, rows, verbose=0) == pytest.approx(6.25)


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=(4000,)).astype("f4")
    layer = layers.AlphaDropout(0.3, seed=1)
    y = layer(x, training=True).data
    values, counts = np.unique(y, return_counts=True)
    assert values[counts.argmax()] == pytest.approx(-1.0595481, rel=1e-5)
    assert 0.27 < counts.max() / 4000 < 0.33 and abs(y.mean()) < 0.05 and abs(y.std() - 1) < 0.05
    np.testing.assert_array_equal(layer(x), x)
    rows = layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=0)(np.ones((20, 3)), training=True)
    assert all(len(set(row)) == 1 for row in rows.data) and len(set(rows.data[:, 0])) == 2
    with pytest.raises(ValueError, match="expected 0 <= rate < 1, got 1"):
        layers.AlphaDropout(1)


def test_additive_attention():
    q = np.random.default_rng(1).normal(size=(1, 2, 3)).astype("f4")
    v = np.random.default_rng(2).normal(size=(1, 4, 3)).astype("f4")
    layer = layers.AdditiveAttention()
    layer([q, v])
    layer.set_weights([np.array([0.5, 1.0, -1.0], "f4")])
    wanted = [
        [-0.4833046793937683, 0.574931263923645, -0.046231359243392944],
        [-0.6424883008003235, 0.7083889245986938, 0.04267190769314766],
    ]
    np.testing.assert_allclose(layer([q, v]).data[0], wanted, rtol=1e-5)
    free = layers.AdditiveAttention(use_scale=False)
    assert free([q, v]).shape == (1, 2, 3) and free.weights == []
    assert free.get_config()["use_scale"] is False
