"""Average pooling: the mean of the pixels under a window."""

from typing import Any

import numpy as np

from dezero.backend import kernels
from dezero.core import Function, Variable, differentiable, floating
from dezero.functions.pictures import Sliding, flat_window, three_axes, widened
from dezero.functions.placing import kept
from dezero.functions.shape import reshape

__all__ = ["AveragePooling", "AveragePoolingGrad", "average_pooling", "average_pooling1d"]


class AveragePooling(Sliding, Function):
    called = "average_pooling"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = 1,
        pad: Any = 0,
        *,
        count_include_pad: bool = True,
        ceil_mode: bool = False,
        layout: str = "NCHW",
    ) -> None:
        super().__init__(kernel_size, stride, pad, ceil_mode=ceil_mode, layout=layout)
        self.count_include_pad = count_include_pad

    def forward(self, x: Any) -> Any:
        x = floating(x)
        folded = self._place(x, padding_counts=self.count_include_pad)
        y = kernels(x).sum_pool(widened(folded), self.window)
        y /= self.count(y)
        return self.pictures.unfold(y.astype(x.dtype, copy=False))

    def count(self, like: Any) -> Any:
        """Return the divisor of each window: a number if they are equal, else (OH, OW, 1)."""
        rows, columns = (self._counts(axis) for axis in (0, 1))
        if len(set(rows)) == len(set(columns)) == 1:
            return rows[0] * columns[0]
        counts = np.multiply.outer(rows, columns)[..., None]
        return kept(counts.astype(like.dtype), like)

    def _counts(self, axis: int) -> list[int]:
        """Return how many pixels along `axis` each window counts: none that lie over the edge."""
        size, (before, after) = self.size[axis], self.pads[axis]
        low, high = (-before, size + after) if self.count_include_pad else (0, size)
        starts = [
            place * self.stride[axis] - before
            for place in range(self.window.out_shape(self.size)[axis])
        ]
        return [min(s + self.kernel_size[axis], high) - max(s, low) for s in starts]

    def backward(self, gy: Variable) -> Variable:
        return AveragePoolingGrad(self)(gy)

    def fast_backward(self, gy: Any) -> Any:
        return AveragePoolingGrad(self).forward(gy)


class AveragePoolingGrad(Function):
    """gy shared among the pixels of each window: the gradient of an `AveragePooling`."""

    def __init__(self, pooling: AveragePooling) -> None:
        self.pooling = pooling._fresh_copy()  # which keeps no x alive

    def forward(self, gy: Any) -> Any:
        pooling: Any = self.pooling
        folded = widened(pooling.pictures.fold(gy))
        share = folded / pooling.count(folded)
        gx = kernels(gy).sum_pool_gradient(share, pooling.window, pooling.size)
        return pooling.pictures.unfold(gx.astype(gy.dtype, copy=False))

    def backward(self, ggx: Variable) -> Variable:
        return self.pooling._fresh_copy()(ggx)

    def fast_backward(self, ggx: Any) -> Any:
        return self.pooling._fresh_copy().forward(ggx)


@differentiable
def average_pooling(
    x: Any,
    kernel_size: Any,
    stride: Any = 1,
    pad: Any = 0,
    *,
    count_include_pad: bool = True,
    ceil_mode: bool = False,
    layout: str = "NCHW",
) -> Variable:
    """Average pooling: the mean of the pixels under a window that slides over each channel.

    Args:
        x: Variable or array (N, C, H, W), or (N, H, W, C) with layout "NHWC".
        kernel_size, stride: int or pair; stride None for the kernel's size.
        pad: zeros around x: int, pair, ((top, bottom), (left, right)), "same" or "valid".
        count_include_pad: whether the padding counts as pixels of value 0, as in torch and the
            book; False divides by the pixels of x alone, as Keras does.
        ceil_mode: let a last window reach over the edge if it begins before it; what is beyond the
            padding never counts, as in torch.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable, floating, memory in the order of x.
    Raises:
        ValueError: the window does not fit, or counts no pixel somewhere.
        TypeError: a size is no integer, or x is complex.
    """
    options = {"ceil_mode": ceil_mode, "layout": layout}
    function = AveragePooling(
        kernel_size, stride, pad, count_include_pad=count_include_pad, **options
    )
    return function(x)


@differentiable
def average_pooling1d(
    x: Any,
    kernel_size: Any,
    stride: Any = 1,
    pad: Any = 0,
    *,
    count_include_pad: bool = True,
    ceil_mode: bool = False,
    layout: str = "NCL",
) -> Variable:
    """Average pooling along sequences: the mean of the elements under a window.

    Args:
        x: Variable or array (N, C, L), or (N, L, C) with layout "NLC".
        kernel_size, stride: ints; stride None for the kernel's size.
        pad: before and after: int, pair, "same" or "valid".
        count_include_pad, ceil_mode, layout: as in `average_pooling`.
    Returns:
        Variable (N, C, OL) or (N, OL, C), floating.
    Raises:
        ValueError, TypeError: as in `average_pooling`.
    """
    x, picture, axis = three_axes("average_pooling1d", x, layout)
    window = flat_window("average_pooling1d", kernel_size, stride, pad)
    options = {"ceil_mode": ceil_mode, "layout": picture}
    function = AveragePooling(*window, count_include_pad=count_include_pad, **options)
    function.called = "average_pooling1d"
    y = function(x)
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :])
