"""Models of one's own, and what all models can do."""

import numpy as np
import pytest

from dezero.keras.layers import Dense, Dropout
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


def test_two_orders_of_gradient():
    model = Sequential([Dense(4, "tanh", input_shape=(3,)), Dense(1)])
    y = model(X).sum()
    y.backward(create_graph=True)
    grad = model.layers[0].kernel.grad
    model.cleargrads()
    (grad**2).sum().backward()
    assert np.abs(model.layers[1].kernel.grad.data).sum() > 0
