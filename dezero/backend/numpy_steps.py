"""Optimizer updates on flat arrays, as few passes over memory as plain NumPy allows.

Each works in place on parameters `x` and state arrays, and only reads gradient `g`. The formulas
are those of `dezero.optimizers`; here they are ordered so that every pass writes where it reads.
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


_scratch = _Scratch()


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


def _root(h: np.ndarray, inside: float, t: np.ndarray) -> None:
    """Put sqrt(h + inside) into t."""
    if inside:
        np.add(h, inside, t)
        h = t
    np.sqrt(h, t)


def _decay(x: np.ndarray, keep: float) -> None:
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


def nesterov_step(x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float) -> None:
    """Nesterov momentum at the look-ahead point: v = mu v - lr g; x += mu v - lr g."""
    t = _scratch.get(x)
    np.multiply(v, mu, v)
    np.multiply(g, lr, t)
    np.subtract(v, t, v)
    np.subtract(x, t, x)
    np.multiply(v, mu, t)
    np.add(x, t, x)


def adagrad_step(
    x: np.ndarray, g: np.ndarray, h: np.ndarray, lr: float, eps: float, *, inside: float = 0.0
) -> None:
    """AdaGrad: h += g^2; x -= lr g / (sqrt(h + inside) + eps)."""
    t = _scratch.get(x)
    np.square(g, t)
    np.add(h, t, h)
    _root(h, inside, t)
    np.add(t, eps, t)
    np.divide(g, t, t)
    np.multiply(t, lr, t)
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
) -> None:
    """RMSprop on the sum h = rho h + g^2: x -= lr g / (sqrt((1 - rho) h + inside) + eps)."""
    t, scale = _scratch.get(x), (1 - rho) ** 0.5
    np.multiply(h, rho, h)
    np.square(g, t)
    np.add(h, t, h)
    _root(h, inside / (1 - rho), t)
    np.add(t, eps / scale, t)
    np.divide(g, t, t)
    np.multiply(t, lr / scale, t)
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
) -> None:
    """Adam on unscaled sums m = beta1 m + g, v = beta2 v + g^2: x -= lr m / (sqrt(v) + eps).

    The caller folds (1 - beta1), (1 - beta2) and the bias corrections into lr and eps.
    """
    t = _scratch.get(x)
    np.multiply(m, beta1, m)
    np.add(m, g, m)
    np.multiply(v, beta2, v)
    np.square(g, t)
    np.add(v, t, v)
    np.sqrt(v, t)
    np.add(t, eps, t)
    np.divide(m, t, t)
    np.multiply(t, lr, t)
    np.subtract(x, t, x)
