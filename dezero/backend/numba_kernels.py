"""Kernels of `numpy_kernels` and `numpy_steps` as single compiled loops: the extra `fast`.

Each has the name, signature and meaning of its NumPy twin, and hands over to it whatever is not
plain: other dtypes than float32 and float64, gaps between elements, read-only arrays. The loops
are serial: threads of numba and of OpenBLAS would wait for each other's cores.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from dezero.backend import numpy_kernels, numpy_steps
from dezero.backend.layout import memory_order

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    raise ImportError(
        "numba_kernels: expected numba to compile, got NUMBA_DISABLE_JIT. Unset it, or choose "
        "NumPy's kernels."
    )

_FLOATS = frozenset((np.dtype(np.float32), np.dtype(np.float64)))


def compiled(loop: Callable, **options: Any) -> Any:
    """Return `loop` compiled at its first call, kept on disk where there is a place for it."""
    options["error_model"] = "numpy"
    try:
        return numba.njit(loop, cache=True, **options)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return numba.njit(loop, **options)


def inlined(loop: Callable) -> Any:
    """Return `loop` compiled into each loop that calls it."""
    return compiled(loop, forceinline=True)


def _dense(array: np.ndarray) -> bool:
    return array.dtype in _FLOATS and array.flags.carray


def _plain(*arrays: np.ndarray) -> bool:
    """Return whether a loop may run over `arrays`: flat, of one shape and dtype, writeable."""
    shape, dtype = arrays[0].shape, arrays[0].dtype
    if dtype not in _FLOATS or len(shape) != 1:
        return False
    for array in arrays:
        if array.dtype is not dtype or array.shape != shape or not array.flags.carray:
            return False
    return True


@intrinsic
def _prefetch(typingctx, array, i):
    """Ask for the cache line of array[i], to be written: LLVM has it, numba has no name for it."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
        to_write, keep, is_data = (ir.Constant(number, flag) for flag in (1, 3, 1))
        builder.call(prefetch, [address, to_write, keep, is_data])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


# A product on several cores has left copies of the parameters in the caches of all. To write means
# to take them away from there first: 85 us for 100,352 numbers if the store itself has to wait for
# that, 54 us if it was announced. Elements in a piece, and in a cache line of float32:
_PIECE, _LINE = 256, 16


@compiled
def _announce(x, start):
    """Announce that the piece of `x` from `start` on will be written; return where it ends."""
    stop = min(start + _PIECE, x.size)
    for i in range(start, stop, _LINE):
        _prefetch(x, i)  # type: ignore[call-arg]
    # Unsigned, so that no index can count from the end: only such loops run in vectors.
    return np.uintp(stop)


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
def _sgd(x, g, lr, keep):
    lr, keep = x.dtype.type(lr), x.dtype.type(keep)
    for start in range(0, x.size, _PIECE):
        for i in range(np.uintp(start), _announce(x, start)):
            x[i] = x[i] * keep - lr * g[i]


def sgd_step(x: np.ndarray, g: np.ndarray, lr: float, *, keep: float = 1.0) -> None:
    """Gradient descent, in one pass."""
    if _plain(x, g):
        _sgd(x, g, float(lr), float(keep))
    else:
        numpy_steps.sgd_step(x, g, lr, keep=keep)


@compiled
def _momentum(x, g, v, rates):
    lr, mu, keep = x.dtype.type(rates[0]), x.dtype.type(rates[1]), x.dtype.type(rates[2])
    for start in range(0, x.size, _PIECE):
        for i in range(np.uintp(start), _announce(x, start)):
            v[i] = mu * v[i] - lr * g[i]
            x[i] = x[i] * keep + v[i]


def momentum_step(
    x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float, *, keep: float = 1.0
) -> None:
    """Momentum, in one pass."""
    if _plain(x, g, v):
        _momentum(x, g, v, (float(lr), float(mu), float(keep)))
    else:
        numpy_steps.momentum_step(x, g, v, lr, mu, keep=keep)


@compiled
def _nesterov(x, g, v, rates):
    lr, mu, keep = x.dtype.type(rates[0]), x.dtype.type(rates[1]), x.dtype.type(rates[2])
    for start in range(0, x.size, _PIECE):
        for i in range(np.uintp(start), _announce(x, start)):
            step = lr * g[i]
            v[i] = mu * v[i] - step
            x[i] = x[i] * keep - step + mu * v[i]


def nesterov_step(
    x: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, mu: float, *, keep: float = 1.0
) -> None:
    """Nesterov momentum, in one pass."""
    if _plain(x, g, v):
        _nesterov(x, g, v, (float(lr), float(mu), float(keep)))
    else:
        numpy_steps.nesterov_step(x, g, v, lr, mu, keep=keep)


