"""Convolution of pictures (N, H, W, C) as matrix products on columns, in plain NumPy.

A column row holds the pixels under one position of the window, so that a convolution is one product
(N*OH*OW, KH*KW*C) @ (KH*KW*C, O). Columns are KH*KW times as large as their picture: they are made
for a few rows of output at a time, in one buffer that stays in the cache, and never for the batch.
Any strides will do; memory is read in long runs where the channels lie next to each other.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dezero.backend import numpy_winograd
from dezero.backend.buffers import buffers
from dezero.backend.window import Window

__all__ = [
    "col2im",
    "convolution_path",
    "convolve",
    "convolve_gradient_w",
    "convolve_gradient_x",
    "im2col",
]

# Elements of the column buffer: 4 MB in float32. From 2 to 8 MB the speed is the same, below and
# above it falls.
CHUNK = 1 << 20
# Pictures of fewer channels are laid out plane by plane: runs of a row, not of a few channels.
FEW_CHANNELS = 8


def convolve(
    x: np.ndarray, W: np.ndarray, b: np.ndarray | None, window: Window, groups: int = 1
) -> np.ndarray:
    """Return the convolution of x (N, H, W, C) by W (KH, KW, C/groups, O) plus b (O,).

    Returns:
        (N, OH, OW, O), C-contiguous, dtype of x.
    """
    if x.dtype.itemsize == 2:  # no BLAS for halves, and sums of them stand still
        wide = None if b is None else b.astype("f4")
        return convolve(x.astype("f4"), W.astype("f4"), wide, window, groups).astype(x.dtype)
    n, outs = len(x), W.shape[-1]
    y = np.empty((n, *window.out_shape(x.shape[1:3]), outs), x.dtype)
    if groups == 1:
        _convolve(x, W.reshape(-1, outs), b, window, y)
    elif W.shape[2] == 1:
        _depthwise(x, W, b, window, y)
    else:
        for gx, gy, w in _by_group(groups, (x, -1), (y, -1), (W, -1)):
            part = np.empty(gy.shape, gy.dtype)
            _convolve(gx, w.reshape(-1, w.shape[-1]), None, window, part)
            gy[...] = part
        if b is not None:
            y += b
    return y


def convolve_gradient_w(
    x: np.ndarray, gy: np.ndarray, window: Window, groups: int = 1
) -> np.ndarray:
    """Return the gradient of `convolve` by W, (KH, KW, C/groups, O), from gy (N, OH, OW, O)."""
    if x.dtype.itemsize == 2:
        wide = convolve_gradient_w(x.astype("f4"), gy.astype("f4"), window, groups)
        return wide.astype(x.dtype)
    channels, outs = x.shape[-1], gy.shape[-1]
    gW = np.zeros((*window.kernel, channels // groups, outs), x.dtype)
    if groups == 1:
        _gradient_w(x, gy, window, gW.reshape(-1, outs))
    elif channels == groups:
        _depthwise_gradient_w(x, gy, window, gW)
    else:
        for px, pgy, pgw in _by_group(groups, (x, -1), (gy, -1), (gW, -1)):
            part = np.zeros((pgw.shape[0] * pgw.shape[1] * pgw.shape[2], pgw.shape[3]), x.dtype)
            _gradient_w(px, pgy, window, part)
            pgw[...] = part.reshape(pgw.shape)
    return gW


def convolve_gradient_x(
    gy: np.ndarray, W: np.ndarray, window: Window, shape: tuple[int, int], groups: int = 1
) -> np.ndarray:
    """Return the gradient of `convolve` by x, (N, *shape, C), from gy (N, OH, OW, O) and W.

    It is the transposed convolution of gy.
    """
    if gy.dtype.itemsize == 2:
        wide = convolve_gradient_x(gy.astype("f4"), W.astype("f4"), window, shape, groups)
        return wide.astype(gy.dtype)
    channels = W.shape[2] * groups
    gx = np.zeros((len(gy), *shape, channels), gy.dtype)
    if groups == 1:
        _gradient_x(gy, W.reshape(-1, W.shape[-1]), window, gx)
    elif W.shape[2] == 1:
        _depthwise_gradient_x(gy, W, window, gx)
    else:
        for pgy, pgx, w in _by_group(groups, (gy, -1), (gx, -1), (W, -1)):
            part = np.zeros(pgx.shape, gy.dtype)
            _gradient_x(pgy, w.reshape(-1, w.shape[-1]), window, part)
            pgx[...] = part
    return gx


def convolution_path(x: np.ndarray, W: np.ndarray, window: Window, groups: int = 1) -> str:
    """Return how `convolve` computes this: in words, for people who ask what is quick.

    "pixels" is one product without columns, "tiles" Winograd's way, "columns" copies every pixel
    once for each entry of the kernel, "planes" does so channel by channel where channels are few.
    """
    channels, outs = W.shape[2], W.shape[3] // groups
    if groups > 1 and channels == 1:
        return "depthwise"
    dtype = np.dtype("f4") if x.dtype.itemsize == 2 else x.dtype
    path = _path(channels, outs, (len(x), *window.out_shape(x.shape[1:3])), window, dtype)
    path = path if groups == 1 else f"{path} in {groups} groups"
    return path if dtype == x.dtype else f"{path} in float32"


def _path(channels: int, outs: int, out: tuple[int, ...], window: Window, dtype: Any) -> str:
    if numpy_winograd.suits(channels, outs, out, window, dtype):
        return "tiles"
    if window.is_pixel:
        return "pixels"
    return "planes" if channels < FEW_CHANNELS else "columns"


def im2col(x: np.ndarray, window: Window) -> np.ndarray:
    """Return the pixels of x (N, H, W, C) under each window: (N, OH, OW, KH, KW, C)."""
    return _windows(_padded(x, window), window).copy()


def col2im(columns: np.ndarray, window: Window, shape: tuple[int, int]) -> np.ndarray:
    """Add columns (N, OH, OW, KH, KW, C) up where their pixels came from: (N, *shape, C)."""
    n, channels = len(columns), columns.shape[-1]
    padded = np.zeros((n, *window.padded(shape), channels), columns.dtype)
    _scatter(columns, window, padded)
    return _inside(padded, window, shape)


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


def _windows(x: np.ndarray, window: Window) -> np.ndarray:
    """Return a view of padded x (N, H, W, C): (N, OH, OW, KH, KW, C)."""
    (rh, rw), (sh, sw), (dh, dw) = window.reach, window.stride, window.dilation
    n, h, w, channels = x.shape
    s0, s1, s2, s3 = x.strides
    shape = (n, (h - rh) // sh + 1, (w - rw) // sw + 1, *window.kernel, channels)
    return as_strided(x, shape, (s0, s1 * sh, s2 * sw, s1 * dh, s2 * dw, s3), writeable=False)


def _taps(padded: np.ndarray, window: Window, out: tuple[int, int]) -> Iterator[tuple]:
    """Yield (kh, kw, view): the pixels (N, OH, OW, C) that meet this entry of the kernel."""
    (sh, sw), (dh, dw) = window.stride, window.dilation
    for kh in range(window.kernel[0]):
        for kw in range(window.kernel[1]):
            top, left = kh * dh, kw * dw
            rows = slice(top, top + (out[0] - 1) * sh + 1, sh)
            yield kh, kw, padded[:, rows, left : left + (out[1] - 1) * sw + 1 : sw]


def _scatter(columns: np.ndarray, window: Window, padded: np.ndarray) -> None:
    for kh, kw, view in _taps(padded, window, columns.shape[1:3]):
        view += columns[:, :, :, kh, kw]


def _samples(n: int, out: tuple[int, int], depth: int, chunk: int) -> int:
    """Return how many samples have columns of `depth` that fit into a chunk; at least one."""
    return max(1, min(n, chunk // max(1, depth * out[0] * out[1])))


def _chunks(n: int, out: tuple[int, int], depth: int, chunk: int) -> Iterator[tuple[slice, slice]]:
    """Yield (samples, rows of output) whose columns fit into the buffer."""
    rows, most = max(1, chunk // max(1, depth * out[1])), _samples(n, out, depth, chunk)
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
    out, planes = window.out_shape((h, w)), channels < FEW_CHANNELS  # as `_path` says
    depth = window.kernel[0] * window.kernel[1] * channels
    stage = _stage(x, window, _samples(n, out, depth, chunk), planes)
    staged = None
    for samples, rows in _chunks(n, out, depth, chunk):
        part = x[samples]
        if stage is not None:
            part = stage[: len(part)]
            if staged != samples:
                _inside(part, window, (h, w))[...] = x[samples]
                staged = samples
        view = _windows(part, window)[:, rows]
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


def _convolve(x: np.ndarray, W: np.ndarray, b: Any, window: Window, y: np.ndarray) -> None:
    outs = W.shape[-1]
    path = _path(x.shape[-1], outs, y.shape[:3], window, x.dtype)
    if path == "tiles":
        kernel = W.reshape(*window.kernel, x.shape[-1], outs)
        numpy_winograd.convolve(x, kernel, b, window.pads, y)
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


def _gradient_w(x: np.ndarray, gy: np.ndarray, window: Window, gW: np.ndarray) -> None:
    outs = gy.shape[-1]
    path = _path(x.shape[-1], outs, gy.shape[:3], window, x.dtype)
    if path == "tiles":
        shape = (*window.kernel, x.shape[-1], outs)
        numpy_winograd.gradient_w(x, gy, window.pads, gW.reshape(shape))
        return
    if path == "pixels":
        gW += x.reshape(-1, x.shape[-1]).T @ gy.reshape(-1, outs)
        return
    # Large weights: adding their gradient up once per chunk must not cost more than the product.
    for samples, rows, columns in _columns(x, window, max(CHUNK, 2 * gW.size)):
        gW += columns.T @ gy[samples, rows].reshape(-1, outs)


def _gradient_x(gy: np.ndarray, W: np.ndarray, window: Window, gx: np.ndarray) -> None:
    outs, channels = gy.shape[-1], gx.shape[-1]
    pads = _mirrored(window)
    if pads and numpy_winograd.suits(outs, channels, gx.shape[:3], window, gy.dtype):
        # The same as a convolution by the kernels turned around.
        turned = W.reshape(*window.kernel, channels, outs)[::-1, ::-1].transpose(0, 1, 3, 2)
        numpy_winograd.convolve(gy, turned, None, pads, gx)
        return
    if window.is_pixel:
        np.dot(gy.reshape(-1, outs), W.T, out=gx.reshape(-1, channels))
        return
    shape, out, depth = gx.shape[1:3], gy.shape[1:3], len(W)
    padded, stage = window.padded(shape), None
    if padded != shape:
        most = _samples(len(gy), out, depth, CHUNK)
        stage = buffers.take("stage", (most, *padded, channels), gy.dtype)
    for samples, rows in _chunks(len(gy), out, depth, CHUNK):
        part = gy[samples, rows]
        columns = buffers.take("columns", (part.size // outs, depth), gy.dtype)
        np.dot(part.reshape(-1, outs), W.T, out=columns)
        target = gx[samples] if stage is None else stage[: len(part)]
        if stage is not None and rows.start == 0:
            target[...] = 0
        top, height = rows.start * window.stride[0], part.shape[1]
        below = top + (height - 1) * window.stride[0] + window.reach[0]
        columns = columns.reshape(*part.shape[:3], *window.kernel, channels)
        _scatter(columns, window, target[:, top:below])
        if stage is not None and rows.stop == out[0]:
            gx[samples] = _inside(target, window, shape)


def _mirrored(window: Window) -> Any:
    """Return the padding of the convolution that is this one's transpose; None if it would cut."""
    (rh, rw), ((top, bottom), (left, right)) = window.reach, window.pads
    pads = (rh - 1 - top, rh - 1 - bottom), (rw - 1 - left, rw - 1 - right)
    return pads if min(min(pads)) >= 0 else None


