"""Compiled convolution without columns against columns. Skipped without numba."""

import numpy as np
import pytest

from dezero.backend import numpy_convolution
from dezero.backend.window import Window

WINDOWS = [
    Window((3, 3)),
    Window((1, 1), (2, 3)),
    Window((3, 2), (2, 1), ((1, 0), (2, 2))),
    Window((2, 3), (1, 3), ((0, 0), (5, 1)), (2, 1)),
    Window((5, 5), pads=((2, 2), (2, 2))),
]


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_direct

    return numba_direct


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("outs", [16, 17, 32, 40, 64])
@pytest.mark.parametrize(("channels", "dtype"), [(1, "f4"), (3, "f8"), (9, "f4")])
def test_same_as_columns(fast, rng, monkeypatch, *, window, outs, channels, dtype):
    monkeypatch.setattr(fast, "STAGE", 300)  # some samples at a time
    monkeypatch.setattr(fast, "CHUNK", 7)
    x = rng.standard_normal((3, channels, 10, 11)).astype(dtype).transpose(0, 2, 3, 1)
    W = rng.standard_normal((*window.kernel, channels, outs)).astype(dtype)
    b = rng.standard_normal(outs).astype(dtype)
    exact = numpy_convolution.convolve(x.astype("f8"), W.astype("f8"), b.astype("f8"), window)
    y = np.full(exact.shape, np.nan, dtype)
    close = {"rtol": 1e-5, "atol": 1e-4} if dtype == "f4" else {"rtol": 1e-12, "atol": 1e-12}
    assert fast.suits(channels, outs, y.shape[:3], x.dtype)
    for picture in (x, x.copy()):
        fast.direct(picture, W.reshape(-1, outs), b, window, y)
        np.testing.assert_allclose(y, exact, **close)
    fast.direct(x, W.reshape(-1, outs), None, window, y)
    np.testing.assert_allclose(y, exact - b, **close)
    gy = rng.standard_normal(y.shape).astype(dtype)
    exact = numpy_convolution.convolve_gradient_w(x.astype("f8"), gy.astype("f8"), window)
    gW = np.ones((W.size // outs, outs), dtype)
    fast.direct_gradient_w(x, gy, window, gW)
    np.testing.assert_allclose(gW - 1, exact.reshape(gW.shape), **close)


def test_long_sums_keep_their_digits(fast):
    x, gy = np.ones((5, 90, 90, 1), "f4"), np.full((5, 90, 90, 16), 0.1, "f4")
    gW = np.zeros((1, 16), "f4")
    fast.direct_gradient_w(x, gy, Window((1, 1)), gW)
    np.testing.assert_allclose(gW, 5 * 8100 * 0.1, rtol=5e-5)  # in one sum: 4e-4


def test_read_only_arrays(fast):
    x, W, b = np.ones((1, 4, 4, 2)), np.ones((8, 16)), np.ones(16)
    y, gW = np.empty((1, 3, 3, 16)), np.zeros((8, 16))
    gy = np.ones_like(y)
    for array in (x, W, b, gy):
        array.setflags(write=False)
    fast.direct(x, W, b, Window((2, 2)), y)
    fast.direct_gradient_w(x, gy, Window((2, 2)), gW)
    assert (y == 9).all() and (gW == 9).all()


def test_what_it_is_made_for(fast):
    single, double = np.dtype("f4"), np.dtype("f8")
    assert fast.suits(3, 32, (1, 3, 2), single)
    assert fast.suits(128, 256, (1, 8, 8), double)
    assert not fast.suits(3, 32, (1, 1, 5), single)  # no block of pixels
    assert not fast.suits(3, 3, (8, 56, 56), double)  # no vector
    assert not fast.suits(512, 512, (8, 56, 56), single)
    assert not fast.suits(3, 32, (8, 56, 56), np.dtype("i4"))
    assert not fast.suits(3, 32, (8, 56, 56), np.dtype("f2"))
