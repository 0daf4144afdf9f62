"""Keras's activations: options, axes, functions of one's own."""

import numpy as np
import pytest

from dezero.keras import activations as A

X = np.array([[-7.0, -0.5, 0.0], [0.5, 2.0, 7.0]], np.float32)


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
