"""Compiled kernels against their NumPy twins, and who is chosen when. Skipped without numba."""

import inspect
import os
import subprocess
import sys

import numpy as np
import pytest

import dezero.backend
from dezero.backend import kernels, numpy_kernels, registry, use_kernels
from tests.backend.test_numpy_steps import CASES, drawn
from tests.closure import ROOT

FAST = (*CASES, "flush_subnormals", "relu_gradient", "softmax_cross_entropy")
TWINS = vars(registry.HOST_KERNELS)


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_kernels

    return numba_kernels


@pytest.fixture
def chosen():
    """Put the choice of kernels back."""
    before = list(registry._host)
    yield
    registry._host[:] = before


def ulps(ours, twin):
    """The largest difference, in units of the last place of the larger number."""
    scale = np.spacing(np.maximum(np.abs(ours), np.abs(twin)))
    return np.max(np.abs(ours - twin) / scale, initial=0)


def plain_loop(values):
    for i in range(values.size):
        values[i] += 1


def test_kernels_have_the_signatures_of_their_twins(fast):
    public = [
        name
        for name, value in vars(fast).items()
        if inspect.isfunction(value) and value.__module__ == fast.__name__ and name[0] != "_"
    ]
    assert sorted(public) == sorted([*FAST, "compiled", "inlined"])
    for name in FAST:
        assert inspect.signature(getattr(fast, name)) == inspect.signature(TWINS[name])


# Sizes around a vector, around a piece of 256, and of several pieces.
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 255, 256, 257, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_twenty_steps_equal_the_twin(fast, name, dtype, size):
    ours, twins = drawn(name, dtype, size), drawn(name, dtype, size)
    for _ in range(20):
        getattr(fast, name)(*ours, **CASES[name][1])
        TWINS[name](*twins, **CASES[name][1])
    for own, twin in zip(ours, twins, strict=True):
        assert ulps(own, twin) <= 4


@pytest.mark.parametrize("name", CASES)
def test_steps_leave_their_surroundings_alone(fast, name):
    whole = [np.zeros(300, np.float32) for _ in drawn(name, np.float32)]
    inner = [a[10:280] for a in whole]
    for part, values in zip(inner, drawn(name, np.float32, 270), strict=True):
        part[:] = values
    getattr(fast, name)(*inner, **CASES[name][1])
    for a in whole:
        assert not a[:10].any() and not a[280:].any()


@pytest.mark.parametrize("name", CASES)
def test_nan_and_infinity_stay_visible(fast, name):
    ours, twins = drawn(name, np.float32, 40), drawn(name, np.float32, 40)
    for arrays in (ours, twins):
        arrays[1][[3, 17]] = np.nan, np.inf
    with np.errstate(all="ignore"):
        getattr(fast, name)(*ours, **CASES[name][1])
        TWINS[name](*twins, **CASES[name][1])
    for own, twin in zip(ours, twins, strict=True):
        np.testing.assert_array_equal(np.isnan(own), np.isnan(twin))
        np.testing.assert_array_equal(np.isinf(own), np.isinf(twin))


@pytest.mark.parametrize("number", [int, np.float32, np.float64, np.array])
def test_rates_may_be_any_number(fast, number):
    ours, twins = drawn("adam_step", np.float32), drawn("adam_step", np.float32)
    rates = {name: number(1) for name in CASES["adam_step"][1]}
    fast.adam_step(*ours, **rates)
    TWINS["adam_step"](*twins, **rates)
    np.testing.assert_array_equal(ours[0], twins[0])
    fast.sgd_step(*ours[:2], number(1))
    assert len(fast._adam.signatures) <= 2


def halves(arrays):
    return [a.astype(np.float16) for a in arrays]


def with_gaps(arrays):
    return [np.repeat(a, 2)[::2] for a in arrays]


def read_only_gradient(arrays):
    arrays[1].setflags(write=False)
    return arrays


def mixed(arrays):
    return [arrays[0], arrays[1].astype(np.float64), *arrays[2:]]


