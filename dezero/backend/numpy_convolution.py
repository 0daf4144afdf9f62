"""Convolution of pictures (N, H, W, C) in plain NumPy: `convolution` with loops of NumPy's."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from dezero.backend import convolution, numpy_depthwise, numpy_winograd
from dezero.backend.numpy_kernels import sum_to
from dezero.backend.window import Window

__all__ = [
    "col2im",
    "convolution_path",
    "convolve",
    "convolve_gradient_w",
    "convolve_gradient_wb",
    "convolve_gradient_x",
    "convolve_relu",
    "im2col",
]


def convolve(
    x: np.ndarray, W: np.ndarray, b: np.ndarray | None, window: Window, groups: int = 1
) -> np.ndarray:
    """Return the convolution of x (N, H, W, C) by W (KH, KW, C/groups, O) plus b (O,).

    Returns:
        (N, OH, OW, O), C-contiguous, dtype of x.
    """
    return convolution.convolve(x, W, b, window, groups, loops=LOOPS)


def convolve_relu(
    x: np.ndarray, W: np.ndarray, b: np.ndarray | None, window: Window, groups: int = 1
) -> np.ndarray:
    """Return what is above 0 of `convolve`: on a device a launch less."""
    y = convolve(x, W, b, window, groups)
    return np.maximum(y, 0, out=y)


def convolve_gradient_w(
    x: np.ndarray, gy: np.ndarray, window: Window, groups: int = 1
) -> np.ndarray:
    """Return the gradient of `convolve` by W, (KH, KW, C/groups, O), from gy (N, OH, OW, O)."""
    return convolution.gradient_w(x, gy, window, groups, loops=LOOPS)


def convolve_gradient_wb(
    x: np.ndarray, gy: np.ndarray, window: Window, groups: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of `convolve` by W and by b, (O,): on a device one launch less."""
    rows = gy.reshape((gy.size // max(gy.shape[3], 1), gy.shape[3]))
    return convolve_gradient_w(x, gy, window, groups), sum_to(rows, gy.shape[3:])


def convolve_gradient_x(
    gy: np.ndarray, W: np.ndarray, window: Window, shape: tuple[int, int], groups: int = 1
) -> np.ndarray:
    """Return the gradient of `convolve` by x, (N, *shape, C), from gy (N, OH, OW, O) and W.

    It is the transposed convolution of gy.
    """
    return convolution.gradient_x(gy, W, window, shape, groups, loops=LOOPS)


def convolution_path(
    x: np.ndarray, W: np.ndarray, window: Window, groups: int = 1, transposed: bool = False
) -> str:
    """Return how `convolve` computes this, or `convolve_gradient_x` if `transposed`: in words.

    "pixels" is one product without columns, "tiles" Winograd's way, "columns" copies every pixel
    once for each entry of the kernel, "planes" does so channel by channel where channels are few.
    """
    return convolution.path_in_words(x, W, window, groups, transposed, loops=LOOPS)


def im2col(x: np.ndarray, window: Window) -> np.ndarray:
    """Return the pixels of x (N, H, W, C) under each window: (N, OH, OW, KH, KW, C)."""
    return convolution.windows(_padded(x, window), window).copy()


def col2im(columns: np.ndarray, window: Window, shape: tuple[int, int]) -> np.ndarray:
    """Add columns (N, OH, OW, KH, KW, C) up where their pixels came from: (N, *shape, C)."""
    return convolution.col2im(columns, window, shape, loops=LOOPS)


def _padded(x: np.ndarray, window: Window) -> np.ndarray:
    (top, bottom), (left, right) = window.pads
    if not (top or bottom or left or right):
        return x
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))


def path(channels: int, outs: int, out: tuple[int, ...], window: Window, dtype: Any) -> str:
    """Return which way is the quickest to pictures (N, OH, OW) = `out`: `convolution_path`."""
    if numpy_winograd.suits(channels, outs, out, window, dtype):
        return "tiles"
    return "pixels" if window.is_pixel else convolution.columns_path(channels)


def scatter(columns: np.ndarray, window: Window, padded: np.ndarray) -> None:
    """Add columns (N, OH, OW, KH, KW, C) to the padded pictures (N, H, W, C) they came from."""
    (sh, sw), (dh, dw), (height, width) = window.stride, window.dilation, columns.shape[1:3]
    for kh in range(window.kernel[0]):
        for kw in range(window.kernel[1]):
            top, left = kh * dh, kw * dw
            rows = slice(top, top + (height - 1) * sh + 1, sh)
            view = padded[:, rows, left : left + (width - 1) * sw + 1 : sw]
            view += columns[:, :, :, kh, kw]


LOOPS = SimpleNamespace(
    path=path,
    scatter=scatter,
    **{name: getattr(numpy_winograd, name) for name in numpy_winograd.LOOPS},
    **{name: getattr(numpy_depthwise, name) for name in numpy_depthwise.LOOPS},
)
