"""Weights in Keras's order, made, given and taken."""

import numpy as np
import pytest

from dezero.core import Parameter
from dezero.keras.layers import Dense, Layer

X = np.ones((2, 3), "f4")


class Weighing(Layer):
    def build(self, input_shape):
        self.add_weight(name="call", shape=3, initializer="ones", regularizer="l1")
        self.add_weight(name="a b", shape=(2,), constraint="non_neg", dtype="float64")
        self.add_weight(name="a b", shape=())
        self.add_weight(shape=(1,), initializer=lambda shape, dtype: np.full(shape, 7, dtype))

    def call(self, inputs):
        return inputs


def test_names_that_are_taken_get_another():
    layer = Weighing()
    layer(X)
    assert [path for path, _ in layer.named_params()] == [
        "call_weight", "weight", "weight_1", "weight_2",
    ]  # fmt: skip
    assert [str(w.dtype) for w in layer.weights] == ["float32", "float64", "float32", "float32"]
    assert [float(p.data) for p in layer.penalties()] == [pytest.approx(0.03)]
    assert [path for path, _, _ in layer.named_constraints()] == ["weight"]
    assert layer.weights[3].data[0] == 7 and layer.count_params() == 7


def test_frozen_before_or_after_building():
    layer = Dense(2, trainable=False)
    layer(X)
    assert layer.trainable_weights == [] and len(layer.non_trainable_weights) == 2
    layer.trainable = True
    assert layer.trainable_variables == layer.weights == layer.variables


def test_weights_come_and_go():
    layer, other = Dense(2), Dense(2)
    layer(X), other(X)
    other.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(X).data, other(X).data)
    with pytest.raises(ValueError, match="expected 2 arrays"):
        other.set_weights(layer.get_weights()[:1])
    with pytest.raises(ValueError, match="a layer that is built"):
        Dense(2).count_params()


def test_a_parameter_of_ones_own():
    class Own(Layer):
        def __init__(self):
            super().__init__()
            self.p = Parameter(np.ones(2))

        def call(self, inputs):
            return inputs

    layer = Own()
    assert layer.weights == [layer.p]


def test_first_values_are_drawn_as_keras_draws_them():
    class Kernel(Layer):
        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(3, 3, 8, 16), initializer="glorot_uniform")

        def call(self, inputs):
            return inputs

    layer = Kernel()
    layer(X)
    bound = np.sqrt(6 / (9 * 8 + 9 * 16))  # outputs on the last axis
    assert 0.95 * bound < np.abs(layer.kernel.data).max() <= bound
