"""Convolution of the GPU, its text run on the host and NumPy's products between."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_convolution
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.window import Window
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler

WINDOWS = [
    (Window((1, 1)), "pixels"),
    (Window((1, 1), (2, 2)), "columns"),
    (Window((3, 3), (1, 1), ((1, 1), (1, 1))), "columns"),
    (Window((3, 2), (2, 1), ((2, 0), (1, 3)), (2, 1)), "columns"),
]


@pytest.fixture(params=["whole", "sample by sample"])
def chunks(request, monkeypatch):
    if request.param != "whole":
        monkeypatch.setattr(kernels_convolution, "CHUNK", 1)


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize(("window", "path"), WINDOWS)
def test_convolution_and_its_gradients(window, path, groups, layout, rng):
    x, W = rng.standard_normal((3, 6, 7, 4)), rng.standard_normal((*window.kernel, 4 // groups, 8))
    if layout == "NCHW":
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    b, gy = rng.standard_normal(8), rng.standard_normal((3, *window.out_shape((6, 7)), 8))
    words = {1: path, 2: f"{path} in 2 groups", 4: "depthwise"}[groups]
    assert kernels_convolution.convolution_path(x, W, window, groups) == words
    with hosted():
        for name, given in (
            ("convolve", (x, W, b, window, groups)),
            ("convolve", (x, W, None, window, groups)),
            ("convolve_gradient_x", (gy, W, window, (6, 7), groups)),
            ("convolve_gradient_w", (x, gy, window, groups)),
            ("convolve_gradient_wb", (x, gy, window, groups)),
        ):
            ours = getattr(kernels_convolution, name)(*given)
            expected = getattr(HOST_KERNELS, name)(*given)
            if name == "convolve_gradient_wb":
                np.testing.assert_allclose(ours[1], expected[1], 1e-10, 1e-10)
                ours, expected = ours[0], expected[0]
            assert ours.flags.c_contiguous
            np.testing.assert_allclose(ours, expected, 1e-10, 1e-10, err_msg=name)


@pytest.mark.parametrize("groups", [1, 2])
def test_no_samples(groups):
    window, W = WINDOWS[2][0], np.ones((3, 3, 2 // groups, 2), "f4")
    x = np.empty((0, 6, 7, 2), "f4")
    assert kernels_convolution.convolve(x, W, None, window, groups).shape == x.shape
    assert not kernels_convolution.convolve_gradient_w(x, x, window, groups).any()
    assert not any(g.any() for g in kernels_convolution.convolve_gradient_wb(x, x, window, groups))
    assert kernels_convolution.convolve_gradient_x(x, W, window, (6, 7), groups).shape == x.shape
