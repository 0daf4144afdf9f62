"""`EmbedID`: rows by number."""

import numpy as np
import pytest

from dezero.layers import EmbedID
from dezero.models import Sequential


def test_rows_and_their_gradients():
    layer = EmbedID(4, 2)
    assert layer.W.dtype == np.float32
    y = layer(np.array([[1, 3], [1, 0]]))
    assert y.shape == (2, 2, 2)
    y.sum().backward()
    np.testing.assert_array_equal(layer.W.grad.data, [[1, 1], [2, 2], [0, 0], [1, 1]])


def test_first_values():
    assert abs(EmbedID(200, 100).W.data.std() - 1) < 0.02
    assert not EmbedID(3, 2, initializer="zeros").W.data.any()
    assert EmbedID(3, 2, dtype="f8").W.dtype == np.float64


def test_numbers_out_of_range_name_the_layer():
    with pytest.raises(ValueError, match=r"embed_id: .* Raised in layer 'l0' \(EmbedID 4 -> 2\)"):
        Sequential(EmbedID(4, 2))(np.array([4]))


def test_floats_are_refused():
    with pytest.raises(TypeError, match="embed_id: expected integer ids"):
        EmbedID(4, 2)(np.ones(3))
