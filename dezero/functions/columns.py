"""Pictures as columns, one for each position of a window, and columns added up to a picture."""

from typing import Any

from dezero.backend import kernels
from dezero.backend.window import Window
from dezero.core import Function, Variable, as_array, differentiable
from dezero.functions.windows import output_shape, paddings, sizes

__all__ = ["Col2im", "Im2col", "col2im", "im2col"]


class Im2col(Function):
    """`input_shape`, once known, and the settings undo this in `Col2im`."""

    def __init__(
        self, kernel_size: Any, stride: Any = 1, pad: Any = 0, to_matrix: bool = True
    ) -> None:
        self.kernel_size, self.stride, self.pad = kernel_size, stride, pad
        self.to_matrix = to_matrix

    def forward(self, x: Any) -> Any:
        self.input_shape = x.shape
        return im2col_array(x, self.kernel_size, self.stride, self.pad, self.to_matrix)

    def backward(self, gy: Variable) -> Variable:
        settings = self.kernel_size, self.stride, self.pad, self.to_matrix
        return Col2im(self.input_shape, *settings)(gy)


class Col2im(Function):
    def __init__(
        self,
        input_shape: Any,
        kernel_size: Any,
        stride: Any = 1,
        pad: Any = 0,
        to_matrix: bool = True,
    ) -> None:
        self.input_shape, self.kernel_size = input_shape, kernel_size
        self.stride, self.pad, self.to_matrix = stride, pad, to_matrix

    def forward(self, x: Any) -> Any:
        settings = self.kernel_size, self.stride, self.pad, self.to_matrix
        return col2im_array(x, self.input_shape, *settings)

    def backward(self, gy: Variable) -> Variable:
        return Im2col(self.kernel_size, self.stride, self.pad, self.to_matrix)(gy)


@differentiable
def im2col(
    x: Any, kernel_size: Any, stride: Any = 1, pad: Any = 0, to_matrix: bool = True
) -> Variable:
    """Copy the pixels under each position of a window into a row of their own.

    Args:
        x: Variable or array (N, C, H, W).
        kernel_size, stride: int or pair.
        pad: zeros around x: int, pair, ((top, bottom), (left, right)), "same" or "valid".
        to_matrix: whether to return a matrix.
    Returns:
        Variable (N*OH*OW, C*KH*KW), or (N, C, KH, KW, OH, OW) if not to_matrix; dtype of x.
    Raises:
        ValueError: x has not four axes, or the window does not fit.
    """
    return Im2col(kernel_size, stride, pad, to_matrix)(x)


@differentiable
def col2im(  # noqa: PLR0917 - upstream's order
    x: Any,
    input_shape: Any,
    kernel_size: Any,
    stride: Any = 1,
    pad: Any = 0,
    to_matrix: bool = True,
) -> Variable:
    """Add columns up where their pixels came from: the transpose of `im2col`, not its inverse.

    Args:
        x: Variable or array, of the shape that `im2col` returns.
        input_shape: (N, C, H, W) of the picture.
        kernel_size, stride, pad, to_matrix: as in `im2col`.
    Returns:
        Variable (N, C, H, W), dtype of x.
    Raises:
        ValueError: x has not the shape that `im2col` makes of such a picture.
    """
    return Col2im(input_shape, kernel_size, stride, pad, to_matrix)(x)


def im2col_array(img: Any, kernel_size: Any, stride: Any, pad: Any, to_matrix: bool = True) -> Any:
    """Do what `im2col` does, from array to array."""
    img = as_array(img)
    if img.ndim != 4:
        raise ValueError(
            f"im2col: expected a picture (N, C, H, W), got shape {img.shape}. Add axes by reshape."
        )
    window = _window("im2col", img.shape, kernel_size, stride, pad)
    columns = kernels(img).im2col(img.transpose((0, 2, 3, 1)), window)  # (N, OH, OW, KH, KW, C)
    if not to_matrix:
        return columns.transpose((0, 5, 3, 4, 1, 2))  # (N, C, KH, KW, OH, OW)
    n, oh, ow, kh, kw, c = columns.shape
    return columns.transpose((0, 1, 2, 5, 3, 4)).reshape((n * oh * ow, c * kh * kw))


def col2im_array(  # noqa: PLR0917 - upstream's order
    col: Any, img_shape: Any, kernel_size: Any, stride: Any, pad: Any, to_matrix: bool = True
) -> Any:
    """Do what `col2im` does, from array to array."""
    col = as_array(col)
    n, c, h, w = sizes("col2im", "input_shape", img_shape, 4, 0)
    window = _window("col2im", (n, c, h, w), kernel_size, stride, pad)
    (oh, ow), (kh, kw) = window.out_shape((h, w)), window.kernel
    shape = (n * oh * ow, c * kh * kw) if to_matrix else (n, c, kh, kw, oh, ow)
    if col.shape != shape:
        raise ValueError(
            f"col2im: expected columns {shape} for pictures {(n, c, h, w)}, got {col.shape}. "
            "Check input_shape, the window and to_matrix."
        )
    if to_matrix:
        columns = col.reshape((n, oh, ow, c, kh, kw)).transpose((0, 1, 2, 4, 5, 3))
    else:
        columns = col.transpose((0, 4, 5, 2, 3, 1))  # (N, OH, OW, KH, KW, C)
    return kernels(col).col2im(columns, window, (h, w)).transpose((0, 3, 1, 2))


def _window(name: str, shape: tuple, kernel_size: Any, stride: Any, pad: Any) -> Window:
    kernel = sizes(name, "kernel_size", kernel_size, 2, 1)
    steps = {"stride": sizes(name, "stride", stride, 2, 1), "dilation": (1, 1)}
    pads: Any = paddings(name, pad, shape[2:], kernel, **steps)
    output_shape(name, shape[2:], kernel, steps["stride"], pads=pads, dilation=(1, 1))
    return Window((kernel[0], kernel[1]), steps["stride"], pads)  # type: ignore[arg-type]
