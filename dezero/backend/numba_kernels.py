"""Kernels of `numpy_kernels` and `numpy_steps` as single compiled loops: the extra `fast`.

Each has the name, signature and meaning of its NumPy twin, and hands over to it whatever is not
plain: other dtypes than float32 and float64, gaps between elements, read-only arrays. The loops
are serial: threads of numba and of OpenBLAS would wait for each other's cores.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from dezero.backend import numpy_steps

_FLOATS = frozenset((np.dtype(np.float32), np.dtype(np.float64)))


def compiled(loop: Callable) -> Any:
    """Return `loop` compiled at its first call, kept on disk where there is a place for it."""
    try:
        return numba.njit(loop, error_model="numpy", cache=True)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return numba.njit(loop, error_model="numpy")


def _plain(*arrays: np.ndarray) -> bool:
    """Return whether a loop may run over `arrays`: flat, of one shape and dtype, writeable."""
    shape, dtype = arrays[0].shape, arrays[0].dtype
    if dtype not in _FLOATS or len(shape) != 1:
        return False
    for array in arrays:
        if array.dtype is not dtype or array.shape != shape or not array.flags.carray:
            return False
    return True


@compiled
def _flush(state, limit):
    for i in range(state.size):
        if abs(state[i]) < limit:
            state[i] = 0


def flush_subnormals(state: np.ndarray) -> None:
    """Set entries too small to matter to 0, in one pass."""
    if _plain(state):
        limits = np.finfo(state.dtype)
        _flush(state, limits.tiny / limits.eps)
    else:
        numpy_steps.flush_subnormals(state)


@compiled
def _sgd(x, g, lr):
    lr = x.dtype.type(lr)
    for i in range(x.size):
        x[i] -= lr * g[i]


def sgd_step(x: np.ndarray, g: np.ndarray, lr: float) -> None:
    """Gradient descent, in one pass."""
    if _plain(x, g):
        _sgd(x, g, lr)
    else:
        numpy_steps.sgd_step(x, g, lr)


@compiled
def _momentum(x, g, v, lr, mu):
    lr, mu = x.dtype.type(lr), x.dtype.type(mu)
    for i in range(x.size):
        v[i] = mu * v[i] - lr * g[i]
        x[i] += v[i]


def momentum_step(x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float) -> None:
    """Momentum, in one pass."""
    if _plain(x, g, v):
        _momentum(x, g, v, lr, mu)
    else:
        numpy_steps.momentum_step(x, g, v, lr, mu)


@compiled
def _nesterov(x, g, v, lr, mu):
    lr, mu = x.dtype.type(lr), x.dtype.type(mu)
    for i in range(x.size):
        step = lr * g[i]
        v[i] = mu * v[i] - step
        x[i] = x[i] - step + mu * v[i]


def nesterov_step(x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float) -> None:
    """Nesterov momentum, in one pass."""
    if _plain(x, g, v):
        _nesterov(x, g, v, lr, mu)
    else:
        numpy_steps.nesterov_step(x, g, v, lr, mu)


@compiled
def _adagrad(x, g, h, lr, eps):
    lr, eps = x.dtype.type(lr), x.dtype.type(eps)
    for i in range(x.size):
        h[i] += g[i] * g[i]
        x[i] -= g[i] / (np.sqrt(h[i]) + eps) * lr


def adagrad_step(x: np.ndarray, g: np.ndarray, h: np.ndarray, lr: float, eps: float) -> None:
    """AdaGrad, in one pass."""
    if _plain(x, g, h):
        _adagrad(x, g, h, lr, eps)
    else:
        numpy_steps.adagrad_step(x, g, h, lr, eps)


@compiled
def _rmsprop(x, g, h, lr, rho, eps):
    lr, rho, eps = x.dtype.type(lr), x.dtype.type(rho), x.dtype.type(eps)
    for i in range(x.size):
        h[i] = h[i] * rho + g[i] * g[i]
        x[i] -= g[i] / (np.sqrt(h[i]) + eps) * lr


def rmsprop_step(
    x: np.ndarray, g: np.ndarray, h: np.ndarray, *, lr: float, rho: float, eps: float
) -> None:
    """RMSprop on the unscaled sum, in one pass."""
    if _plain(x, g, h):
        scale = (1 - rho) ** 0.5
        _rmsprop(x, g, h, lr / scale, rho, eps / scale)
    else:
        numpy_steps.rmsprop_step(x, g, h, lr=lr, rho=rho, eps=eps)


@compiled
def _adam(x, g, m, v, lr, beta1, beta2, eps):
    lr, beta1 = x.dtype.type(lr), x.dtype.type(beta1)
    beta2, eps = x.dtype.type(beta2), x.dtype.type(eps)
    for i in range(x.size):
        m[i] = m[i] * beta1 + g[i]
        v[i] = v[i] * beta2 + g[i] * g[i]
        x[i] -= m[i] / (np.sqrt(v[i]) + eps) * lr


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
    """Adam on unscaled sums, in one pass."""
    if _plain(x, g, m, v):
        _adam(x, g, m, v, lr, beta1, beta2, eps)
    else:
        numpy_steps.adam_step(x, g, m, v, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
