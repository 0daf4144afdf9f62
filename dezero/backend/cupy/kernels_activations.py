"""Activations on the GPU: one launch each way, results in the order of memory of what came in."""

from typing import Any

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.activations import KINDS, SPECS
from dezero.backend.layout import memory_order

__all__ = ["activate", "activate_gradient"]

_SPECS = {spec.name: spec for spec in SPECS}


def activate(name: str, x: Any, alpha: float = 0.0) -> Any:
    """Return the activation `name` of floating x; alpha is the slope or the limit of some."""
    return as_in_memory(_SPECS["activation"], (x,), KINDS[name], alpha)


def activate_gradient(name: str, gy: Any, z: Any, alpha: float = 0.0) -> Any:
    """Return gy times the derivative of the activation `name` at z, x or the result."""
    z = z.astype(gy.dtype, copy=False)
    return as_in_memory(_SPECS["activation_gradient"], (gy, z), KINDS[name], alpha)


def as_in_memory(spec: Any, arrays: tuple, *numbers: Any) -> Any:
    """Run an elementwise kernel on arrays of one shape, or (); the result lies as the first does.

    CuPy's own functions return rows whatever they were given: pictures whose channels are last in
    memory would be turned over and back again around each convolution.
    """
    first = arrays[0]
    if first.flags.c_contiguous or first.ndim < 2:
        return kernel(spec)(*arrays, *numbers)
    order = memory_order(first)
    y = kernel(spec)(*(a.transpose(order) if a.ndim else a for a in arrays), *numbers)
    return y.transpose(sorted(range(len(order)), key=order.__getitem__))
