"""What a training step on a device needs beside functions and updates, in plain NumPy."""

import numpy as np

__all__ = [
    "add_bias",
    "add_scaled",
    "batch_rows",
    "checked_index",
    "gather_arrays",
    "gather_normalise",
    "limit_norm",
    "norm_squared",
    "scaled",
]


def gather_arrays(parts: tuple, out: np.ndarray) -> None:
    """Write the arrays `parts`, C-contiguous and of the dtype of flat `out`, into it end to end."""
    start = 0
    for part in parts:
        out[start : start + part.size] = part.reshape(-1)
        start += part.size


def scaled(x: np.ndarray, factor: np.ndarray, n: int) -> np.ndarray:
    """Return x * (factor / n), where factor is an array (): a mean's gradient."""
    return x * (factor / n)


def batch_rows(data: np.ndarray, order: np.ndarray, start: float, count: int) -> np.ndarray:
    """Return the rows data[order[start : start + count]], copied.

    Args:
        data: a data set (N, ...), one row after the other in memory.
        order: int64 (N,), from 0 to N - 1.
        start: a whole number; on a device perhaps an array of one, which a captured step reads.
        count: rows, which `order` has from `start` on.
    """
    begin = int(start)
    return data.take(order[begin : begin + count], axis=0)


def gather_normalise(
    data: np.ndarray, index: np.ndarray, mean: float, std: float, dtype: str = "f4"
) -> np.ndarray:
    """Return (data[index] - mean) / std in the floating `dtype`, each step rounded to it.

    Args:
        data: a data set, uint8 or float32 (N, ...).
        index: integers (M,).
        mean, std: 0 and 255 for pictures between 0 and 1.
        dtype: "f4" or "f8".
    """
    rows = data[index].astype(dtype)
    rows -= mean
    rows /= std
    return rows


def norm_squared(g: np.ndarray) -> np.ndarray:
    """Return the sum of the squares of floating `g`, of any shape, as a float64 array ()."""
    wide = g.reshape(-1).astype(np.float64, copy=False)
    return np.asarray(wide.dot(wide))


def add_bias(y: np.ndarray, b: np.ndarray, relu: bool) -> None:
    """Add b (C,) to y (..., C) in place; what is below 0 then becomes 0 if `relu`."""
    np.add(y, b, y)
    if relu:
        np.maximum(y, 0, out=y)


def add_scaled(g: np.ndarray, x: np.ndarray, rate: float) -> None:
    """Add rate * x to gradient g, an array of the same shape, in place."""
    g += rate * x


def limit_norm(g: np.ndarray, square: np.ndarray, max_norm: float) -> None:
    """Scale gradient `g` in place so that what has the norm sqrt(square), (), has max_norm at most.

    Of a norm that is NaN everything stays as it is, of an infinite one it becomes 0 or NaN.
    """
    norm = np.sqrt(square)
    # A rate such as 1e-6 has no digits left in float16.
    rate = float(max_norm / norm) if norm > max_norm else 1.0
    g[...] = g * rate if g.dtype != np.float16 else g.astype(np.float32) * rate


def checked_index(ids: np.ndarray, count: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Return ids that name one of `count` rows, 0 where integer `ids` name none, as int64.

    Returns:
        the ids, and of `dtype` the number 1, but NaN where there is no such row.
    """
    bad = (ids < 0) | (ids >= count)
    return np.where(bad, 0, ids).astype(np.int64), np.where(bad, np.nan, 1.0).astype(dtype)
