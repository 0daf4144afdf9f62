"""Loops of `numpy_winograd`, compiled: the extra `fast`.

The transforms are products with small matrices; here they are written out, in vectors of channels,
with what their rows have in common computed once (p = 3/4 and q = 3/2 are the points):
    B'    0: p2 q2 x0 - (p2 + q2) x2 + x4    p, -p: (x4 - q2 x2) +- p (x3 - q2 x1)
    inf: p2 q2 x1 - (p2 + q2) x3 + x5        q, -q: (x4 - p2 x2) +- q (x3 - p2 x1)
A tile is read once and never leaves the registers in between. Tiles over the edge are read from,
or written to, a place of their own. What is not plain float32 goes to the twins.
"""

from typing import Any

import numpy as np

from dezero.backend import numpy_winograd
from dezero.backend.buffers import buffers
from dezero.backend.numba_kernels import compiled, inlined
from dezero.backend.numba_vectors import BYTES, fill, fma, load, store
from dezero.backend.window import Window

M, T = numpy_winograd.M, numpy_winograd.T
LANES = BYTES // 4
_P, _Q = (np.float32(point) for point in numpy_winograd.POINTS[1::2])
_P2, _Q2, _P3, _Q3 = _P**2, _Q**2, _P**3, _Q**3
_SUM, _PRODUCT = -_P2 - _Q2, _P2 * _Q2
# What G divides by at each point: the product of its distances to the others.
_AT_0, _AT_P, _AT_Q = 1 / _PRODUCT, 1 / (2 * _P2 * (_P2 - _Q2)), 1 / (2 * _Q2 * (_Q2 - _P2))


@inlined
def _into(x):
    """Return B' x."""
    p_even, p_odd = fma(fill(-_Q2), x[2], x[4]), fill(_P) * fma(fill(-_Q2), x[1], x[3])
    q_even, q_odd = fma(fill(-_P2), x[2], x[4]), fill(_Q) * fma(fill(-_P2), x[1], x[3])
    zero = fma(fill(_PRODUCT), x[0], fma(fill(_SUM), x[2], x[4]))
    infinity = fma(fill(_PRODUCT), x[1], fma(fill(_SUM), x[3], x[5]))
    return zero, p_even + p_odd, p_even - p_odd, q_even + q_odd, q_even - q_odd, infinity


@inlined
def _out_of(m):
    """Return A' m."""
    p_even, p_odd, q_even, q_odd = m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]
    return (
        m[0] + p_even + q_even,
        fma(fill(_P), p_odd, fill(_Q) * q_odd),
        fma(fill(_P2), p_even, fill(_Q2) * q_even),
        fma(fill(_P3), p_odd, fma(fill(_Q3), q_odd, m[5])),
    )


@inlined
def _back(g):
    """Return A g."""
    p_even, p_odd = fma(fill(_P2), g[2], g[0]), fma(fill(_P3), g[3], fill(_P) * g[1])
    q_even, q_odd = fma(fill(_Q2), g[2], g[0]), fma(fill(_Q3), g[3], fill(_Q) * g[1])
    return g[0], p_even + p_odd, p_even - p_odd, q_even + q_odd, q_even - q_odd, g[3]


@inlined
def _kernel(w):
    """Return G w."""
    p_even, p_odd = fill(_AT_P) * fma(fill(_P2), w[2], w[0]), fill(_AT_P * _P) * w[1]
    q_even, q_odd = fill(_AT_Q) * fma(fill(_Q2), w[2], w[0]), fill(_AT_Q * _Q) * w[1]
    zero = fill(_AT_0) * w[0]
    return zero, p_even + p_odd, p_even - p_odd, q_even + q_odd, q_even - q_odd, w[2]


@inlined
def _kernel_back(u):
    """Return G' u."""
    p_even, p_odd = fill(_AT_P) * (u[1] + u[2]), fill(_AT_P * _P) * (u[1] - u[2])
    q_even, q_odd = fill(_AT_Q) * (u[3] + u[4]), fill(_AT_Q * _Q) * (u[3] - u[4])
    return (
        fma(fill(_AT_0), u[0], p_even + q_even),
        p_odd + q_odd,
        fma(fill(_P2), p_even, fma(fill(_Q2), q_even, u[5])),
    )


