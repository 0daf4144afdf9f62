"""Tests of `dezero/keras/layers/preprocessing.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("Rescaling", "Resizing", "CenterCrop", "Normalization")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


X = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize("axis", [-1, (1, 2), None])
def test_adapt_finds_mean_and_variance_of_arrays_and_batches(axis):
    x = np.random.default_rng(0).standard_normal((50, 3, 4)) * 5 + 100
    kept = () if axis is None else axis if isinstance(axis, tuple) else (axis % 3,)
    rest = tuple(i for i in range(3) if i not in kept)
    for data in (x, [x[:20], x[20:21], x[21:]]):
        layer = layers.Normalization(axis=axis)
        layer.adapt(data)
        np.testing.assert_allclose(layer.mean.data, x.mean(rest), rtol=1e-5)
        np.testing.assert_allclose(layer.variance.data, x.var(rest), rtol=1e-4)
        y = layer(x.astype(np.float32)).data
        np.testing.assert_allclose(y.mean(rest), 0, atol=1e-4)
        np.testing.assert_allclose(y.std(rest), 1, atol=1e-3)


def test_pixels_become_floats():
    x = np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3)
    y = layers.Rescaling(1 / 255)(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, x / 255, rtol=1e-6)
    assert layers.Resizing(3, 5)(x[0]).shape == (3, 5, 3)
    assert layers.CenterCrop(1, 2)(x[0]).shape == (1, 2, 3)
    by_channel = layers.Rescaling([1, 2, 3], [0, 0, 1])(x)
    np.testing.assert_allclose(by_channel.data, x * [1, 2, 3] + [0, 0, 1])


# What Resizing(4, 1) of Keras 3.15 makes of the third of six pixels, without and with antialias.
KERNELS = {
    "bicubic": ([-0.021898, 0.867188, -0.070312, 0.0], [-0.040453, 0.620214, 0.087289, -0.008091]),
    "area": ([0.0, 0.666667, 0.0, 0.0], [0.0, 0.666667, 0.0, 0.0]),
    "lanczos3": ([-0.061638, 0.899407, -0.134265, 0.006688],
                 [-0.073124, 0.629012, 0.110995, -0.029612]),
    "lanczos5": ([-0.09366, 0.934879, -0.169032, 0.042044],
                 [-0.086237, 0.632145, 0.120952, -0.047678]),
    "bilinear": ([0.0, 0.75, 0.0, 0.0], [0.0, 0.555556, 0.111111, 0.0]),
    "nearest": ([0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]),
}  # fmt: skip


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("interpolation", KERNELS)
def test_kernels_are_those_of_keras(interpolation, antialias):
    x = np.eye(6, dtype=np.float32)[None, 2, :, None, None]
    layer = layers.Resizing(4, 1, interpolation, antialias=antialias)
    np.testing.assert_allclose(layer(x).data.ravel(), KERNELS[interpolation][antialias], atol=2e-5)
    first = layers.Resizing.from_config(layer.get_config() | {"data_format": "channels_first"})
    np.testing.assert_array_equal(
        first(x.transpose(0, 3, 1, 2)).data.ravel(), layer(x).data.ravel()
    )


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.Normalization(mean=1.0), "expected both mean and variance or neither"),
        (lambda: layers.Normalization(mean=1, variance=1).adapt([1]), "without mean and variance"),
        (lambda: layers.Normalization().adapt([]), "Normalization.adapt: expected data"),
        (lambda: layers.Normalization().build((None, None)), "sizes that are known"),
        (lambda: layers.Resizing(2, 2, "bilinear", True, True), "got both"),
        (lambda: layers.Resizing(2, 2, "gaussian"), "expected interpolation"),
        (lambda: layers.CenterCrop(0, 2), "CenterCrop: expected size >= 1"),
        (lambda: layers.Resizing(2, 2)(X[0]), "Resizing: expected pictures"),
        (lambda: layers.RandomFlip()(X[0]), "RandomFlip: expected pictures"),
        (lambda: layers.Normalization(mean=[1, 2], variance=[1, 2])(X), "that fit .3,.*got .2,"),
    ],
)
def test_errors(make, match):
    with pytest.raises(ValueError, match=match):
        make()
