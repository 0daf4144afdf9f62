"""Normalisation of the GPU, its text run on the host."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_norms
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler


def same(name, *given, eps):
    """Compare what a kernel returns, or writes, with the host's."""
    copies = [np.copy(v) if isinstance(v, np.ndarray) else v for v in given]
    with hosted():
        ours = getattr(kernels_norms, name)(*given)
    expected = getattr(HOST_KERNELS, name)(*copies)
    if name == "row_norm_gradient" and given[3] is None:  # there was no beta
        ours, expected = ours[:2], expected[:2]
    if expected is None:
        count = 1 if name == "row_softmax_among" else 2
        ours, expected = given[:count], tuple(copies[:count])
    if not isinstance(expected, tuple):
        ours, expected = (ours,), (expected,)
    for own, twin in zip(ours, expected, strict=True):
        if twin is None:
            assert own is None
            continue
        dtypes = {twin.dtype, *(v.dtype for v in given if isinstance(v, np.ndarray))}
        assert own.shape == twin.shape and own.dtype in dtypes
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


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 12, 3, 1), (2, 6, 5, 4), (1, 7, 2, 1)])
def test_channels_read_in_parts(shape, parts, rng, monkeypatch):
    monkeypatch.setattr(kernels_norms, "ELEMENTS", 1)
    monkeypatch.setattr(kernels_norms, "TOGETHER", 1)
    monkeypatch.setattr(kernels_norms, "BLOCKS", parts * shape[0] * shape[2])
    assert kernels_norms.parts_of(shape) == (parts if shape[1] % parts == 0 else 1)
    x, gy = 1e3 + rng.standard_normal((2, *shape))
    same("channel_moments", x, eps=1e-11)
    same("channel_products", gy, x, x.mean((1, 3)), eps=1e-9)


@pytest.mark.parametrize("dtypes", ["ff", "dd", "ee", "fd"])
def test_numbers_of_channels(dtypes, rng):
    mean, variance, total, product = rng.random((4, 1, 7))
    gamma, beta = (rng.standard_normal(7).astype(d) for d in dtypes)
    eps, inverse = 2e-3 if "e" in dtypes else 1e-6, 1 / np.sqrt(variance)
    same("channel_scale", variance, gamma, beta, 0.1, eps=eps)
    running = mean[0].astype("f4"), variance[0].astype("f4")
    same("channel_frozen", *running, gamma, beta, 0.1, eps=eps)
    same("channel_back", total, product, mean, inverse, gamma, 12, eps=eps)
    variance[0, 2] = np.inf
    same("moving_moments", np.abs(gamma), np.abs(beta), mean[0], variance[0], 1.25, 0.9, eps=eps)


@pytest.mark.parametrize("groups", [1, 3, 6])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
def test_numbers_of_groups(groups, dtype, rng):
    eps = 2e-3 if dtype == "f2" else 1e-6
    gamma, beta = rng.standard_normal((2, 6)).astype(dtype)
    mean, variance = rng.random((2, 4, groups))
    center, inverse, *_ = same("group_scale", mean, variance, gamma, beta, 0.1, eps=eps)
    total, product = rng.standard_normal((2, 4, 6))
    same("group_sums", total, product, inverse, gamma, eps=eps)
    same("group_back", total, product, center, inverse, gamma, groups, 9, eps=eps)


@pytest.mark.parametrize("shape", [(3, 1), (4, 10), (2, 700)])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_softmax_of_rows(shape, dtype, rng):
    x, gy = (3 * rng.standard_normal((2, *shape))).astype(dtype)
    eps = 8e-3 if dtype == "f2" else 1e-5
    if dtype != "f2":
        x[0] = -np.inf
        same("row_softmax_among", x.copy(), eps=eps)
        x[0] = 0
    for is_log in (False, True):
        y = same("row_softmax", x, is_log, eps=eps)[0]
        same("row_softmax_gradient", gy, y, is_log, eps=eps)


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
