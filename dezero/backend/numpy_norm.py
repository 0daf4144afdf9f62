"""Statistics of channels or rows and what is done with them: the kernels of normalisation.

Arrays of channels have four axes (S, A, C, B) and lie in one piece. Each channel of each of the S
samples is normalised along A and B; B is 1 where channels are last in memory, A where they are
not. Numbers that belong to a channel are float64 (S, C). The work is done on pieces that stay in
the cache, so that an array comes from memory once for each sweep.
"""

from collections.abc import Iterator
from math import isqrt
from typing import Any

import numpy as np

__all__ = [
    "channel_affine",
    "channel_back",
    "channel_frozen",
    "channel_gradient",
    "channel_moments",
    "channel_products",
    "channel_scale",
    "group_back",
    "group_scale",
    "group_sums",
    "moving_moments",
    "row_norm",
    "row_norm_gradient",
    "row_softmax",
    "row_softmax_among",
    "row_softmax_gradient",
]

# Elements of a piece; of a row from which on NumPy's loops are worth their start; of a tiled row.
_PIECE, _ROW, _TILED = 65_536, 64, 8192


class _Table:
    """How (S, A, C, B) is cut into tables, with one channel to a row, or else all along each row.

    In the latter case rows of few elements, which are slow, are laid end to end.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = s, a, c, b = shape
        self.by_row = b >= _ROW or a == 1
        # (tables, elements of each, elements of one row)
        if self.by_row:
            self.cut = (1, s * a * c * b, b)
        else:
            times = max(1, min(isqrt(a), _TILED // max(c * b, 1)))
            self.cut = (s, a * c * b, times * c * b)

    def pieces(self, *arrays: np.ndarray) -> Iterator[tuple]:
        """Yield (place of their numbers, piece of each array)."""
        count, size, width = self.cut
        if not count * size:
            return
        # Sums over few rows would be sums of sums.
        step, whole = max(1 if self.by_row else 16, _PIECE // width), size // width
        tables = [x.reshape(count, size) for x in arrays]
        for i in range(count):
            rows = [x[i, : whole * width].reshape(whole, width) for x in tables]
            for start in range(0, whole, step):
                stop = min(start + step, whole)
                place = slice(start, stop) if self.by_row else i
                yield (place, *(x[start:stop] for x in rows))
            if whole * width < size:
                rest = size - whole * width
                yield ((i, slice(rest)), *(x[i, None, -rest:] for x in tables))

    def spread(self, numbers: np.ndarray, dtype: Any) -> np.ndarray:
        """Lay numbers of channels out so that the place of a piece finds those of its elements."""
        s, a, c, b = self.shape
        numbers = numbers.astype(dtype)[:, None, :, None]
        if self.by_row:
            return np.broadcast_to(numbers, (s, a, c, 1)).reshape(-1, 1)
        width = self.cut[2]
        times = width // max(c * b, 1)
        return np.broadcast_to(numbers, (s, times, c, b)).reshape(s, width)

    def sums(self) -> np.ndarray:
        """Return zeros to add the sums of pieces to."""
        s, a, c, _ = self.shape
        return np.zeros(s * a * c if self.by_row else (s, self.cut[2]))

    def gathered(self, sums: np.ndarray) -> np.ndarray:
        """Return (S, C) from what `sums` has become."""
        s, a, c, b = self.shape
        if self.by_row:
            return sums.reshape(s, a, c).sum(1)
        return sums.reshape(s, self.cut[2] // max(c * b, 1), c, b).sum((1, 3))

    def add_sum(self, sums: np.ndarray, place: Any, x: np.ndarray) -> None:
        """Add the sums of a piece, by BLAS, whose product with ones is the fastest sum there is."""
        ones = np.ones(x.shape[self.by_row], x.dtype)
        sums[place] += x.dot(ones) if self.by_row else ones.dot(x)

    def add_product(self, sums: np.ndarray, place: Any, x: np.ndarray, y: np.ndarray) -> None:
        """Add the sums of x * y, where x is scratch."""
        if self.by_row:
            sums[place] += np.vecdot(x, y)
        else:
            x *= y
            self.add_sum(sums, place, x)


def channel_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of every channel, the latter divided by A * B; 0 if that is 0."""
    table, size = _Table(x.shape), max(x.shape[1] * x.shape[3], 1)
    sums = table.sums()
    for place, piece in table.pieces(x):
        table.add_sum(sums, place, piece)
    near = (table.gathered(sums) / size).astype(x.dtype)
    # In a second sweep, around the mean: the difference of large sums would be noise. What is left
    # of the sum itself corrects the mean.
    center, sums, squares = table.spread(near, x.dtype), table.sums(), table.sums()
    for place, piece in table.pieces(x):
        shifted = piece - center[place]
        table.add_sum(sums, place, shifted)
        table.add_product(squares, place, shifted, shifted)
    rest = table.gathered(sums) / size
    return near + rest, np.maximum(table.gathered(squares) / size - rest * rest, 0)


