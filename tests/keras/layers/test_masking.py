"""`Masking`."""

import numpy as np

from dezero.keras.layers.core import Activation, Flatten, Input
from dezero.keras.layers.masking import Masking
from dezero.keras.masks import mask_of


def test_places_of_the_value_are_masked_and_become_zero():
    x = np.array([[[1.0, 0.0], [9.0, 9.0], [9.0, 1.0]]], "f4")
    y = Masking(mask_value=9)(x)
    np.testing.assert_array_equal(mask_of(y), [[True, False, True]])
    np.testing.assert_array_equal(y.data, [[[1, 0], [0, 0], [9, 1]]])
    assert y.dtype == np.float32 and x[0, 1, 0] == 9
    assert Masking(0.1).compute_mask(np.full((1, 2, 1), 0.1, "f4")).sum() == 0


def test_the_mask_goes_as_far_as_layers_know_of_it():
    x = np.zeros((2, 3, 1), "f4")
    assert mask_of(Activation("relu")(Masking()(x))) is not None
    assert mask_of(Flatten()(Masking()(x))) is None


def test_shape_and_configuration():
    layer = Masking(-1.0)
    assert layer(Input((None, 2))).shape == (None, None, 2)
    assert Masking.from_config(layer.get_config()).mask_value == -1.0
