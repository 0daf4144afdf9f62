"""Tests of `dezero/keras/layers/convolutional.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("Conv1D", "Conv2D")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Conv2D", {"filters": 4, "groups": 2, "strides": 2, "padding": "same"}),
        ("Conv2DTranspose", {"filters": 3, "strides": 2, "padding": "same"}),
        ("DepthwiseConv2D", {"depth_multiplier": 2, "activation": "relu"}),
        ("SeparableConv2D", {"filters": 3, "dilation_rate": 2}),
        ("Conv1D", {"filters": 3, "padding": "causal"}),
        ("Conv1DTranspose", {"filters": 3, "strides": 2}),
        ("SeparableConv1D", {"filters": 3}),
    ],
)
def test_channels_first_has_the_same_weights_and_numbers(kind, options):
    shape = (2, 8, 7, 4) if "2D" in kind else (2, 8, 4)
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    last = getattr(layers, kind)(kernel_size=3, **options)
    y = last(x).data
    first = getattr(layers, kind)(kernel_size=3, data_format="channels_first", **options)
    turned = np.moveaxis(x, -1, 1)
    first(turned)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(first(turned).data, 1, -1), y, atol=1e-5)
    assert first.compute_output_shape(turned.shape) == first(turned).shape


def test_sizes_that_are_not_known_stay_so():
    layer = layers.Conv2D(5, 3, padding="same", strides=2)
    assert layer.compute_output_shape((None, None, 7, 3)) == (None, None, 4, 5)


def test_rules_of_the_weights_are_kept():
    layer = layers.Conv2D(2, 3, kernel_regularizer="l2", bias_constraint="non_neg")
    layer.build_once([(None, 8, 8, 3)])
    (penalty,) = layer.penalties()
    np.testing.assert_allclose(penalty.data, 0.01 * (layer.kernel.data**2).sum(), rtol=1e-5)
    assert [name for name, _, _ in layer.named_constraints()] == ["bias"]
    again = layers.Conv2D.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_old_names():
    assert layers.Convolution2D is layers.Conv2D and layers.Convolution1D is layers.Conv1D


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.Conv2D(0, 3), ValueError, "Conv2D: expected filters >= 1"),
        (lambda: layers.Conv2D(4, 3, groups=3), ValueError, "filters in 3 equal groups"),
        (lambda: layers.Conv2D(4, 3, padding="causal"), ValueError, "expected padding 'valid'"),
        (lambda: layers.Conv2D(4, 3.5), TypeError, "Conv2D: expected kernel_size"),
        (
            lambda: layers.Conv2D(4, 3)(np.zeros((2, 8, 8))),
            ValueError,
            "Conv2D: expected an input with 4 axes",
        ),
        (
            lambda: layers.Conv2D(4, 3, groups=2)(np.zeros((2, 8, 8, 3))),
            ValueError,
            "input channels in 2 equal groups",
        ),
        (lambda: layers.Conv2D(4, 9)(np.zeros((2, 8, 8, 3))), ValueError, "no larger than"),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()
