"""3x3 convolutions with a quarter of the multiplications (Winograd 1980; Lavin and Gray 2016).

A 6x6 tile d of the picture and a 3x3 kernel g give a 4x4 tile of output
    Y = A' [(G g G') * (B' d B)] A        (Lavin and Gray 2016, "Fast algorithms for convolutional
                                           neural networks", eq. 8; ' transposes)
where * is elementwise: 36 products in place of 144. With channels the elementwise product becomes
36 matrix products (tiles, C) @ (C, O), and each of the three transforms is one more, by the
Kronecker square of its matrix. What is saved is paid in accuracy: rounding errors are three to five
times those of the plain sum (measured over the points of interpolation below), in proportion to the
largest pixel of a tile, and a value that is not finite spreads over its tile. So only float32 comes
here, and only where it is quicker.
"""

import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dezero.backend.buffers import buffers
from dezero.backend.window import Window

# Outputs, taps and inputs of one tile along one axis.
M, R, T = 4, 3, 6
# Where the polynomials are evaluated, besides infinity. The usual 1 and 2 in place of 3/4 and 3/2
# make the largest errors four times as large.
POINTS = (0.0, 0.75, -0.75, 1.5, -1.5)
# Tiles times channels of one buffer, which has 36 times as many elements.
CHUNK = 1 << 14
# Rows times columns times depth up to which OpenBLAS multiplies matrices as they lie. Larger ones
# it copies first, which makes those of a few tiles a third slower.
SMALL = 10**6


# Elements of float32 in a line of the cache, and between those that share a place there.
_LINE, _PAGE = 16, 1024
# The functions that a caller passes as `loops`.
LOOPS = ("tiles", "outputs", "spread", "kernels", "kernels_back")


def _transforms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A' (4, 6), G (6, 3) and B' (6, 6), by the Toom-Cook construction.

    Row i of G and B' evaluates the kernel at point i, and divides by what the Lagrange polynomial
    of that point needs; A' interpolates. The last row of each stands for the point at infinity.
    """
    points = np.array(POINTS)
    others = points[:, None] - points
    np.fill_diagonal(others, 1)
    powers = np.vander(points, T, increasing=True)
    A = np.vstack([powers[:, :M], np.eye(M)[-1]]).T
    G = np.vstack([powers[:, :R] / others.prod(1, keepdims=True), np.eye(R)[-1]])
    B = np.zeros((T, T))
    for i in range(T):
        roots = np.delete(points, i) if i < T - 1 else points
        B[i, : len(roots) + 1] = np.poly(roots)[::-1]
    return A, G, B


def _squares() -> tuple[np.ndarray, ...]:
    return tuple(np.kron(matrix, matrix).astype(np.float32) for matrix in _transforms())


# (16, 36), (36, 9), (36, 36): the transforms of tiles that are written in one row.
_A, _G, _B = _squares()


def suits(channels: int, outs: int, out: tuple[int, ...], window: Window, dtype: Any) -> bool:
    """Return whether a convolution to pictures (N, OH, OW) = `out` is quicker this way.

    The transforms run at two thirds of the speed of a product, and the kernels, transformed at each
    call and then too large for the cache, cost as much as if each were used 6 times on one
    thread and 10 on two; both were measured.
    """
    if not possible(window, dtype):
        return False
    tiles = 1.5 * (36 * channels + 16 * outs)
    return pays(channels * outs, out, 36 * tiles, 10 * 36 * 9)


def possible(window: Window, dtype: Any) -> bool:
    """Return whether a convolution can be computed this way."""
    steps = window.stride == window.dilation == (1, 1)
    forbidden = os.environ.get("DEZERO_WINOGRAD") == "0"
    return window.kernel == (R, R) and steps and dtype == np.float32 and not forbidden


def pays(pairs: int, out: tuple[int, ...], per_tile: float, per_pair: float) -> bool:
    """Compare costs, counted in products: 36 per tile and pair of channels against 9 per pixel.

    Args:
        pairs: of channels, one that is read and one that is written.
        out: (N, OH, OW).
        per_tile, per_pair: cost of what is to be done besides for each.
    """
    n, height, width = out
    tiles = n * -(-height // M) * -(-width // M)
    here = 36 * tiles * pairs + tiles * per_tile + pairs * per_pair
    return here < 0.9 * 9 * n * height * width * pairs


def convolve(
    x: np.ndarray, W: np.ndarray, b: Any, pads: tuple, y: np.ndarray, *, loops: Any
) -> None:
    """Write the convolution of x (N, H, W, C) by W (3, 3, C, O), plus b, into y (N, OH, OW, O).

    Args:
        loops: where `tiles`, `outputs` and `kernels` are, these or others of the same meaning.
    """
    channels, outs = W.shape[2:]
    U = loops.kernels(W.reshape(R * R, -1)).reshape(T * T, channels, outs)
    for samples, rows, shape in _chunks(y.shape, _most(channels, outs)):
        V = _apart("transformed", (T * T, *shape, channels), x.dtype)
        loops.tiles(x[samples], (rows.start - pads[0][0], -pads[1][0]), V)
        products = _apart("products", (T * T, *shape, outs), y.dtype)
        np.matmul(_flat(V), U, out=_flat(products))
        loops.outputs(products, b, y[samples, rows])


def gradient_w(x: np.ndarray, gy: np.ndarray, pads: tuple, gW: np.ndarray, *, loops: Any) -> None:
    """Write the gradient of `convolve` by W into gW (3, 3, C, O).

    Args:
        loops: where `tiles`, `spread` and `kernels_back` are.
    """
    channels, outs = gW.shape[2:]
    gU, part = np.zeros((T * T, channels, outs), gW.dtype), None
    # The sum over tiles is added up once per chunk: not for a few tiles.
    most = max(_most(channels, outs), min(max(channels, outs), channels * outs // 256))
    for samples, rows, shape in _chunks(gy.shape, most):
        V = _apart("transformed", (T * T, *shape, channels), x.dtype)
        loops.tiles(x[samples], (rows.start - pads[0][0], -pads[1][0]), V)
        products = _apart("products", (T * T, *shape, outs), gy.dtype)
        loops.spread(gy[samples, rows], products)
        if part is None:
            part = np.matmul(_flat(V).transpose(0, 2, 1), _flat(products), out=gU)
        else:
            part = np.empty_like(gU) if part is gU else part
            gU += np.matmul(_flat(V).transpose(0, 2, 1), _flat(products), out=part)
    loops.kernels_back(gU.reshape(T * T, -1), gW.reshape(R * R, -1))


def _apart(use: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array of that shape, its parts along the first axis so far apart in memory that
    they do not compete for the same places of the cache: loops write to all 36 in turn.
    """
    size = math.prod(shape[1:])
    step = size + (_LINE - size) % _PAGE
    return buffers.take(use, (shape[0], step), dtype)[:, :size].reshape(shape)


