"""Convolution of pictures (N, H, W, C) as matrix products on columns.

A column row holds the pixels under one position of the window, so that a convolution is one product
(N*OH*OW, KH*KW*C) @ (KH*KW*C, O). Columns are KH*KW times as large as their picture: they are made
for a few rows of output at a time, in one buffer that stays in the cache, and never for the batch.
Any strides will do; memory is read in long runs where the channels lie next to each other.

What is no product of matrices is looked up in the `loops` that each function takes: those of
`numpy_convolution` or of `numba_convolution`.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dezero.backend import numpy_winograd
from dezero.backend.buffers import buffers
from dezero.backend.precision import rounded
from dezero.backend.window import Window

# Elements of the column buffer: 4 MB in float32. From 2 to 8 MB the speed is the same, below and
# above it falls.
CHUNK = 1 << 20
# Pictures of fewer channels are laid out plane by plane: runs of a row, not of a few channels.
FEW_CHANNELS = 8


def convolve(
    x: np.ndarray, W: np.ndarray, b: Any, window: Window, groups: int, *, loops: Any
) -> np.ndarray:
    """Return the kernel `convolve` of all but the loops."""
    x, W = rounded(x, W)
    if x.dtype.itemsize == 2:  # no BLAS for halves, and sums of them stand still
        wide = None if b is None else b.astype("f4")
        y = convolve(x.astype("f4"), W.astype("f4"), wide, window, groups, loops=loops)
        return y.astype(x.dtype)
    n, outs = len(x), W.shape[-1]
    y = np.empty((n, *window.out_shape(x.shape[1:3]), outs), x.dtype)
    if n == 0:
        return y
    if groups == 1:
        _convolve(x, W.reshape(-1, outs), b, window, y, loops=loops)
    elif W.shape[2] == 1:
        loops.depthwise(_repeated(x, outs), W[:, :, 0], b, window, y)
    else:
        for gx, gy, w in _by_group(groups, (x, -1), (y, -1), (W, -1)):
            part = np.empty(gy.shape, gy.dtype)
            _convolve(gx, w.reshape(-1, w.shape[-1]), None, window, part, loops=loops)
            gy[...] = part
        if b is not None:
            y += b
    return y


def gradient_w(
    x: np.ndarray, gy: np.ndarray, window: Window, groups: int, *, loops: Any
) -> np.ndarray:
    """Return the kernel `convolve_gradient_w` of all but the loops."""
    x, gy = rounded(x, gy)
    if x.dtype.itemsize == 2:
        wide = gradient_w(x.astype("f4"), gy.astype("f4"), window, groups, loops=loops)
        return wide.astype(x.dtype)
    channels, outs = x.shape[-1], gy.shape[-1]
    gW = np.zeros((*window.kernel, channels // groups, outs), x.dtype)
    if len(x) == 0:
        return gW
    if groups == 1:
        _gradient_w(x, gy, window, gW.reshape(-1, outs), loops=loops)
    elif channels == groups:
        loops.depthwise_gradient_w(_repeated(x, outs), gy, window, gW[:, :, 0])
    else:
        for px, pgy, pgw in _by_group(groups, (x, -1), (gy, -1), (gW, -1)):
            part = np.zeros((pgw.shape[0] * pgw.shape[1] * pgw.shape[2], pgw.shape[3]), x.dtype)
            _gradient_w(px, pgy, window, part, loops=loops)
            pgw[...] = part.reshape(pgw.shape)
    return gW


def gradient_x(
    gy: np.ndarray,
    W: np.ndarray,
    window: Window,
    shape: tuple[int, int],
    groups: int,
    *,
    loops: Any,
) -> np.ndarray:
    """Return the kernel `convolve_gradient_x` of all but the loops."""
    gy, W = rounded(gy, W)
    if gy.dtype.itemsize == 2:
        wide = gy.astype("f4"), W.astype("f4")
        return gradient_x(*wide, window, shape, groups, loops=loops).astype(gy.dtype)
    channels = W.shape[2] * groups
    gx = np.zeros((len(gy), *shape, channels), gy.dtype)
    if len(gy) == 0:
        return gx
    if groups == 1:
        _gradient_x(gy, W.reshape(-1, W.shape[-1]), window, gx, loops=loops)
    elif W.shape[2] == 1:
        _depthwise_gradient_x(gy, W[:, :, 0], window, gx, loops=loops)
    else:
        for pgy, pgx, w in _by_group(groups, (gy, -1), (gx, -1), (W, -1)):
            part = np.zeros(pgx.shape, gy.dtype)
            _gradient_x(pgy, w.reshape(-1, w.shape[-1]), window, part, loops=loops)
            pgx[...] = part
    return gx


def path_in_words(
    x: np.ndarray, W: np.ndarray, window: Window, groups: int, transposed: bool, *, loops: Any
) -> str:
    """Return the kernel `convolution_path` of all but the loops."""
    channels, outs = W.shape[2], W.shape[3] // groups
    if groups > 1 and channels == 1:
        return "depthwise"
    dtype = np.dtype("f4") if x.dtype.itemsize == 2 else x.dtype
    if transposed:
        path = _transposed_path(channels, outs, x.shape[:3], window, dtype, loops=loops)
    else:
        path = loops.path(channels, outs, (len(x), *window.out_shape(x.shape[1:3])), window, dtype)
    path = path if groups == 1 else f"{path} in {groups} groups"
    return path if dtype == x.dtype else f"{path} in float32"


def col2im(
    columns: np.ndarray, window: Window, shape: tuple[int, int], *, loops: Any
) -> np.ndarray:
    """Return the kernel `col2im` of all but the loops."""
    n, channels = len(columns), columns.shape[-1]
    padded = np.zeros((n, *window.padded(shape), channels), columns.dtype)
    loops.scatter(columns, window, padded)
    return _inside(padded, window, shape)


def columns_path(channels: int) -> str:
    """Return how columns of pictures with so many channels are laid out."""
    return "planes" if channels < FEW_CHANNELS else "columns"


def _by_group(groups: int, *arrays: tuple[np.ndarray, int]) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield, group by group, the slices of arrays along the axes given with them."""
    for i in range(groups):
        yield tuple(
            a[..., a.shape[axis] // groups * i : a.shape[axis] // groups * (i + 1)]
            for a, axis in arrays
        )


def _inside(padded: np.ndarray, window: Window, shape: tuple[int, int]) -> np.ndarray:
    (top, _), (left, _) = window.pads
    return padded[:, top : top + shape[0], left : left + shape[1]]


def windows(x: np.ndarray, window: Window) -> np.ndarray:
    """Return a view of padded x (N, H, W, C): (N, OH, OW, KH, KW, C)."""
    (rh, rw), (sh, sw), (dh, dw) = window.reach, window.stride, window.dilation
    n, h, w, channels = x.shape
    s0, s1, s2, s3 = x.strides
    shape = (n, (h - rh) // sh + 1, (w - rw) // sw + 1, *window.kernel, channels)
    return as_strided(x, shape, (s0, s1 * sh, s2 * sw, s1 * dh, s2 * dw, s3), writeable=False)


def _samples(n: int, elements: int, chunk: int) -> int:
    """Return how many samples of so many elements fit into a chunk; at least one."""
    return max(1, min(n, chunk // max(1, elements)))


def _elements(shape: tuple[int, int], channels: int, window: Window) -> int:
    """Return the size of one picture's columns, or of the padded picture where that is larger.

    It is larger where the window skips pixels.
    """
    out, padded = prod(window.out_shape(shape)), prod(window.padded(shape))
    return channels * max(prod(window.kernel) * out, padded)


def _chunks(
    n: int, out: tuple[int, int], depth: int, most: int, chunk: int
) -> Iterator[tuple[slice, slice]]:
    """Yield (samples, rows of output) whose columns fit into the buffer, `most` samples or less."""
    rows = max(1, chunk // max(1, depth * out[1]))
    for i in range(0, n, most):
        for r in range(0, out[0], rows):
            yield slice(i, min(i + most, n)), slice(r, min(r + rows, out[0]))


def _columns(
    x: np.ndarray, window: Window, chunk: int
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Yield (samples, rows, columns) chunk by chunk; columns (M, KH*KW*C) live until the next.

    With few channels they are the transpose of (KH*KW*C, M), which copies in longer runs.
    """
    n, h, w, channels = x.shape
    out, planes = window.out_shape((h, w)), columns_path(channels) == "planes"
    depth = window.kernel[0] * window.kernel[1] * channels
    most = _samples(n, _elements((h, w), channels, window), chunk)
    stage = _stage(x, window, most, planes)
    staged = None
    for samples, rows in _chunks(n, out, depth, most, chunk):
        part = x[samples]
        if stage is not None:
            part = stage[: len(part)]
            if staged != samples:
                _inside(part, window, (h, w))[...] = x[samples]
                staged = samples
        view = windows(part, window)[:, rows]
        count = view.shape[0] * view.shape[1] * view.shape[2]
        if planes:
            shape = (*window.kernel, channels, *view.shape[:3])
            columns = buffers.take("columns", shape, x.dtype)
            np.copyto(columns, view.transpose(3, 4, 5, 0, 1, 2))
            yield samples, rows, columns.reshape(depth, count).T
        else:
            columns = buffers.take("columns", view.shape, x.dtype)
            np.copyto(columns, view)
            yield samples, rows, columns.reshape(count, depth)


def _stage(x: np.ndarray, window: Window, samples: int, planes: bool) -> np.ndarray | None:
    """Return zeros for that many padded samples, or None if x can be read where it is.

    Their memory runs along the channels, or along the rows of a plane.
    """
    shape, channels = x.shape[1:3], x.shape[-1]
    padded = window.padded(shape)
    run = x.strides[2] if planes else x.strides[3]
    if padded == shape and run == x.itemsize:
        return None
    if planes:
        stage = buffers.take("stage", (channels, samples, *padded), x.dtype).transpose(1, 2, 3, 0)
    else:
        stage = buffers.take("stage", (samples, *padded, channels), x.dtype)
    stage[...] = 0
    return stage


def _convolve(
    x: np.ndarray, W: np.ndarray, b: Any, window: Window, y: np.ndarray, *, loops: Any
) -> None:
    outs = W.shape[-1]
    path = loops.path(x.shape[-1], outs, y.shape[:3], window, x.dtype)
    if path == "tiles":
        kernel = W.reshape(*window.kernel, x.shape[-1], outs)
        numpy_winograd.convolve(x, kernel, b, window.pads, y, loops=loops)
        return
    if path == "direct":
        loops.direct(x, W, b, window, y)
        return
    if path == "pixels":
        np.dot(x.reshape(-1, x.shape[-1]), W, out=y.reshape(-1, outs))
        if b is not None:
            y += b
        return
    for samples, rows, columns in _columns(x, window, CHUNK):
        part = y[samples, rows].reshape(-1, outs)
        np.dot(columns, W, out=part)
        if b is not None:
            part += b


def _gradient_w(
    x: np.ndarray, gy: np.ndarray, window: Window, gW: np.ndarray, *, loops: Any
) -> None:
    outs = gy.shape[-1]
    path = loops.path(x.shape[-1], outs, gy.shape[:3], window, x.dtype)
    if path == "tiles":
        shape = (*window.kernel, x.shape[-1], outs)
        numpy_winograd.gradient_w(x, gy, window.pads, gW.reshape(shape), loops=loops)
        return
    if path == "direct":
        loops.direct_gradient_w(x, gy, window, gW)
        return
    if path == "pixels":
        gW += x.reshape(-1, x.shape[-1]).T @ gy.reshape(-1, outs)
        return
    # Large weights: adding their gradient up once per chunk must not cost more than the product.
    for samples, rows, columns in _columns(x, window, max(CHUNK, 2 * gW.size)):
        gW += columns.T @ gy[samples, rows].reshape(-1, outs)


def _transposed_path(
    channels: int, outs: int, shape: tuple[int, ...], window: Window, dtype: Any, *, loops: Any
) -> str:
    """Return the quickest way to the gradient by pictures (N, H, W) = `shape`."""
    back = _mirrored(window)
    path = loops.path(outs, channels, shape, back, dtype) if back else "columns"
    return "columns" if path == "planes" else path


def _gradient_x(
    gy: np.ndarray, W: np.ndarray, window: Window, gx: np.ndarray, *, loops: Any
) -> None:
    outs, channels = gy.shape[-1], gx.shape[-1]
    path = _transposed_path(channels, outs, gx.shape[:3], window, gy.dtype, loops=loops)
    back = _mirrored(window)
    if back and path in ("tiles", "direct"):
        turned = W.reshape(*window.kernel, channels, outs)[::-1, ::-1].transpose(0, 1, 3, 2)
        _convolve(gy, turned.reshape(-1, channels), None, back, gx, loops=loops)
        return
    if path == "pixels":
        np.dot(gy.reshape(-1, outs), W.T, out=gx.reshape(-1, channels))
        return
    shape, out, depth = gx.shape[1:3], gy.shape[1:3], len(W)
    padded, stage = window.padded(shape), None
    most = _samples(len(gy), _elements((shape[0], shape[1]), channels, window), CHUNK)
    if padded != shape:
        stage = buffers.take("stage", (most, *padded, channels), gy.dtype)
    for samples, rows in _chunks(len(gy), out, depth, most, CHUNK):
        part = gy[samples, rows]
        columns = buffers.take("columns", (part.size // outs, depth), gy.dtype)
        np.dot(part.reshape(-1, outs), W.T, out=columns)
        target = gx[samples] if stage is None else stage[: len(part)]
        if stage is not None and rows.start == 0:
            target[...] = 0
        top, height = rows.start * window.stride[0], part.shape[1]
        below = top + (height - 1) * window.stride[0] + window.reach[0]
        columns = columns.reshape(*part.shape[:3], *window.kernel, channels)
        loops.scatter(columns, window, target[:, top:below])
        if stage is not None and rows.stop == out[0]:
            gx[samples] = _inside(target, window, shape)


def _repeated(x: np.ndarray, outs: int) -> np.ndarray:
    """Return x with each channel as often as it has kernels."""
    return x if x.shape[3] == outs else x.repeat(outs // x.shape[3], 3)


def _depthwise_gradient_x(
    gy: np.ndarray, W: np.ndarray, window: Window, gx: np.ndarray, *, loops: Any
) -> None:
    times = gy.shape[3] // gx.shape[3]
    wide = gx if times == 1 else np.zeros((*gx.shape[:3], gy.shape[3]), gx.dtype)
    back = _mirrored(window)
    if back:
        loops.depthwise(gy, W[::-1, ::-1], None, back, wide)
    else:
        loops.depthwise_scatter(gy, W, window, wide)
    if times > 1:
        for i in range(times):
            gx += wide[..., i::times]


def _mirrored(window: Window) -> Window | None:
    """Return the window of the convolution that is the transpose of this one, by turned kernels.

    None where there is none: where it would have to cut, or to skip pixels.
    """
    (rh, rw), ((top, bottom), (left, right)) = window.reach, window.pads
    pads = (rh - 1 - top, rh - 1 - bottom), (rw - 1 - left, rw - 1 - right)
    fits = window.stride == (1, 1) and min(min(pads)) >= 0
    return window._replace(pads=pads) if fits else None