@pytest.mark.parametrize("how", [halves, with_gaps, read_only_gradient, mixed])
@pytest.mark.parametrize("name", CASES)
def test_what_is_not_plain_goes_to_the_twin(fast, name, how, monkeypatch):
    ours, twins = (how(drawn(name, np.float32, 300)) for _ in range(2))
    monkeypatch.setattr(fast, f"_{name.removesuffix('_step')}", None)
    getattr(fast, name)(*ours, **CASES[name][1])
    TWINS[name](*twins, **CASES[name][1])
    for own, twin in zip(ours, twins, strict=True):
        np.testing.assert_array_equal(own, twin)


def test_shapes_that_differ_raise_as_in_numpy(fast):
    with pytest.raises(ValueError, match="operands could not be broadcast together"):
        fast.sgd_step(np.ones(8, np.float32), np.ones(7, np.float32), 0.1)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_flush_subnormals(fast, dtype):
    limits = np.finfo(dtype)
    edge = limits.tiny / limits.eps
    values = [1.0, -edge, edge / 2, limits.tiny, -limits.smallest_subnormal, 0, np.inf, np.nan]
    ours, twin = np.array(values, dtype), np.array(values, dtype)
    fast.flush_subnormals(ours)
    TWINS["flush_subnormals"](twin)
    np.testing.assert_array_equal(ours, twin)


@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 7), (33, 100)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_relu_gradient(fast, rng, shape, dtype):
    gy, y = rng.standard_normal((2, *shape)).astype(dtype)
    gy, y = np.asarray(gy), np.maximum(y, 0, dtype=dtype, out=np.empty(shape, dtype))
    twin = TWINS["relu_gradient"](gy, y)
    for view in (gy, np.asarray(gy.T.copy().T)):
        ours = fast.relu_gradient(view, y)
        assert ours.shape == shape and ours.dtype == dtype
        np.testing.assert_array_equal(ours, twin)


def test_relu_gradient_of_pictures_keeps_their_memory(fast, rng):
    gy, y = rng.standard_normal((2, 3, 5, 6, 4)).astype("f4").transpose(0, 1, 4, 2, 3)
    for other in (gy, gy.copy(), gy[::-1]):
        gx = fast.relu_gradient(other, y)
        np.testing.assert_array_equal(gx, TWINS["relu_gradient"](other, y))
    assert fast.relu_gradient(gy, y).strides == y.strides


def test_relu_gradient_of_nan_and_infinity(fast):
    gy, y = np.array([np.nan, np.inf, -np.inf, 1.0]), np.array([0.0, 2.0, 2.0, np.nan])
    np.testing.assert_array_equal(fast.relu_gradient(gy, y), [np.nan, np.inf, -np.inf, 0])


@pytest.mark.parametrize("shape", [(1, 1), (32, 10), (7, 3), (128, 10), (3, 5000)])
@pytest.mark.parametrize("labels", [np.int64, np.int32, np.uint8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_cross_entropy(fast, rng, shape, labels, dtype):
    tolerance = 8 * np.finfo(dtype).eps
    x = (10 * rng.standard_normal(shape)).astype(dtype)
    t = rng.integers(0, min(shape[1], 200), shape[0]).astype(labels)
    ours, twin = fast.softmax_cross_entropy(x, t), TWINS["softmax_cross_entropy"](x, t)
    for own, expected in zip(ours, twin, strict=True):
        assert own.dtype == dtype and own.shape == expected.shape
        np.testing.assert_allclose(own, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("which", ["fast", "twin"])
def test_softmax_cross_entropy_is_right(fast, rng, which):
    x, t = rng.standard_normal((6, 4)), np.array([0, 3, 3, 1, 2, 0])
    kernel = fast.softmax_cross_entropy if which == "fast" else TWINS["softmax_cross_entropy"]
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    values, gx = kernel(x, t)
    np.testing.assert_allclose(values, -np.log(p[range(6), t]), rtol=1e-13)
    np.testing.assert_allclose(gx, p - np.eye(4)[t], rtol=1e-13, atol=1e-15)


def test_softmax_cross_entropy_far_from_zero(fast):
    x = np.array([[1000, 0, -1000], [-1e30, -1e30, -1e30], [3e38, 3e38, 0]], np.float32)
    t = np.array([1, 2, 0])
    values, gx = fast.softmax_cross_entropy(x, t)
    np.testing.assert_allclose(values, [1000, np.log(3), np.log(2)], rtol=1e-6)
    np.testing.assert_allclose(gx[0], [1, -1, 0], atol=1e-7)


def test_softmax_cross_entropy_of_nan(fast):
    x = np.array([[1, np.nan, 2], [np.nan, 0, 0], [1, 2, 3]], np.float32)
    values, gx = fast.softmax_cross_entropy(x, np.array([0, 1, 2]))
    np.testing.assert_array_equal(np.isnan(values), [True, True, False])
    np.testing.assert_array_equal(np.isnan(gx).all(axis=1), [True, True, False])


@pytest.mark.parametrize("label", [3, -1, 2**62])
@pytest.mark.parametrize("rows", [2, 4000])
def test_softmax_cross_entropy_refuses_labels_out_of_range(fast, label, rows):
    x, t = np.zeros((rows, 3), np.float32), np.zeros(rows, np.int64)
    t[-1] = label
    assert fast.softmax_cross_entropy(x, t) is None
    assert TWINS["softmax_cross_entropy"](x, t) is None


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2]])
def test_softmax_cross_entropy_takes_any_layout(fast, rng, layout):
    x, t = rng.standard_normal((6, 4)).astype(np.float32), np.arange(6) % 4
    expected = fast.softmax_cross_entropy(x, t)
    strided = fast.softmax_cross_entropy(layout(x), np.repeat(t, 2)[::2])
    for own, other in zip(strided, expected, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-6)


