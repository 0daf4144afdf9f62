"""InputSpec, Wrapper, ThresholdedReLU."""

import numpy as np
import pytest

from dezero.keras import Sequential, layers, models


class Twice(layers.Wrapper):
    def call(self, inputs):
        return self.layer(self.layer(inputs))


def test_a_wrapper_of_your_own():
    inner = layers.Dense(3)
    model = Sequential([Twice(inner, input_shape=(3,))])
    assert len(model.weights) == 2 and model.output_shape == (None, 3)
    again = Twice.from_config(model.layers[0].get_config())
    assert again.layer.units == 3 and again.layer is not inner
    with pytest.raises(TypeError, match="Wrapper: expected a layer, got int 3"):
        Twice(3)


def test_thresholds():
    model = Sequential([layers.ThresholdedReLU(theta=0.5, input_shape=(3,))])
    x = np.array([[0.4, 0.5, 0.6]], "f4")
    np.testing.assert_array_equal(model.predict(x, verbose=0), np.array([[0, 0, 0.6]], "f4"))
    assert models.clone_model(model).layers[0].theta == 0.5


def test_specifications():
    spec = layers.InputSpec(shape=(None, 3), axes={-1: 3})
    assert spec.ndim == 2 and spec.axes == {-1: 3} and layers.InputSpec(ndim=4).ndim == 4
