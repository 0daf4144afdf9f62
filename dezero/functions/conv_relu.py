"""Convolution and relu as one node: an array and a pass over it less."""

from typing import Any

import numpy as np

from dezero.backend import kernels
from dezero.core import Variable, differentiable
from dezero.functions.conv import Conv2d

__all__ = ["Conv2dReLU", "conv2d_relu"]


class Conv2dReLU(Conv2d):
    """Convolution and relu as one node."""

    called = "conv2d_relu"

    def _convolve(self, x: Any, W: Any, b: Any) -> Any:
        if type(x) is not np.ndarray:
            return kernels(x).convolve_relu(x, W, b, self.window, self.groups)
        y = super()._convolve(x, W, b)
        return np.maximum(y, 0, out=y)  # y is fresh

    def backward(self, gy: Variable) -> tuple:
        """Return the gradients of x, W and b."""
        positive = self.outputs[0]().data > 0  # type: ignore[union-attr]
        return super().backward(gy * Variable.constant(positive))

    def fast_backward(self, gy: Any) -> tuple:
        """Return them from arrays."""
        y = self.outputs[0]().data  # type: ignore[union-attr]
        return super().fast_backward(kernels(gy).relu_gradient(gy, y))


@differentiable
def conv2d_relu(
    x: Any,
    W: Any,
    b: Any = None,
    stride: Any = 1,
    pad: Any = 0,
    *,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "NCHW",
) -> Variable:
    """Rectified convolution y = max(conv2d(x, W, b), 0), quicker than `relu(conv2d(x, W, b))`.

    Args:
        x, W, b, stride, pad, dilation, groups, layout: as for `conv2d`.
    Returns:
        Variable, as of `conv2d`.
    Raises:
        ValueError, TypeError: as `conv2d`.
    """
    options = {"dilation": dilation, "groups": groups, "layout": layout}
    function = Conv2dReLU(stride, pad, **options)
    return function(x, W) if b is None else function(x, W, b)
