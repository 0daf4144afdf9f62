"""The Backend "cuda": CuPy's arrays, module, copies, and our kernels for them."""

import importlib
from types import SimpleNamespace
from typing import Any

import numpy as np

from dezero.backend.cupy import kernels
from dezero.backend.registry import HOST_KERNELS, Backend, register
from dezero.backend.transfers import counting

__all__ = ["make_backend"]


def make_backend() -> Backend:
    """Make and register the backend; CuPy must be importable, and a GPU be there."""
    cupy = importlib.import_module("cupy")

    def to_host(x: Any) -> np.ndarray:
        return cupy.asnumpy(x)

    names = SimpleNamespace(**{name: getattr(kernels, name) for name in vars(HOST_KERNELS)})
    backend = Backend("cuda", (cupy.ndarray,), cupy, names, *counting(to_host, cupy.asarray))
    register(backend)
    return backend
