"""Products of matrices and dense layers: what `kernels(x)` offers for arrays of each device.

NumPy's own arrays come here only where `autocast` rounds what they hold; the functions of the
library call NumPy's products themselves.
"""

from typing import Any

import numpy as np

from dezero.backend.numpy_kernels import sum_to
from dezero.backend.precision import rounded

__all__ = ["linear", "linear_gradient_w", "matmul"]


def matmul(a: Any, b: Any, out: Any = None) -> Any:
    """Return a @ b by numpy.matmul's rules, written to `out` if it is given."""
    a, b = rounded(a, b)
    if out is None:
        return a @ b
    out[...] = a @ b
    return out


def linear(x: Any, W: Any, b: Any, relu: bool) -> Any:
    """Return x @ W + b for rows x (N, I), W (I, O) and b (O,) or None; of it, what is above 0."""
    y = matmul(x, W)
    if b is not None:
        y = y + b
    return np.maximum(y, 0) if relu else y


def linear_gradient_w(x: Any, gy: Any) -> tuple[Any, Any]:
    """Return x.T @ gy, and gy summed over its rows: the gradients of W and b."""
    return matmul(x.T, gy), sum_to(gy, gy.shape[1:])
