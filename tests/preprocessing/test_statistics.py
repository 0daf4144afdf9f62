"""Standardizing as real Keras does, and what it would do to directions without data."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator
from dezero.preprocessing.statistics import standardized, whitening

OPTIONS = {
    "featurewise": {"featurewise_center": True, "featurewise_std_normalization": True},
    "samplewise": {"samplewise_center": True, "samplewise_std_normalization": True},
    "zca": {"featurewise_center": True, "zca_whitening": True},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_numbers_are_those_of_keras(name, recorded):
    data, more = (
        np.random.default_rng(0).uniform(0, 255, (n, 4, 4, 3)).astype(np.float32) for n in (40, 80)
    )
    generator = ImageDataGenerator(rescale=1 / 255, **OPTIONS[name])
    generator.fit(more if name == "zca" else data)
    before = data.copy()
    np.testing.assert_allclose(generator.standardize(data), recorded[name], atol=2e-5)
    np.testing.assert_allclose(generator.standardize(data[3]), recorded[name][3], atol=2e-5)
    np.testing.assert_array_equal(data, before)
    first = ImageDataGenerator(rescale=1 / 255, data_format="channels_first", **OPTIONS[name])
    first.fit((more if name == "zca" else data).transpose(0, 3, 1, 2))
    turned = first.standardize(data.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(turned, recorded[name], atol=5e-4)


def test_whitening_leaves_out_directions_without_data():
    x = np.random.default_rng(0).standard_normal((5, 4, 4, 1)).astype(np.float32)
    x -= x.mean(axis=0)
    matrix = whitening(x, 1e-6)  # rank 4 of 16
    assert np.abs(matrix).max() < 100
    white = x.reshape(5, 16) @ matrix
    values = np.linalg.eigvalsh(white.T @ white / 5)
    np.testing.assert_allclose(np.sort(values)[-4:], 1, rtol=1e-3)


def test_without_fit_a_warning_says_so():
    generator = ImageDataGenerator(featurewise_center=True)
    x = np.ones((2, 2, 3))
    with pytest.warns(UserWarning, match=r"featurewise_center is set.*Call fit"):
        np.testing.assert_array_equal(generator.standardize(x), x)


def test_the_function_comes_first_and_keeps_the_shape():
    generator = ImageDataGenerator(preprocessing_function=lambda x: x + 10, rescale=0.1)
    np.testing.assert_allclose(generator.standardize(np.ones((2, 2, 1))), 1.1, rtol=1e-6)
    generator = ImageDataGenerator(preprocessing_function=lambda x: x[:1])
    with pytest.raises(ValueError, match="preprocessing_function to keep the shape"):
        standardized(np.ones((1, 2, 2, 1), np.float32), generator)


def test_whitened_pictures_have_the_size_of_those_seen():
    generator = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
    generator.fit(np.random.default_rng(0).random((6, 3, 3, 1)))
    with pytest.raises(ValueError, match="expected pictures of the 9 values"):
        generator.standardize(np.ones((2, 2, 1)))
