"""Shapes that are given, and shapes that are found out."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.keras.layers import Dense, Input, Layer
from dezero.keras.layers.shapes import assign, given, probed


def test_given():
    assert given(Dense, {}) is None and given(Dense, {"input_dim": 3}) == (None, 3)
    assert given(Dense, {"input_shape": (3, 4)}) == (None, 3, 4)
    assert given(Dense, {"input_shape": 5, "batch_size": 2}) == (2, 5)
    assert given(Dense, {"batch_input_shape": (7, 3)}) == (7, 3)


def test_misspelt_arguments_and_shapes_are_named():
    with pytest.raises(TypeError, match="'actvation'. Did you mean 'activation'"):
        Dense(3, actvation="relu")
    with pytest.raises(TypeError, match="Dense: expected a shape of whole numbers"):
        Dense(3, input_shape=(3.5,))
    with pytest.raises(TypeError, match="expected a shape of whole numbers"):
        Input("784")


class Pooled(Layer):
    def call(self, inputs):
        return F.sum(inputs, axis=2), {"same": inputs}


def test_probing_finds_what_varies():
    y, same = probed(Pooled(), ((None, 5, None),), {})
    assert y == (None, 5) and same == {"same": (None, 5, None)}


def test_a_layer_that_does_not_run_is_named():
    class Broken(Layer):
        def call(self, inputs):
            return F.matmul(inputs, np.ones((7, 2)))

    with pytest.raises(ValueError, match="Broken: expected a layer that runs on zeros"):
        Broken()(Input((3,)))
    with pytest.raises(ValueError, match="return arrays or Variables"):
        type("Odd", (Layer,), {"call": lambda self, inputs: "x"})()(Input((3,)))


def test_assign_changes_all_or_nothing():
    layer = Dense(2)
    layer(np.zeros((1, 3)))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"expected 2 arrays of shapes \[\(3, 2\), \(2,\)\]"):
        assign("d", layer.weights, [np.ones((3, 2)), np.ones(3)])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    layer.set_weights([np.ones((3, 2)), [1, 2]])
    np.testing.assert_array_equal(layer.get_weights()[1], [1, 2])


def test_an_initializer_of_your_own_may_take_further_words():
    class Halves:
        def __call__(self, shape, dtype=None, **options):
            assert not options
            return np.full(shape, 0.5, dtype)

    layer = Dense(2, kernel_initializer=Halves())
    layer.build_once([(None, 3)])
    assert layer.kernel.data.tolist() == [[0.5] * 2] * 3
