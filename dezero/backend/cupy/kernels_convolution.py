"""Convolution of pictures (N, H, W, C) on the GPU.

One pixel of stride 1 is a product of matrices. Channels with kernels of their own are convolved
directly. All else is columns and one product, for as many samples as fit into a buffer. Results
depend on nothing but the arguments: no sum is in an order that chance decides.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.kernels import add_bias, sum_to
from dezero.backend.cupy.kernels_windows import col2im, columns_of, launch
from dezero.backend.cupy.table.convolutions import SPECS
from dezero.backend.registry import kernels, product, xp
from dezero.backend.window import Window

__all__ = [
    "convolution_path",
    "convolve",
    "convolve_gradient_w",
    "convolve_gradient_wb",
    "convolve_gradient_x",
    "convolve_relu",
]

_SPECS = {spec.name: spec for spec in SPECS}
# Elements of the columns at a time: 256 MB of float32.
CHUNK = 1 << 26


def convolve(x: Any, W: Any, b: Any, window: Window, groups: int = 1) -> Any:
    """Return the convolution of x (N, H, W, C) by W (KH, KW, C/groups, O) plus b (O,).

    Returns:
        (N, OH, OW, O), C-contiguous, dtype of x.
    """
    return _convolved(x, W, b, window, groups, relu=False)


def convolve_relu(x: Any, W: Any, b: Any, window: Window, groups: int = 1) -> Any:
    """Return what is above 0 of `convolve`: on a device a launch less."""
    return _convolved(x, W, b, window, groups, relu=True)


def _convolved(x: Any, W: Any, b: Any, window: Window, groups: int, *, relu: bool) -> Any:
    outs, out = W.shape[-1], window.out_shape(x.shape[1:3])
    chunks = list(_chunks(x, window, out, prod(W.shape[:3])))
    if groups == len(chunks) == 1 and outs and prod(out):
        matrix = xp(W).ascontiguousarray(W).reshape(-1, outs)
        y = kernels(x).linear(_rows(x, window, 0, W.shape[2]), matrix, b, relu)
        return y.reshape(len(x), *out, outs)
    y = xp(x).empty((len(x), *out, outs), dtype=x.dtype)
    if not y.size:
        return y
    if _is_depthwise(W, groups):
        sizes = *x.shape[1:], *out, outs // x.shape[3]
        launch(_SPECS["depthwise"], (x, W), sizes, window, y)
    else:
        for group, part in _by_group(W, groups):
            matrix = xp(W).ascontiguousarray(W[..., part]).reshape(-1, outs // groups)
            for samples in chunks:
                rows = _rows(x[samples], window, group, W.shape[2])
                if groups == 1:
                    product(rows, matrix, out=y[samples].reshape(-1, outs))
                else:
                    y[samples, ..., part] = product(rows, matrix).reshape(-1, *out, outs // groups)
    if b is not None:
        add_bias(y, b, relu)
        return y
    return kernels(x).activate("relu", y) if relu else y


def convolve_gradient_w(x: Any, gy: Any, window: Window, groups: int = 1) -> Any:
    """Return the gradient of `convolve` by W, (KH, KW, C/groups, O), from gy (N, OH, OW, O)."""
    channels, outs = x.shape[-1] // groups, gy.shape[-1]
    shape = *window.kernel, channels, outs
    if not gy.size:
        return xp(x).zeros(shape, dtype=x.dtype)
    if groups > 1 and channels == 1:
        return _depthwise_gradient_w(x, gy, window, shape)
    gW = None if groups == 1 else xp(x).empty(shape, dtype=x.dtype)
    for group in range(groups):
        part = slice(group * outs // groups, (group + 1) * outs // groups)
        total: Any = None
        for samples in _chunks(x, window, gy.shape[1:3], prod(shape[:3])):
            rows = _rows(x[samples], window, group, channels)
            g = xp(gy).ascontiguousarray(gy[samples, ..., part]).reshape(-1, outs // groups)
            part_of = product(rows.T, g)
            total = part_of if total is None else total + part_of
        if gW is None:
            return total.reshape(shape)
        gW[..., part] = total.reshape(*shape[:3], outs // groups)
    return gW


def convolve_gradient_wb(x: Any, gy: Any, window: Window, groups: int = 1) -> tuple[Any, Any]:
    """Return the gradients of `convolve` by W and by b, (O,): on a device one launch less."""
    outs, shape = gy.shape[-1], (*window.kernel, x.shape[-1], gy.shape[-1])
    if groups == 1 and gy.size and len([*_chunks(x, window, gy.shape[1:3], prod(shape[:3]))]) == 1:
        g = xp(gy).ascontiguousarray(gy).reshape(-1, outs)
        gW, gb = kernels(x).linear_gradient_w(_rows(x, window, 0, x.shape[-1]), g)
        return gW.reshape(shape), gb
    rows = gy.reshape((gy.size // max(outs, 1), outs))
    return convolve_gradient_w(x, gy, window, groups), sum_to(rows, (outs,))


def convolve_gradient_x(
    gy: Any, W: Any, window: Window, shape: tuple[int, int], groups: int = 1
) -> Any:
    """Return the gradient of `convolve` by x, (N, *shape, C), from gy (N, OH, OW, O) and W.

    It is the transposed convolution of gy.
    """
    channels, outs, out = W.shape[2], W.shape[-1], gy.shape[1:3]
    whole = len(gy), *shape, channels * groups
    if not gy.size:
        return xp(gy).zeros(whole, dtype=gy.dtype)
    gx = xp(gy).empty(whole, dtype=gy.dtype)
    if _is_depthwise(W, groups):
        sizes = *shape, groups, *out, outs // groups
        launch(_SPECS["depthwise_gradient_x"], (gy, W), sizes, window, gx)
        return gx
    for group, part in _by_group(W, groups):
        matrix = xp(W).ascontiguousarray(W[..., part]).reshape(-1, outs // groups)
        into = slice(group * channels, (group + 1) * channels)
        for samples in _chunks(gy, window, out, matrix.shape[0]):
            g = xp(gy).ascontiguousarray(gy[samples, ..., part]).reshape(-1, outs // groups)
            columns = product(g, matrix.T).reshape(-1, *out, *window.kernel, channels)
            if window.is_pixel:
                pixels = columns.reshape(-1, *shape, channels)
            else:
                pixels = col2im(columns, window, shape)
            if len(pixels) == len(gx) and groups == 1:
                return pixels
            gx[samples, ..., into] = pixels
    return gx


def convolution_path(
    x: Any, W: Any, window: Window, groups: int = 1, transposed: bool = False
) -> str:
    """Return how `convolve` computes this, or `convolve_gradient_x` if `transposed`: in words.

    "pixels" is one product without columns, "columns" copies every pixel once for each entry of the
    kernel, "depthwise" does neither.
    """
    if _is_depthwise(W, groups):
        return "depthwise"
    path = "pixels" if window.is_pixel else "columns"
    return path if groups == 1 else f"{path} in {groups} groups"


def _is_depthwise(W: Any, groups: int) -> bool:
    return groups > 1 and W.shape[2] == 1


def _by_group(W: Any, groups: int) -> Iterator[tuple[int, slice]]:
    """Yield the number of each group and its outputs."""
    outs = W.shape[-1] // groups
    for group in range(groups):
        yield group, slice(group * outs, (group + 1) * outs)


def _chunks(x: Any, window: Window, out: tuple[int, int], depth: int) -> Iterator[slice]:
    """Yield slices of samples whose columns, of so many elements a place, fit into the buffer."""
    most = len(x) if window.is_pixel else max(1, CHUNK // max(1, prod(out) * depth))
    for start in range(0, len(x), most):
        yield slice(start, start + most)


def _rows(x: Any, window: Window, group: int, channels: int) -> Any:
    """Return the columns of a group's channels as a matrix (places, KH * KW * channels)."""
    first = group * channels
    if window.is_pixel:
        x = xp(x).ascontiguousarray(x[..., first : first + channels])
        return x.reshape(-1, channels)
    return columns_of(x, window, first, channels).reshape(-1, prod(window.kernel) * channels)


def _depthwise_gradient_w(x: Any, gy: Any, window: Window, shape: tuple) -> Any:
    gW = xp(x).zeros(shape, dtype=x.dtype)
    channels, times = x.shape[3], gy.shape[3] // x.shape[3]
    g = gy.reshape(*gy.shape[:3], channels, times)
    for kh in range(window.kernel[0]):
        down, rows = window.span(0, kh, x.shape[1], slice(0, gy.shape[1]))
        for kw in range(window.kernel[1]):
            across, columns = window.span(1, kw, x.shape[2], slice(0, gy.shape[2]))
            pixels, there = x[:, rows, columns, :, None], g[:, down, across]
            if there.size:
                entry = kernel(_SPECS["depthwise_entry"])(pixels, there, axis=(0, 1, 2))
                gW[kh, kw, 0] = entry.reshape(-1)
    return gW
