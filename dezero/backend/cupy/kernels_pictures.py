"""Pictures shown through an affine map, on the GPU."""

from typing import Any

import numpy as np

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.pictures import SPECS
from dezero.backend.registry import xp

__all__ = ["warp"]

_WARP = SPECS[0]
_MODES = "nearest", "constant", "reflect", "wrap"
# The types that the kernel reads and writes; others are converted before and after.
_TYPES = "fdB"


def warp(xs: Any, matrices: Any, ys: Any, *, order: int, fill_mode: str, fill: Any) -> None:
    """Let each pixel (row, col) of ys show the place `matrix @ (row, col, 1)` of xs.

    Args:
        xs: (N, C, H, W), neither empty in H nor in W.
        matrices: float64 (N, 2, 3).
        ys: (N, C, height, width) to write to; integers are rounded.
        order: 1 is bilinear, 0 takes the nearest pixel.
        fill_mode: "nearest", "constant", "reflect" or "wrap".
        fill: what "constant" shows outside, (C, 1, 1) or (1, 1, 1).
    """
    if not ys.size:
        return
    module = xp(xs)
    kinds = ys.dtype.kind in "iu", ys.dtype.kind == "b"
    xs = module.ascontiguousarray(xs.astype(_type(xs), copy=False))
    fill = module.asarray(fill, dtype=xs.dtype).reshape(-1)
    into = ys if ys.dtype.char in _TYPES else module.empty(ys.shape, dtype=_type(ys))
    sizes = *xs.shape[1:], *ys.shape[2:], order, _MODES.index(fill_mode), fill.size == 1
    matrices = module.ascontiguousarray(module.asarray(matrices, dtype=np.float64))
    kernel(_WARP)(xs, matrices, fill, *sizes, *kinds, into)
    if into is not ys:
        ys[...] = into.astype(ys.dtype)


def _type(x: Any) -> Any:
    """Return the dtype in which x is read or written: no value of 53 bits is lost."""
    if x.dtype.char in _TYPES:
        return x.dtype
    return np.dtype("f4" if x.itemsize <= 2 else "f8")
