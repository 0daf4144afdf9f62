"""The book's `dezero.functions_conv`: convolution, pooling, and the columns behind them."""

from dezero.functions import (
    AveragePooling,
    Col2im,
    Conv2d,
    Conv2DGradW,
    Deconv2d,
    Im2col,
    Pooling,
    Pooling2DGrad,
    Pooling2DWithIndexes,
    average_pooling,
    col2im,
    conv2d,
    conv2d_simple,
    deconv2d,
    im2col,
    pooling,
    pooling_simple,
)
from dezero.functions.columns import col2im_array, im2col_array

__all__ = [
    "AveragePooling", "Col2im", "Conv2DGradW", "Conv2d", "Deconv2d", "Im2col", "Pooling",
    "Pooling2DGrad", "Pooling2DWithIndexes", "average_pooling", "col2im", "col2im_array", "conv2d",
    "conv2d_simple", "deconv2d", "im2col", "im2col_array", "pooling", "pooling_simple",
]  # fmt: skip
