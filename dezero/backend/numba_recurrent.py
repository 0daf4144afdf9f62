"""Kernels of `numpy_recurrent` as compiled loops, with exponentials that run in vectors.

Each loop touches few arrays: of many, LLVM would have to check too many pairs for overlaps and
give vectors up. A step's arrays stay in the cache from one loop to the next.
"""

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from dezero.backend import numpy_recurrent
from dezero.backend.numba_kernels import _FLOATS, compiled

_ONE, _TWO = np.float32(1), np.float32(2)
# exp(x) = 2^k exp(r) with k = x / ln 2 rounded; k ln 2 in two parts, the first of few bits, so that
# r is exact. A number added and taken off again that leaves no room for a fraction rounds.
_PER_LN2, _LN2, _LN2_REST = (np.float32(v) for v in (1 / np.log(2), 0.693359375, -2.12194440e-4))
_ROUND = np.float32(1.5 * 2**23)
# Beyond these exponentials overflow, or are subnormal.
_HIGHEST, _LOWEST = np.float32(88), np.float32(-87)
# Of the series of (exp(r) - 1) / r: for |r| < ln(2) / 2 what is left out is below 1e-8.
_C2, _C3, _C4, _C5, _C6, _C7 = (np.float32(1 / v) for v in (2, 6, 24, 120, 720, 5040))


