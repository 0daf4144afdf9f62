"""Compiled kernels of convolution: where they are chosen, and for what. Skipped without numba.

`test_convolution` has their sums.
"""

import inspect

import numpy as np
import pytest

from dezero.backend import kernels, numpy_convolution, registry, use_kernels
from dezero.backend.window import Window

FAST = ("convolution_path", "convolve", "convolve_gradient_w", "convolve_gradient_x")


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_convolution

    return numba_convolution


def test_kernels_have_the_signatures_of_their_twins(fast):
    for name in FAST:
        twin = getattr(numpy_convolution, name)
        assert inspect.signature(getattr(fast, name)) == inspect.signature(twin)
    assert vars(fast.LOOPS).keys() >= vars(numpy_convolution.LOOPS).keys()


def test_they_are_chosen_where_numba_is(fast):
    before = list(registry._host)
    try:
        use_kernels("numba")
        for name in FAST:
            assert getattr(kernels(np.ones(1)), name) is getattr(fast, name)
    finally:
        registry._host[:] = before


@pytest.mark.parametrize(
    ("x", "W", "options", "path"),
    [
        ((8, 56, 56, 64), (1, 1, 64, 128), {}, "pixels"),
        ((8, 56, 56, 64), (1, 1, 64, 128), {"stride": (2, 2)}, "direct"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {}, "tiles"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {}, "direct"),
        ((8, 56, 56, 3), (3, 3, 3, 64), {}, "direct"),
        ((8, 56, 56, 3), (3, 3, 3, 3), {}, "planes"),
        ((8, 56, 56, 512), (5, 5, 512, 512), {}, "columns"),
        ((8, 56, 56, 64), (3, 3, 1, 64), {"groups": 64}, "depthwise"),
        ((8, 56, 56, 64), (5, 5, 32, 64), {"groups": 2}, "direct in 2 groups"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {"dtype": "f2"}, "direct in float32"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {"dtype": "f8"}, "direct"),
        ((8, 56, 56, 64), (3, 3, 64, 3), {"transposed": True}, "direct"),
        ((8, 56, 56, 3), (3, 3, 3, 64), {"transposed": True}, "columns"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {"transposed": True, "stride": (2, 2)}, "columns"),
    ],
)
def test_path_in_words(fast, x, W, options, path):
    dtype, groups = options.pop("dtype", "f4"), options.pop("groups", 1)
    transposed = options.pop("transposed", False)
    window = Window(W[:2], **options)
    arrays = np.empty(x, dtype), np.empty(W, dtype)
    assert fast.convolution_path(*arrays, window, groups, transposed) == path
