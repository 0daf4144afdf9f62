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


# What UpSampling2D((2, 1)) of Keras 3.15 makes of the second of four pixels.
KERNELS = {
    "bicubic": [-0.088235, 0.211679, 0.847328, 0.867188, 0.226562, -0.068702, -0.021898, 0.0],
    "area": [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    "lanczos3": [-0.168786, 0.245667, 0.841745, 0.927545, 0.281567, -0.125657, -0.061638, 0.038136],
    "lanczos5": [-0.209402, 0.256244, 0.819942, 0.975218, 0.314466, -0.14825, -0.092371, 0.090276],
}


@pytest.mark.parametrize("interpolation", KERNELS)
def test_kernels_are_those_of_keras(interpolation):
    x = np.eye(4, dtype=np.float32)[None, 1, :, None, None]
    y = layers.UpSampling2D((2, 1), interpolation=interpolation)(x)
    np.testing.assert_allclose(y.data.ravel(), KERNELS[interpolation], atol=2e-5)


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.ZeroPadding2D("same"), TypeError, "ZeroPadding2D: expected numbers"),
        (lambda: layers.ZeroPadding2D(-1), ValueError, "ZeroPadding2D: expected pad >= 0"),
        (lambda: layers.Cropping2D(3)(np.zeros((1, 6, 9, 1))), ValueError, "leaves something"),
        (lambda: layers.Cropping1D(3)(np.zeros((1, 6, 1))), ValueError, "leaves something"),
        (lambda: layers.UpSampling2D(interpolation="cubic"), ValueError, "expected interpolation"),
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
