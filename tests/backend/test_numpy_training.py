"""What a training step needs beside functions and updates."""

import numpy as np
import pytest

from dezero.backend import numpy_training as kernels


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_gather_normalise(rng, dtype):
    data = rng.integers(0, 256, (6, 2, 3)).astype("u1")
    found = kernels.gather_normalise(data, np.array([4, 0, -1]), 127.5, 255.0, dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, data[[4, 0, 5]] / 255 - 0.5, 1e-6, 1e-6)


@pytest.mark.parametrize("dtype", ["u1", "f4", "c16", "?"])
def test_batch_rows(rng, dtype):
    data, order = rng.integers(0, 256, (6, 2, 3)).astype(dtype), rng.permutation(6)
    for start in (2, 2.0, np.array(2.0)):
        found = kernels.batch_rows(data, order, start, 3)
        assert found.dtype == dtype and not np.may_share_memory(found, data)
        np.testing.assert_array_equal(found, data[order[2:5]])
    assert kernels.batch_rows(data, order, 6, 0).shape == (0, 2, 3)


def test_norm_squared_neither_overflows_nor_vanishes():
    for value in (1e30, 1e-30):
        found = kernels.norm_squared(np.full((2, 3), value, "f4"))
        assert found.shape == () and found.dtype == "f8"
        np.testing.assert_allclose(found, 6 * float(np.float32(value)) ** 2)
    assert kernels.norm_squared(np.ones(70000, "e")) == 70000
    assert kernels.norm_squared(np.ones(0)) == 0


@pytest.mark.parametrize("relu", [True, False])
def test_add_bias(rng, relu):
    y, b = rng.standard_normal((2, 4, 3)), rng.standard_normal(3)
    expected = np.maximum(y + b, 0) if relu else y + b
    kernels.add_bias(y, b, relu)
    np.testing.assert_array_equal(y, expected)
