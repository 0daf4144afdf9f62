"""Is there a GPU, whose array is this, and there and back: with a device that is not there."""

import contextlib
import dataclasses

import numpy as np
import pytest

from dezero import core_simple
from dezero.backend import as_cupy, as_numpy, get_array_module, gpu, register, unregister
from dezero.backend.cupy import Finding
from dezero.backend.devices import BOOK_NAMES
from dezero.core import Variable
from tests.strict_device import STRICT, StrictArray

# What stands in for the GPU; a real one, where there is one, keeps its own backend.
GPU = dataclasses.replace(STRICT, name="cuda")


@contextlib.contextmanager
def pretended_gpu(monkeypatch):
    monkeypatch.setattr("dezero.backend.devices.gpu", lambda: GPU)
    register(GPU)
    try:
        yield GPU
    finally:
        unregister(GPU)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr("dezero.backend.devices.backends", list)
    finding = Finding(False, "CuPy is not installed", "pip install it")
    monkeypatch.setattr("dezero.backend.cupy.loading._found", [finding])


@pytest.mark.parametrize(
    "x", [np.ones(2), Variable(1.0), core_simple.Variable([1, 2]), 3, np.float32(1), [1, 2], None]
)
def test_what_no_device_owns_belongs_to_numpy(x):
    assert get_array_module(x) is np


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (np.arange(3), [0, 1, 2]),
        (Variable([1.0, 2.0]), [1, 2]),
        (core_simple.Variable([1.0, 2.0]), [1, 2]),
        ([1, 2], [1, 2]),
        (2.5, 2.5),
        (np.float32(2.5), 2.5),
        (memoryview(np.arange(2.0)), [0, 1]),
    ],
)
def test_as_numpy(x, expected):
    y = as_numpy(x)
    assert type(y) is np.ndarray
    assert np.array_equal(y, expected)


def test_an_array_is_not_copied():
    x = np.ones(2)
    assert as_numpy(x) is x
    assert as_numpy(Variable(x)) is x


def test_there_and_back(monkeypatch):
    with pretended_gpu(monkeypatch) as device:
        for x in (np.arange(3.0), Variable([0.0, 1.0, 2.0]), [0.0, 1.0, 2.0]):
            there = as_cupy(x)
            assert type(there) is StrictArray
            assert get_array_module(there) is get_array_module(Variable(there)) is device.xp
            assert np.array_equal(as_numpy(there), [0, 1, 2])
            assert np.array_equal(as_numpy(Variable(there)), [0, 1, 2])
        assert as_cupy(there) is there
        assert BOOK_NAMES["cupy"]() is BOOK_NAMES["cp"]() is device.xp
        assert BOOK_NAMES["gpu_enable"]()


def test_without_a_gpu(no_gpu):
    assert gpu() is None
    assert not BOOK_NAMES["gpu_enable"]()
    with pytest.raises(
        RuntimeError,
        match="as_cupy: expected a usable GPU, got none: CuPy is not",
    ):
        as_cupy(np.ones(2))
    with pytest.raises(RuntimeError, match="dezero.cuda.cupy: expected a usable GPU"):
        BOOK_NAMES["cupy"]()
