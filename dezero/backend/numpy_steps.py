"""Optimizer updates on flat arrays, as few passes over memory as plain NumPy allows.

Each works in place on parameters `x` and state arrays, and only reads gradient `g`. The formulas
are those of `dezero.optimizers`; here they are ordered so that every pass writes where it reads.
`keep` is what decoupled weight decay leaves of the parameters: they are multiplied by it first.
"""

import threading
from typing import Any

import numpy as np

from dezero.backend.memory import keep_freed_memory

__all__ = [
    "adagrad_step",
    "adam_step",
    "aligned_empty",
    "flush_subnormals",
    "momentum_step",
    "nesterov_step",
    "rmsprop_step",
    "sgd_step",
]


# Else a step has its gradients mapped in anew each time: 110 us of 500 in a small network.
keep_freed_memory()


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.arrays: dict[np.dtype, np.ndarray] = {}

    def get(self, like: np.ndarray) -> np.ndarray:
        array = self.arrays.get(like.dtype)
        if array is None or array.size < like.size:
            array = self.arrays[like.dtype] = aligned_empty(like.size, like.dtype)
        return array[: like.size]


_scratch, _second, _third = _Scratch(), _Scratch(), _Scratch()


def _scratches(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return three arrays like `x` that are nobody's, until the next step of this thread."""
    return _scratch.get(x), _second.get(x), _third.get(x)


def aligned_empty(size: int, dtype: Any) -> np.ndarray:
    """Return an uninitialised flat array on a 64-byte boundary.

    NumPy's own start 16 bytes past one, which halves the speed of three-operand loops.
    """
    dtype = np.dtype(dtype)
    raw = np.empty(size * dtype.itemsize + 64, np.uint8)
    offset = -raw.ctypes.data % 64
    return raw[offset : offset + size * dtype.itemsize].view(dtype)


def flush_subnormals(state: np.ndarray) -> None:
    """Set entries too small to matter to 0: arithmetic on subnormal floats is 50 times slower.

    A decaying average whose gradient has become exactly 0 (a pixel that is always black) gets
    there within some hundred steps, and the whole update with it.
    """
    limits = np.finfo(state.dtype)
    state[np.abs(state) < limits.tiny / limits.eps] = 0


def _divide_by_root(
    g: np.ndarray, h: np.ndarray, rates: tuple[float, float, float], t: np.ndarray
) -> None:
    """Put lr g / (sqrt(h + inside) + eps) into t."""
    lr, eps, inside = rates
    if inside:
        np.add(h, inside, t)
        h = t
    np.sqrt(h, t)
    np.add(t, eps, t)
    np.divide(g, t, t)
    np.multiply(t, lr, t)


def _add_square(h: np.ndarray, g: np.ndarray, decay: float, t: np.ndarray) -> None:
    np.multiply(h, decay, h)
    np.square(g, t)
    np.add(h, t, h)


def _decay(x: np.ndarray, keep: float) -> None:
    """Multiply x by keep."""
    if keep != 1:
        np.multiply(x, keep, x)


def sgd_step(x: np.ndarray, g: np.ndarray, lr: float, *, keep: float = 1.0) -> None:
    """Gradient descent: x = keep x - lr g."""
    t = _scratch.get(x)
    _decay(x, keep)
    np.multiply(g, lr, t)
    np.subtract(x, t, x)


def momentum_step(
    x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float, *, keep: float = 1.0
) -> None:
    """Momentum: v = mu v - lr g; x = keep x + v."""
    t = _scratch.get(x)
    _decay(x, keep)
    np.multiply(v, mu, v)
    np.multiply(g, lr, t)
    np.subtract(v, t, v)
    np.add(x, v, x)


def nesterov_step(
    x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float, *, keep: float = 1.0
) -> None:
    """Nesterov momentum at the look-ahead point: v = mu v - lr g; x = keep x + mu v - lr g."""
    t = _scratch.get(x)
    _decay(x, keep)
    np.multiply(v, mu, v)
    np.multiply(g, lr, t)
    np.subtract(v, t, v)
    np.subtract(x, t, x)
    np.multiply(v, mu, t)
    np.add(x, t, x)


def adagrad_step(
    x: np.ndarray,
    g: np.ndarray,
    h: np.ndarray,
    lr: float,
    eps: float,
    *,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """AdaGrad: h += g^2; x = keep x - lr g / (sqrt(h + inside) + eps)."""
    t = _scratch.get(x)
    _decay(x, keep)
    np.square(g, t)
    np.add(h, t, h)
    _divide_by_root(g, h, (lr, eps, inside), t)
    np.subtract(x, t, x)


def rmsprop_step(
    x: np.ndarray,
    g: np.ndarray,
    h: np.ndarray,
    *,
    lr: float,
    rho: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop on the sum h = rho h + g^2: x = keep x - lr g / (sqrt(h + inside) + eps).

    The caller folds (1 - rho) into lr, eps and inside.
    """
    t = _scratch.get(x)
    _decay(x, keep)
    _add_square(h, g, rho, t)
    _divide_by_root(g, h, (lr, eps, inside), t)
    np.subtract(x, t, x)


def adam_step(
    x: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """Adam on sums m = beta1 m + g, v = beta2 v + g^2: x = keep x - lr m / (sqrt(v) + eps).

    The caller folds (1 - beta1), (1 - beta2) and the bias corrections into lr and eps.
    """
    t = _scratch.get(x)
    _decay(x, keep)
    np.multiply(m, beta1, m)
    np.add(m, g, m)
    _add_square(v, g, beta2, t)
    np.sqrt(v, t)
    np.add(t, eps, t)
    np.divide(m, t, t)
    np.multiply(t, lr, t)
    np.subtract(x, t, x)
