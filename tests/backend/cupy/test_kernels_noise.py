"""Noise of the GPU, its text run on the host: any memory, nothing to draw."""

import numpy as np

from dezero.backend.cupy import kernels_noise
from dezero.backend.philox import Place
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler

PLACE = Place((3, 4), 5)


@needs_compiler
def test_elements_count_by_the_order_of_axes(rng):
    x = rng.standard_normal((4, 6, 5)).astype("f4").transpose(2, 0, 1)
    with hosted():
        for name, amount in (("dropout", 9999), ("gaussian_dropout", 0.5)):
            ours = getattr(kernels_noise, name)(x, PLACE, amount)
            expected = getattr(HOST_KERNELS, name)(x, PLACE, amount)
            np.testing.assert_allclose(ours, expected, 1e-6, 1e-6)


@needs_compiler
def test_what_is_dropped_is_multiplied_by_zero():
    x = np.array([np.inf, -np.inf, np.nan, -1.0])
    with hosted():
        y = kernels_noise.dropout(x, PLACE, 65536)
    assert np.isnan(y[:3]).all() and np.signbit(y[3])


@needs_compiler
def test_an_array_without_axes_keeps_none():
    with hosted():
        assert kernels_noise.dropout(np.float32(3) * np.ones(()), PLACE, 5).shape == ()
        assert kernels_noise.gaussian_dropout(np.ones((), "f2"), PLACE, 0.5).shape == ()


def test_nothing():
    x = np.empty((0, 3), "f2")
    assert kernels_noise.dropout(x, PLACE, 5).dtype == np.float16
    assert kernels_noise.gaussian_dropout(x, PLACE, 0.5).shape == (0, 3)
    assert kernels_noise.standard_normal(x, PLACE).dtype == np.float32
