"""Convolution on the GPU: which way, and all of them.

In this order: one product where the window is a pixel; cuDNN where its front end is installed and
has a plan; else what `kernels_convolution` has, columns and a product. Names and arguments are
those of `numpy_convolution`.
"""

import warnings
from math import prod
from typing import Any

from dezero.backend.cupy import cudnn as vendor
from dezero.backend.cupy import kernels_convolution as ours
from dezero.backend.cupy.kernels import add_bias, sum_to
from dezero.backend.cupy.kernels_products import lowered, raised
from dezero.backend.precision import PRECISION
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


def convolve(x: Any, W: Any, b: Any, window: Window, groups: int = 1) -> Any:
    """Return the convolution of x (N, H, W, C) by W (KH, KW, C/groups, O) plus b (O,).

    Returns:
        (N, OH, OW, O), dtype of x.
    """
    return _convolved(x, W, b, window, groups, relu=False)


def convolve_relu(x: Any, W: Any, b: Any, window: Window, groups: int = 1) -> Any:
    """Return what is above 0 of `convolve`: on a device a launch less."""
    return _convolved(x, W, b, window, groups, relu=True)


def _convolved(x: Any, W: Any, b: Any, window: Window, groups: int, *, relu: bool) -> Any:
    shape = (len(x), *window.out_shape(x.shape[1:3]), W.shape[3])
    y = _quick("fprop", (x, W), shape, window, groups)
    if y is None:
        return (ours.convolve_relu if relu else ours.convolve)(x, W, b, window, groups)
    if b is not None:
        add_bias(y, b, relu)
        return y
    return kernels(x).activate("relu", y) if relu else y


