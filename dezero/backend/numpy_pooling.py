"""Pooling in plain NumPy: the reference every other backend is tested by.

All arrays are (B, H, W, D) without gaps. Channels-last pictures come as they are, pictures that
store one plane per channel as (N * C, H, W, 1). Work is done in pieces that stay in the cache: each
operand is first copied out of its stride, because NumPy starts an inner loop for every D elements.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from dezero.backend.window import Window

__all__ = [
    "max_pool",
    "pool_gather",
    "pool_scatter",
    "sum_pool",
    "sum_pool_gradient",
]

# Elements of the result in one piece.
_PIECE = 1 << 16
# Elements of a run from which on NumPy's loops are worth their start.
_RUN = 8


def _pieces(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Yield slices of batch and rows of a result (B, OH, OW, D): several samples, or a part."""
    batch, rows, columns, depth = shape
    sample = rows * columns * depth
    if sample <= _PIECE:
        step = _PIECE // sample
        for b in range(0, batch, step):
            yield slice(b, min(b + step, batch)), slice(0, rows)
        return
    step = -(-rows // -(-sample // _PIECE))
    for b in range(batch):
        for r in range(0, rows, step):
            yield slice(b, b + 1), slice(r, min(r + step, rows))


def _largest_piece(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the first piece: none is larger."""
    b, rows = next(_pieces(shape))
    return b.stop, rows.stop, *shape[2:]


class _Taps:
    """Entry k of the window at all its positions, copied to or from the pictures `x`."""

    def __init__(self, x: np.ndarray, window: Window) -> None:
        self.window, self.height = window, x.shape[1]
        # All channels of a pixel as one item: such items are copied far quicker.
        self.item = x.dtype if x.shape[3] == 1 else np.dtype((np.void, x.shape[3] * x.itemsize))
        self.pixels = x.view(self.item)[..., 0]
        columns = slice(0, window.out_shape(x.shape[1:3])[1])
        self.columns = [window.span(1, j, x.shape[2], columns) for j in range(window.kernel[1])]

    def at(self, k: int, rows: slice) -> tuple[slice, slice, slice, slice]:
        """Return rows and columns in a piece of the result, and those in the pictures."""
        i, j = divmod(k, self.window.kernel[1])
        down, heights = self.window.span(0, i, self.height, rows)
        across, widths = self.columns[j]
        return down, across, heights, widths

    def copy(self, k: int, b: slice, rows: slice, into: np.ndarray, beyond: Any) -> None:
        """Copy entry k into `into`; where it lies in the padding, put `beyond`."""
        down, across, heights, widths = self.at(k, rows)
        if (down.stop - down.start, across.stop - across.start) != into.shape[1:3]:
            into.fill(beyond)
        into.view(self.item)[:, down, across, 0] = self.pixels[b, heights, widths]

    def put(self, k: int, b: slice, rows: slice, values: np.ndarray) -> None:
        """Copy `values` to entry k."""
        down, across, heights, widths = self.at(k, rows)
        self.pixels[b, heights, widths] = values.view(self.item)[:, down, across, 0]


def _lowest(dtype: np.dtype) -> Any:
    if dtype.kind == "f":
        return -np.inf
    return False if dtype.kind == "b" else np.iinfo(dtype).min


def _first_inside(window: Window, out: tuple[int, ...]) -> np.ndarray:
    """Return the first entry that is not on the padding, for each position: (OH, OW, 1)."""
    firsts = []
    for axis in (0, 1):
        starts = np.arange(out[axis]) * window.stride[axis] - window.pads[axis][0]
        firsts.append(np.maximum(-(starts // window.dilation[axis]), 0))
    grid = firsts[0][:, None] * window.kernel[1] + firsts[1]
    return grid[..., None].astype(window.index_dtype)


def _empty_result(x: np.ndarray, window: Window, dtype: Any = None) -> np.ndarray:
    out = window.out_shape(x.shape[1:3])
    return np.empty((len(x), *out, x.shape[3]), x.dtype if dtype is None else dtype)


def max_pool(x: np.ndarray, window: Window, with_index: bool = True) -> tuple[np.ndarray, Any]:
    """Return the largest pixel under the window at each of its positions, and where it is.

    Args:
        x: (B, H, W, D), real numbers.
        window: nowhere on the padding alone.
        with_index: whether to find the places too, which doubles the time.
    Returns:
        y (B, OH, OW, D), dtype of x; NaN where there is one under the window.
        index, shape of y: number of the entry, counted row by row, that met the first largest
            pixel, or the last NaN; None without with_index.
    """
    if not with_index:
        return _separable(x, window, np.maximum, _lowest(x.dtype)), None
    y, index = _empty_result(x, window), _empty_result(x, window, window.index_dtype)
    if not y.size:
        return y, index
    index[...] = _first_inside(window, y.shape[1:3])
    taps, largest = _Taps(x, window), _largest_piece(y.shape)
    scratch = np.empty(largest, x.dtype), np.empty(largest, bool), np.empty(largest, index.dtype)
    for b, rows in _pieces(y.shape):
        piece = y[b, rows], index[b, rows]
        part = tuple([a[: len(piece[0]), : piece[0].shape[1]] for a in scratch])
        _search(taps, (b, rows), piece, part, False)
        if x.dtype.kind == "f" and np.isnan(np.maximum.reduce(piece[0], axis=None)):
            _search(taps, (b, rows), piece, part, True)
    return y, index


def _search(taps: _Taps, at: tuple[slice, slice], piece: tuple, scratch: tuple, nans: bool) -> None:
    (y, index), (other, hit, number) = piece, scratch
    lowest, count = _lowest(y.dtype), index.dtype.type
    taps.copy(0, *at, y, lowest)
    for k in range(1, prod(taps.window.kernel)):
        taps.copy(k, *at, other, lowest)
        np.greater(other, y, out=hit)
        if nans:
            hit |= other != other
        np.maximum(y, other, out=y)
        # k grows, so that the largest k that was a hit is the last one. A product and a maximum of
        # small integers take a tenth of the time of an assignment under a mask.
        np.multiply(hit.view(np.uint8), count(k), out=number)
        np.maximum(index, number, out=index)


def _masked(values: np.ndarray, index: np.ndarray, k: int, bits: np.ndarray) -> np.ndarray:
    """Return floating `values` where index == k, else 0, in `bits`, integers of their width.

    No product with a mask: infinity and NaN of one place may not reach another.
    """
    mask = (index != k).view(np.int8)
    mask -= 1
    np.copyto(bits, mask)
    np.bitwise_and(values.view(bits.dtype), bits, out=bits)
    return bits.view(values.dtype)


def pool_scatter(
    gy: np.ndarray, index: np.ndarray, window: Window, shape: tuple[int, int]
) -> np.ndarray:
    """Return zeros with each element of `gy` added to the pixel that `index` names.

    Args:
        gy: floating (B, OH, OW, D).
        index: as from `max_pool`.
        window: the one of `max_pool`.
        shape: (H, W) of the pictures.
    Returns:
        (B, H, W, D), dtype of gy.
    """
    disjoint = window.disjoint(shape)
    if gy.itemsize == 2 and not disjoint:  # a running sum of float16 loses much
        return pool_scatter(gy.astype(np.float32), index, window, shape).astype(gy.dtype)
    new = np.empty if window.tiles(shape) else np.zeros
    gx = new((len(gy), *shape, gy.shape[3]), gy.dtype)
    if not gy.size:
        return gx
    taps, bits = _Taps(gx, window), np.empty(_largest_piece(gy.shape), f"i{gy.itemsize}")
    for b, rows in _pieces(gy.shape):
        piece, at = gy[b, rows], index[b, rows]
        part = bits[: len(piece), : piece.shape[1]]
        for k in range(prod(window.kernel)):
            values = _masked(piece, at, k, part)
            if disjoint:
                taps.put(k, b, rows, values)
            else:
                down, across, heights, widths = taps.at(k, rows)
                gx[b, heights, widths] += values[:, down, across]
    return gx


def pool_gather(x: np.ndarray, index: np.ndarray, window: Window) -> np.ndarray:
    """Return the pixels of floating `x` (B, H, W, D) that `index` names: (B, OH, OW, D)."""
    y = np.zeros(index.shape, x.dtype)
    if not y.size:
        return y
    taps, bits = _Taps(x, window), np.empty(_largest_piece(y.shape), f"i{x.itemsize}")
    other = np.empty(bits.shape, x.dtype)
    for b, rows in _pieces(y.shape):
        whole, at = y[b, rows].view(bits.dtype), index[b, rows]
        part, values = (a[: len(at), : at.shape[1]] for a in (bits, other))
        for k in range(prod(window.kernel)):
            taps.copy(k, b, rows, values, 0)
            whole |= _masked(values, at, k, part).view(bits.dtype)
    return y


def sum_pool(x: np.ndarray, window: Window) -> np.ndarray:
    """Return the sum of floating x (B, H, W, D) under the window, padding counted as 0."""
    if x.itemsize == 2:
        return sum_pool(x.astype(np.float32), window).astype(x.dtype)
    return _separable(x, window, np.add, 0)


def _separable(x: np.ndarray, window: Window, join: np.ufunc, beyond: Any) -> np.ndarray:
    """Return the pixels under the window joined by `join`: down the rows first, then across.

    KH + KW steps instead of KH * KW, and down the rows the inner loops are long.
    """
    y = _empty_result(x, window)
    if not y.size:
        return y
    largest = _largest_piece(y.shape)
    tall = np.empty((*largest[:2], *x.shape[2:]), x.dtype)
    other = np.empty(largest, x.dtype)
    (_, kw), (_, sw), (_, pads), (_, dw) = window
    taps = _Taps(tall, Window((1, kw), (1, sw), ((0, 0), pads), (1, dw)))
    for b, rows in _pieces(y.shape):
        piece = y[b, rows]
        some, height = slice(0, len(piece)), slice(0, piece.shape[1])
        _join_rows(x[b], window, rows, tall[some, height], (join, beyond))
        taps.copy(0, some, height, piece, beyond)
        for j in range(1, kw):
            part = other[some, height]
            taps.copy(j, some, height, part, beyond)
            join(piece, part, out=piece)
    return y


def _join_rows(
    x: np.ndarray, window: Window, rows: slice, tall: np.ndarray, how: tuple[np.ufunc, Any]
) -> None:
    join, beyond = how
    for i in range(window.kernel[0]):
        down, heights = window.span(0, i, x.shape[1], rows)
        if i:
            join(tall[:, down], x[:, heights], out=tall[:, down])
        else:
            if down.stop - down.start < tall.shape[1]:
                tall.fill(beyond)
            tall[:, down] = x[:, heights]


def sum_pool_gradient(gy: np.ndarray, window: Window, shape: tuple[int, int]) -> np.ndarray:
    """Return the gradient of `sum_pool` by x: (B, H, W, D) for pictures of shape (H, W)."""
    if gy.itemsize == 2:
        return sum_pool_gradient(gy.astype(np.float32), window, shape).astype(gy.dtype)
    if window.tiles(shape) and window.kernel[1] * gy.shape[3] >= _RUN:
        return _repeated(gy, window.kernel)
    gx = np.zeros((len(gy), *shape, gy.shape[3]), gy.dtype)
    if not gy.size:
        return gx
    columns = slice(0, gy.shape[2])
    for b, rows in _pieces(gy.shape):
        piece = gy[b, rows]
        tall = np.zeros((*piece.shape[:2], *gx.shape[2:]), gy.dtype)
        for j in range(window.kernel[1]):
            across, widths = window.span(1, j, shape[1], columns)
            tall[:, :, widths] += piece[:, :, across]
        for i in range(window.kernel[0]):
            down, heights = window.span(0, i, shape[0], rows)
            gx[b, heights] += tall[:, down]
    return gx


def _repeated(gy: np.ndarray, times: tuple[int, int]) -> np.ndarray:
    """Return gy (B, H, W, D) with each pixel so many times down and across."""
    b, h, w, d = gy.shape
    gx = np.empty((b, h, times[0], w, times[1], d), gy.dtype)
    gx[...] = gy[:, :, None, :, None]
    return gx.reshape(b, h * times[0], w * times[1], d)