@inlined
def _load3(x, i, step):
    return load(x, i), load(x, i + step), load(x, i + 2 * step)


@inlined
def _load4(x, i, step):
    return load(x, i), load(x, i + step), load(x, i + 2 * step), load(x, i + 3 * step)


@inlined
def _load6(x, i, step):
    return _load3(x, i, step) + _load3(x, i + 3 * step, step)


@inlined
def _store3(x, i, step, v):
    store(x, i, v[0])
    store(x, i + step, v[1])
    store(x, i + 2 * step, v[2])


@inlined
def _store4(x, i, step, v):
    _store3(x, i, step, v)
    store(x, i + 3 * step, v[3])


@inlined
def _store6(x, i, step, v):
    _store4(x, i, step, v)
    store(x, i + 4 * step, v[4])
    store(x, i + 5 * step, v[5])


@inlined
def _tile(source, target):
    """Transform a tile, for one vector of channels.

    Args:
        source: (x, i, down, right), the tile is at x[i], its pixels that far apart.
        target: (V, place, step), where it goes: V[place], and 35 times `step` after that.
    """
    (x, i, down, right), (V, place, step) = source, target
    a = _into(_load6(x, i, down))
    b = _into(_load6(x, i + right, down))
    c = _into(_load6(x, i + 2 * right, down))
    d = _into(_load6(x, i + 3 * right, down))
    e = _into(_load6(x, i + 4 * right, down))
    f = _into(_load6(x, i + 5 * right, down))
    _store6(V, place, step, _into((a[0], b[0], c[0], d[0], e[0], f[0])))
    _store6(V, place + 6 * step, step, _into((a[1], b[1], c[1], d[1], e[1], f[1])))
    _store6(V, place + 12 * step, step, _into((a[2], b[2], c[2], d[2], e[2], f[2])))
    _store6(V, place + 18 * step, step, _into((a[3], b[3], c[3], d[3], e[3], f[3])))
    _store6(V, place + 24 * step, step, _into((a[4], b[4], c[4], d[4], e[4], f[4])))
    _store6(V, place + 30 * step, step, _into((a[5], b[5], c[5], d[5], e[5], f[5])))


@inlined
def _copy(source, target, shape):
    """Copy pixels, of which (rows, columns, channels) are in `shape`.

    Args:
        source, target: (array, place, step from one row to the next).
    """
    (x, i, down), (y, j, across), (rows, columns, channels) = source, target, shape
    for row in range(rows):
        for column in range(columns):
            for k in range(0, channels, LANES):
                k = column * channels + min(k, channels - LANES)
                store(y, j + row * across + k, load(x, i + row * down + k))


@compiled
def _part(x, picture, place, edge, size):
    """Copy size x size pixels of a picture into `edge`, zeros beyond it.

    Args:
        x: flat; picture: where it begins there, its height, width and channels.
        place: the row and column of the first pixel, which may be beyond the picture.
    """
    (start, height, width, channels), (row, column) = picture, place
    edge[:] = 0
    top, left = max(row, 0), max(column, 0)
    source = x, start + (top * width + left) * channels, width * channels
    target = edge, ((top - row) * size + left - column) * channels, size * channels
    _copy(
        source, target, (min(row + size, height) - top, min(column + size, width) - left, channels)
    )


@compiled
def _tiles(x, corner, V, edge):
    (n, height, width, channels), (down, across) = x.shape, V.shape[2:4]
    source, step = x.reshape(-1), V.strides[0] // 4
    place = 0
    for b in range(n):
        for i in range(corner[0], corner[0] + 4 * down, 4):
            for j in range(corner[1], corner[1] + 4 * across, 4):
                picture = b * height * width * channels, height, width, channels
                array, at, line = source, picture[0] + (i * width + j) * channels, width * channels
                if not (0 <= i <= height - 6 and 0 <= j <= width - 6):
                    _part(source, picture, (i, j), edge, 6)
                    array, at, line = edge, 0, 6 * channels
                for k in range(0, channels, LANES):
                    k = min(k, channels - LANES)
                    _tile((array, at + k, line, channels), (V, place + k, step))
                place += channels


