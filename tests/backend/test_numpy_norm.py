"""The kernels of normalisation against plain NumPy in float64."""

import numpy as np
import pytest

from dezero.backend import numpy_norm

# (S, A, C, B): a piece and less, rests of tiled rows, short and long rows, samples, nothing.
SHAPES = [
    (1, 7, 3, 1), (1, 5000, 3, 1), (1, 1, 3, 1), (1, 300, 512, 1), (3, 50, 4, 1),
    (1, 6, 3, 5), (1, 40, 3, 63), (1, 6, 3, 64), (1, 3, 2, 70_000), (4, 1, 6, 5), (4, 1, 3, 100),
    (1, 0, 3, 1), (1, 2, 3, 0), (0, 1, 3, 4), (1, 4, 0, 1),
]  # fmt: skip
EPS = {np.float32: 1e-6, np.float64: 1e-14}


def drawn(shape, dtype, count=1):
    rng = np.random.default_rng(3)
    arrays = [(rng.standard_normal(shape) + 2).astype(dtype) for _ in range(count)]
    for x in arrays:
        x.setflags(write=False)
    numbers = rng.standard_normal((3, shape[0], shape[2]))
    return arrays, numbers


def spread(v):
    return v[:, None, :, None]


def expected_moments(x):
    if not x.shape[1] * x.shape[3]:
        return np.zeros((2, x.shape[0], x.shape[2]))
    x = x.astype(np.float64)
    return x.mean((1, 3)), x.var((1, 3))


@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("shape", SHAPES)
class TestEveryShape:
    def test_moments(self, shape, dtype):
        (x,), _ = drawn(shape, dtype)
        for got, expected in zip(numpy_norm.channel_moments(x), expected_moments(x), strict=True):
            assert got.dtype == np.float64
            np.testing.assert_allclose(got, expected, rtol=10 * EPS[dtype], atol=EPS[dtype])

    def test_affine(self, shape, dtype):
        (x,), (scale, shift, center) = drawn(shape, dtype)
        wide = x.astype(np.float64)
        limits = {"rtol": 10 * EPS[dtype], "atol": 10 * EPS[dtype]}
        for s, c in ((None, None), (shift, None), (None, center), (shift, center)):
            y = numpy_norm.channel_affine(x, scale, s, c)
            expected = (wide - (0 if c is None else spread(c))) * spread(scale)
            expected = expected + (0 if s is None else spread(s))
            assert y.dtype == dtype and y.flags.c_contiguous
            np.testing.assert_allclose(y, expected, **limits)

    def test_products(self, shape, dtype):
        (gy, x), (center, *_) = drawn(shape, dtype, 2)
        wide, g = x.astype(np.float64), gy.astype(np.float64)
        total, product = numpy_norm.channel_products(gy, x, center)
        limits = {"rtol": 10 * EPS[dtype], "atol": EPS[dtype] * max(shape[1] * shape[3], 1)}
        np.testing.assert_allclose(total, g.sum((1, 3)), **limits)
        np.testing.assert_allclose(product, (g * (wide - spread(center))).sum((1, 3)), **limits)

    def test_gradient(self, shape, dtype):
        (gy, x), (a, b, c) = drawn(shape, dtype, 2)
        gx = numpy_norm.channel_gradient(gy, x, a, b, c)
        expected = gy * spread(a) + x.astype(np.float64) * spread(b) + spread(c)
        assert gx.dtype == dtype
        np.testing.assert_allclose(gx, expected, rtol=10 * EPS[dtype], atol=10 * EPS[dtype])


@pytest.mark.parametrize("shape", [(1, 4000, 3, 1), (1, 8, 3, 500), (2, 1, 3, 4000)])
def test_a_mean_far_from_zero_costs_no_accuracy(shape):
    (x,), _ = drawn(shape, np.float64)
    x = (x + 1e4).astype(np.float32)
    mean, var = expected_moments(x)
    got_mean, got_var = numpy_norm.channel_moments(x)
    np.testing.assert_allclose(got_mean, mean, rtol=1e-7)
    np.testing.assert_allclose(got_var, var, rtol=1e-5)
    y = numpy_norm.channel_affine(x, 1 / np.sqrt(var), None, mean)
    np.testing.assert_allclose(y, (x - spread(mean)) / spread(np.sqrt(var)), atol=2e-6)
    _, product = numpy_norm.channel_products(y, x, mean)
    np.testing.assert_allclose(product, (y * (x - spread(mean))).sum((1, 3)), rtol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_stays_in_its_channel(bad):
    (x,), _ = drawn((1, 300, 3, 1), np.float32)
    x = x.copy()
    x[0, 7, 1] = bad
    with np.errstate(invalid="ignore"):
        mean, var = numpy_norm.channel_moments(x)
    assert np.isfinite(mean[0, [0, 2]]).all() and np.isfinite(var[0, [0, 2]]).all()
    assert not np.isfinite(mean[0, 1]) and np.isnan(var[0, 1])


# Rows of one piece, of several, and longer than one.
ROWS = [(1, 1), (3, 5), (300, 400), (2, 70_000), (0, 4)]


def row_case(shape, dtype, centered):
    rng = np.random.default_rng(4)
    gy, x = (rng.standard_normal((2, *shape)) + 0.5).astype(dtype)
    gamma, beta = rng.standard_normal((2, shape[1])).astype(dtype)
    for array in (gy, x, gamma, beta):
        array.setflags(write=False)
    return gy, x, gamma, beta if centered else None


def expected_rows(gy, x, gamma, beta, eps):
    """Return y, gx, ggamma and gbeta in float64."""
    gy, x, gamma = (a.astype(np.float64) for a in (gy, x, gamma))
    centered = beta is not None
    if centered:
        x = x - x.mean(1, keepdims=True)
    inverse = 1 / np.sqrt((x * x).mean(1, keepdims=True) + eps)
    normed, g = x * inverse, gy * gamma
    gx = g - normed * (g * normed).mean(1, keepdims=True)
    if centered:
        gx = gx - g.mean(1, keepdims=True)
    y = normed * gamma + (beta if centered else 0)
    gbeta = gy.sum(0) if centered else np.zeros(gamma.shape)
    return y, gx * inverse, (gy * normed).sum(0), gbeta


def check_rows(module, shape, dtype, centered):
    gy, x, gamma, beta = row_case(shape, dtype, centered)
    y, mean, inverse = module.row_norm(x, gamma, beta, 1e-5)
    assert y.dtype == inverse.dtype == dtype and (mean is not None) == centered
    gradients = module.row_norm_gradient(gy, x, gamma, mean, inverse)
    assert gradients[0].dtype == dtype
    expected = expected_rows(gy, x, gamma, beta, 1e-5)
    limit = 20 * EPS[dtype]
    for got, right in zip((y, *gradients), expected, strict=True):
        scale = max(np.abs(right).max(initial=0), 1)
        np.testing.assert_allclose(got, right, rtol=limit, atol=limit * scale)


@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("shape", ROWS)
def test_rows(shape, dtype, centered):
    check_rows(numpy_norm, shape, dtype, centered)
