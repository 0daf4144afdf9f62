"""Tensors without values, and structures of them."""

import numpy as np
import pytest

from dezero.keras.layers import Dense, Input
from dezero.keras.tensors import KerasTensor, flat, is_symbolic, packed, shape_of, tensors_in


def test_a_tensor_has_shape_and_name_but_no_values():
    x = KerasTensor((None, 3), "float32", "x")
    assert x.shape == (None, 3) and x.ndim == 2 and "name=x" in repr(x)
    with pytest.raises(TypeError, match="without values"):
        bool(x)
    with pytest.raises(TypeError, match="without values"):
        np.asarray(x)


def test_structures():
    x, y = KerasTensor((None, 1)), KerasTensor((None, 2))
    part = {"a": [x, 3], "b": (y,)}
    assert list(tensors_in(part)) == [x, y] and flat(part) == [x, 3, y]
    assert packed(part, iter("pqr")) == {"a": ["p", "q"], "b": ("r",)}
    assert is_symbolic(part) and not is_symbolic([1, "x", {"y": 2}])


def test_shape_of():
    a = np.zeros((4, 3))
    assert shape_of(a) == (None, 3) and shape_of([a, a[0]]) == [(None, 3), (None,)]
    assert shape_of({"x": a}) == {"x": (None, 3)}
    assert shape_of([1.0, 2.0]) == (2,) and shape_of(np.array(1.0)) == ()


def test_a_call_leaves_a_node():
    x = Input((3,))
    layer = Dense(2)
    y = layer(x)
    assert y.node.layer is layer and y.node.input_tensors == [x] and y.node.parents == [x.node]
    assert layer.input is x and layer.output is y
    assert layer.input_shape == (None, 3) and layer.output_shape == (None, 2)