@inlined
def _output(source, bias, target):
    """Transform products into a tile of output: `_tile` with its arguments exchanged, plus bias."""
    (products, i, step), (y, place, down, right) = source, target
    a = _out_of(_load6(products, i, 6 * step))
    b = _out_of(_load6(products, i + step, 6 * step))
    c = _out_of(_load6(products, i + 2 * step, 6 * step))
    d = _out_of(_load6(products, i + 3 * step, 6 * step))
    e = _out_of(_load6(products, i + 4 * step, 6 * step))
    f = _out_of(_load6(products, i + 5 * step, 6 * step))
    _biased(y, place, right, bias, _out_of((a[0], b[0], c[0], d[0], e[0], f[0])))
    _biased(y, place + down, right, bias, _out_of((a[1], b[1], c[1], d[1], e[1], f[1])))
    _biased(y, place + 2 * down, right, bias, _out_of((a[2], b[2], c[2], d[2], e[2], f[2])))
    _biased(y, place + 3 * down, right, bias, _out_of((a[3], b[3], c[3], d[3], e[3], f[3])))


@inlined
def _biased(y, i, step, bias, v):
    _store4(y, i, step, (v[0] + bias, v[1] + bias, v[2] + bias, v[3] + bias))


@compiled
def _outputs(products, bias, y, edge):
    (n, height, width, outs), (down, across) = y.shape, products.shape[2:4]
    target, step = y.reshape(-1), products.strides[0] // 4
    place = 0
    for b in range(n):
        for i in range(0, 4 * down, 4):
            for j in range(0, 4 * across, 4):
                start = ((b * height + i) * width + j) * outs
                array, at, line = target, start, width * outs
                inside = i <= height - 4 and j <= width - 4
                if not inside:
                    array, at, line = edge, 0, 4 * outs
                for k in range(0, outs, LANES):
                    k = min(k, outs - LANES)
                    source = products, place + k, step
                    _output(source, load(bias, k), (array, at + k, line, outs))
                if not inside:
                    shape = min(4, height - i), min(4, width - j), outs
                    _copy((edge, 0, line), (target, start, width * outs), shape)
                place += outs


@inlined
def _gradient(source, target):
    """Do the transpose of `_output` to a tile of gy, with the arguments of `_tile`."""
    (gy, i, down, right), (products, place, step) = source, target
    a = _back(_load4(gy, i, down))
    b = _back(_load4(gy, i + right, down))
    c = _back(_load4(gy, i + 2 * right, down))
    d = _back(_load4(gy, i + 3 * right, down))
    _store6(products, place, step, _back((a[0], b[0], c[0], d[0])))
    _store6(products, place + 6 * step, step, _back((a[1], b[1], c[1], d[1])))
    _store6(products, place + 12 * step, step, _back((a[2], b[2], c[2], d[2])))
    _store6(products, place + 18 * step, step, _back((a[3], b[3], c[3], d[3])))
    _store6(products, place + 24 * step, step, _back((a[4], b[4], c[4], d[4])))
    _store6(products, place + 30 * step, step, _back((a[5], b[5], c[5], d[5])))


@compiled
def _spread(gy, products, edge):
    (n, height, width, outs), (down, across) = gy.shape, products.shape[2:4]
    source, step = gy.reshape(-1), products.strides[0] // 4
    place = 0
    for b in range(n):
        for i in range(0, 4 * down, 4):
            for j in range(0, 4 * across, 4):
                picture = b * height * width * outs, height, width, outs
                array, at, line = source, picture[0] + (i * width + j) * outs, width * outs
                if i > height - 4 or j > width - 4:
                    _part(source, picture, (i, j), edge, 4)
                    array, at, line = edge, 0, 4 * outs
                for k in range(0, outs, LANES):
                    k = min(k, outs - LANES)
                    _gradient((array, at + k, line, outs), (products, place + k, step))
                place += outs


@compiled
def _kernels(W, U):
    pairs = U.shape[1]
    source, target = W.reshape(-1), U.reshape(-1)
    for k in range(0, pairs, LANES):
        k = min(k, pairs - LANES)
        a = _kernel(_load3(source, k, 3 * pairs))
        b = _kernel(_load3(source, k + pairs, 3 * pairs))
        c = _kernel(_load3(source, k + 2 * pairs, 3 * pairs))
        _store6(target, k, pairs, _kernel((a[0], b[0], c[0])))
        _store6(target, k + 6 * pairs, pairs, _kernel((a[1], b[1], c[1])))
        _store6(target, k + 12 * pairs, pairs, _kernel((a[2], b[2], c[2])))
        _store6(target, k + 18 * pairs, pairs, _kernel((a[3], b[3], c[3])))
        _store6(target, k + 24 * pairs, pairs, _kernel((a[4], b[4], c[4])))
        _store6(target, k + 30 * pairs, pairs, _kernel((a[5], b[5], c[5])))


