"""Max pooling: the largest pixel under a window."""

from typing import Any

import numpy as np

from dezero.backend import kernels
from dezero.core import Config, Function, Variable, differentiable, floating
from dezero.functions.indexing import get_item
from dezero.functions.joining import pad as add_border
from dezero.functions.joining import stack
from dezero.functions.pictures import Sliding, flat_window, three_axes
from dezero.functions.reduction import max as largest
from dezero.functions.shape import astype, reshape
from dezero.functions.windows import sizes

__all__ = [
    "Pooling",
    "Pooling2DGrad",
    "Pooling2DWithIndexes",
    "pooling",
    "pooling1d",
    "pooling_simple",
]


class Pooling(Sliding, Function):
    """`indexes` says after a call which entry of the window, counted row by row, met its result."""

    def forward(self, x: Any) -> Any:
        folded = self._place(x)
        self.dtype = x.dtype
        y, self.index = kernels(x).max_pool(folded, self.window, Config.enable_backprop)
        return self.pictures.unfold(y)

    @property
    def indexes(self) -> Any:
        return self.pictures.unfold(self.index)

    def backward(self, gy: Variable) -> Variable:
        return Pooling2DGrad(self)(gy)

    def fast_backward(self, gy: Any) -> Any:
        return Pooling2DGrad(self).forward(gy)


class _Chosen:
    """What is linear in the pixels at which the call of a `Pooling` found its results."""

    def __init__(self, mpool2d: Any) -> None:
        self.kernel_size, self.stride, self.pad = mpool2d.kernel_size, mpool2d.stride, mpool2d.pad
        self.input_shape, self.dtype = mpool2d.input_shape, mpool2d.dtype
        self.pictures, self.window, self.index = mpool2d.pictures, mpool2d.window, mpool2d.index
        self.size = mpool2d.size

    @property
    def indexes(self) -> Any:
        return self.pictures.unfold(self.index)


class Pooling2DGrad(_Chosen, Function):
    """Zeros, with gy added where a `Pooling` found its results: the gradient of it."""

    def forward(self, gy: Any) -> Any:
        folded = self.pictures.fold(floating(gy))
        gx = kernels(gy).pool_scatter(folded, self.index, self.window, self.size)
        return self.pictures.unfold(gx)

    def backward(self, ggx: Variable) -> Variable:
        return Pooling2DWithIndexes(self)(ggx)

    def fast_backward(self, ggx: Any) -> Any:
        return Pooling2DWithIndexes(self).forward(ggx)


class Pooling2DWithIndexes(_Chosen, Function):
    """The elements of x where a `Pooling` of another array found its results."""

    def forward(self, x: Any) -> Any:
        folded = self.pictures.fold(floating(x))
        return self.pictures.unfold(kernels(x).pool_gather(folded, self.index, self.window))

    def backward(self, gy: Variable) -> Variable:
        return Pooling2DGrad(self)(gy)


@differentiable
def pooling(
    x: Any,
    kernel_size: Any,
    stride: Any = 1,
    pad: Any = 0,
    *,
    dilation: Any = 1,
    ceil_mode: bool = False,
    layout: str = "NCHW",
) -> Variable:
    """Max pooling: the largest pixel under a window that slides over each channel.

    Args:
        x: Variable or array (N, C, H, W), or (N, H, W, C) with layout "NHWC".
        kernel_size, stride, dilation: int or pair; stride None for the kernel's size.
        pad: pixels of minus infinity around x: int, pair, ((top, bottom), (left, right)), "same"
            or "valid".
        ceil_mode: let a last window reach over the edge if it begins before it, as in torch.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable, dtype of x, memory in the order of x.
    Raises:
        ValueError: the window does not fit, or lies somewhere on the padding alone.
        TypeError: a size is no integer, or x is complex.
    Note: the gradient goes to the first of equal largest pixels, counted row by row. NaN wins, and
        the last one gets the gradient. All this as in torch, which refuses to pad by more than half
        the window.
    """
    options = {"dilation": dilation, "ceil_mode": ceil_mode, "layout": layout}
    return Pooling(kernel_size, stride, pad, **options)(x)


@differentiable
def pooling1d(
    x: Any,
    kernel_size: Any,
    stride: Any = 1,
    pad: Any = 0,
    *,
    dilation: Any = 1,
    ceil_mode: bool = False,
    layout: str = "NCL",
) -> Variable:
    """Max pooling along sequences: the largest element under a window.

    Args:
        x: Variable or array (N, C, L), or (N, L, C) with layout "NLC".
        kernel_size, stride, dilation: ints; stride None for the kernel's size.
        pad: before and after: int, pair, "same" or "valid".
        ceil_mode, layout: as in `pooling`.
    Returns:
        Variable (N, C, OL) or (N, OL, C), dtype of x.
    Raises:
        ValueError, TypeError: as in `pooling`.
    """
    x, picture, axis = three_axes("pooling1d", x, layout)
    window = flat_window("pooling1d", kernel_size, stride, pad)
    spread = sizes("pooling1d", "dilation", dilation, 1, 1)[0]
    options = {"dilation": (1, spread), "ceil_mode": ceil_mode, "layout": picture}
    function = Pooling(*window, **options)
    function.called = "pooling1d"
    y = function(x)
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :])


@differentiable
def pooling_simple(x: Any, kernel_size: Any, stride: Any = 1, pad: Any = 0) -> Variable:
    """Max pooling out of indexing and `max`, as the book derives it; see `pooling`.

    Args:
        x: Variable or array (N, C, H, W).
        kernel_size, stride, pad: int or pair.
    Returns:
        Variable (N, C, OH, OW), floating.
    Note: equal largest pixels share the gradient, as in `max`.
    """
    x = Variable.wrap(x)
    sliding = Sliding(kernel_size, stride, pad)
    sliding.called = "pooling_simple"
    sliding.locate(x.data)
    (kh, kw), (sh, sw), pads, _ = sliding.window
    oh, ow = sliding.window.out_shape(sliding.size)
    x = x if x.dtype.kind == "f" else astype(x, Config.dtype)
    x = add_border(x, ((0, 0), (0, 0), *pads), "constant", -np.inf)
    entries = [
        get_item(x, (..., slice(i, i + sh * oh, sh), slice(j, j + sw * ow, sw)))
        for i in range(kh)
        for j in range(kw)
    ]
    return largest(stack(entries), axis=0)
