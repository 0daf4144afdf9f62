"""Winograd's convolution: the same sums, nearly as exact, in chunks that do not show."""

import itertools

import numpy as np
import pytest

from dezero.backend import numpy_convolution, numpy_winograd
from dezero.backend.window import Window

KERNEL = (3, 3)


@pytest.fixture
def columns(monkeypatch):
    """Compute by columns inside: `columns(run)`."""

    def run(function, *args):
        with monkeypatch.context() as context:
            context.setenv("DEZERO_WINOGRAD", "0")
            return function(*(a.astype("f8") if hasattr(a, "astype") else a for a in args))

    return run


def test_transforms_make_the_convolution_of_polynomials():
    A, G, B = numpy_winograd._transforms()
    rng = np.random.default_rng(0)
    d, g = rng.standard_normal(6), rng.standard_normal(3)
    np.testing.assert_allclose(A @ ((G @ g) * (B @ d)), np.correlate(d, g, "valid"), atol=1e-12)
    np.testing.assert_allclose(numpy_winograd._A, np.kron(A, A), rtol=1e-6)


@pytest.fixture
def always(monkeypatch):
    """Take every float32 convolution of small pictures too."""

    def path(*args):
        return "tiles" if args[-1] == np.float32 else "columns"

    monkeypatch.setattr(numpy_convolution.LOOPS, "path", path)


PADS = [((0, 0), (0, 0)), ((1, 1), (1, 1)), ((2, 0), (1, 2))]


@pytest.mark.parametrize("chunk", [1, 200, 1 << 14])
@pytest.mark.parametrize(("size", "pads"), [*itertools.product([(6, 6), (7, 12), (21, 9)], PADS)])
@pytest.mark.usefixtures("always")
def test_same_as_columns(rng, monkeypatch, columns, chunk, *, size, pads):
    monkeypatch.setattr(numpy_winograd, "CHUNK", chunk)
    window = Window(KERNEL, pads=pads)
    x = rng.standard_normal((5, *size, 6)).astype("f4")
    W = rng.standard_normal((*KERNEL, 6, 4)).astype("f4")
    b = rng.standard_normal(4).astype("f4")
    y = numpy_convolution.convolve(x, W, b, window)
    gy = rng.standard_normal(y.shape).astype("f4")
    found = [
        y,
        numpy_convolution.convolve_gradient_w(x, gy, window),
        numpy_convolution.convolve_gradient_x(gy, W, window, size),
    ]
    wanted = [
        columns(numpy_convolution.convolve, x, W, b, window),
        columns(numpy_convolution.convolve_gradient_w, x, gy, window),
        columns(numpy_convolution.convolve_gradient_x, gy, W, window, size),
    ]
    for ours, exact in zip(found, wanted, strict=True):
        assert ours.dtype == np.float32 and exact.dtype == np.float64
        np.testing.assert_allclose(ours, exact, atol=2e-5 * exact.std())


@pytest.mark.usefixtures("always")
def test_any_strides(rng, columns):
    x = rng.standard_normal((40, 40, 32, 2)).astype("f4").transpose(3, 0, 1, 2)
    W = rng.standard_normal((48, 32, *KERNEL)).astype("f4").transpose(2, 3, 1, 0)
    window = Window(KERNEL)
    y = numpy_convolution.convolve(x, W, None, window)
    exact = columns(numpy_convolution.convolve, x, W, None, window)
    np.testing.assert_allclose(y, exact, atol=2e-5 * exact.std())
    gy = y.transpose(0, 3, 1, 2).copy().transpose(0, 2, 3, 1)  # planes in memory
    gx = numpy_convolution.convolve_gradient_x(gy, W, window, (40, 40))
    exact = columns(numpy_convolution.convolve_gradient_x, gy, W, window, (40, 40))
    np.testing.assert_allclose(gx, exact, atol=2e-5 * exact.std())


def test_rounding_is_at_most_five_times_that_of_the_plain_sum(rng):
    x = np.maximum(rng.standard_normal((4, 18, 18, 128)), 0).astype("f4")
    W = (rng.standard_normal((*KERNEL, 128, 64)) / 34).astype("f4")
    y = {}
    for quick in (True, False):
        with pytest.MonkeyPatch.context() as context:
            path = "tiles" if quick else "columns"
            context.setattr(numpy_convolution.LOOPS, "path", lambda *args, path=path: path)
            y[quick] = numpy_convolution.convolve(x, W, None, Window(KERNEL))
            context.setattr(numpy_convolution.LOOPS, "path", lambda *args: "columns")
            exact = numpy_convolution.convolve(x.astype("f8"), W.astype("f8"), None, Window(KERNEL))
    error = {quick: np.std(y[quick] - exact) for quick in y}
    assert 0 < error[True] < 5 * error[False]


def test_only_what_it_is_made_for_comes_here(monkeypatch):
    big = (64, 64, (8, 56, 56))
    assert numpy_winograd.suits(*big, Window(KERNEL), np.dtype("f4"))
    assert not numpy_winograd.suits(*big, Window(KERNEL), np.dtype("f8"))
    others = [
        Window((3, 2)), Window((5, 5)), Window(KERNEL, (2, 1)), Window(KERNEL, dilation=(1, 2)),
    ]  # fmt: skip
    assert not any(numpy_winograd.suits(*big, window, np.dtype("f4")) for window in others)
    assert not numpy_winograd.suits(3, 64, (8, 56, 56), Window(KERNEL), np.dtype("f4"))
    assert not numpy_winograd.suits(64, 64, (1, 3, 3), Window(KERNEL), np.dtype("f4"))
    assert not numpy_winograd.suits(512, 512, (1, 14, 14), Window(KERNEL), np.dtype("f4"))
    assert not numpy_winograd.suits(64, 64, (0, 56, 56), Window(KERNEL), np.dtype("f4"))
    monkeypatch.setenv("DEZERO_WINOGRAD", "0")
    assert not numpy_winograd.suits(*big, Window(KERNEL), np.dtype("f4"))


@pytest.mark.usefixtures("always")
def test_gradients_are_those_of_the_convolution(rng):
    """The three kernels are one trilinear form: <gy, conv(x, W)> = <gW, W> = <gx, x>."""
    x = rng.standard_normal((4, 30, 30, 32)).astype("f4")
    W = rng.standard_normal((*KERNEL, 32, 32)).astype("f4")
    for pads in itertools.product(((0, 0), (1, 1), (2, 2)), repeat=2):
        window = Window(KERNEL, pads=pads)
        y = numpy_convolution.convolve(x, W, None, window)
        gy = rng.standard_normal(y.shape).astype("f4")
        form = np.vdot(gy.astype("f8"), y)
        gW = numpy_convolution.convolve_gradient_w(x, gy, window)
        gx = numpy_convolution.convolve_gradient_x(gy, W, window, (30, 30))
        scale = np.linalg.norm(gy.astype("f8")) * np.linalg.norm(y)
        assert abs(np.vdot(gW.astype("f8"), W) - form) < 1e-5 * scale
        assert abs(np.vdot(gx.astype("f8"), x) - form) < 1e-5 * scale
