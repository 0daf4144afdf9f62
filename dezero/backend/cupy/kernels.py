"""CuPy's twins of the host's kernels: the same names and signatures, arrays of the device."""

from typing import Any

__all__ = ["relu_gradient", "sum_to"]


def relu_gradient(gy: Any, y: Any) -> Any:
    """Return gy where y > 0, else 0."""
    return gy * (y > 0)


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """Sum `x` over the axes that broadcasting from `shape` added or stretched."""
    if x.dtype.char == "e":  # a running sum of float16 stands still at 2048 ones
        return sum_to(x.astype("f4"), shape).astype("e")
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        i + lead for i, size in enumerate(shape) if size == 1 and x.shape[i + lead] != 1
    )
    return x.sum(axis=axes, keepdims=True).reshape(shape)
