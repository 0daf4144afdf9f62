"""Compiled gates against their NumPy twins. Skipped without numba."""

import inspect

import numpy as np
import pytest

from dezero.backend import numpy_recurrent as twins

NAMES = ("gru_backward", "gru_forward", "lstm_backward", "lstm_forward")
# The arrays of each kernel, "n" (N, H), or their number of gates; the rest are keywords.
ARRAYS = {
    "lstm_forward": (["4", "n"], {"c_new": "n", "t": "n", "h": "n"}),
    "lstm_backward": (["4", "n", "n", "n", "n"], {"gz": "4", "gc_old": "n"}),
    "gru_forward": (["3", "3", "n", "n"], {}),
    "gru_backward": (["3", "n", "n", "n"], {"gz": "3", "gzh": "3", "gh_old": "n"}),
}
each_kernel = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_recurrent

    return numba_recurrent


def drawn(name, shape=(5, 33), dtype=np.float32, scale=1.0):
    rng = np.random.default_rng(0)

    def draw(kind):
        full = shape if kind == "n" else (int(kind), *shape)
        return (scale * rng.standard_normal(full)).astype(dtype)

    listed, named = ARRAYS[name]
    return [draw(kind) for kind in listed], {key: draw(kind) for key, kind in named.items()}


def run(kernel, arrays):
    listed, named = arrays
    kernel(*listed, **named)
    return [*listed, *named.values()]


def compare(fast, name, arrays, again, tolerance):
    with np.errstate(invalid="ignore"):
        wanted = run(getattr(twins, name), again)
    for got, expected in zip(run(getattr(fast, name), arrays), wanted, strict=True):
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


def test_kernels_have_the_signatures_of_their_twins(fast):
    public = [
        name
        for name, value in vars(fast).items()
        if inspect.isfunction(value) and value.__module__ == fast.__name__ and name[0] != "_"
    ]
    assert sorted(public) == sorted(NAMES) == sorted(twins.__all__)
    for name in NAMES:
        assert inspect.signature(getattr(fast, name)) == inspect.signature(getattr(twins, name))


@each_kernel
@pytest.mark.parametrize("shape", [(1, 1), (0, 4), (5, 33), (30, 100)])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_results_equal_the_twins(fast, name, shape, scale):
    arrays, again = drawn(name, shape, scale=scale), drawn(name, shape, scale=scale)
    compare(fast, name, arrays, again, 2e-6 * max(scale, 1) ** 2)


@each_kernel
def test_float64_is_no_less_exact(fast, name):
    compare(fast, name, drawn(name, dtype="f8"), drawn(name, dtype="f8"), 1e-14)


def gapped(a):
    return np.repeat(a, 2, axis=-1)[..., ::2]


def locked(a):
    a.setflags(write=False)
    return a


@pytest.mark.parametrize("change", [gapped, locked, np.asfortranarray])
def test_what_is_not_plain_goes_to_the_twin(fast, change, monkeypatch):
    def arrays():
        (gates, c, t, gh, gc), named = drawn("lstm_backward")
        return [change(gates), change(c), t, gh, gc], named

    monkeypatch.setattr(fast, "_lstm_backward", None)
    compare(fast, "lstm_backward", arrays(), arrays(), 0)


@each_kernel
def test_gates_of_one_step_among_many(fast, name):
    """A step of a sequence lies in pieces, and a gradient may be part of a wider array."""

    def arrays():
        listed, named = drawn(name)
        many = [a[:, None].repeat(3, axis=1)[:, 1] if a.ndim == 3 else a for a in listed]
        if name.endswith("backward"):
            many[3] = np.concatenate([many[3], many[3]], axis=1)[:, :33]
        return many, named

    compare(fast, name, arrays(), arrays(), 4e-6)


def test_the_gradient_of_the_memory_may_lie_where_the_new_one_goes(fast):
    def arrays():
        listed, named = drawn("lstm_backward")
        return listed, {**named, "gc_old": listed[4]}

    compare(fast, "lstm_backward", arrays(), arrays(), 2e-6)


@pytest.mark.parametrize("name", ["lstm_forward", "gru_forward"])
def test_nan_and_infinity(fast, name):
    def arrays():
        listed, named = drawn(name)
        listed[0][..., 0], listed[0][..., 1], listed[0][..., 2] = np.nan, np.inf, -np.inf
        return listed, named

    compare(fast, name, arrays(), arrays(), 2e-6)


def test_exponentials_are_exact_to_the_last_place_or_two(fast):
    x = np.concatenate([np.linspace(-90, 90, 20_001), np.geomspace(1e-20, 10, 999)]).astype("f4")
    y, wide = x.copy(), x.astype("f8")
    fast._sigmoid(y)
    inside = wide > -86
    wanted = 1 / (1 + np.exp(-wide))
    assert np.max(np.abs(y / wanted - 1)[inside]) < 3e-7 and np.all(y >= 0)
    y = x.copy()
    fast._tanh(y)
    wanted = np.tanh(wide)
    np.testing.assert_allclose(y, wanted, rtol=3e-7)
    y = -x
    fast._tanh(y)
    np.testing.assert_allclose(y, -wanted, rtol=3e-7)
