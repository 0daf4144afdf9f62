"""Compiled kernels of normalisation against their NumPy twins. Skipped without numba."""

import inspect

import numpy as np
import pytest

from dezero.backend import kernels, numpy_norm, registry, use_kernels
from tests.backend.test_numpy_norm import (
    EPS,
    ROWS,
    SHAPES,
    check_rows,
    drawn,
    expected_moments,
    row_case,
    spread,
)

# Lanes enough for compiled loops, with rests of blocks; rows of several blocks.
WIDE = [
    (1, 7, 20, 1), (1, 1000, 20, 1), (2, 65, 300, 1), (1, 70, 5, 7), (1, 3, 2, 40_000),
    (1, 40_000, 16, 1), (3, 2, 2, 16),
]  # fmt: skip


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_norm

    return numba_norm


@pytest.fixture
def chosen():
    """Put the choice of kernels back."""
    before = list(registry._host)
    yield
    registry._host[:] = before


def test_kernels_have_the_signatures_of_their_twins(fast):
    public = [
        name
        for name, value in vars(fast).items()
        if inspect.isfunction(value) and value.__module__ == fast.__name__ and name[0] != "_"
    ]
    # What is left out works on a few numbers, or is the host's for a device's sake.
    assert set(public) <= set(numpy_norm.__all__) and len(public) == 6
    for name in public:
        assert inspect.signature(getattr(fast, name)) == inspect.signature(
            getattr(numpy_norm, name)
        )


def test_they_are_chosen_where_numba_is(fast, chosen):
    use_kernels("auto")
    assert kernels(np.ones(2)).channel_moments is fast.channel_moments
    use_kernels("numpy")
    assert kernels(np.ones(2)).channel_moments is numpy_norm.channel_moments


@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("shape", [*SHAPES, *WIDE])
def test_results_are_those_of_the_twin(fast, shape, dtype):
    (gy, x), numbers = drawn(shape, dtype, 2)
    a, b, c = numbers
    size = max(shape[1] * shape[3], 1)
    calls = [
        ("channel_moments", (x,), 1),
        ("channel_affine", (x, a), 1),
        ("channel_affine", (x, a, b), 1),
        ("channel_affine", (x, a, None, c), 1),
        ("channel_affine", (x, a, b, c), 1),
        ("channel_products", (gy, x, c), size),
        ("channel_gradient", (gy, x, a, b, c), 1),
    ]
    for name, arguments, scale in calls:
        ours, twin = getattr(fast, name)(*arguments), getattr(numpy_norm, name)(*arguments)
        pairs = zip(ours, twin, strict=True) if isinstance(twin, tuple) else [(ours, twin)]
        for got, expected in pairs:
            assert got.dtype == expected.dtype and got.shape == expected.shape
            limit = 20 * EPS[dtype]
            np.testing.assert_allclose(got, expected, rtol=limit, atol=limit * scale, err_msg=name)


@pytest.mark.parametrize("first", [1e4, 0])
@pytest.mark.parametrize("shape", [(1, 4000, 20, 1), (1, 8, 3, 500), (2, 1, 3, 40_000)])
def test_a_mean_far_from_zero_costs_no_accuracy(fast, shape, first):
    (x,), _ = drawn(shape, np.float64)
    x = (x + 1e4).astype(np.float32)
    # Nor must a beginning far from the rest spoil the variance.
    x[:, :1, :, :1] = first
    mean, var = expected_moments(x)
    got_mean, got_var = fast.channel_moments(x)
    np.testing.assert_allclose(got_mean, mean, rtol=1e-7)
    np.testing.assert_allclose(got_var, var, rtol=1e-5)
    y = fast.channel_affine(x, 1 / np.sqrt(var), None, mean)
    np.testing.assert_allclose(y, (x - spread(mean)) / spread(np.sqrt(var)), atol=5e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("shape", [(1, 300, 20, 1), (1, 20, 20, 300)])
def test_what_is_no_number_stays_in_its_channel(fast, shape, bad):
    (x,), (a, b, _) = drawn(shape, np.float32)
    x = x.copy()
    x[0, 7, 3] = bad
    with np.errstate(invalid="ignore"):
        mean, var = fast.channel_moments(x)
    well = np.arange(20) != 3
    assert np.isfinite(mean[0, well]).all() and np.isfinite(var[0, well]).all()
    assert not np.isfinite(mean[0, 3]) and np.isnan(var[0, 3])
    y = fast.channel_affine(x, a, b)
    np.testing.assert_array_equal(np.isfinite(y), np.isfinite(x))


def test_what_is_not_plain_goes_to_the_twin(fast, monkeypatch):
    for name in ("moments", "affine", "products", "gradient"):
        monkeypatch.setattr(fast, f"_{name}_of_rows", None)
        monkeypatch.setattr(fast, f"_{name}_of_lanes", None)
    (gy, x), (a, b, c) = drawn((1, 30, 20, 1), np.float32, 2)
    half, gaps = x.astype(np.float16), np.repeat(x, 2, axis=1)[:, ::2]
    np.testing.assert_allclose(
        fast.channel_affine(half, a, b), half * spread(a) + spread(b), atol=0.05
    )
    np.testing.assert_array_equal(fast.channel_moments(gaps), numpy_norm.channel_moments(x))
    np.testing.assert_array_equal(
        fast.channel_products(gy.astype(float), x, c),
        numpy_norm.channel_products(gy.astype(float), x, c),
    )
    np.testing.assert_array_equal(
        fast.channel_gradient(gaps, x, a, b, c), numpy_norm.channel_gradient(x, x, a, b, c)
    )


@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("shape", [*ROWS, (65, 3)])
def test_rows(fast, shape, dtype, centered):
    check_rows(fast, shape, dtype, centered)


@pytest.mark.parametrize("centered", [True, False])
def test_rows_that_are_not_plain_go_to_the_twin(fast, centered, monkeypatch):
    monkeypatch.setattr(fast, "_row_norm", None)
    monkeypatch.setattr(fast, "_row_norm_gradient", None)
    gy, x, gamma, beta = row_case((6, 8), np.float64, centered)
    gaps, weight, shift = x[:, ::2], gamma[::2], beta if beta is None else beta[::2]
    ours = fast.row_norm(gaps, weight, shift, 1e-5)
    twin = numpy_norm.row_norm(gaps, weight, shift, 1e-5)
    ours += fast.row_norm_gradient(gy[:, ::2], gaps, weight, *ours[1:])
    twin += numpy_norm.row_norm_gradient(gy[:, ::2], gaps, weight, *twin[1:])
    for own, other in zip(ours, twin, strict=True):
        np.testing.assert_array_equal(own, other)
