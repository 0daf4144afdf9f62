"""Layers called on tensors without values."""

import pytest

import dezero.functions as F
from dezero.keras.layers import Dense, Input, Layer


def test_a_layer_outside_a_model_has_no_tensors():
    with pytest.raises(AttributeError, match="was not. Put it into a model first"):
        Dense(3).output  # noqa: B018


def test_several_inputs_and_outputs():
    class Both(Layer):
        def call(self, inputs, factor=1):
            a, b = inputs
            return [F.concat([a, b], 1), a * factor]

    x, y = Input((3,)), Input((4,))
    layer = Both()
    joined, same = layer([x, y], factor=2)
    assert joined.shape == (None, 7) and same.shape == (None, 3)
    assert layer.input_shape == [(None, 3), (None, 4)]
    assert layer.output_shape == [(None, 7), (None, 3)]
    assert layer.compute_output_shape([(None, 3), (None, 4)])[0] == (None, 7)


def test_a_tensor_by_keyword():
    class Beside(Layer):
        def call(self, inputs, other=None):
            return inputs + other

        def compute_output_shape(self, input_shape):
            return input_shape

    x, y = Input((3,)), Input((3,))
    assert Beside()(x, other=y).shape == (None, 3)