def convolve_gradient_w(x: Any, gy: Any, window: Window, groups: int = 1) -> Any:
    """Return the gradient of `convolve` by W, (KH, KW, C/groups, O), from gy (N, OH, OW, O)."""
    shape = (*window.kernel, x.shape[3] // groups, gy.shape[3])
    gW = _quick("wgrad", (x, gy), shape, window, groups)
    return ours.convolve_gradient_w(x, gy, window, groups) if gW is None else gW


def convolve_gradient_wb(x: Any, gy: Any, window: Window, groups: int = 1) -> tuple[Any, Any]:
    """Return the gradients of `convolve` by W and by b, (O,): on a device one launch less."""
    if vendor.cudnn() is None or (window.is_pixel and groups == 1):
        return ours.convolve_gradient_wb(x, gy, window, groups)
    rows = gy.reshape((gy.size // max(gy.shape[3], 1), gy.shape[3]))
    return convolve_gradient_w(x, gy, window, groups), sum_to(rows, gy.shape[3:])


def convolve_gradient_x(
    gy: Any, W: Any, window: Window, shape: tuple[int, int], groups: int = 1
) -> Any:
    """Return the gradient of `convolve` by x, (N, *shape, C), from gy (N, OH, OW, O) and W.

    It is the transposed convolution of gy.
    """
    whole = (len(gy), *shape, W.shape[2] * groups)
    gx = _quick("dgrad", (gy, W), whole, window, groups)
    return ours.convolve_gradient_x(gy, W, window, shape, groups) if gx is None else gx


def convolution_path(
    x: Any, W: Any, window: Window, groups: int = 1, transposed: bool = False
) -> str:
    """Return how `convolve` computes this, or `convolve_gradient_x` if `transposed`: in words."""
    if window.is_pixel and groups == 1:
        return "pixels"
    if vendor.cudnn() is not None:
        return "cudnn"
    return ours.convolution_path(x, W, window, groups, transposed)


def in_words() -> str:
    """Return the way that convolutions take here, for `dezero.cuda.info`."""
    if vendor.cudnn() is not None:
        return "cuDNN; 1x1 as a product; columns and a product where cuDNN has no plan"
    return f"columns and a product, 1x1 as a product, depthwise directly ({vendor.broken[0]})"


def _quick(kind: str, arrays: tuple, shape: tuple, window: Window, groups: int) -> Any:
    """Compute it as a product or by cuDNN; None where neither can."""
    if not prod(shape) or not arrays[0].size:
        return xp(arrays[0]).zeros(shape, arrays[0].dtype)
    if window.is_pixel and groups == 1:
        return _pixels(kind, arrays, shape)
    return _by_cudnn(kind, arrays, shape, window, groups)


def is_channels_first(x: Any) -> bool:
    """Return whether the memory of pictures (N, H, W, C) is that of (N, C, H, W)."""
    return x.strides[3] > x.strides[2] and x.shape[3] > 1


def _pixels(kind: str, arrays: tuple, shape: tuple) -> Any:
    """Windows of one pixel: a product, of whichever order the memory has."""
    a, b = arrays
    if kind == "wgrad":
        rows, gy = (x.reshape(-1, x.shape[3]) for x in (a, b))
        return product(rows.T, gy).reshape(shape)
    W = b[0, 0] if kind == "fprop" else b[0, 0].T
    if is_channels_first(a):
        planes = a.transpose(0, 3, 1, 2).reshape(len(a), a.shape[3], -1)
        y = product(W.T, planes)  # (N, O, H*W)
        return y.reshape(len(a), W.shape[1], *a.shape[1:3]).transpose(0, 2, 3, 1)
    return product(a.reshape(-1, a.shape[3]), W).reshape(shape)


def _by_cudnn(kind: str, arrays: tuple, shape: tuple, window: Window, groups: int) -> Any:
    """Compute it by cuDNN; None where that is not there, or has no plan for it."""
    handle = vendor.cudnn()
    if handle is None:
        return None
    half = PRECISION.get().half if arrays[0].dtype.char == "f" else None
    first = is_channels_first(arrays[0])
    a, b = (lowered(x, half) if half else x for x in arrays)
    pointer = handle.place.pointer
    a, b = _laid_out(a, pointer, first, True), _laid_out(b, pointer, first, kind == "wgrad")
    y = _empty(shape, first, kind != "wgrad", a)
    x, w, gy = {"fprop": (a, b, y), "dgrad": (y, b, a), "wgrad": (a, y, b)}[kind]
    problem = vendor.Problem(
        kind, half or str(a.dtype), _seen(x), _seen(w, True), _seen(gy),
        window.pads, window.stride, window.dilation, *vendor.precision(),
    )  # fmt: skip
    if handle.run(problem, a, b, y):
        return y if half is None else raised(y)
    reason = handle.reasons.pop(problem, None)  # there the first time alone
    if reason is not None:
        warnings.warn(
            f"conv2d: cuDNN has no plan for {kind} of {a.dtype} {a.shape} and {b.shape} "
            f"({reason}), so columns and a product do it, which take more memory.",
            stacklevel=2,
        )
    return None


_ORDERS = {True: ((0, 3, 1, 2), (0, 2, 3, 1)), False: ((0, 1, 2, 3), (0, 1, 2, 3))}
_KERNEL_ORDERS = {True: ((3, 2, 0, 1), (2, 3, 1, 0)), False: ((3, 0, 1, 2), (1, 2, 3, 0))}


# What the front end promises cuDNN of all addresses. Views, and parameters, may begin anywhere.
ALIGNMENT = 16


def _laid_out(x: Any, pointer: Any, channels_first: bool, is_picture: bool) -> Any:
    """Return x, copied if its memory is not that of (N, C, H, W), or (N, H, W, C), without gaps."""
    there, back = (_ORDERS if is_picture else _KERNEL_ORDERS)[channels_first]
    base = xp(x).ascontiguousarray(x.transpose(there))
    return (base if pointer(base) % ALIGNMENT == 0 else base.copy()).transpose(back)


def _empty(shape: tuple, channels_first: bool, is_picture: bool, like: Any) -> Any:
    there, back = (_ORDERS if is_picture else _KERNEL_ORDERS)[channels_first]
    return xp(like).empty(tuple(shape[i] for i in there), like.dtype).transpose(back)


def _seen(x: Any, is_kernel: bool = False) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return sizes and steps in the order of cuDNN: N, C, H, W, or O, C, KH, KW."""
    order = (3, 2, 0, 1) if is_kernel else (0, 3, 1, 2)
    return tuple(x.shape[i] for i in order), tuple(x.strides[i] // x.itemsize for i in order)