@intrinsic
def _float_of_bits(typingctx, bits):
    """Read the bits of an int32 as a float32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@compiled
def _exp_parts(x):
    """Return s and q with exp(x) = s + s q and q = exp(r) - 1: small differences from 1 keep."""
    x = _HIGHEST if x > _HIGHEST else x  # written so, NaN stays NaN
    x = _LOWEST if x < _LOWEST else x
    k = (x * _PER_LN2 + _ROUND) - _ROUND
    r = (x - k * _LN2) - k * _LN2_REST
    series = (((((_C7 * r + _C6) * r + _C5) * r + _C4) * r + _C3) * r + _C2) * r + _ONE
    exponent = (np.int32(k) + np.int32(127)) << np.int32(23)
    return _float_of_bits(exponent), series * r  # type: ignore[call-arg]


@compiled
def _sigmoid(x):
    for n in range(x.size):
        s, q = _exp_parts(-x[n])
        x[n] = _ONE / (_ONE + (s + s * q))


@compiled
def _tanh(x):
    for n in range(x.size):
        s, q = _exp_parts(_TWO * x[n])
        e = s * q + (s - _ONE)
        x[n] = e / (e + _TWO)


@compiled
def _lstm_forward(gates, c, after):
    f, i, o, u = gates[0].ravel(), gates[1].ravel(), gates[2].ravel(), gates[3].ravel()
    c, c_new, t, h = c.ravel(), after[0].ravel(), after[1].ravel(), after[2].ravel()
    _sigmoid(f)
    _sigmoid(i)
    _sigmoid(o)
    _tanh(u)
    for n in range(c.size):
        c_new[n] = f[n] * c[n] + i[n] * u[n]
    for n in range(c.size):
        t[n] = c_new[n]
    _tanh(t)
    for n in range(c.size):
        h[n] = o[n] * t[n]


def _plain(kinds: frozenset, *arrays: np.ndarray) -> bool:
    """Return whether the loops may run over `arrays`: of one dtype in `kinds`, no gaps, no lock."""
    dtype = arrays[0].dtype
    return dtype in kinds and all(a.dtype == dtype and a.flags.carray for a in arrays)


_SINGLE = frozenset((np.dtype(np.float32),))


def lstm_forward(
    z: np.ndarray, c: np.ndarray, *, c_new: np.ndarray, t: np.ndarray, h: np.ndarray
) -> None:
    """Run the gates of an LSTM, in loops that stay in the cache."""
    gates = tuple(z)
    if _plain(_SINGLE, *gates, c, c_new, t, h):
        _lstm_forward(gates, c, (c_new, t, h))
    else:
        numpy_recurrent.lstm_forward(z, c, c_new=c_new, t=t, h=h)


@compiled
def _lstm_backward(gates, gz, before, gradients):
    f, i, o, u = gates[0].ravel(), gates[1].ravel(), gates[2].ravel(), gates[3].ravel()
    gf, gi, go, gu = gz[0].ravel(), gz[1].ravel(), gz[2].ravel(), gz[3].ravel()
    c, t, gc_old = before[0].ravel(), before[1].ravel(), gradients[2].ravel()
    gh, gc = gradients[0].ravel(), gradients[1].ravel()
    one = c.dtype.type(1)
    for n in range(c.size):
        go[n] = gh[n] * t[n] * o[n] * (one - o[n])
    for n in range(c.size):  # the whole gradient of the memory after
        gi[n] = gh[n] * o[n] * (one - t[n] * t[n]) + gc[n]
    for n in range(c.size):
        gu[n] = gi[n] * i[n] * (one - u[n] * u[n])
    for n in range(c.size):
        gf[n] = gi[n] * c[n] * f[n] * (one - f[n])
    for n in range(c.size):
        gc_old[n] = gi[n] * f[n]
    for n in range(c.size):
        gi[n] = gi[n] * u[n] * i[n] * (one - i[n])


def lstm_backward(
    gates: np.ndarray,
    c: np.ndarray,
    t: np.ndarray,
    gh: np.ndarray,
    gc: np.ndarray,
    *,
    gz: np.ndarray,
    gc_old: np.ndarray,
) -> None:
    """Run back through what `lstm_forward` did, in loops that stay in the cache."""
    gh, gc, ys, gs = np.ascontiguousarray(gh), np.ascontiguousarray(gc), tuple(gates), tuple(gz)
    if _plain(_FLOATS, *ys, *gs, c, t, gh, gc, gc_old):
        _lstm_backward(ys, gs, (c, t), (gh, gc, gc_old))
    else:
        numpy_recurrent.lstm_backward(gates, c, t, gh, gc, gz=gz, gc_old=gc_old)


@compiled
def _gru_forward(z, zh, h, h_new):
    r, update, u = z[0].ravel(), z[1].ravel(), z[2].ravel()
    hr, hupdate, hu = zh[0].ravel(), zh[1].ravel(), zh[2].ravel()
    h, h_new = h.ravel(), h_new.ravel()
    for n in range(h.size):
        r[n] += hr[n]
    for n in range(h.size):
        update[n] += hupdate[n]
    _sigmoid(r)
    _sigmoid(update)
    for n in range(h.size):
        u[n] += r[n] * hu[n]
    _tanh(u)
    for n in range(h.size):
        h_new[n] = u[n] + update[n] * (h[n] - u[n])


def gru_forward(z: np.ndarray, zh: np.ndarray, h: np.ndarray, h_new: np.ndarray) -> None:
    """Run the gates of a GRU, in loops that stay in the cache."""
    gates, products = tuple(z), tuple(zh)
    if _plain(_SINGLE, *gates, *products, h, h_new):
        _gru_forward(gates, products, h, h_new)
    else:
        numpy_recurrent.gru_forward(z, zh, h, h_new)


@compiled
def _gru_backward(gates, gz, gzh, before, gradients):
    r, update, u = gates[0].ravel(), gates[1].ravel(), gates[2].ravel()
    gr, gupdate, gu = gz[0].ravel(), gz[1].ravel(), gz[2].ravel()
    product, h = before[0].ravel(), before[1].ravel()
    gh, gh_old = gradients[0].ravel(), gradients[1].ravel()
    one = h.dtype.type(1)
    for n in range(h.size):
        gupdate[n] = (h[n] - u[n]) * gh[n] * update[n] * (one - update[n])
    for n in range(h.size):
        gu[n] = (one - u[n] * u[n]) * gh[n] * (one - update[n])
    for n in range(h.size):
        gr[n] = gu[n] * product[n] * r[n] * (one - r[n])
    for n in range(h.size):
        gh_old[n] = gh[n] * update[n]
    ghr, ghupdate, ghu = gzh[0].ravel(), gzh[1].ravel(), gzh[2].ravel()
    for n in range(h.size):
        ghu[n] = gu[n] * r[n]
    for n in range(h.size):
        ghr[n] = gr[n]
    for n in range(h.size):
        ghupdate[n] = gupdate[n]


def gru_backward(
    gates: np.ndarray,
    product: np.ndarray,
    h: np.ndarray,
    gh: np.ndarray,
    *,
    gz: np.ndarray,
    gzh: np.ndarray,
    gh_old: np.ndarray,
) -> None:
    """Run back through what `gru_forward` did, in loops that stay in the cache."""
    gh, ys, gs, ghs = np.ascontiguousarray(gh), tuple(gates), tuple(gz), tuple(gzh)
    if _plain(_FLOATS, *ys, *gs, *ghs, product, h, gh, gh_old):
        _gru_backward(ys, gs, ghs, (product, h), (gh, gh_old))
    else:
        numpy_recurrent.gru_backward(gates, product, h, gh, gz=gz, gzh=gzh, gh_old=gh_old)
