"""Windows over pictures (N, H, W, C) on the GPU: columns and pooling."""

from typing import Any

import numpy as np

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.specs import KernelSpec
from dezero.backend.cupy.table.windows import SPECS
from dezero.backend.layout import memory_order
from dezero.backend.registry import xp
from dezero.backend.window import Window

__all__ = [
    "col2im",
    "im2col",
    "max_pool",
    "pool_gather",
    "pool_scatter",
    "sum_pool",
    "sum_pool_gradient",
]

_SPECS = {spec.name: spec for spec in SPECS}
# Elements from which on an index, or what it is made of, may not fit into 32 bits.
SMALL = 2**30


def im2col(x: Any, window: Window) -> Any:
    """Return the pixels of x (N, H, W, C) under each window: (N, OH, OW, KH, KW, C)."""
    return columns_of(x, window, 0, x.shape[3])


def columns_of(x: Any, window: Window, first: int, depth: int) -> Any:
    """Return `im2col` of `depth` channels from `first` on.

    However the axes lie in memory: a picture whose channels come first is read where it is.
    """
    out = window.out_shape(x.shape[1:3])
    columns = xp(x).empty((len(x), *out, *window.kernel, depth), dtype=x.dtype)
    if columns.size:
        base = x.transpose(memory_order(x))
        if not base.flags.c_contiguous:
            base = x = xp(x).ascontiguousarray(x)
        strides = [stride // x.itemsize for stride in x.strides]
        sizes = *x.shape[1:3], depth, *out, first, *strides
        kernel(_SPECS["im2col"])(base, *sizes, *_numbers(window, x, columns), columns)
    return columns


def col2im(columns: Any, window: Window, shape: tuple[int, int]) -> Any:
    """Add columns (N, OH, OW, KH, KW, C) up where their pixels came from: (N, *shape, C)."""
    x = xp(columns).empty((len(columns), *shape, columns.shape[-1]), dtype=columns.dtype)
    sizes = *shape, columns.shape[-1], *columns.shape[1:3]
    launch(_SPECS["col2im"], (columns,), sizes, window, x)
    return x


def _numbers(window: Window, *arrays: Any) -> tuple:
    """Return how a window slides, and whether 32 bits hold all indices."""
    (top, _), (left, _) = window.pads
    most = max(max(a.size for a in arrays), *window.reach, *window.stride, top, left)
    return *window.kernel, *window.stride, top, left, *window.dilation, most < SMALL


def launch(spec: KernelSpec, arrays: tuple, sizes: tuple, window: Window, *outs: Any) -> None:
    """Run a kernel that takes arrays, sizes, how a window slides, and writes to `outs`."""
    if outs[0].size:
        arrays = tuple([xp(a).ascontiguousarray(a) for a in arrays])
        kernel(spec)(*arrays, *sizes, *_numbers(window, *arrays, *outs), *outs)


def _sizes(x: Any, y: Any) -> tuple[int, ...]:
    """Return height, width and depth of pictures x, height and width of the results y."""
    return *x.shape[1:], *y.shape[1:3]


def _empty_result(x: Any, window: Window) -> Any:
    return xp(x).empty((len(x), *window.out_shape(x.shape[1:3]), x.shape[3]), dtype=x.dtype)


def max_pool(x: Any, window: Window, with_index: bool = True) -> tuple[Any, Any]:
    """Return the largest pixel under the window at each of its positions, and where it is.

    Args:
        x: (B, H, W, D), real numbers.
        window: nowhere on the padding alone.
        with_index: whether to find the places too.
    Returns:
        y (B, OH, OW, D), dtype of x; NaN where there is one under the window.
        index, shape of y: number of the entry, counted row by row, that met the first largest
            pixel, or the last NaN; None without with_index.
    """
    if x.dtype.kind not in "f" and x.dtype.char not in "lL":
        y, index = max_pool(x.astype(np.int64), window, with_index)
        return y.astype(x.dtype), index
    y = _empty_result(x, window)
    if not with_index:
        launch(_SPECS["max_pool"], (x,), _sizes(x, y), window, y)
        return y, None
    index = xp(x).empty(y.shape, dtype=window.index_dtype)
    launch(_SPECS["max_pool_index"], (x,), _sizes(x, y), window, y, index)
    return y, index


def pool_scatter(gy: Any, index: Any, window: Window, shape: tuple[int, int]) -> Any:
    """Return zeros with each element of `gy` added to the pixel that `index` names.

    Args:
        gy: floating (B, OH, OW, D).
        index: as from `max_pool`.
        window: the one of `max_pool`.
        shape: (H, W) of the pictures.
    Returns:
        (B, H, W, D), dtype of gy.
    """
    gx = xp(gy).empty((len(gy), *shape, gy.shape[3]), dtype=gy.dtype)
    launch(_SPECS["pool_scatter"], (gy, index), _sizes(gx, gy), window, gx)
    return gx


def pool_gather(x: Any, index: Any, window: Window) -> Any:
    """Return the pixels of floating `x` (B, H, W, D) that `index` names: (B, OH, OW, D)."""
    y = xp(x).empty(index.shape, dtype=x.dtype)
    launch(_SPECS["pool_gather"], (x, index), _sizes(x, y), window, y)
    return y


def sum_pool(x: Any, window: Window) -> Any:
    """Return the sum of floating x (B, H, W, D) under the window, padding counted as 0."""
    y = _empty_result(x, window)
    launch(_SPECS["sum_pool"], (x,), _sizes(x, y), window, y)
    return y


def sum_pool_gradient(gy: Any, window: Window, shape: tuple[int, int]) -> Any:
    """Return the gradient of `sum_pool` by x: (B, H, W, D) for pictures of shape (H, W)."""
    gx = xp(gy).empty((len(gy), *shape, gy.shape[3]), dtype=gy.dtype)
    launch(_SPECS["sum_pool_gradient"], (gy,), _sizes(gx, gy), window, gx)
    return gx
