"""Models of one's own, and what all models can do."""

import numpy as np
import pytest

from dezero.core import test_mode
from dezero.keras.layers import Dense, Dropout, Input, Layer
from dezero.keras.models import Model, Sequential

X = np.ones((8, 3), "f4")


class Own(Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.last, self.drop = Dense(4, "relu"), Dense(1), Dropout(0.5)

    def call(self, inputs, training=None):
        return self.last(self.drop(self.hidden(inputs), training=training))


def test_a_subclass_trains():
    model = Own()
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(X, X[:, :1], epochs=3, verbose=0).history
    assert set(history) == {"loss", "mae"} and model.count_params() == 21
    assert model.predict(X, verbose=0).shape == (8, 1) and model.name.startswith("own")


def test_a_subclass_is_built_from_a_shape():
    model = Own()
    model.build((None, 3))
    assert model.built and model.hidden.kernel.shape == (3, 4)


def test_layers_are_found():
    model = Own()
    assert [type(layer) for layer in model.layers] == [Dense, Dense, Dropout]
    assert model.get_layer(index=1) is model.last
    assert model.get_layer(model.hidden.name) is model.hidden
    with pytest.raises(ValueError, match="unknown layer 'nothing'"):
        model.get_layer("nothing")
    with pytest.raises(ValueError, match="expected an index below 3"):
        model.get_layer(index=7)


def test_freezing():
    model = Sequential([Dense(4, input_shape=(3,)), Dense(1)])
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, X[:, :1] * 5, epochs=2, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])


def test_a_model_that_is_all_frozen_says_so_and_reports():
    model = Sequential([Dense(1, input_shape=(3,))])
    model.trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.warns(UserWarning, match="fit: the model has no weights that train"):
        history = model.fit(X, X[:, :1], verbose=0).history
    assert np.isfinite(history["loss"][0])
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_two_orders_of_gradient():
    model = Sequential([Dense(4, "tanh", input_shape=(3,)), Dense(1)])
    y = model(X).sum()
    y.backward(create_graph=True)
    grad = model.layers[0].kernel.grad
    model.cleargrads()
    (grad**2).sum().backward()
    assert np.abs(model.layers[1].kernel.grad.data).sum() > 0


class Told(Layer):
    """Adds 1, its weight, where it is told to train."""

    def build(self, input_shape):
        self.one = self.add_weight(name="one", shape=(), initializer="ones")

    def call(self, inputs, training=None):
        return inputs + self.one if training else inputs + 0 * self.one


def test_a_direct_call_predicts_and_fit_trains():
    x, seen = Input((3,)), []
    zero = np.zeros((2, 3), "f4")
    for model in (Sequential([Told()]), Model(x, Told()(x)), Sequential([Sequential([Told()])])):
        assert not model(zero).data.any() and model(zero, training=True).data.all()
        assert not model.predict(zero, verbose=0).any()
        model.compile("sgd", "mse")
        assert model.train_on_batch(zero, zero) == 1 and model.test_on_batch(zero, zero) == 0
        seen.append(model)
    nested = Model(x, seen[0](seen[1](x)))
    assert not nested(zero).data.any()
    both = sum(float(model.weights[0].data) for model in seen[:2])
    np.testing.assert_allclose(nested(zero, training=True).data, both + zero)
    with test_mode():
        assert nested(zero, training=True).data.all()


def test_the_usual_step_of_a_subclass_trains():
    class Mine(Model):
        def __init__(self):
            super().__init__()
            self.told = Told()

        def call(self, inputs):
            return self.told(inputs)

        def train_step(self, data):
            return super().train_step(data)

    model = Mine()
    model.compile("sgd", "mse")
    assert model.fit(np.zeros((4, 3)), np.zeros((4, 3)), verbose=0).history["loss"] == [1]


def test_a_model_from_the_configuration_of_a_functional_one():
    x = Input((3,))
    model = Model(x, [Dense(2)(x), Dense(1)(x)])
    again = Model.from_config(model.get_config())
    assert again.output_shape == model.output_shape == [(None, 2), (None, 1)]
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert isinstance(Own.from_config({}), Own)


def test_calls_are_found_by_their_number():
    layer = Dense(3)
    first, second = Input((2,)), Input((2,))
    layer(first)
    y = layer(second)
    assert layer.get_input_at(1) is second and layer.get_output_at(1) is y
    assert layer.compute_dtype == "float32" and layer.add_variable("w", (2,)).shape == (2,)
    with pytest.raises(ValueError, match="expected the number of one of 2 calls"):
        layer.get_output_at(2)
    model = Model(first, layer.get_output_at(0))
    assert model.loss is None
    model.compile("sgd", "mse")
    assert model.loss == "mse" and model.reset_states() is None
