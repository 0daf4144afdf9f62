"""The order in which the axes of an array lie in memory."""

from typing import Any


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