@compiled
def _adagrad(x, g, h, rates):
    lr, eps = x.dtype.type(rates[0]), x.dtype.type(rates[1])
    inside, keep = x.dtype.type(rates[2]), x.dtype.type(rates[3])
    for start in range(0, x.size, _PIECE):
        for i in range(np.uintp(start), _announce(x, start)):
            h[i] += g[i] * g[i]
            x[i] = x[i] * keep - g[i] / (np.sqrt(h[i] + inside) + eps) * lr


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
    """AdaGrad, in one pass."""
    if _plain(x, g, h):
        _adagrad(x, g, h, (float(lr), float(eps), float(inside), float(keep)))
    else:
        numpy_steps.adagrad_step(x, g, h, lr, eps, inside=inside, keep=keep)


@compiled
def _rmsprop(x, g, h, rates):
    lr, rho, eps = x.dtype.type(rates[0]), x.dtype.type(rates[1]), x.dtype.type(rates[2])
    inside, keep = x.dtype.type(rates[3]), x.dtype.type(rates[4])
    for start in range(0, x.size, _PIECE):
        for i in range(np.uintp(start), _announce(x, start)):
            h[i] = h[i] * rho + g[i] * g[i]
            x[i] = x[i] * keep - g[i] / (np.sqrt(h[i] + inside) + eps) * lr


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
    """RMSprop on the unscaled sum, in one pass."""
    if _plain(x, g, h):
        _rmsprop(x, g, h, (float(lr), float(rho), float(eps), float(inside), float(keep)))
    else:
        numpy_steps.rmsprop_step(x, g, h, lr=lr, rho=rho, eps=eps, inside=inside, keep=keep)


@compiled
def _adam(x, g, m, v, rates):
    lr, eps, keep = x.dtype.type(rates[0]), x.dtype.type(rates[1]), x.dtype.type(rates[4])
    beta1, beta2 = x.dtype.type(rates[2]), x.dtype.type(rates[3])
    for start in range(0, x.size, _PIECE):
        for i in range(np.uintp(start), _announce(x, start)):
            m[i] = m[i] * beta1 + g[i]
            v[i] = v[i] * beta2 + g[i] * g[i]
            x[i] = x[i] * keep - m[i] / (np.sqrt(v[i]) + eps) * lr


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
    """Adam on unscaled sums, in one pass."""
    if _plain(x, g, m, v):
        _adam(x, g, m, v, (float(lr), float(eps), float(beta1), float(beta2), float(keep)))
    else:
        rates = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "keep": keep}
        numpy_steps.adam_step(x, g, m, v, **rates)


@compiled
def _softmax_cross_entropy(x, t, values, gx):
    for i in range(x.shape[0]):
        if not 0 <= t[i] < x.shape[1]:
            return False
        top = x[i].max()
        total = x.dtype.type(0)
        for j in range(x.shape[1]):
            gx[i, j] = np.exp(x[i, j] - top)
            total += gx[i, j]
        for j in range(x.shape[1]):
            gx[i, j] /= total
        values[i] = np.log(total) - (x[i, t[i]] - top)
        gx[i, t[i]] -= x.dtype.type(1)
    return True


def softmax_cross_entropy(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return -log softmax(x) at the labels and its gradient by x, row by row."""
    # NumPy takes 8 to 16 exponentials at a time: where they are many, they outweigh its overhead.
    if x.dtype not in _FLOATS or not x.flags.carray or x.size > 4096 or t.shape != x.shape[:1]:
        return numpy_kernels.softmax_cross_entropy(x, t)
    values, gx = np.empty(t.shape, x.dtype), np.empty(x.shape, x.dtype)
    labels = t.astype(np.int64, copy=False)
    return (values, gx) if _softmax_cross_entropy(x, labels, values, gx) else None


@compiled
def _relu_gradient(gy, y, gx):
    for i in range(gy.size):
        gx[i] = gy[i] * gy.dtype.type(y[i] > 0)


def relu_gradient(gy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return gy where y > 0, else 0, in one pass."""
    if gy.dtype is y.dtype and gy.shape == y.shape:
        order = None
        if y.ndim > 2 and not y.flags.c_contiguous:  # pictures with their channels together
            order = memory_order(y)
            gy, y = gy.transpose(order), y.transpose(order)
        if _dense(gy) and _dense(y):
            gx = np.empty(y.shape, y.dtype)
            _relu_gradient(gy.reshape(-1), y.reshape(-1), gx.reshape(-1))
            return gx if order is None else gx.transpose(np.argsort(order))
        if order is not None:
            gy, y = gy.transpose(np.argsort(order)), y.transpose(np.argsort(order))
    return numpy_kernels.relu_gradient(gy, y)
