"""Convolution without columns, compiled: the extra `fast`.

A block of sums stays in registers, six pixels of output times two vectors of their channels, while
the kernel runs over its entries: as in a product of matrices (Goto and van de Geijn 2008, "Anatomy
of high-performance matrix multiplication"), but what would be columns is read where it is in the
picture, by two tables: where the pixels of the window are from its first, and where that is for
each pixel of output. The gradient by W has six entries of it times two vectors of channels.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dezero.backend.buffers import buffers
from dezero.backend.numba_kernels import compiled, inlined
from dezero.backend.numba_vectors import BYTES, fma, load, repeat, store
from dezero.backend.window import Window

# Numbers in a block. With two vectors for each and what they are made of, they take 15 of the 16
# registers that all x86 processors have.
BLOCK = 6
# Pairs of channels up to which this is quicker than columns and BLAS, which copies larger kernels
# so that they are read in order.
PAIRS = 1 << 15
# Pixels of output in a chunk: what they read stays in the cache while all kernels run over it.
CHUNK = 1 << 10
# Terms of a sum over pixels after which another is begun: long ones lose digits.
_LONG = 1 << 11
# Elements of pictures that are copied to where they have their padding.
STAGE = 1 << 18


@inlined
def _six(x, places, shift, pair, a):
    """Add to the sums `a` the products of six numbers x[place + shift] and a pair of vectors."""
    v, w = pair
    x0, x1 = repeat(x, places[0] + shift), repeat(x, places[1] + shift)
    x2, x3 = repeat(x, places[2] + shift), repeat(x, places[3] + shift)
    x4, x5 = repeat(x, places[4] + shift), repeat(x, places[5] + shift)
    return (
        fma(x0, v, a[0]), fma(x0, w, a[1]), fma(x1, v, a[2]), fma(x1, w, a[3]),
        fma(x2, v, a[4]), fma(x2, w, a[5]), fma(x3, v, a[6]), fma(x3, w, a[7]),
        fma(x4, v, a[8]), fma(x4, w, a[9]), fma(x5, v, a[10]), fma(x5, w, a[11]),
    )  # fmt: skip


@inlined
def _six_of(table, i, base):
    """Return six entries of a table from i on, plus `base`."""
    i = np.uintp(i)
    return (
        table[i] + base, table[i + np.uintp(1)] + base, table[i + np.uintp(2)] + base,
        table[i + np.uintp(3)] + base, table[i + np.uintp(4)] + base, table[i + np.uintp(5)] + base,
    )  # fmt: skip


@inlined
def _put(y, i, j, step, a):
    """Store the sums: six pairs of vectors at y[i] and y[j], each `step` after the one before."""
    store(y, i, a[0])
    store(y, j, a[1])
    store(y, i + step, a[2])
    store(y, j + step, a[3])
    store(y, i + 2 * step, a[4])
    store(y, j + 2 * step, a[5])
    store(y, i + 3 * step, a[6])
    store(y, j + 3 * step, a[7])
    store(y, i + 4 * step, a[8])
    store(y, j + 4 * step, a[9])
    store(y, i + 5 * step, a[10])
    store(y, j + 5 * step, a[11])


@inlined
def _get(y, i, j, step):
    """Load what `_put` stores."""
    return (
        load(y, i), load(y, j), load(y, i + step), load(y, j + step),
        load(y, i + 2 * step), load(y, j + 2 * step), load(y, i + 3 * step), load(y, j + 3 * step),
        load(y, i + 4 * step), load(y, j + 4 * step), load(y, i + 5 * step), load(y, j + 5 * step),
    )  # fmt: skip


@compiled
def _direct(x, W, bias, y, tables):
    (samples, pixels, outs), (starts, offsets, chunk) = y.shape, tables
    source, kernel, target = x.reshape(-1), W.reshape(-1), y.reshape(-1)
    lanes = BYTES // x.itemsize
    for n in range(samples):
        base, there = n * x[0].size, n * pixels * outs
        for first in range(0, pixels, chunk):
            stop = min(first + chunk, pixels)
            for o in range(0, outs, 2 * lanes):
                # Vectors at the end overlap: what they share is computed twice.
                i, j = min(o, outs - lanes), min(o + lanes, outs - lanes)
                b, c = load(bias, i), load(bias, j)
                for p in range(first, stop, BLOCK):
                    p = min(p, pixels - BLOCK)
                    places, a = _six_of(starts, p, base), (b, c, b, c, b, c, b, c, b, c, b, c)
                    for k in range(offsets.size):
                        v, w = load(kernel, k * outs + i), load(kernel, k * outs + j)
                        a = _six(source, places, offsets[np.uintp(k)], (v, w), a)
                    _put(target, there + p * outs + i, there + p * outs + j, outs, a)


@compiled
def _direct_gradient_w(x, gy, gW, part, tables):
    (samples, pixels, outs), (starts, offsets, chunk) = gy.shape, tables
    source, gradient, sums = x.reshape(-1), gy.reshape(-1), part.reshape(-1)
    lanes, width = BYTES // x.itemsize, part.shape[1]
    sums[:] = 0
    since = 0
    for n in range(samples):
        base, there = n * x[0].size, n * pixels * outs
        for first in range(0, pixels, chunk):
            stop = min(first + chunk, pixels)
            for o in range(0, outs, 2 * lanes):
                i, j = min(o, outs - lanes), min(o + lanes, outs - lanes)
                for k in range(0, offsets.size, BLOCK):
                    places, row = _six_of(offsets, k, base), k * width + o
                    a = _get(sums, row, row + lanes, width)
                    for p in range(first, stop):
                        g, shift = there + p * outs, starts[np.uintp(p)]
                        v, w = load(gradient, g + i), load(gradient, g + j)
                        a = _six(source, places, shift, (v, w), a)
                    _put(sums, row, row + lanes, width, a)
            since += stop - first
            if since > _LONG:
                _add_up(gW, part, lanes)
                since = 0
    _add_up(gW, part, lanes)


@compiled
def _add_up(gW, part, lanes):
    """Add the sums, vectors of which the last may overlap in gW, to gW; set them to 0."""
    outs = gW.shape[1]
    for k in range(gW.shape[0]):
        for o in range(0, outs, lanes):
            past = o - min(o, outs - lanes)  # lanes that the vector before has too
            for c in range(o, min(o + lanes, outs)):
                gW[k, c] += part[k, c + past]
    part[:] = 0


def suits(channels: int, outs: int, out: tuple[int, ...], dtype: Any) -> bool:
    """Return whether a convolution to pictures (N, OH, OW) = `out` is quicker without columns."""
    if dtype not in (np.float32, np.float64):
        return False
    enough = outs * np.dtype(dtype).itemsize >= BYTES and out[1] * out[2] >= BLOCK
    return enough and channels * outs <= PAIRS


def direct(x: np.ndarray, W: np.ndarray, b: Any, window: Window, y: np.ndarray) -> None:
    """Write the convolution of x (N, H, W, C) by W (KH*KW*C, O), plus b, into y (N, OH, OW, O)."""
    outs = W.shape[1]
    W, bias = readable(W), np.zeros(outs, x.dtype) if b is None else readable(b)
    starts, offsets = tables(x, window)
    for samples, padded in staged(x, window):
        part = y[samples].reshape(len(padded), -1, outs)
        _direct(padded, W, bias, part, (starts, offsets, CHUNK))


def direct_gradient_w(x: np.ndarray, gy: np.ndarray, window: Window, gW: np.ndarray) -> None:
    """Add the gradient of `direct` by W to gW (KH*KW*C, O)."""
    outs, (starts, offsets) = gW.shape[1], tables(x, window)
    offsets = np.append(offsets, offsets[:1].repeat(-len(offsets) % BLOCK))
    pair = 2 * BYTES // x.dtype.itemsize
    width = -(-outs // pair) * pair
    sums = buffers.take("sums", (len(offsets), width), x.dtype)
    for samples, padded in staged(x, window):
        part = readable(gy[samples]).reshape(len(padded), -1, outs)
        _direct_gradient_w(padded, part, gW, sums, (starts, offsets, CHUNK))


def tables(x: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Return where the windows start in a padded picture of x, and their entries from there.

    Returns:
        (OH*OW,), (KH*KW*C,): distances in elements.
    """
    out, channels = window.out_shape(x.shape[1:3]), x.shape[3]
    row = window.padded(x.shape[1:3])[1] * channels
    (sh, sw), (dh, dw) = window.stride, window.dilation
    starts = np.add.outer(np.arange(out[0]) * (sh * row), np.arange(out[1]) * (sw * channels))
    kh, kw = (np.arange(size) for size in window.kernel)
    offsets = np.add.outer(np.add.outer(kh * (dh * row), kw * (dw * channels)), np.arange(channels))
    return starts.reshape(-1), offsets.reshape(-1)


def staged(x: np.ndarray, window: Window) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield (samples, those of x with their padding), where a loop can read them."""
    n, height, width, channels = x.shape
    padded = window.padded((height, width))
    if padded == (height, width) and x.flags.carray:
        yield slice(0, n), x
        return
    most = max(1, min(n, STAGE // max(1, padded[0] * padded[1] * channels)))
    stage = buffers.take("stage", (most, *padded, channels), x.dtype)
    stage[...] = 0
    top, left = window.pads[0][0], window.pads[1][0]
    for i in range(0, n, most):
        part = x[i : i + most]
        target = stage[: len(part), top : top + height, left : left + width]
        if channels < 8:  # long runs
            for c in range(channels):
                target[..., c] = part[..., c]
        else:
            target[...] = part
        yield slice(i, i + most), stage[: len(part)]


def readable(x: np.ndarray) -> np.ndarray:
    """Return x if a loop can read it, else a copy."""
    return x if x.flags.carray else np.array(x, order="C")
