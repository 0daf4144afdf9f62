"""Keras's activations: options, axes, functions of one's own."""

import numpy as np
import pytest

from dezero import keras
from dezero.core import Variable
from dezero.keras import activations as A
from tests.keras.recorded_metrics import RECORDED

X = np.array([[-7.0, -0.5, 0.0], [0.5, 2.0, 7.0]], np.float32)


# Keras's sparsemax adds up too much: what it gives does not sum to 1.
SPARSEMAX = [line for line in RECORDED["activations"] if line[0] == "sparsemax"]
OTHERS = [line for line in RECORDED["activations"] if line[0] != "sparsemax"]


@pytest.mark.parametrize("line", OTHERS, ids=lambda line: f"{line[0]} {line[1]}")
def test_values_and_gradients_are_those_of_keras(line):
    name, options, (values, gradient) = line
    x = Variable(np.array(RECORDED["x"], np.float32))
    y = getattr(A, name)(x, **options)
    np.testing.assert_allclose(y.data, values, rtol=2e-5, atol=1e-6)
    y.sum().backward()
    smooth = x.data != 0  # celu of Keras has the gradient 2 at 0
    got, expected = x.grad.data[smooth], np.array(gradient)[smooth]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("line", SPARSEMAX, ids=lambda line: f"{line[1]}")
def test_sparsemax_sums_to_one_where_that_of_keras_does_not(line):
    axis = line[1].get("axis", -1)
    y = A.sparsemax(np.array(RECORDED["x"], np.float32), **line[1]).data
    np.testing.assert_allclose(y.sum(axis), 1, rtol=1e-6)
    theirs, single = np.array(line[2][0]), (y > 0).sum(axis) == 1
    assert (abs(theirs.sum(axis) - 1) > 0.1).any()
    agree = np.compress(single, y, 1 - axis % 2), np.compress(single, theirs, 1 - axis % 2)
    np.testing.assert_allclose(*agree, atol=1e-6)


def test_every_name_is_recorded():
    assert {line[0] for line in RECORDED["activations"]} == set(A.ACTIVATIONS)
    for name, function in A.ACTIVATIONS.items():
        assert A.get(name) is function and A.serialize(function) == name


def test_options():
    np.testing.assert_array_equal(A.relu(X).data, np.maximum(X, 0))
    got = A.relu(X, negative_slope=0.1, max_value=6.0, threshold=1.0).data
    np.testing.assert_allclose(got, [[-0.8, -0.15, -0.1], [-0.05, 2.0, 6.0]], rtol=1e-6)
    np.testing.assert_allclose(A.leaky_relu(X).data, np.where(X < 0, 0.2 * X, X))
    np.testing.assert_allclose(A.softmax(X).data.sum(-1), 1, rtol=1e-6)
    np.testing.assert_allclose(A.softmax(X[0], axis=0).data.sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(A.log_softmax(X).data, np.log(A.softmax(X).data), rtol=1e-5)
    np.testing.assert_allclose(A.gelu(X, True).data, A.gelu(X).data, atol=1e-3)
    np.testing.assert_array_equal(A.hard_tanh(X).data, X.clip(-1, 1))
    np.testing.assert_allclose(A.log_sigmoid(X).data, -np.log1p(np.exp(-X)), rtol=1e-5)
    np.testing.assert_allclose(A.tanh_shrink(X).data, X - np.tanh(X), rtol=1e-6)


def test_what_get_takes():
    def mine(x):
        return x

    class Own:
        def __call__(self, x):
            return x

        def get_config(self):
            return {"a": 1}

    assert A.get(mine) is mine and A.serialize(mine) == "mine"
    assert A.get("mine", {"mine": mine}) is mine
    assert A.deserialize({"class_name": "function", "config": "mine"}, {"mine": mine}) is mine
    assert type(A.get(Own)) is Own
    assert A.serialize(Own()) == {"class_name": "Own", "config": {"a": 1}}
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        A.get("rleu")
    with pytest.raises(TypeError, match="Try 'relu'"):
        A.get(3)
    with pytest.raises(TypeError, match="with def"):
        A.serialize(object())


def test_tensors_of_a_model_are_taken_too():
    x = keras.Input((4,))
    y = A.glu(A.relu(A.swish(x), max_value=1.0))
    assert y.shape == (None, 2) and keras.layers.Activation("glu")(x).shape == (None, 2)
    model, data = keras.Model(x, y), np.array([[1.0, -2.0, 0.5, 3.0]], np.float32)
    expected = A.glu(A.relu(A.swish(data), max_value=1.0)).data
    np.testing.assert_allclose(model.predict(data, verbose=0), expected, rtol=1e-6)
    assert A.relu is A.get("relu") and A.relu.__module__ == A.__name__  # where pickle looks
    again = keras.models.clone_model(model)
    np.testing.assert_allclose(again.predict(data, verbose=0), expected, rtol=1e-6)
