"""Input, Dense, Activation, Flatten, Dropout, Lambda."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.keras.layers import Activation, Dense, Dropout, Flatten, Input, InputLayer, Lambda
from dezero.keras.models import Model, Sequential

X = np.arange(12, dtype="f4").reshape(4, 3)


def test_dense():
    layer = Dense(2, activation="relu", kernel_initializer="ones", bias_initializer="ones")
    np.testing.assert_array_equal(layer(X).data, np.repeat(X.sum(1, keepdims=True) + 1, 2, 1))
    assert Dense(2, use_bias=False)(Input((5, 3))).shape == (None, 5, 2)
    with pytest.raises(ValueError, match="whose features are known"):
        Dense(2)(Input((None,)))
    with pytest.raises(ValueError, match="expected units"):
        Dense(0)


def test_dense_configuration_is_whole():
    config = Dense(3, "relu", kernel_regularizer="l2", name="d").get_config()
    assert config["units"] == 3 and config["activation"] == "relu" and config["use_bias"] is True
    again = Dense.from_config(config)
    assert again.get_config() == config


def test_a_penalty_is_part_of_the_loss():
    model = Sequential(
        [Dense(2, kernel_initializer="ones", kernel_regularizer="l2", input_shape=(3,))]
    )
    model(X)
    assert float(model.losses[0].data) == pytest.approx(6 * 0.01)


def test_input():
    x = Input(shape=(28, 28), name="picture")
    assert x.shape == (None, 28, 28) and x.name == "picture"
    assert Input((3,), batch_size=5).shape == (5, 3) and Input(batch_shape=(2, 3)).shape == (2, 3)
    assert InputLayer(input_shape=(4,)).output.shape == (None, 4)
    np.testing.assert_array_equal(InputLayer((3,))(X), X)
    with pytest.raises(ValueError, match="expected shape"):
        Input()


def test_activation():
    np.testing.assert_array_equal(Activation("relu")(X - 5).data, np.maximum(X - 5, 0))
    assert Activation(F.tanh)(Input((3,))).shape == (None, 3)


def test_flatten():
    x = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(Flatten()(x).data, x.reshape(2, 12))
    first = Flatten("channels_first")(x)
    np.testing.assert_array_equal(first.data, x.transpose(0, 2, 1).reshape(2, 12))
    assert Flatten()(Input((3, 4))).shape == (None, 12)
    assert Flatten()(Input((None, 4))).shape == (None, None)
    assert Flatten()(np.zeros((0, 3, 4))).shape == (0, 12)


def test_dropout():
    x = np.ones((40, 50), "f4")
    y = Dropout(0.25, seed=1)(x, training=True).data
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)} and 0.2 < (y == 0).mean() < 0.3
    np.testing.assert_array_equal(y, Dropout(0.25, seed=1)(x, training=True).data)
    np.testing.assert_array_equal(Dropout(0.25)(x), x)
    rows = Dropout(0.5, noise_shape=(None, 1), seed=0)(x, training=True).data
    assert all(len(set(row)) == 1 for row in rows)
    np.testing.assert_array_equal(Dropout(1)(x, training=True).data, 0 * x)
    with pytest.raises(ValueError, match="rate from 0 to 1"):
        Dropout(30)


def test_lambda():
    layer = Lambda(lambda x, factor: F.sum(x, axis=1) * factor, arguments={"factor": 2})
    np.testing.assert_array_equal(layer(X).data, 2 * X.sum(1))
    x = Input((3,))
    assert layer(x).shape == (None,) and Lambda(F.relu, output_shape=(3,))(x).shape == (None, 3)
    both = {"a": [x, x]}
    assert Lambda(lambda d: d["a"][0], output_shape=(3,))(both).shape == (None, 3)
    model = Model(x, Lambda(lambda x: x**2)(x))
    np.testing.assert_allclose(model.predict(X, verbose=0), X**2)
    with pytest.raises(TypeError, match="a layer that can be saved"):
        layer.get_config()
    with pytest.raises(TypeError, match="expected a function"):
        Lambda(3)


def test_dropout_takes_numbers_of_numpy_and_refuses_a_noise_shape_of_other_axes():
    x = np.ones((4, 5), np.float32)
    assert set(np.unique(Dropout(np.float32(0.5))(x, training=True).data)) <= {0, 2}
    with pytest.raises(ValueError, match="Dropout: expected noise_shape"):
        Dropout(0.5, noise_shape=(4,))(x, training=True)
