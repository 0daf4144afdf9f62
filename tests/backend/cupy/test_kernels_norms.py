"""Normalisation of the GPU, its text run on the host."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_norms
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler


def same(name, *given, eps):
    """Compare what a kernel returns with the host's."""
    with hosted():
        ours = getattr(kernels_norms, name)(*given)
    expected = getattr(HOST_KERNELS, name)(*given)
    if not isinstance(expected, tuple):
        ours, expected = (ours,), (expected,)
    for own, twin in zip(ours, expected, strict=True):
        if twin is None:
            assert own is None
            continue
        assert own.dtype == twin.dtype and own.shape == twin.shape
        np.testing.assert_allclose(own, twin, eps, eps, err_msg=name)
    return expected


@pytest.mark.parametrize(("dtype", "eps"), [("f4", 1e-4), ("f8", 1e-11)])
@pytest.mark.parametrize("shape", [(1, 20, 3, 1), (2, 1, 5, 9), (3, 4, 2, 6), (2, 0, 3, 1)])
def test_channels(shape, dtype, eps, rng):
    x, gy = (5 + rng.standard_normal((2, *shape))).astype(dtype)
    scale, shift, center, by_x = 1 + rng.random((4, *shape[::2]))
    same("channel_moments", x, eps=eps)
    same("channel_affine", x, scale, shift, center, eps=eps)
    same("channel_affine", x, scale, shift, eps=eps)
    same("channel_affine", x, scale, eps=eps)
    same("channel_products", gy, x, center, eps=eps)
    same("channel_gradient", gy, x, scale, by_x, shift, eps=eps)


def test_variance_far_from_zero_is_no_difference_of_large_sums(rng):
    x = (1e4 + rng.standard_normal((1, 500, 2, 1))).astype("f4")
    with hosted():
        variance = kernels_norms.channel_moments(x)[1]
    np.testing.assert_allclose(variance, x.astype("f8").var((1, 3)), 1e-12)


@pytest.mark.parametrize(("dtype", "eps"), [("f4", 1e-4), ("f8", 1e-11)])
@pytest.mark.parametrize("shape", [(7, 5), (1, 1), (3, 300), (0, 4)])
@pytest.mark.parametrize("centred", [True, False])
def test_rows(shape, centred, dtype, eps, rng):
    x, gy = rng.standard_normal((2, *shape)).astype(dtype)
    gamma = rng.standard_normal(shape[1]).astype(dtype)
    beta = rng.standard_normal(shape[1]).astype(dtype) if centred else None
    _, mean, inverse = same("row_norm", x, gamma, beta, 1e-3, eps=eps)
    same("row_norm_gradient", gy, x, gamma, mean, inverse, eps=20 * eps)
