"""`Linear`: signature of the book, lazy size, initializers."""

import inspect

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from dezero.layers import Linear


def test_signature_of_the_book():
    names = list(inspect.signature(Linear).parameters)
    assert names[:4] == ["out_size", "nobias", "dtype", "in_size"]
    layer = Linear(3, True, np.float64, 2)
    assert layer.b is None and layer.W.dtype == np.float64 and layer.in_size == 2


def test_size_comes_from_the_first_call():
    layer = Linear(3)
    assert layer.W.data is None and layer.in_size is None and layer.b.data.tolist() == [0, 0, 0]
    layer(np.ones((4, 5)))
    assert layer.W.shape == (5, 3) and layer.in_size == 5 and layer.W.dtype == np.float32
    W = layer.W
    layer(np.ones((2, 5)))
    assert layer.W is W


def test_spread_of_the_first_weights_is_the_books():
    W = Linear(300, in_size=400).W.data
    assert abs(W.mean()) < 1e-3 and abs(W.std() * 20 - 1) < 0.02


def test_initializers():
    layer = Linear(3, in_size=2, initializer=np.eye(2, 3), bias_initializer=4.0)
    np.testing.assert_array_equal(layer.W.data, np.eye(2, 3))
    assert layer.b.data.tolist() == [4, 4, 4]
    with pytest.raises(ValueError, match="Did you mean 'he_normal'"):
        Linear(3, initializer="he_nromal")


def test_activation_by_name_or_as_function():
    x = -np.ones((1, 2), "f4")
    for activation in ("relu", F.relu):
        layer = Linear(3, in_size=2, initializer="ones", activation=activation)
        assert layer(x).data.tolist() == [[0, 0, 0]]


def test_only_parameters_get_gradients_from_plain_arrays():
    layer, x = Linear(3), np.ones((4, 2), "f4")
    layer(x).sum().backward()
    np.testing.assert_array_equal(layer.b.grad.data, [4, 4, 4])
    v = Variable(x)
    layer(v).sum().backward()
    assert v.grad.shape == x.shape
