"""Noise from a place: the same whenever it is asked for."""

import numpy as np
import pytest

from dezero.backend import numpy_noise, philox
from dezero.backend.philox import Place

PLACE = Place((3, 4), 5)


@pytest.mark.parametrize("dropped", [30000, 32768, 65536])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_dropout(dropped, dtype):
    x = np.linspace(1, 2, 35).astype(dtype).reshape(5, 7)
    y = numpy_noise.dropout(x, PLACE, dropped)
    keep = philox.keeps(philox.words_at(PLACE, 9), x.shape, dropped)
    scale = np.dtype(dtype).type(numpy_noise.scale_of(dropped))
    np.testing.assert_array_equal(y, np.where(keep, x * scale, 0))
    assert y.dtype == dtype


def test_order_of_elements_is_that_of_axes():
    x = np.ones((4, 6), "f4")
    np.testing.assert_array_equal(
        numpy_noise.dropout(np.asfortranarray(x), PLACE, 9999), numpy_noise.dropout(x, PLACE, 9999)
    )


def test_normal_noise():
    x = np.full((50, 3), 2, "f8")
    noise = numpy_noise.standard_normal(x, PLACE)
    assert noise.shape == x.shape and noise.dtype == np.float32
    y = numpy_noise.gaussian_dropout(x, PLACE, 0.5)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, 2 * (1 + 0.5 * noise.astype("f8")), rtol=1e-6)