def channel_scale(
    variance: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 1 / sqrt(variance + eps), that times gamma, and beta: float64 (S, C)."""
    inverse = 1 / np.sqrt(variance + eps)
    return inverse, gamma * inverse, beta.astype(np.float64)[None]


def channel_frozen(
    mean: np.ndarray, variance: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a copy of the mean (C,), and what `channel_scale` returns: float64 (1, C)."""
    wide = variance.astype(np.float64)[None]
    return mean.astype(np.float64)[None], *channel_scale(wide, gamma, beta, eps)


def group_scale(
    mean: np.ndarray, variance: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return for each channel what belongs to its group, float64 (N, C).

    Args:
        mean, variance: of each group, (N, G).
        gamma, beta: (C,).
        eps: added to the variance.
    Returns:
        mean, 1 / sqrt(variance + eps), that times gamma, and beta.
    """
    size = len(gamma) // mean.shape[1]
    center, wide = (np.repeat(numbers, size, axis=1) for numbers in (mean, variance))
    inverse = 1 / np.sqrt(wide + eps)
    return center, inverse, gamma * inverse, np.zeros_like(inverse) + beta


def group_sums(
    total: np.ndarray, product: np.ndarray, inverse: np.ndarray, gamma: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of gamma and beta (C,) from the sums of `channel_products` (N, C)."""
    return (product * inverse).sum(axis=0), total.sum(axis=0)


def group_back(  # noqa: PLR0917
    total: np.ndarray,
    product: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    gamma: np.ndarray,
    groups: int,
    count: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the numbers of `channel_gradient`, (N, C), for channels normalised in groups.

    Args:
        total, product: as from `channel_products`.
        mean, inverse: as from `group_scale`.
        gamma: (C,).
        groups: into how many the channels fall.
        count: of what is behind each number.
    """
    n, c = total.shape

    def over_groups(v: np.ndarray) -> np.ndarray:
        means = v.reshape(n, groups, c // groups).mean(axis=2)
        return np.repeat(means, c // groups, axis=1)

    by_x = inverse * inverse * over_groups(gamma * product * inverse) / -count
    shift = inverse * over_groups(gamma * total) / -count - by_x * mean
    return gamma * inverse, by_x, shift


def moving_moments(  # noqa: PLR0917
    mean: np.ndarray,
    variance: np.ndarray,
    batch_mean: np.ndarray,
    batch_variance: np.ndarray,
    factor: float,
    decay: float,
) -> None:
    """Move running statistics (C,) in place towards those of a batch, where these are finite.

    Args:
        mean, variance: floating (C,).
        batch_mean, batch_variance: float64 (C,).
        factor: by which the batch's variance is taken.
        decay: the part of the old ones that stays.
    """
    batch_variance = batch_variance * factor
    sound = np.isfinite(batch_mean) & np.isfinite(batch_variance)
    for old, new in ((mean, batch_mean), (variance, batch_variance)):
        old[...] = np.where(sound, old.astype(np.float64) * decay + new * (1 - decay), old)


def channel_back(  # noqa: PLR0917
    total: np.ndarray,
    product: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    gamma: np.ndarray,
    count: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the numbers of `channel_gradient` and the gradients of gamma and beta.

    Args:
        total, product: as from `channel_products`.
        mean, inverse: of the batch, (1, C).
        gamma: (C,).
        count: of what is behind each number.
    """
    product, scale = product * inverse, gamma * inverse
    by_x = scale * inverse * product / -count
    shift = scale * total / -count - by_x * mean
    return scale, by_x, shift, product[0], total[0]


def channel_affine(
    x: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray | None = None,
    center: np.ndarray | None = None,
) -> np.ndarray:
    """Return (x - center) * scale + shift; what is None costs nothing."""
    table, y = _Table(x.shape), np.empty_like(x)
    if center is not None:
        # Its rounding is put right, which in float32 matters where the mean is large.
        rest = (center - center.astype(x.dtype)) * scale
        shift = -rest if shift is None else shift - rest
    factors = table.spread(scale, x.dtype)
    near = None if center is None else table.spread(center, x.dtype)
    terms = None if shift is None else table.spread(shift, x.dtype)
    for place, piece, out in table.pieces(x, y):
        if near is not None:
            piece = np.subtract(piece, near[place], out)
        np.multiply(piece, factors[place], out)
        if terms is not None:
            out += terms[place]
    return y


def channel_products(
    gy: np.ndarray, x: np.ndarray, center: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of gy and of gy * (x - center) over every channel."""
    table = _Table(x.shape)
    sums, products, near = table.sums(), table.sums(), table.spread(center, x.dtype)
    for place, g, piece in table.pieces(gy, x):
        table.add_sum(sums, place, g)
        table.add_product(products, place, piece - near[place], g)
    total = table.gathered(sums)
    return total, table.gathered(products) - (center - center.astype(x.dtype)) * total


def channel_gradient(
    gy: np.ndarray, x: np.ndarray, by_gy: np.ndarray, by_x: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """Return gy * by_gy + x * by_x + shift."""
    table, gx = _Table(x.shape), np.empty_like(x)
    by_gy, by_x, shift = (table.spread(v, x.dtype) for v in (by_gy, by_x, shift))
    for place, g, piece, out in table.pieces(gy, x, gx):
        np.multiply(piece, by_x[place], out)
        out += shift[place]
        out += g * by_gy[place]
    return gx


def row_norm(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray | None, eps: float
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Return the rows of x (M, D), normalised, times gamma (D,) plus beta (D,).

    Returns:
        y (M, D), and for the gradient mean and 1 / sqrt(variance + eps) of the rows, (M,). Without
        beta the mean counts as 0: y is x over its root mean square, and the second result None.
    """
    m, d = x.shape
    y, inverse, ones = np.empty_like(x), np.empty(m, x.dtype), np.ones(d, x.dtype)
    mean = None if beta is None else np.empty(m, x.dtype)
    step = max(1, _PIECE // d)
    for rows in (slice(start, start + step) for start in range(0, m, step)):
        piece, out = x[rows], y[rows]
        if mean is not None:
            mean[rows] = piece.dot(ones) / d
            piece = np.subtract(piece, mean[rows, None], out)
        inverse[rows] = 1 / np.sqrt(np.vecdot(piece, piece) / d + eps)
        np.multiply(piece, inverse[rows, None], out)
        out *= gamma
        if beta is not None:
            out += beta
    return y, mean, inverse


def row_norm_gradient(
    gy: np.ndarray,
    x: np.ndarray,
    gamma: np.ndarray,
    mean: np.ndarray | None,
    inverse: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of `row_norm` by x, gamma and beta from what it returned."""
    m, d = x.shape
    gx, ggamma, gbeta = np.empty_like(x), np.zeros(d), np.zeros(d)
    weight, step = gamma.astype(x.dtype) / x.dtype.type(d), max(1, _PIECE // d)
    for rows in (slice(start, start + step) for start in range(0, m, step)):
        g, out, scale = gy[rows], gx[rows], inverse[rows, None]
        normed = x[rows] * scale if mean is None else (x[rows] - mean[rows, None]) * scale
        product, ones = g * normed, np.ones(len(g), x.dtype)
        ggamma += ones.dot(product)
        normed *= product.dot(weight)[:, None]
        np.multiply(g, gamma, out)
        if mean is not None:
            gbeta += ones.dot(g)
            out -= g.dot(weight)[:, None]
        out -= normed
        out *= scale
    return gx, ggamma, gbeta


def row_softmax(x: np.ndarray, is_log: bool) -> np.ndarray:
    """Return softmax of the rows of floating x (M, D), or its logarithm."""
    if x.dtype.itemsize == 2:  # sums of many classes, and differences, are too much for float16
        return row_softmax(x.astype(np.float32), is_log).astype(x.dtype)
    z = x - x.max(axis=1, keepdims=True)
    y = np.exp(z)
    total = y.sum(axis=1, keepdims=True)
    return z - np.log(total) if is_log else y / total


def row_softmax_among(x: np.ndarray) -> None:
    """Replace the rows of x (M, D), float32 or float64, by their softmax; -inf alone by 0."""
    top = x.max(axis=1, keepdims=True)
    x -= np.where(top == -np.inf, 0, top)
    np.exp(x, out=x)
    total = x.sum(axis=1, keepdims=True)
    x /= total + (total == 0)


def row_softmax_gradient(gy: np.ndarray, y: np.ndarray, is_log: bool) -> np.ndarray:
    """Return the gradient of `row_softmax` by x from its result y."""
    if is_log:
        return gy - np.exp(y) * gy.sum(axis=1, keepdims=True)
    gx = gy * y
    gx -= y * gx.sum(axis=1, keepdims=True)
    return gx
