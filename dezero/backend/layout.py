"""The order in which the axes of an array lie in memory."""

from typing import Any

import numpy as np


def memory_order(array: Any) -> tuple[int, ...]:
    """Return the axes of `array` from the slowest to the fastest in memory.

    Where elements leave gaps, or there are none, that is the order of the axes.
    """
    axes = sorted(range(array.ndim), key=lambda i: -array.strides[i])
    dense = array.size and array.transpose(axes).flags.c_contiguous
    return tuple(axes) if dense else tuple(range(array.ndim))


def in_order(flat: Any, shape: tuple[int, ...], order: tuple[int, ...]) -> Any:
    """Return a view of a flat array with that shape, its axes in that order in memory."""
    inverse = sorted(range(len(order)), key=lambda i: order[i])
    return flat.reshape(tuple(shape[i] for i in order)).transpose(inverse)


def memory_of(array: Any) -> Any:
    """Return what names the memory that `array` has all of; None if it is a part of another's.

    A view that only turns the axes of a whole array is not a part of it on a device, where such
    gradients, of the kernels of convolutions, would be copied for nothing.
    """
    base = array.base
    pointer = None
    if type(array) is not np.ndarray:
        pointer = getattr(getattr(array, "data", None), "ptr", None)
    if pointer is None:
        return id(array) if base is None else None
    if base is None:
        return pointer
    axes = sorted(range(array.ndim), key=lambda i: -array.strides[i])
    dense = base.size == array.size and array.transpose(axes).flags.c_contiguous
    return pointer if dense and base.data.ptr == pointer else None
