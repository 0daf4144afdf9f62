"""The Backend "cuda": CuPy's arrays, module, copies, and our kernels for them."""

import importlib
from types import SimpleNamespace
from typing import Any

import numpy as np

from dezero.backend.cupy import (
    convolution,
    kernels,
    kernels_activations,
    kernels_noise,
    kernels_norms,
    kernels_pictures,
    kernels_products,
    kernels_recurrent,
    kernels_scaling,
    kernels_steps,
    kernels_windows,
    loading,
    memory,
)
from dezero.backend.registry import Backend, register
from dezero.backend.transfers import counting

__all__ = ["DEVICE_MODULES", "make_backend"]

# Between them they have every kernel of the host's, under the same names.
DEVICE_MODULES = (
    convolution,
    kernels,
    kernels_activations,
    kernels_noise,
    kernels_norms,
    kernels_pictures,
    kernels_products,
    kernels_recurrent,
    kernels_scaling,
    kernels_steps,
    kernels_windows,
)


def make_backend() -> Backend:
    """Make and register the backend; CuPy must be importable, and a GPU be there."""
    cupy = importlib.import_module("cupy")

    def to_host(x: Any) -> np.ndarray:
        try:
            return cupy.asnumpy(x)
        except Exception:
            loading.expect_own_process("to_cpu")
            raise

    def from_host(x: Any) -> Any:
        try:
            return cupy.asarray(x)
        except MemoryError as error:
            told = memory.out_of_memory(memory.memory_stats(), memory.wanted(error), "to_gpu")
            raise MemoryError(told) from error
        except Exception:
            loading.expect_own_process("to_gpu")
            raise

    found = {name: getattr(room, name) for room in DEVICE_MODULES for name in room.__all__}
    copies = counting(to_host, from_host)
    backend = Backend("cuda", (cupy.ndarray,), cupy, SimpleNamespace(**found), *copies)
    register(backend)
    return backend
