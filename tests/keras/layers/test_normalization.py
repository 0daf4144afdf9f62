"""Tests of `dezero/keras/layers/normalization.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of(
    "BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


X = np.random.default_rng(0).standard_normal((8, 4)).astype(np.float32) * 3 + 1


def test_a_frozen_layer_uses_and_keeps_its_statistics():
    layer = layers.BatchNormalization()
    layer(X)
    layer.trainable = False
    before = layer.get_weights()
    y = layer(X, training=True).data
    np.testing.assert_array_equal(y, layer(X, training=False).data)
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not layer.trainable_weights and len(layer.non_trainable_weights) == 4


def test_not_a_number_leaves_the_statistics():
    layer = layers.BatchNormalization()
    layer(np.where(np.arange(4) == 2, np.nan, X).astype(np.float32), training=True)
    assert np.isfinite(layer.moving_mean.data).all() and layer.moving_mean.data[2] == 0


def test_an_axis_in_a_list_as_keras_2_wrote_it():
    assert layers.BatchNormalization(axis=[3]).axis == 3


def test_regularizers_and_first_values():
    layer = layers.BatchNormalization(gamma_initializer="zeros", gamma_regularizer="l2")
    assert not layer(X, training=True).data.any()
    assert len(layer.penalties()) == 1


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.BatchNormalization(renorm=True), "expected renorm=False"),
        (lambda: layers.BatchNormalization().build((None, None)), "sizes that are known"),
        (lambda: layers.LayerNormalization(rms_scaling=True), "expected rms_scaling=False"),
        (lambda: layers.GroupNormalization(3)(X), "expected groups to divide"),
    ],
)
def test_errors(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_weights_of_axes_counted_from_both_ends_have_keras_shape():
    """Keras sorts (-1, 1) as numbers: weights of shape (C, H), which fill (H, C) row by row."""
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 4)).astype(np.float32)
    layer, plain = layers.LayerNormalization((1, -1)), layers.LayerNormalization((1, 3))
    layer(x)
    plain(x)
    assert [w.shape for w in layer.get_weights()] == [(4, 3), (4, 3)]
    values = np.arange(12, dtype="f4")
    layer.set_weights([values.reshape(4, 3)] * 2)
    plain.set_weights([values.reshape(3, 4)] * 2)
    np.testing.assert_array_equal(layer(x).data, plain(x).data)


@pytest.mark.parametrize("axis", [4, (1, 1), (1, -3)])
def test_layer_normalization_refuses_what_are_no_axes(axis):
    with pytest.raises(ValueError, match="LayerNormalization: expected different axes"):
        layers.LayerNormalization(axis)(np.zeros((2, 3, 5, 4), "f4"))


def test_batch_normalization_refuses_what_is_no_axis():
    with pytest.raises(ValueError, match="BatchNormalization: expected an axis"):
        layers.BatchNormalization(axis=2)(X)
