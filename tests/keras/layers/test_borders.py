"""Tests of `dezero/keras/layers/borders.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of(
    "ZeroPadding1D", "ZeroPadding2D", "Cropping1D", "Cropping2D", "UpSampling1D", "UpSampling2D"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.ZeroPadding2D("same"), TypeError, "ZeroPadding2D: expected numbers"),
        (lambda: layers.ZeroPadding2D(-1), ValueError, "ZeroPadding2D: expected pad >= 0"),
        (lambda: layers.Cropping2D(3)(np.zeros((1, 6, 9, 1))), ValueError, "leaves something"),
        (lambda: layers.Cropping1D(3)(np.zeros((1, 6, 1))), ValueError, "leaves something"),
        (lambda: layers.UpSampling2D(interpolation="area"), ValueError, "expected interpolation"),
        (lambda: layers.ZeroPadding2D(data_format="last"), ValueError, "expected data_format"),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()


def test_sizes_that_are_not_known():
    assert layers.ZeroPadding2D(2).compute_output_shape((None, None, 4, 3)) == (None, None, 8, 3)
    assert layers.Cropping1D(1).compute_output_shape((None, None, 4)) == (None, None, 4)
    assert layers.UpSampling1D(3).compute_output_shape((None, None, 4)) == (None, None, 4)
    assert layers.ZeroPadding1D(3).compute_output_shape((None, None, 4)) == (None, None, 4)
