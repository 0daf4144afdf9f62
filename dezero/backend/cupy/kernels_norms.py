"""Statistics of channels or rows and what is done with them, on the GPU.

Arrays of channels have four axes (S, A, C, B), numbers that belong to a channel are float64 (S, C),
as in `numpy_norm`. Sums are added up in float64.
"""

from typing import Any

import numpy as np

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.norms import SPECS
from dezero.backend.registry import xp

__all__ = [
    "channel_affine",
    "channel_gradient",
    "channel_moments",
    "channel_products",
    "row_norm",
    "row_norm_gradient",
]

_SPECS = {spec.name: spec for spec in SPECS}


def _wide(numbers: Any) -> Any:
    """Return numbers of channels (S, C) as they broadcast to (S, A, C, B)."""
    return numbers.astype(np.float64, copy=False)[:, None, :, None]


def channel_moments(x: Any) -> tuple[Any, Any]:
    """Return mean and variance of every channel, the latter divided by A * B; 0 if that is 0."""
    size = max(x.shape[1] * x.shape[3], 1)
    if not x.size:
        return tuple(xp(x).zeros(x.shape[::2], dtype=np.float64) for _ in range(2))
    mean = kernel(_SPECS["sum_of"])(x, axis=(1, 3)) / size
    # Around the mean: the difference of large sums would be noise.
    squares = kernel(_SPECS["squares_around"])(x, _wide(mean), axis=(1, 3))
    return mean, squares / size


def channel_affine(
    x: Any,
    scale: Any,
    shift: Any = None,
    center: Any = None,
) -> Any:
    """Return (x - center) * scale + shift; what is None costs nothing."""
    terms = [0.0 if numbers is None else _wide(numbers) for numbers in (scale, shift, center)]
    return kernel(_SPECS["channel_affine"])(x, *terms)


def channel_products(gy: Any, x: Any, center: Any) -> tuple[Any, Any]:
    """Return the sums of gy and of gy * (x - center) over every channel."""
    if not x.size:
        return tuple(xp(x).zeros(x.shape[::2], dtype=np.float64) for _ in range(2))
    total = kernel(_SPECS["sum_of"])(gy, axis=(1, 3))
    return total, kernel(_SPECS["products_around"])(gy, x, _wide(center), axis=(1, 3))


def channel_gradient(gy: Any, x: Any, by_gy: Any, by_x: Any, shift: Any) -> Any:
    """Return gy * by_gy + x * by_x + shift."""
    return kernel(_SPECS["channel_gradient"])(gy, x, _wide(by_gy), _wide(by_x), _wide(shift))


def row_norm(x: Any, gamma: Any, beta: Any, eps: float) -> tuple[Any, Any, Any]:
    """Return the rows of x (M, D), normalised, times gamma (D,) plus beta (D,).

    Returns:
        y (M, D), and for the gradient mean and 1 / sqrt(variance + eps) of the rows, (M,). Without
        beta the mean counts as 0: y is x over its root mean square, and the second result None.
    """
    module, d = xp(x), x.shape[1]
    mean = None
    if beta is not None:
        mean = (kernel(_SPECS["sum_of"])(x, axis=1) / d).astype(x.dtype)
    near = module.zeros((1, 1), dtype=x.dtype) if mean is None else mean[:, None]
    squares = kernel(_SPECS["row_squares"])(x, near, axis=1)
    inverse = kernel(_SPECS["row_inverse"])(squares, eps, d)
    gamma = gamma.astype(x.dtype, copy=False)
    shift = module.zeros((1,), dtype=x.dtype) if beta is None else beta.astype(x.dtype, copy=False)
    y = kernel(_SPECS["row_apply"])(x, near, inverse[:, None], gamma, shift)
    return y, mean, inverse


def row_norm_gradient(gy: Any, x: Any, gamma: Any, mean: Any, inverse: Any) -> tuple[Any, Any, Any]:
    """Return the gradients of `row_norm` by x, gamma and beta from what it returned."""
    module, (_, d) = xp(x), x.shape
    gamma, scale = gamma.astype(x.dtype, copy=False), inverse[:, None]
    near = module.zeros((1, 1), dtype=x.dtype) if mean is None else mean[:, None]
    product = kernel(_SPECS["row_product"])(gy, gamma, x, near, scale, axis=1)[:, None]
    if mean is None:
        share = module.zeros((1, 1), dtype=x.dtype)
        gbeta = module.zeros(d, dtype=np.float64)
    else:
        share = kernel(_SPECS["row_share"])(gy, gamma, axis=1)[:, None]
        gbeta = kernel(_SPECS["sum_of"])(gy, axis=0)
    ggamma = kernel(_SPECS["column_product"])(gy, x, near, scale, axis=0)
    gx = kernel(_SPECS["row_back"])(gy, x, gamma, near, scale, share, product, d)
    return gx, ggamma, gbeta
