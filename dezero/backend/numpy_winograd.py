"""3x3 convolutions with a quarter of the multiplications (Winograd 1980; Lavin and Gray 2016).

A 6x6 tile d of the picture and a 3x3 kernel g give a 4x4 tile of output
    Y = A' [(G g G') * (B' d B)] A        (Lavin and Gray 2016, "Fast algorithms for convolutional
                                           neural networks", eq. 8; ' transposes)
where * is elementwise: 36 products in place of 144. With channels the elementwise product becomes
36 matrix products (tiles, C) @ (C, O), and each of the three transforms is one more, by the
Kronecker square of its matrix. What is saved is paid in accuracy: rounding errors are three times
those of the plain sum (measured over the points of interpolation below), and a value that is not
finite spreads over its tile. So only float32 comes here, and only where it is quicker.
"""

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
# Elements of one buffer, tiles times channels times 36.
CHUNK = 1 << 19


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

    Counted in products of a matrix product, 36 per tile and pair of channels against 9 per pixel.
    The transforms run at two thirds of its speed, and the kernels, transformed at each call and
    then too large for the cache, cost as much as if each were used 20 times; both were measured.
    """
    if window.kernel != (R, R) or window.stride != (1, 1) or window.dilation != (1, 1):
        return False
    if dtype != np.float32 or os.environ.get("DEZERO_WINOGRAD") == "0":
        return False
    n, height, width = out
    tiles, pairs = n * -(-height // M) * -(-width // M), channels * outs
    here = 36 * tiles * (pairs + 1.5 * (36 * channels + 16 * outs)) + 20 * 36 * 9 * pairs
    return here < 0.9 * 9 * n * height * width * pairs


def convolve(x: np.ndarray, W: np.ndarray, b: Any, pads: tuple, y: np.ndarray) -> None:
    """Write the convolution of x (N, H, W, C) by W (3, 3, C, O), plus b, into y (N, OH, OW, O)."""
    channels, outs = W.shape[2:]
    U = (_G @ W.reshape(R * R, -1)).reshape(T * T, channels, outs)
    for samples, rows, V in _tiles(x, pads, y.shape[1:3], max(channels, outs)):
        tiles = V.shape[1]
        products = buffers.take("products", (T * T, tiles, outs), y.dtype)
        np.matmul(V, U, out=products)
        part = buffers.take("outputs", (M * M, tiles * outs), y.dtype)
        np.matmul(_A, products.reshape(T * T, -1), out=part)
        _write(part, y[samples, rows], b)


def gradient_w(x: np.ndarray, gy: np.ndarray, pads: tuple, gW: np.ndarray) -> None:
    """Write the gradient of `convolve` by W into gW (3, 3, C, O)."""
    channels, outs = gW.shape[2:]
    gU = np.zeros((T * T, channels, outs), gW.dtype)
    part = np.empty_like(gU)
    # The sum over tiles is added up once per chunk: not for a few tiles.
    width = max(1, min(channels, outs) * CHUNK // max(CHUNK, T * T * channels * outs))
    for samples, rows, V in _tiles(x, pads, gy.shape[1:3], min(max(channels, outs), width)):
        tiles = V.shape[1]
        g = _read(gy[samples, rows], tiles)
        products = buffers.take("products", (T * T, tiles, outs), gy.dtype)
        np.matmul(_A.T, g, out=products.reshape(T * T, -1))
        np.matmul(V.transpose(0, 2, 1), products, out=part)
        gU += part
    np.matmul(_G.T, gU.reshape(T * T, -1), out=gW.reshape(R * R, -1))


def _tiles(
    x: np.ndarray, pads: tuple, out: tuple[int, ...], width: int
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Yield (samples, rows of output, transformed tiles (36, tiles, C)) chunk by chunk.

    A chunk has as many tiles as fit into a buffer beside `width` channels.
    """
    n, height, breadth, channels = x.shape
    (top, _), (left, _) = pads
    down, across = -(-out[0] // M), -(-out[1] // M)
    lines = max(1, CHUNK // (T * T * across * width))
    most = min(n, max(1, lines // down))
    shape = (most, down * M + R - 1, across * M + R - 1, channels)
    stage = buffers.take("stage", shape, x.dtype)
    stage[...] = 0
    s0, s1, s2, s3 = stage.strides
    for i in range(0, n, most):
        batch = x[i : i + most]
        inside = stage[: len(batch), top : top + height, left : left + breadth]
        inside[...] = batch[:, : inside.shape[1], : inside.shape[2]]
        for r in range(0, down, lines):
            count = min(lines, down - r)
            view = as_strided(
                stage[:, r * M :],
                (T, T, len(batch), count, across, channels),
                (s1, s2, s0, s1 * M, s2 * M, s3),
            )
            tiles = buffers.take("tiles", view.shape, x.dtype)
            np.copyto(tiles, view)
            V = buffers.take("transformed", (T * T, len(batch) * count * across, channels), x.dtype)
            np.matmul(_B, tiles.reshape(T * T, -1), out=V.reshape(T * T, -1))
            yield slice(i, i + len(batch)), slice(r * M, min((r + count) * M, out[0])), V


def _write(part: np.ndarray, y: np.ndarray, b: Any) -> None:
    """Put tiles of output (16, tiles*O) where they belong in y (n, rows, OW, O)."""
    n, rows, across, outs = y.shape
    down, wide = -(-rows // M), -(-across // M)
    part = part.reshape(M, M, n, down, wide, outs)
    if b is not None:
        part += b
    for i in range(min(M, rows)):
        for j in range(min(M, across)):
            target = y[:, i::M, j::M]
            target[...] = part[i, j, :, : target.shape[1], : target.shape[2]]


def _read(gy: np.ndarray, tiles: int) -> np.ndarray:
    """Return gy (n, rows, OW, O) as tiles (16, tiles*O), zeros beyond its edges."""
    n, rows, across, outs = gy.shape
    down, wide = -(-rows // M), -(-across // M)
    part = buffers.take("outputs", (M, M, n, down, wide, outs), gy.dtype)
    for i in range(M):
        for j in range(M):
            source = gy[:, i::M, j::M]
            part[i, j, :, : source.shape[1], : source.shape[2]] = source
            part[i, j, :, source.shape[1] :] = 0
            part[i, j, :, :, source.shape[2] :] = 0
    return part.reshape(M * M, tiles * outs)
