"""The settings of precision, and what autocast does on the host."""

import threading

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import Variable
from dezero.backend.precision import (
    PRECISION,
    autocast,
    deterministic,
    matmul_precision,
    rounded,
)
from tests.strict_device import strict_device


@pytest.fixture(autouse=True)
def as_before():
    before = PRECISION.get()
    yield
    PRECISION.set(before)


def test_a_setting_holds_until_it_is_changed_or_the_block_ends():
    matmul_precision("tf32")
    assert PRECISION.get().matmul == "tf32"
    with matmul_precision("highest"), deterministic():
        assert PRECISION.get()[::2] == ("highest", True)
    assert PRECISION.get()[::2] == ("tf32", False)
    with pytest.raises(ZeroDivisionError), deterministic(True):
        _ = 1 / 0
    assert not PRECISION.get().deterministic


def test_autocast_is_a_block_or_a_decorator():
    mode = autocast("bfloat16")
    assert PRECISION.get().half is None

    @autocast()
    def inside():
        with mode, autocast(None):
            assert PRECISION.get().half is None
        return PRECISION.get().half

    assert inside() == "float16" and PRECISION.get().half is None


def test_threads_have_their_own():
    found = []
    with autocast():
        thread = threading.Thread(target=lambda: found.append(PRECISION.get().half))
        thread.start()
        thread.join()
    assert found == [None]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: matmul_precision("high"), ValueError, "matmul_precision: expected 'highest' or"),
        (lambda: autocast("float32"), ValueError, "autocast: expected 'float16' or 'bfloat16' or"),
        (lambda: autocast(np.float16), ValueError, "autocast: expected 'float16'"),
        (lambda: deterministic(1), TypeError, "deterministic: expected True or False, got 1"),
    ],
)
def test_bad_settings(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_rounding():
    x = np.array([1 + 2.0**-11, 1 + 3 * 2.0**-11, 1e6, -1e-9, np.nan, np.inf], "f4")
    assert rounded(x) is x
    with autocast():
        expected = [1, 1 + 2.0**-9, np.inf, 0, np.nan, np.inf]
        np.testing.assert_array_equal(rounded(x), np.array(expected, "f4"))
        assert rounded(x.astype("f8")).dtype == "f8"
    y = np.array([1 + 2.0**-8, 1 + 3 * 2.0**-8, 3.4e38, np.nan, -np.inf, 0], "f4")
    with autocast("bfloat16"):
        expected = [1, 1 + 2.0**-6, np.inf, np.nan, -np.inf, 0]
        np.testing.assert_array_equal(rounded(y), np.array(expected, "f4"))
        np.testing.assert_array_equal(rounded(y[::-1]), np.array(expected[::-1], "f4"))
        assert rounded(np.float32(1.0) * np.ones((2, 0), "f4")).shape == (2, 0)


def step(x, W, b, K):
    """Loss and gradients of a little of everything that multiplies."""
    x, W, b, K = (Variable(a) for a in (x, W, b, K))
    y = F.conv2d(F.reshape(x, (2, 1, 4, 4)), K, pad=1)
    y = F.linear_relu(F.reshape(y, (2, -1)), W, b)
    loss = F.sum(F.softmax(F.matmul(y, F.transpose(y))) ** 2)
    loss.backward()
    return [loss.data, x.grad.data, W.grad.data, b.grad.data, K.grad.data]


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_a_step_in_half_precision(rng, half):
    arrays = [
        rng.standard_normal(s).astype("f4") * 0.3 for s in ((2, 16), (32, 8), (8,), (2, 1, 3, 3))
    ]
    plain = step(*arrays)
    with autocast(half):
        cast = step(*arrays)
        doubles = step(*(a.astype("f8") for a in arrays))
    for a, b, c in zip(plain, cast, doubles, strict=True):
        assert b.dtype == "f4" and c.dtype == "f8"
        np.testing.assert_allclose(b, a, atol=0.05 * np.abs(a).max())
        np.testing.assert_allclose(c, a, atol=1e-4 * np.abs(a).max())
    assert any((a != b).any() for a, b in zip(plain, cast, strict=True))


def test_a_step_in_half_precision_on_a_device(rng):
    arrays = [
        rng.standard_normal(s).astype("f4") * 0.3 for s in ((2, 16), (32, 8), (8,), (2, 1, 3, 3))
    ]
    with autocast():
        expected = step(*arrays)
        with strict_device() as device:
            found = [device.to_host(a) for a in step(*map(device.from_host, arrays))]
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_the_door():
    assert dezero.cuda.autocast is autocast
    assert dezero.cuda.matmul_precision is matmul_precision
    assert dezero.cuda.deterministic is deterministic


def test_one_autocast_in_two_threads():
    cast = autocast("float16")
    inside, done = threading.Event(), threading.Event()

    def hold():
        with autocast("bfloat16"), cast:
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    with cast:
        assert PRECISION.get().half == "float16"
    assert PRECISION.get().half is None
    done.set()
    thread.join()
