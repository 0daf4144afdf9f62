"""The gates of LSTM and GRU against their formulas, in arrays with gaps too; nothing overflows."""

import numpy as np
import pytest

from dezero.backend import numpy_recurrent as kernels

N, H = 5, 7


def logistic(x):
    return 1 / (1 + np.exp(-x))


def drawn(*gates, dtype=np.float64, scale=1.0):
    """One array (gates, N, H) for each number, (N, H) for 0."""
    rng = np.random.default_rng(0)
    shapes = [(count, N, H) if count else (N, H) for count in gates]
    return [(scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes]


def room(*gates, dtype=np.float64):
    return [np.full((count, N, H) if count else (N, H), np.nan, dtype) for count in gates]


def lstm(z, c):
    f, i, o = logistic(z[:3])
    u = np.tanh(z[3])
    after = f * c + i * u
    return np.stack([f, i, o, u]), after, np.tanh(after), o * np.tanh(after)


def gru(z, zh, h):
    r, update = logistic(z[:2] + zh[:2])
    u = np.tanh(z[2] + r * zh[2])
    return np.stack([r, update, u]), update * h + (1 - update) * u


def slope(f, x, g, step=1e-6):
    """The gradient of sum(f(x) * g), element by element."""
    result = np.empty_like(x)
    for at in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[at] += step
        down[at] -= step
        result[at] = np.sum((f(up) - f(down)) * g) / (2 * step)
    return result


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("scale", [1, 30])
def test_lstm_forward(dtype, tolerance, scale):
    z, c = drawn(4, 0, dtype=dtype, scale=scale)
    expected = lstm(z.astype("f8"), c.astype("f8"))
    c_new, t, h = room(0, 0, 0, dtype=dtype)
    kernels.lstm_forward(z, c, c_new=c_new, t=t, h=h)
    for got, wanted in zip((z, c_new, t, h), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=tolerance * 50, atol=tolerance)


@pytest.mark.parametrize("in_place", [False, True])
def test_lstm_backward(in_place):
    before, c, gh, gc = drawn(4, 0, 0, 0)
    z = before.copy()
    c_new, t, h, gc_old, gz = room(0, 0, 0, 0, 4)
    kernels.lstm_forward(z, c, c_new=c_new, t=t, h=h)
    gates = z.copy()
    both = np.stack([gh, gc])
    wanted_z = slope(lambda v: np.stack([lstm(v, c)[3], lstm(v, c)[1]]), before, both)
    wanted_c = slope(lambda v: np.stack([lstm(before, v)[3], lstm(before, v)[1]]), c, both)
    if in_place:
        gc_old = gc
    kernels.lstm_backward(z, c, t, gh, gc, gz=gz, gc_old=gc_old)
    np.testing.assert_allclose(gz, wanted_z, atol=1e-8)
    np.testing.assert_allclose(gc_old, wanted_c, atol=1e-8)
    np.testing.assert_array_equal(z, gates)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("scale", [1, 30])
def test_gru_forward(dtype, tolerance, scale):
    z, zh, h = drawn(3, 3, 0, dtype=dtype, scale=scale)
    expected = gru(*(a.astype("f8") for a in (z, zh, h)))
    (h_new,) = room(0, dtype=dtype)
    kernels.gru_forward(z, zh, h, h_new)
    for got, wanted in zip((z, h_new), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=tolerance * 50, atol=tolerance * scale)


@pytest.mark.parametrize("in_place", [False, True])
def test_gru_backward(in_place):
    before, zh, h, gh = drawn(3, 3, 0, 0)
    z = before.copy()
    h_new, gz, gzh, gh_old = room(0, 3, 3, 0)
    kernels.gru_forward(z, zh, h, h_new)
    wanted = [
        slope(lambda v: gru(v, zh, h)[1], before, gh),
        slope(lambda v: gru(before, v, h)[1], zh, gh),
        slope(lambda v: gru(before, zh, v)[1], h, gh),
    ]
    if in_place:
        gh_old = gh
    kernels.gru_backward(z, zh[2], h, gh, gz=gz, gzh=gzh, gh_old=gh_old)
    for got, expected in zip((gz, gzh, gh_old), wanted, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_overflows_and_small_values_keep_their_digits(dtype):
    z = np.full((4, 1, 3), [-1e30, -60, 1e30], dtype)
    c = np.ones((1, 3), dtype)
    c_new, t, h = (np.empty_like(c) for _ in range(3))
    with np.errstate(all="raise", under="ignore"):
        kernels.lstm_forward(z, c, c_new=c_new, t=t, h=h)
    assert z[0, 0, 0] < 1e-37 and z[0, 0, 2] == 1
    np.testing.assert_allclose(z[0, 0, 1], np.exp(-60.0), rtol=1e-5)


def test_gates_of_one_step_among_many():
    """A step of a sequence lies in pieces: gate by gate, all steps of each."""
    many = drawn(4)[0][:, None].repeat(3, axis=1)
    (c,) = drawn(0)
    expected = lstm(many[:, 1], c)
    c_new, t, h = room(0, 0, 0)
    kernels.lstm_forward(many[:, 1], c, c_new=c_new, t=t, h=h)
    np.testing.assert_allclose(many[:, 1], expected[0], rtol=1e-13)
    np.testing.assert_allclose(h, expected[3], rtol=1e-13)
    np.testing.assert_array_equal(many[:, 0], drawn(4)[0])
