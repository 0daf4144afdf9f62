"""The text of noise against its NumPy twins: the same words, the same elements dropped."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_noise
from dezero.backend.cupy.table import noise
from dezero.backend.philox import Place, words_at
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import HostKernel, hosted, needs_compiler, pairs

pytestmark = needs_compiler

KEY = 2**63 + 5, 2**64 - 7
PLACES = [Place(KEY, 0), Place(KEY, 2**40 + 3), Place((0, 1), 4, np.array([*KEY, 2**33], "u8"))]
AMOUNTS = {"dropout": (30000, 32768, 0, 60001, 65536), "gaussian_dropout": (0.5,)}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("spec", "letters"), pairs(noise.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, rng, place):
    if spec.name == "philox_words":
        return check_words(spec, place)
    x = rng.standard_normal((5, 27)).astype(letters)
    for given in AMOUNTS.get(spec.name, (None,)):
        arguments = (x, place) if given is None else (x, place, given)
        with hosted():
            y = getattr(kernels_noise, spec.name)(*arguments)
        expected = getattr(HOST_KERNELS, spec.name)(*arguments)
        assert y.dtype == expected.dtype
        if spec.name == "dropout":
            np.testing.assert_array_equal(y, expected)
        else:  # a few units in the last place of float32, or one of float16
            eps = max(np.finfo(np.float32).eps * 8, np.finfo(letters).eps * 2)
            np.testing.assert_allclose(y, expected, eps, eps)
    return None


def check_words(spec, place):
    """Compare words with those of NumPy's generator."""
    numbers = kernels_noise._numbers(np.empty(0), place)
    y = np.empty(23, np.uint64)
    HostKernel(spec)(*numbers, 23, y, size=6)
    np.testing.assert_array_equal(y, words_at(place, 6)[:23])
