"""Tests of `dezero/keras/layers/pooling.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of(
    "MaxPooling1D",
    "MaxPooling2D",
    "AveragePooling1D",
    "AveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


def test_channels_first():
    x = np.random.default_rng(0).standard_normal((2, 7, 6, 3)).astype(np.float32)
    for kind in (layers.MaxPooling2D, layers.AveragePooling2D):
        first = kind(3, 2, "same", data_format="channels_first")(x.transpose(0, 3, 1, 2))
        last = kind(3, 2, "same")(x)
        np.testing.assert_allclose(first.data.transpose(0, 2, 3, 1), last.data, atol=1e-6)


def test_short_names():
    assert layers.MaxPool2D is layers.MaxPooling2D
    assert layers.GlobalAvgPool1D is layers.GlobalAveragePooling1D


def test_a_sequence_without_times_that_count_gives_0():
    y = layers.GlobalAveragePooling1D()(np.ones((1, 3, 2)), mask=np.zeros((1, 3), bool))
    np.testing.assert_array_equal(y.data, [[0, 0]])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.MaxPooling2D(0), "MaxPooling2D: expected kernel_size >= 1"),
        (lambda: layers.MaxPooling2D(2, padding="full"), "expected padding 'valid' or 'same'"),
        (lambda: layers.GlobalMaxPooling2D()(np.zeros((2, 3, 4))), "global_max_pooling: expected"),
    ],
)
def test_errors(make, match):
    with pytest.raises(ValueError, match=match):
        make()
