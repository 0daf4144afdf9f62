"""Keras's initializers: layouts, defaults, seeds, dtypes."""

import numpy as np
import pytest

from dezero.keras import initializers as I

RANDOM = [
    I.GlorotNormal, I.GlorotUniform, I.HeNormal, I.HeUniform, I.LecunNormal, I.LecunUniform,
    I.Orthogonal, I.RandomNormal, I.RandomUniform, I.TruncatedNormal, I.VarianceScaling,
]  # fmt: skip


@pytest.mark.parametrize("kind", RANDOM)
def test_seeds_and_generators(kind):
    seeded = kind(seed=3)
    once = seeded((6, 5))
    assert once.dtype == np.float32 and once.shape == (6, 5)
    np.testing.assert_array_equal(once, seeded((6, 5)))
    np.testing.assert_array_equal(once, seeded.clone()((6, 5)))
    free = kind()
    first = free((6, 5), "float64", np.random.default_rng(1))
    np.testing.assert_array_equal(first, free((6, 5), "float64", np.random.default_rng(1)))
    assert first.dtype == np.float64 and not np.array_equal(free((6, 5)), free((6, 5)))


def test_the_outputs_are_the_last_axis():
    kernel = I.HeNormal(seed=0)((3, 3, 20, 50))
    assert kernel.std() == pytest.approx(np.sqrt(2 / (9 * 20)), rel=0.02)
    wide = I.GlorotUniform(seed=0)((3, 3, 20, 50))
    assert abs(wide).max() == pytest.approx(np.sqrt(6 / (9 * 70)), rel=0.01)
    matrix = I.Orthogonal(seed=0)((3, 2, 5, 4)).reshape(30, 4)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(4), atol=1e-5)
    assert I.compute_fans(()) == (1, 1) and I.compute_fans((7,)) == (7, 7)


def test_values_and_dtypes():
    np.testing.assert_array_equal(I.Zeros()((2,), "int64"), np.zeros(2, "int64"))
    assert I.Ones()(()).shape == () and I.Ones()(3, "int32").dtype == np.int32
    np.testing.assert_array_equal(I.get(2.5)((2,)), [2.5, 2.5])
    np.testing.assert_array_equal(I.get(np.arange(3))(3), [0, 1, 2])
    assert I.Constant(np.ones(2)).get_config() == {"value": [1.0, 1.0]}
    np.testing.assert_array_equal(I.Identity(2.0)((2, 3)), 2 * np.eye(2, 3))
    with pytest.raises(NotImplementedError, match="__call__"):
        I.Initializer()((2,))


def test_settings_are_checked_at_once_and_old_files_open():
    with pytest.raises(ValueError, match="mode"):
        I.VarianceScaling(mode="fan")
    with pytest.raises(ValueError, match="std"):
        I.RandomNormal(stddev=-1.0)
    old = {"class_name": "VarianceScaling", "config": {"distribution": "normal", "dtype": "f"}}
    assert I.get(old).rule().distribution == "truncated_normal"
    assert I.get("uniform").get_config() == {"minval": -0.05, "maxval": 0.05, "seed": None}


def test_axes_of_the_fans():
    axes = {"input_axes": [0], "output_axes": [1, 2]}
    kernel = I.HeUniform(seed=0, **axes)((50, 20, 20))
    assert abs(kernel).max() == pytest.approx(np.sqrt(6 / 50), rel=0.01)
    assert I.compute_fans((50, 20, 20), **axes) == (50, 400)
    assert I.compute_fans((50, 20, 20)) == (1000, 1000)
    saved = I.serialize(I.VarianceScaling(**axes))
    assert I.get(saved).output_axes == [1, 2]
    # As Keras 3.15 writes it, and as earlier versions can read it.
    known = {"seed": None, "input_axes": None, "output_axes": None}
    found = I.get({"class_name": "GlorotUniform", "config": known})
    assert found.get_config() == {"seed": None}
