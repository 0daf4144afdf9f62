"""CuPy's kernels have the names and arguments of the host's, and their results."""

import inspect

import numpy as np
import pytest

from dezero.backend.cupy import kernels
from dezero.backend.cupy.arrays import DEVICE_MODULES
from dezero.backend.registry import HOST_KERNELS


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in DEVICE_MODULES for name in module.__all__]
)
def test_signature_is_the_hosts(module, name):
    ours = inspect.signature(getattr(module, name)).parameters
    hosts = inspect.signature(getattr(HOST_KERNELS, name)).parameters
    assert [(p.name, p.kind, p.default) for p in ours.values()] == [
        (p.name, p.kind, p.default) for p in hosts.values()
    ]


def test_relu_gradient(rng):
    gy, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    expected = HOST_KERNELS.relu_gradient(gy, y)
    np.testing.assert_array_equal(kernels.relu_gradient(gy, y), expected)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 1), ()])
def test_sum_to(rng, shape):
    x = rng.standard_normal((4, 2, 3))
    np.testing.assert_allclose(kernels.sum_to(x, shape), HOST_KERNELS.sum_to(x, shape))
    assert kernels.sum_to(np.ones((4096, 1), "e"), (1,)) == 4096
