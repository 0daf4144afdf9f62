"""Reused memory for what a kernel needs while it runs."""

import math
import threading
from typing import Any

import numpy as np

# Bytes of the largest piece that is kept: not one for each thread that once saw a huge picture.
KEPT = 1 << 26


class Buffers(threading.local):
    """Named pieces of memory, each thread its own: fresh pages cost more than the work on them.

    A piece is valid until its name is taken again. It grows and never shrinks, up to `KEPT`.
    """

    def __init__(self) -> None:
        self._flat: dict[str, np.ndarray] = {}

    def take(self, use: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return an uninitialised C-contiguous array, in the memory called `use`."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        known = self._flat.get(use)
        if known is None or known.size < size:
            known = np.empty(size, np.uint8)
            if size <= KEPT:
                self._flat[use] = known
        return known[:size].view(dtype).reshape(shape)


buffers = Buffers()
