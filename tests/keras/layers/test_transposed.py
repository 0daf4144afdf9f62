"""Tests of `dezero/keras/layers/transposed.py`."""

import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("Conv1DTranspose", "Conv2DTranspose")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


def test_output_padding_below_the_strides():
    with pytest.raises(ValueError, match="expected output_padding below strides"):
        layers.Conv2DTranspose(3, 3, strides=2, output_padding=2)


def test_sizes_that_are_not_known_stay_so():
    layer = layers.Conv2DTranspose(5, 3, strides=2)
    assert layer.compute_output_shape((None, None, 7, 3)) == (None, None, 15, 5)