def test_code_is_kept_on_disk_where_that_is_possible(fast, monkeypatch):
    import numba

    wanted, original = [], numba.njit

    def no_place(loop, *, cache=False, **options):
        wanted.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return original(loop, **options)

    monkeypatch.setattr(numba, "njit", no_place)
    loop = fast.compiled(plain_loop)
    assert wanted == [True, False]
    values = np.zeros(3)
    loop(values)
    assert values.tolist() == [1, 1, 1]


def test_auto_takes_numba_where_it_is_installed(fast, chosen):
    use_kernels("auto")
    assert kernels(np.ones(2)).adam_step is fast.adam_step
    assert kernels(np.ones(2)).erf is numpy_kernels.erf
    use_kernels("numba")
    assert kernels(np.ones(2)).adam_step is fast.adam_step


@pytest.fixture
def forgotten(monkeypatch):
    """Have the next choice import the file anew."""
    monkeypatch.delitem(sys.modules, "dezero.backend.numba_kernels", raising=False)
    monkeypatch.delattr(dezero.backend, "numba_kernels", raising=False)


@pytest.fixture
def no_numba(forgotten, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)


def test_without_numba_auto_takes_numpy(no_numba, chosen):
    use_kernels("auto")
    assert kernels(np.ones(2)) is registry.HOST_KERNELS


def test_without_numba_it_cannot_be_asked_for(no_numba, chosen):
    with pytest.raises(ImportError, match=r"DEZERO_KERNELS: expected numba, got .*extra fast"):
        use_kernels("numba")


def test_a_numba_told_not_to_compile_is_left_out(forgotten, chosen, monkeypatch):
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    use_kernels("auto")
    assert kernels(np.ones(2)) is registry.HOST_KERNELS
    with pytest.raises(ImportError, match="got numba_kernels: .* NUMBA_DISABLE_JIT"):
        use_kernels("numba")


@pytest.mark.slow
def test_training_gives_the_same_with_both(fast):
    code = (
        "import numpy as np\n"
        "from dezero import functions as F, seed\n"
        "from dezero.models import MLP\n"
        "from dezero.optimizers import Adam\n"
        "seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "model = MLP((20, 5), 'relu', dropout=0.2)\n"
        "optimizer = Adam(0.01).setup(model)\n"
        "for _ in range(150):\n"
        "    x, t = rng.standard_normal((16, 8), dtype='f4'), rng.integers(0, 5, 16)\n"
        "    loss = F.softmax_cross_entropy(model(x), t)\n"
        "    model.cleargrads()\n"
        "    loss.backward()\n"
        "    optimizer.update()\n"
        "print(float(loss.data))\n"
    )
    losses = [
        float(
            subprocess.run(
                [sys.executable, "-c", code],
                check=True,
                env={**os.environ, "DEZERO_KERNELS": name},
                cwd=ROOT,
                stdout=subprocess.PIPE,
            ).stdout
        )
        for name in ("numpy", "numba")
    ]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)
