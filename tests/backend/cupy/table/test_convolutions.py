"""The text of depthwise convolution against NumPy, in every type."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_convolution, kernels_windows
from dezero.backend.cupy.table import convolutions
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.window import Window
from tests.backend.cupy.host_kernels import hosted, needs_compiler, pairs

pytestmark = needs_compiler

NAMES = {
    "depthwise": "convolve",
    "depthwise_gradient_x": "convolve_gradient_x",
    "depthwise_entry": "convolve_gradient_w",
}


@pytest.mark.parametrize("small", [2**30, 0])
@pytest.mark.parametrize(("spec", "letters"), pairs(convolutions.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, rng, monkeypatch, small):
    monkeypatch.setattr(kernels_windows, "SMALL", small)
    window = Window((3, 2), (2, 1), ((1, 0), (0, 1)), (1, 2))
    x, W = rng.standard_normal((2, 7, 6, 3)), rng.standard_normal((3, 2, 1, 6))
    gy = rng.standard_normal((2, *window.out_shape((7, 6)), 6))
    x, W, gy = (a.astype(letters) for a in (x, W, gy))
    name = NAMES[spec.name]
    given = {
        "convolve": (x, W, None, window, 3),
        "convolve_gradient_x": (gy, W, window, (7, 6), 3),
        "convolve_gradient_w": (x, gy, window, 3),
    }[name]
    with hosted():
        ours = getattr(kernels_convolution, name)(*given)
    expected = getattr(HOST_KERNELS, name)(*given)
    assert ours.dtype == expected.dtype
    eps = np.finfo(letters).eps
    np.testing.assert_allclose(ours, expected, 8 * eps, 20 * eps)
