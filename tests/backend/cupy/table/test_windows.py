"""The text of columns and pooling against their NumPy twins, in every type, with 32 and 64 bits."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_windows
from dezero.backend.cupy.table import windows
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.window import Window
from tests.backend.cupy.host_kernels import hosted, needs_compiler, pairs

pytestmark = needs_compiler

WINDOW = Window((3, 2), (2, 1), ((1, 0), (0, 1)), (1, 2))


def window_of(letter):
    """Return the window, its entries numbered in the type of that letter."""
    return type("Numbered", (Window,), {"index_dtype": np.dtype(letter)})(*WINDOW)


@pytest.mark.parametrize("small", [2**30, 0])
@pytest.mark.parametrize(("spec", "letters"), pairs(windows.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, rng, monkeypatch, small):
    monkeypatch.setattr(kernels_windows, "SMALL", small)
    window = window_of(letters[1:] or "B")
    x = (10 * rng.standard_normal((2, 7, 6, 2))).astype(letters[0])
    given = arguments(spec.name, x, window, rng)
    name = spec.name.removesuffix("_index")
    with hosted():
        ours = getattr(kernels_windows, name)(*given)
    for own, twin in zip(ours, getattr(HOST_KERNELS, name)(*given), strict=True):
        if own is None:
            assert twin is None
            continue
        assert own.dtype == twin.dtype and own.shape == twin.shape
        eps = np.finfo(own.dtype).eps if own.dtype.kind == "f" else 0
        np.testing.assert_allclose(own, twin, 4 * eps, 100 * eps)


def arguments(name, x, window, rng):
    """Return what a kernel is called with."""
    size, out = x.shape[1:3], window.out_shape(x.shape[1:3])
    gy = rng.standard_normal((len(x), *out, x.shape[3])).astype(x.dtype)
    if name == "col2im":
        shape = (len(x), *out, *window.kernel, x.shape[3])
        return rng.standard_normal(shape).astype(x.dtype), window, size
    if name in ("pool_scatter", "pool_gather"):
        index = HOST_KERNELS.max_pool(x, window)[1]
        return (gy, index, window, size) if name == "pool_scatter" else (x, index, window)
    if name == "sum_pool_gradient":
        return gy, window, size
    return (x, window, False) if name == "max_pool" else (x, window)
