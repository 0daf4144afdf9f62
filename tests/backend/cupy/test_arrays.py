"""The Backend "cuda", made with a module in CuPy's place."""

import sys
import types

import numpy as np

from dezero.backend import registry
from dezero.backend.cupy import arrays, kernels
from dezero.backend.transfers import transfers


def test_make_backend(monkeypatch):
    class Array(np.ndarray):
        pass

    cupy = types.ModuleType("cupy")
    cupy.ndarray = Array
    cupy.asarray = lambda x: np.array(x).view(Array)
    cupy.asnumpy = lambda x: np.array(x)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(registry, "_BY_TYPE", dict(registry._BY_TYPE))
    with transfers() as counted:
        backend = arrays.make_backend()
        there = backend.from_host(np.ones(2))
        assert registry.backend_of(there) is backend and backend.name == "cuda"
        assert registry.kernels(there).relu_gradient is kernels.relu_gradient
        np.testing.assert_array_equal(registry.to_host(there), [1, 1])
    assert (counted.from_host, counted.to_host) == (1, 1)