def _flat(V: np.ndarray) -> np.ndarray:
    """Return the view (36, tiles, channels)."""
    return V.reshape(len(V), -1, V.shape[-1])


def _most(channels: int, outs: int) -> int:
    """Return how many tiles to compute at a time."""
    widest = max(channels, outs)
    if 32 * channels * outs > SMALL:  # no small product would have tiles enough
        return max(64, 4 * CHUNK // widest)
    return max(1, min(SMALL // (channels * outs), CHUNK // widest))


def _chunks(
    shape: tuple[int, ...], most: int
) -> Iterator[tuple[slice, slice, tuple[int, int, int]]]:
    """Yield (samples, rows of output, tiles along each axis) of about `most` tiles each."""
    n, height, width, _ = shape
    down, across = -(-height // M), -(-width // M)
    lines = max(1, most // across)
    batch = max(1, lines // down)
    for i in range(0, n, batch):
        for r in range(0, down, lines):
            samples, rows = min(batch, n - i), min(lines, down - r)
            pixels = slice(r * M, min((r + rows) * M, height))
            yield slice(i, i + samples), pixels, (samples, rows, across)


def tiles(x: np.ndarray, corner: tuple[int, int], V: np.ndarray) -> None:
    """Write the transformed tiles of x (n, H, W, C) into V (36, n, down, across, C).

    Each begins 4 pixels after its neighbour, the first at `corner`; beyond x there are zeros.
    """
    (n, height, width, channels), (down, across) = x.shape, V.shape[2:4]
    stage = buffers.take("stage", (n, down * M + R - 1, across * M + R - 1, channels), x.dtype)
    rows, places = _overlap(corner[0], stage.shape[1], height)
    columns, across_places = _overlap(corner[1], stage.shape[2], width)
    stage[...] = 0
    stage[:, places, across_places] = x[:, rows, columns]
    s0, s1, s2, s3 = stage.strides
    shape, steps = (T, T, *V.shape[1:]), (s1, s2, s0, s1 * M, s2 * M, s3)
    pieces = buffers.take("tiles", shape, x.dtype)
    np.copyto(pieces, as_strided(stage, shape, steps))
    np.matmul(_B, pieces.reshape(T * T, -1), out=V.reshape(T * T, -1))


def _overlap(start: int, count: int, size: int) -> tuple[slice, slice]:
    """Return which of `size` pixels are among the `count` from `start` on, and where among them."""
    first, stop = max(start, 0), min(start + count, size)
    stop = max(first, stop)
    return slice(first, stop), slice(first - start, stop - start)


def outputs(products: np.ndarray, b: Any, y: np.ndarray) -> None:
    """Write what becomes of products (36, n, down, across, O), plus b, into y (n, OH, OW, O)."""
    part = buffers.take("outputs", (M, M, *products.shape[1:]), y.dtype)
    np.matmul(_A, products.reshape(T * T, -1), out=part.reshape(M * M, -1))
    if b is not None:
        part += b
    for i in range(min(M, y.shape[1])):
        for j in range(min(M, y.shape[2])):
            target = y[:, i::M, j::M]
            target[...] = part[i, j, :, : target.shape[1], : target.shape[2]]


def spread(gy: np.ndarray, products: np.ndarray) -> None:
    """Write the transpose of `outputs`, of gy (n, OH, OW, O), into products."""
    part = buffers.take("outputs", (M, M, *products.shape[1:]), gy.dtype)
    for i in range(M):
        for j in range(M):
            source = gy[:, i::M, j::M]
            part[i, j, :, : source.shape[1], : source.shape[2]] = source
            part[i, j, :, source.shape[1] :] = 0
            part[i, j, :, :, source.shape[2] :] = 0
    np.matmul(_A.T, part.reshape(M * M, -1), out=products.reshape(T * T, -1))


def kernels(W: np.ndarray) -> np.ndarray:
    """Return the transformed kernels (36, pairs) of W (9, pairs)."""
    return _G @ W


def kernels_back(gU: np.ndarray, gW: np.ndarray) -> None:
    """Write the transpose of `kernels`, of gU (36, pairs), into gW (9, pairs)."""
    np.matmul(_G.T, gU, out=gW)
