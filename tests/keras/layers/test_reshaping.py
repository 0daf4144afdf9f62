"""Reshape, Permute, RepeatVector."""

import numpy as np
import pytest

from dezero.keras.layers.core import Input
from dezero.keras.layers.masking import Masking
from dezero.keras.layers.reshaping import Permute, RepeatVector, Reshape
from dezero.keras.masks import mask_of
from dezero.keras.models import Sequential

X = np.arange(24, dtype="f4").reshape(2, 3, 4)


@pytest.mark.parametrize("target", [(12,), (-1,), (4, 3), (2, -1), (-1, 2, 2), [6, 2], 12])
def test_reshape(target):
    sizes = [target] if isinstance(target, int) else target
    y = Reshape(target)(X)
    np.testing.assert_array_equal(y.data, X.reshape(2, *sizes))
    assert Reshape(target)(Input((3, 4))).shape[1:] == y.shape[1:]


def test_reshape_of_unknown_sizes_and_no_samples():
    assert Reshape((-1, 2))(Input((None, 4))).shape == (None, None, 2)
    assert Reshape((-1, 2))(np.zeros((0, 3, 4))).shape == (0, 6, 2)
    assert Reshape((28, 28, 1), input_shape=(784,)).batch_input_shape == (None, 784)
    assert Reshape((2,))(Input((1, 2), dtype="int32")).dtype == "int32"


@pytest.mark.parametrize("layer", [Reshape((3, 4)), Permute((1, 2))])
def test_no_mask_goes_through_even_where_nothing_moves(layer):
    """Keras's outputs of these layers have none; a tensor passed on itself would keep its own."""
    x = Masking()(np.zeros((2, 3, 4), "f4"))
    assert mask_of(x) is not None and mask_of(layer(x)) is None and mask_of(x) is not None


@pytest.mark.parametrize("target", [(5,), (5, -1), (0, -1)])
def test_reshape_refuses_another_number_of_elements(target):
    with pytest.raises(ValueError, match="number of elements stays the same"):
        Reshape(target)(X)
    with pytest.raises(ValueError, match="number of elements stays the same"):
        Reshape(target)(Input((3, 4)))


@pytest.mark.parametrize("target", [(-1, -1), (-2,), (2.0,), (None, 2), (True,)])
def test_reshape_refuses_what_are_no_sizes(target):
    with pytest.raises(ValueError, match="sizes of which one may be -1"):
        Reshape(target)


def test_permute():
    np.testing.assert_array_equal(Permute((2, 1))(X).data, X.transpose(0, 2, 1))
    assert Permute((3, 1, 2))(Input((4, None, 2))).shape == (None, 2, 4, None)
    with pytest.raises(ValueError, match="each of 1 to their number"):
        Permute((0, 1))
    with pytest.raises(ValueError, match="inputs of 3 axes"):
        Permute((2, 1))(X[0])


def test_repeat_vector():
    np.testing.assert_array_equal(RepeatVector(3)(X[0]).data, np.repeat(X[0][:, None], 3, 1))
    assert RepeatVector(3)(Input((4,))).shape == (None, 3, 4)
    with pytest.raises(ValueError, match=r"inputs \(N, D\)"):
        RepeatVector(3)(X)
    with pytest.raises(ValueError, match="n >= 1"):
        RepeatVector(0)
    with pytest.raises(TypeError, match="an integer as n"):
        RepeatVector(2.0)


@pytest.mark.parametrize("layer", [Reshape((2, -1)), Permute((2, 1)), RepeatVector(2, name="r")])
def test_configuration(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


def test_in_a_model():
    model = Sequential([Reshape((3, 4), input_shape=(12,)), Permute((2, 1)), Reshape((12,))])
    flat = X.reshape(2, 12)
    expected = X.transpose(0, 2, 1).reshape(2, 12)
    np.testing.assert_array_equal(model.predict(flat, verbose=0), expected)
