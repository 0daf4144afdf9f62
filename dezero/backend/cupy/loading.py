"""Finding the GPU once per process, and loading CuPy with it."""

import importlib
import os
from typing import Any

from dezero.backend.cupy.detect import Finding, module, probe

__all__ = ["expect_own_process", "finding", "load", "module"]

_found: list[Finding] = []
_loaded: list[Any] = []
_owner: list[int] = []


def finding() -> Finding:
    """Return what detection found, once per process."""
    if not _found:
        _found[:] = [probe()]
        _owner[:] = [os.getpid()]
    return _found[0]


def expect_own_process(name: str) -> None:
    """Refuse to work in a process that was forked from one that uses the GPU.

    Raises:
        RuntimeError: it was.
    """
    if _owner and _owner[0] != os.getpid():
        raise RuntimeError(
            f"{name}: expected the process that began to use the GPU, got one forked from it, "
            "which CUDA does not allow. Start workers with multiprocessing's 'spawn', or let "
            "them work on NumPy arrays alone."
        )


def load(name: str = "gpu") -> Any:
    """Return the Backend "cuda", registered at the first call.

    Args:
        name: what asked for it, first word of the error.
    Raises:
        RuntimeError: there is no usable GPU, or this process was forked from one that uses it.
    """
    found = finding()
    if not found.usable:
        raise RuntimeError(f"{name}: expected a usable GPU, got none: {found.why()}")
    expect_own_process(name)
    if not _loaded:
        # By its name: the kernels, which it gathers, import `module` from here.
        arrays = importlib.import_module("dezero.backend.cupy.arrays")
        _loaded.append(arrays.make_backend())
    return _loaded[0]
