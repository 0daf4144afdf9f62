"""The order in which the axes of an array lie in memory."""

from collections.abc import Iterable
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


class Owned:
    """Memory that gradients have to themselves.

    On a device a view is as good as an array of its own if it leaves no gaps, and nobody else has
    its bytes: the gradients of the kernels of convolutions, and of the gates of recurrent layers,
    would be copied for nothing.
    """

    def __init__(self, arrays: Iterable[Any] = ()) -> None:
        self._known: set[int] = set()
        self._spans: dict[int, list[tuple[int, int]]] = {}
        for array in arrays:
            self.take(array)

    def take(self, array: Any) -> bool:
        """Note that `array` has its memory; return False where that is not so, and note nothing."""
        place = None if type(array) is np.ndarray else _place(array)
        if place is None:
            key = id(array)
            if array.base is not None or key in self._known:
                return False
            self._known.add(key)
            return True
        root, start, stop = place
        taken = self._spans.setdefault(root, [])
        if start < 0 or any(start < end and begin < stop for begin, end in taken):
            return False
        taken.append((start, stop))
        return True


def _place(array: Any) -> tuple[int, int, int] | None:
    """Return where an array of a device lies: its memory, first byte and end; -1 with gaps."""
    base = array if array.base is None else array.base
    root, first = (getattr(getattr(x, "data", None), "ptr", None) for x in (base, array))
    if root is None or first is None:
        return None
    axes = sorted(range(array.ndim), key=lambda i: -array.strides[i])
    if not array.transpose(axes).flags.c_contiguous:
        return root, -1, -1
    return root, first, first + array.nbytes
