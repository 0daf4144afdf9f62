"""Tests of `dezero/keras/layers/separable.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


def test_causal_padding_looks_back_alone():
    x = np.zeros((1, 6, 2), np.float32)
    x[:, 3] = 1
    for layer in (
        layers.SeparableConv1D(3, 3, padding="causal"), layers.DepthwiseConv1D(3, padding="causal"),
    ):  # fmt: skip
        y = layer(x).data
        assert not y[:, :3].any() and y[:, 3:].any()


def test_weights_have_the_names_of_keras():
    layer = layers.SeparableConv2D(3, 3)
    layer.build_once([(None, 8, 8, 2)])
    assert [name for name, _ in layer.named_params()] == [
        "depthwise_kernel", "pointwise_kernel", "bias",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="expected depth_multiplier >= 1"):
        layers.DepthwiseConv2D(3, depth_multiplier=0)
