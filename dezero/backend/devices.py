"""Whether there is a GPU, and arrays to and from it: what `dezero.cuda` offers.

Nothing here imports an accelerator's library before somebody asks for a GPU.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dezero.backend import cupy
from dezero.backend.registry import LOADERS, Backend, backend_of, backends, is_array, to_host, xp

__all__ = [
    "BOOK_NAMES", "as_cupy", "as_numpy", "on_cpu", "explain_owners", "get_array_module", "gpu",
    "memory_is_full", "needed_gpu",
]  # fmt: skip


def gpu() -> Backend | None:
    """Return the backend of the GPU, or None where there is none that can be used."""
    known = next((backend for backend in backends() if backend.name == "cuda"), None)
    if known is None and cupy.finding().usable:
        return cupy.load()
    return known


def needed_gpu(name: str) -> Backend:
    """Return the backend of the GPU; RuntimeError in the name of `name` where there is none."""
    known = next((backend for backend in backends() if backend.name == "cuda"), None)
    if known is None:
        return cupy.load(name)
    cupy.expect_own_process(name)
    return known


def _load_for(array_type: type) -> None:
    # An array of CuPy's that the user made: its GPU is in use already.
    if array_type.__name__ == "ndarray" and array_type.__module__.startswith("cupy"):
        cupy.load("backend_of")


LOADERS.append(_load_for)


def memory_is_full(name: str, owners: list[str], error: MemoryError) -> str:
    """Return the error of the operation `name` that found no memory, on the host or the GPU.

    Args:
        name: first word of the error.
        owners: names of the backends of its arrays.
        error: what NumPy or CuPy raised.
    """
    if "cuda" in owners:
        from dezero.backend.cupy import memory  # it knows of captured steps, which know much

        try:
            return memory.out_of_memory(memory.memory_stats(), memory.wanted(error), name)
        except RuntimeError:  # the driver tells nothing now: what CuPy said has to do
            pass
    what = str(error).rstrip(".") or "a MemoryError"
    return f"{name}: expected memory for its result, got none: {what}. Take a smaller batch."


def explain_owners(name: str, error: Exception, xs: Iterable, held: Iterable = ()) -> str:
    """Raise an error that names the devices if one is full, or if there are several.

    Args:
        name: the operation, first word of the error.
        error: what it raised.
        xs: its arrays; what is no array is passed over.
        held: more of them, which are not shown.
    Returns:
        Shapes and dtypes of xs, for another error.
    """
    arrays = [x for x in xs if is_array(x)]
    every = (*arrays, *(x for x in held if is_array(x)))
    owners = list(dict.fromkeys(backend_of(x).name for x in every))
    got = ", ".join(f"{tuple(x.shape)} {x.dtype}" for x in arrays)
    if "cuda" in owners:
        cupy.expect_own_process(name)
    if isinstance(error, MemoryError):
        raise MemoryError(f"{memory_is_full(name, owners, error)} Got {got}.") from error
    if len(owners) > 1:
        raise TypeError(
            f"{name}: expected arrays on one device, got {' and '.join(owners)}. "
            "Move them with to_gpu() or to_cpu()."
        ) from error
    return got


def on_cpu(name: str, x: Any) -> Any:
    """Return x, for NumPy to read, but no array of a device: a copy of that has to be asked for.

    Raises:
        TypeError: x lives on a device.
    """
    if type(x) is not np.ndarray and is_array(x) and backend_of(x).name != "numpy":
        raise TypeError(
            f"{name}: expected an array of the host, got one on {backend_of(x).name} "
            f"{tuple(x.shape)} {x.dtype}. Copy it with dezero.cuda.as_numpy(x), or use to_cpu()."
        )
    return x


def get_array_module(x: Any) -> Any:
    """Return the module of x's array functions: numpy, or that of the device x lives on.

    Args:
        x: Variable, array, number or list; what no device owns belongs to numpy.
    """
    x = _array_of(x)
    return xp(x) if is_array(x) else np


def as_numpy(x: Any) -> np.ndarray:
    """Return x as numpy.ndarray, copied from its device if it lives on one.

    Args:
        x: Variable, array, number, list or buffer.
    """
    x = _array_of(x)
    return to_host(x) if is_array(x) else np.asarray(x)


def as_cupy(x: Any) -> Any:
    """Return x as an array on the GPU; x itself if it is there already.

    Args:
        x: as in `as_numpy`.
    Raises:
        RuntimeError: there is no GPU.
    """
    device = needed_gpu("as_cupy")
    x = _array_of(x)
    return x if isinstance(x, device.array_types) else device.from_host(as_numpy(x))


def _array_of(x: Any) -> Any:
    """Return the array of a Variable of either core; anything else as it is."""
    inner = None if is_array(x) else getattr(x, "data", None)
    return inner if is_array(inner) else x


# Names of the book's module that can only be known when they are asked for.
BOOK_NAMES: dict[str, Callable[[], Any]] = {
    "gpu_enable": lambda: gpu() is not None,
    "cupy": lambda: needed_gpu("dezero.cuda.cupy").xp,
    "cp": lambda: needed_gpu("dezero.cuda.cp").xp,
}