@compiled
def _kernels_back(gU, gW):
    pairs = gU.shape[1]
    source, target = gU.reshape(-1), gW.reshape(-1)
    for k in range(0, pairs, LANES):
        k = min(k, pairs - LANES)
        a = _kernel_back(_load6(source, k, 6 * pairs))
        b = _kernel_back(_load6(source, k + pairs, 6 * pairs))
        c = _kernel_back(_load6(source, k + 2 * pairs, 6 * pairs))
        d = _kernel_back(_load6(source, k + 3 * pairs, 6 * pairs))
        e = _kernel_back(_load6(source, k + 4 * pairs, 6 * pairs))
        f = _kernel_back(_load6(source, k + 5 * pairs, 6 * pairs))
        _store3(target, k, pairs, _kernel_back((a[0], b[0], c[0], d[0], e[0], f[0])))
        _store3(target, k + 3 * pairs, pairs, _kernel_back((a[1], b[1], c[1], d[1], e[1], f[1])))
        _store3(target, k + 6 * pairs, pairs, _kernel_back((a[2], b[2], c[2], d[2], e[2], f[2])))


def _plain(*arrays: np.ndarray) -> bool:
    return all(a.dtype == np.float32 and a.flags.carray for a in arrays)


def _readable(x: np.ndarray) -> np.ndarray:
    """Return x where a loop can read it."""
    if _plain(x):
        return x
    copy = buffers.take("stage", x.shape, x.dtype)
    copy[...] = x
    return copy


def suits(channels: int, outs: int, out: tuple[int, ...], window: Window, dtype: Any) -> bool:
    """Return whether a convolution to pictures (N, OH, OW) = `out` is quicker this way."""
    if min(channels, outs) < LANES or not numpy_winograd.possible(window, dtype):
        return False
    return numpy_winograd.pays(channels * outs, out, 350 * (channels + outs), 480)


def kernels(W: np.ndarray) -> np.ndarray:
    """Return the transformed kernels (36, pairs) of W (9, pairs)."""
    if W.shape[1] < LANES:
        return numpy_winograd.kernels(W)
    U = np.empty((T * T, W.shape[1]), np.float32)
    _kernels(_readable(W), U)
    return U


def kernels_back(gU: np.ndarray, gW: np.ndarray) -> None:
    """Write the transpose of `kernels`, of gU (36, pairs), into gW (9, pairs)."""
    if gU.shape[1] < LANES or not _plain(gW):
        numpy_winograd.kernels_back(gU, gW)
        return
    _kernels_back(gU, gW)


def tiles(x: np.ndarray, corner: tuple[int, int], V: np.ndarray) -> None:
    """Write the transformed tiles of x (n, H, W, C) into V (36, n, down, across, C)."""
    channels = x.shape[3]
    if channels < LANES:
        numpy_winograd.tiles(x, corner, V)
        return
    edge = np.empty(T * T * channels, np.float32)
    _tiles(_readable(x), corner, V, edge)


def outputs(products: np.ndarray, b: Any, y: np.ndarray) -> None:
    """Write what becomes of products (36, n, down, across, O), plus b, into y (n, OH, OW, O)."""
    outs = y.shape[3]
    if outs < LANES or not _plain(y):
        numpy_winograd.outputs(products, b, y)
        return
    bias = np.zeros(outs, np.float32) if b is None else _readable(b)
    _outputs(products, bias, y, np.empty(M * M * outs, np.float32))


def spread(gy: np.ndarray, products: np.ndarray) -> None:
    """Write the transpose of `outputs`, of gy (n, OH, OW, O), into products."""
    outs = gy.shape[3]
    if outs < LANES:
        numpy_winograd.spread(gy, products)
        return
    _spread(_readable(gy), products, np.empty(M * M * outs, np.float32))
