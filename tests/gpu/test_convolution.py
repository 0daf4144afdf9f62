"""The ways of a convolution on the GPU beside each other and beside NumPy."""

import numpy as np
import pytest

from dezero import cuda
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.window import Window

PLAIN = Window((3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
CASES = {
    "first layer of one channel": ((4, 28, 28, 1), 8, PLAIN, 1),
    "first layer of three": ((2, 32, 32, 3), 16, PLAIN, 1),
    "later": ((2, 14, 14, 32), 32, PLAIN, 1),
    "pixels": ((2, 9, 9, 16), 24, Window((1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1)), 1),
    "strides and gaps": ((2, 17, 15, 6), 8, Window((3, 2), (2, 3), ((1, 0), (2, 1)), (1, 2)), 1),
    "groups": ((2, 9, 9, 8), 12, PLAIN, 4),
    "depthwise": ((2, 9, 9, 6), 6, PLAIN, 6),
}
EPS = {"f8": 1e-10, "f4": 1e-4, "f2": 2e-2}


def three(kernels, move, dtype, case, channels_first):
    """Return the product and both gradients in a room of kernels, as the host's arrays."""
    shape, outs, window, groups = CASES[case]
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    W = rng.standard_normal((*window.kernel, shape[3] // groups, outs)) / 3
    gy = rng.standard_normal((shape[0], *window.out_shape(shape[1:3]), outs))
    if channels_first:
        x, gy = (np.ascontiguousarray(a.transpose(0, 3, 1, 2)) for a in (x, gy))
    x, W, gy = (move(a.astype(dtype)) for a in (x, W, gy))
    if channels_first:
        x, gy = (a.transpose(0, 2, 3, 1) for a in (x, gy))
    return (
        kernels.convolve(x, W, None, window, groups),
        kernels.convolve_gradient_w(x, gy, window, groups),
        kernels.convolve_gradient_x(gy, W, window, shape[1:3], groups),
    )


@pytest.mark.parametrize("channels_first", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2"])
@pytest.mark.parametrize("case", CASES)
def test_each_way_agrees_with_numpy(case, dtype, channels_first, gpu, is_double):
    expected = three(HOST_KERNELS, np.array, "f8", case, False)
    rooms = [gpu.kernels]
    if not is_double:
        from dezero.backend.cupy import kernels_convolution

        rooms.append(kernels_convolution)  # columns and a product, whatever is installed
    for room in rooms:
        found = three(room, gpu.from_host, dtype, case, channels_first)
        for ours, theirs in zip(found, expected, strict=True):
            eps = EPS[dtype]
            assert ours.dtype == dtype
            np.testing.assert_allclose(
                gpu.to_host(ours), theirs, eps, eps * np.abs(theirs).max(), err_msg=room.__doc__
            )


def test_tf32_is_near(real):
    expected = three(HOST_KERNELS, np.array, "f8", "later", False)
    with cuda.matmul_precision("tf32"):
        found = three(real.kernels, real.from_host, "f4", "later", False)
    for ours, theirs in zip(found, expected, strict=True):
        off = np.abs(real.to_host(ours) - theirs).max() / np.abs(theirs).max()
        assert off < 5e-3
