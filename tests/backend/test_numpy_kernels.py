"""The reference kernels against plain NumPy and Python, and the names other backends must have."""

import inspect
import math
from types import ModuleType

import numpy as np
import pytest

from dezero.backend import numpy_kernels, numpy_steps, registry
from dezero.backend.numpy_kernels import erf, index_add, sum_to
from tests.strict_device import STRICT


@pytest.mark.parametrize(
    ("full", "shape"),
    [
        ((2, 3), (2, 3)),
        ((2, 3), (3,)),
        ((2, 3), (1, 3)),
        ((2, 3), (2, 1)),
        ((2, 3), (1, 1)),
        ((2, 3), (1,)),
        ((2, 3), ()),
        ((4, 2, 1, 3), (2, 1, 1)),
        ((0, 3), (3,)),
        ((2, 0), (2, 1)),
        ((), ()),
    ],
)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_sum_to_undoes_broadcasting(rng, full, shape, dtype):
    x = rng.integers(-4, 5, full).astype(dtype)
    y = sum_to(x, shape)
    assert y.shape == shape and y.dtype == dtype
    expected = np.zeros(shape)
    for index in np.ndindex(full):
        small = index[len(full) - len(shape) :]
        expected[tuple(i if n > 1 else 0 for i, n in zip(small, shape, strict=True))] += x[index]
    np.testing.assert_array_equal(y, expected)


def test_index_add_counts_repeated_indices():
    y = np.zeros((3, 2), np.float32)
    index_add(y, np.array([0, 2, 0]), np.ones((3, 2), np.float32))
    np.testing.assert_array_equal(y, [[2, 2], [0, 0], [1, 1]])


@pytest.mark.parametrize(
    "index", [slice(1, 3), np.array([True, False, True]), (np.array([0, 0]), np.array([1, 1])), 1]
)
def test_index_add_takes_any_index(index):
    y, expected = np.arange(6.0).reshape(3, 2), np.arange(6.0).reshape(3, 2)
    values = np.ones_like(y[index])
    index_add(y, index, values)
    np.add.at(expected, index, values)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float16, 1e-3), (np.float32, 4e-7), (np.float64, 1.2e-15)]
)
def test_erf(dtype, tolerance):
    x = np.concatenate([np.linspace(-7, 7, 2001), [1e-300, -1e-8, 0.0, 1e4, -1e4]]).astype(dtype)
    expected = np.array([math.erf(float(v)) for v in x])
    y = erf(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=1e-310)
    assert np.abs(y).max() <= 1


def test_erf_of_nan_and_infinity():
    y = erf(np.array([np.nan, np.inf, -np.inf]))
    np.testing.assert_array_equal(y, [np.nan, 1, -1])


def test_erf_leaves_its_input_alone():
    x = np.array([1.0, 9.0])
    x.setflags(write=False)
    erf(x)
    erf(np.array(0.5))


@pytest.mark.parametrize("module", [numpy_kernels, numpy_steps])
def test_all_lists_every_public_function(module: ModuleType):
    public = {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_"
    }
    assert public == set(module.__all__)


def test_strict_device_offers_every_kernel():
    assert set(vars(STRICT.kernels)) == set(vars(registry.HOST_KERNELS))


def test_collected_kernels_are_those_of_all_files_and_no_two_share_a_name():
    names = [name for module in registry.HOST_MODULES for name in module.__all__]
    assert sorted(vars(registry.HOST_KERNELS)) == sorted(names)
    assert {*numpy_kernels.__all__, *numpy_steps.__all__} <= set(names)
