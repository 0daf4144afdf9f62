"""Kernels of `numpy_convolution` with compiled loops: the extra `fast`.

Each has the name, signature and meaning of its NumPy twin.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from dezero.backend import convolution, numba_direct, numba_winograd, numpy_convolution
from dezero.backend.window import Window


def path(channels: int, outs: int, out: tuple[int, ...], window: Window, dtype: Any) -> str:
    """Return which way is the quickest to pictures (N, OH, OW) = `out`: `convolution_path`."""
    if numba_winograd.suits(channels, outs, out, window, dtype):
        return "tiles"
    if not window.is_pixel and numba_direct.suits(channels, outs, out, dtype):
        return "direct"
    return "pixels" if window.is_pixel else convolution.columns_path(channels)


def convolve(
    x: np.ndarray, W: np.ndarray, b: np.ndarray | None, window: Window, groups: int = 1
) -> np.ndarray:
    """Return the convolution of x (N, H, W, C) by W (KH, KW, C/groups, O) plus b (O,)."""
    return convolution.convolve(x, W, b, window, groups, loops=LOOPS)


def convolve_gradient_w(
    x: np.ndarray, gy: np.ndarray, window: Window, groups: int = 1
) -> np.ndarray:
    """Return the gradient of `convolve` by W, (KH, KW, C/groups, O), from gy (N, OH, OW, O)."""
    return convolution.gradient_w(x, gy, window, groups, loops=LOOPS)


def convolve_gradient_x(
    gy: np.ndarray, W: np.ndarray, window: Window, shape: tuple[int, int], groups: int = 1
) -> np.ndarray:
    """Return the gradient of `convolve` by x, (N, *shape, C), from gy (N, OH, OW, O) and W."""
    return convolution.gradient_x(gy, W, window, shape, groups, loops=LOOPS)


def convolution_path(
    x: np.ndarray, W: np.ndarray, window: Window, groups: int = 1, transposed: bool = False
) -> str:
    """Return how this is computed, in words: those of the twin, or "direct".

    "direct" reads the picture where it is, without columns.
    """
    return convolution.path_in_words(x, W, window, groups, transposed, loops=LOOPS)


LOOPS = SimpleNamespace(**vars(numpy_convolution.LOOPS))
LOOPS.path = path
for _module, _names in (
    (numba_winograd, ("tiles", "outputs", "spread", "kernels", "kernels_back")),
    (numba_direct, ("direct", "direct_gradient_w")),
):
    vars(LOOPS).update({name: getattr(_module, name) for name in _names})
