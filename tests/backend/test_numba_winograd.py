"""Compiled transforms of Winograd's convolution against their twins. Skipped without numba."""

import inspect

import numpy as np
import pytest

from dezero.backend import numpy_winograd
from dezero.backend.window import Window


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_winograd

    return numba_winograd


def compare(fast, name, args, results):
    """Run both twins on copies of `results`, which they fill."""
    filled = [[a.copy() for a in results] for _ in range(2)]
    getattr(numpy_winograd, name)(*args, *filled[0])
    getattr(fast, name)(*args, *filled[1])
    for wanted, found in zip(*filled, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-5 * max(1, np.std(wanted)))


def drawn(rng, *shape):
    return rng.standard_normal(shape).astype("f4")


def test_loops_have_the_signatures_of_their_twins(fast):
    for name in (*numpy_winograd.LOOPS, "suits"):
        twin = getattr(numpy_winograd, name)
        assert inspect.signature(getattr(fast, name)) == inspect.signature(twin)


# Fewer channels than a vector has, whole vectors, and some that overlap.
@pytest.mark.parametrize("channels", [5, 16, 33])
@pytest.mark.parametrize("corner", [(0, 0), (-1, -2), (-7, 3), (4, -1)])
def test_tiles(fast, rng, channels, corner):
    x = drawn(rng, 2, 11, 14, channels)
    V = np.full((36, 2, 3, 4, channels), np.nan, "f4")
    compare(fast, "tiles", (x, corner), [V])
    compare(fast, "tiles", (x.transpose(0, 2, 1, 3), corner), [V])  # gaps between pixels


@pytest.mark.parametrize("outs", [5, 16, 33])
@pytest.mark.parametrize("size", [(8, 12), (6, 9), (1, 2), (5, 11)])
@pytest.mark.parametrize("bias", [True, False])
def test_outputs_and_their_transpose(fast, rng, outs, size, bias):
    tiles = tuple(-(-s // 4) for s in size)
    products = drawn(rng, 36, 2, *tiles, outs)
    b = drawn(rng, outs) if bias else None
    y = np.full((2, *size, outs), np.nan, "f4")
    compare(fast, "outputs", (products, b), [y])
    compare(fast, "spread", (drawn(rng, 2, *size, outs),), [products])
    compare(fast, "spread", (drawn(rng, 2, *size[::-1], outs).swapaxes(1, 2),), [products])


@pytest.mark.parametrize("pairs", [3, 16, 50])
def test_kernels_and_their_transpose(fast, rng, pairs):
    W = drawn(rng, 9, pairs)
    np.testing.assert_allclose(fast.kernels(W), numpy_winograd.kernels(W), rtol=1e-4, atol=1e-5)
    compare(fast, "kernels_back", (drawn(rng, 36, pairs),), [W])


def test_read_only_arrays(fast, rng):
    x, b, W = drawn(rng, 1, 6, 6, 16), drawn(rng, 16), drawn(rng, 9, 16)
    V, products, y = np.empty((36, 1, 1, 1, 16), "f4"), drawn(rng, 36, 1, 1, 1, 16), x[:, :4, :4]
    for array in (x, b, W):
        array.setflags(write=False)
    compare(fast, "tiles", (x, (0, 0)), [V])
    compare(fast, "outputs", (products, b), [y.copy()])
    compare(fast, "spread", (y,), [products])
    np.testing.assert_allclose(fast.kernels(W), numpy_winograd.kernels(W), rtol=1e-4, atol=1e-5)


def test_what_it_is_made_for(fast):
    single, window = np.dtype("f4"), Window((3, 3))
    assert fast.suits(64, 64, (8, 56, 56), window, single)
    assert fast.suits(32, 64, (64, 11, 11), window, single)
    assert not fast.suits(64, 64, (8, 56, 56), window, np.dtype("f8"))
    assert not fast.suits(64, 64, (8, 56, 56), Window((3, 3), (2, 2)), single)
    assert not fast.suits(3, 64, (8, 56, 56), window, single)
    assert not fast.suits(64, 3, (8, 56, 56), window, single)
    assert not fast.suits(64, 64, (1, 1, 1), window, single)