def _padded(x: np.ndarray, window: Window) -> np.ndarray:
    (top, bottom), (left, right) = window.pads
    if not (top or bottom or left or right):
        return x
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))


def _depthwise(x: np.ndarray, W: np.ndarray, b: Any, window: Window, y: np.ndarray) -> None:
    """Every channel by its own kernels, W (KH, KW, 1, C*M): products of shifted pictures."""
    channels = x.shape[-1]
    target = y.reshape(*y.shape[:3], channels, W.shape[3] // channels)
    w = W.reshape(*window.kernel, channels, -1)
    y[...] = 0 if b is None else b
    for kh, kw, view in _taps(_padded(x, window), window, y.shape[1:3]):
        target += view[..., None] * w[kh, kw]


def _depthwise_gradient_w(x: np.ndarray, gy: np.ndarray, window: Window, gW: np.ndarray) -> None:
    channels = x.shape[-1]
    g = gy.reshape(*gy.shape[:3], channels, gy.shape[3] // channels)
    target = gW.reshape(*window.kernel, channels, -1)
    for kh, kw, view in _taps(_padded(x, window), window, gy.shape[1:3]):
        target[kh, kw] = np.einsum("nhwc,nhwcm->cm", view, g, optimize=False)


def _depthwise_gradient_x(gy: np.ndarray, W: np.ndarray, window: Window, gx: np.ndarray) -> None:
    channels, shape = gx.shape[-1], gx.shape[1:3]
    g = gy.reshape(*gy.shape[:3], channels, gy.shape[3] // channels)
    w = W.reshape(*window.kernel, channels, -1)
    padded = np.zeros((len(gx), *window.padded(shape), channels), gy.dtype)
    for kh, kw, view in _taps(padded, window, gy.shape[1:3]):
        view += (g * w[kh, kw]).sum(-1)
    gx[...] = _inside(padded, window, shape)
