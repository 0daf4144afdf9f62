"""CuPy's twins of the host's kernels: the same names and signatures, arrays of the device."""

import math
from itertools import accumulate
from typing import Any

import numpy as np

from dezero.backend.cupy import kernels_norms
from dezero.backend.cupy.compile import empty, kernel
from dezero.backend.cupy.kernels_activations import as_in_memory
from dezero.backend.cupy.table.indexing import SPECS as INDEXING
from dezero.backend.cupy.table.losses import SPECS as LOSSES
from dezero.backend.cupy.table.training import FEW, MANY
from dezero.backend.cupy.table.training import SPECS as TRAINING
from dezero.backend.numpy_kernels import _summed
from dezero.backend.precision import PRECISION
from dezero.backend.registry import xp

__all__ = [
    "add_bias",
    "add_scaled",
    "batch_rows",
    "checked_index",
    "aligned_empty",
    "erf",
    "flush_subnormals",
    "gather_arrays",
    "gather_normalise",
    "index_add",
    "limit_norm",
    "norm_squared",
    "relu_gradient",
    "scaled",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_gradient",
    "softmax_cross_entropy",
    "softmax_cross_entropy_mean",
    "sum_to",
]

_SPECS = {spec.name: spec for spec in (*INDEXING, *LOSSES, *TRAINING)}
# With more classes than this a row has a block, with fewer a thread.
_NARROW = 256
# Up to so many rows one block does all of them, and their mean.
_SHORT = 1024
_THREADS = 128


def _launch(name: str, letters: str, threads: int, *arguments: Any) -> None:
    letters = letters.replace("q", "l")
    blocks = max(1, min(-(-threads // _THREADS), 65535))
    kernel(_SPECS[name], letters)((blocks,), (_THREADS,), arguments)


def aligned_empty(size: int, dtype: Any) -> Any:
    """Return an uninitialised flat array; the pool's blocks begin at multiples of 512 bytes."""
    return empty(size, dtype)


def flush_subnormals(state: Any) -> None:
    """Set entries too small to matter to 0, as the host does."""
    limits = np.finfo(state.dtype)
    kernel(_SPECS["flush_subnormals"])(float(limits.tiny / limits.eps), state)


def erf(x: Any) -> Any:
    """Error function of floating `x`."""
    return kernel(_SPECS["error_function"])(x)


def relu_gradient(gy: Any, y: Any) -> Any:
    """Return gy where y > 0, else 0."""
    if gy.dtype != y.dtype or gy.dtype.char not in "efd":
        return gy * (y > 0)
    return as_in_memory(_SPECS["relu_gradient"], (gy, y))


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """Sum `x` over the axes that broadcasting from `shape` added or stretched."""
    if x.dtype.char == "e":  # a running sum of float16 stands still at 2048 ones
        return sum_to(x.astype("f4"), shape).astype("e")
    if x.shape[x.ndim - len(shape) :] == shape and x.flags.c_contiguous:
        width = max(math.prod(shape), 1)
        parts = kernels_norms.parts_of((1, x.size // width, width, 1))
        if parts > 1:  # CuPy gives a block 32 columns, and all of their rows
            return x.reshape(parts, -1, *shape).sum(axis=1).sum(axis=0)
    return _summed(x, shape)


def softmax_cross_entropy(x: Any, t: Any) -> tuple[Any, Any] | None:
    """Return -log softmax(x) at the labels, (N,), and its gradient by x, (N, C).

    Rows whose label is no class become NaN in both, as no device is asked for its values.
    """
    module, (rows, classes) = xp(x), x.shape
    if not classes:
        raise ValueError("softmax_cross_entropy: expected classes, got a zero-size axis of x.")
    values, gx = module.empty(rows, x.dtype), module.empty(x.shape, x.dtype)
    if t.dtype.char != "B":
        t = t.astype(np.int64, copy=False)
    arrays = module.ascontiguousarray(x), module.ascontiguousarray(t), values, gx
    letters = (x.dtype.char + t.dtype.char).replace("q", "l")
    if classes > _NARROW:
        wide = kernel(_SPECS["softmax_cross_entropy_wide"], letters)
        wide((min(rows, 1 << 20),), (256,), (*arrays, rows, classes))
    else:
        _launch("softmax_cross_entropy_rows", letters, rows, *arrays, rows, classes)
    return values, gx


def softmax_cross_entropy_mean(x: Any, t: Any) -> tuple[Any, Any]:
    """Return the mean of -log softmax(x) at the labels, (), and its gradient by x, (N, C).

    Where a label is no class its row of the gradient is NaN, and so is the mean.
    """
    module, (rows, classes) = xp(x), x.shape
    if not 0 < classes <= _NARROW or rows > _SHORT:
        values, gx = softmax_cross_entropy(x, t)  # type: ignore[misc]
        return values.mean(), scaled(gx, module.ones((), x.dtype), rows)
    total, gx = module.empty((), x.dtype), module.empty(x.shape, x.dtype)
    t = t if t.dtype.char == "B" else t.astype(np.int64, copy=False)
    arrays = module.ascontiguousarray(x), module.ascontiguousarray(t), total, gx
    letters = (x.dtype.char + t.dtype.char).replace("q", "l")
    threads = 32
    while threads < min(rows, 256):
        threads *= 2
    spec = _SPECS["softmax_cross_entropy_mean"]
    kernel(spec, letters)((1,), (threads,), (*arrays, rows, classes))
    return total, gx


def sigmoid_cross_entropy(x: Any, t: Any) -> Any:
    """Return -t log s(x) - (1 - t) log(1 - s(x)) of floating x, where s is the sigmoid."""
    return kernel(_SPECS["sigmoid_cross_entropy"])(x, t)


def sigmoid_cross_entropy_gradient(gy: Any, x: Any, t: Any) -> Any:
    """Return gy * (s(x) - t), where s is the sigmoid; gy broadcasts to x and t."""
    return kernel(_SPECS["sigmoid_cross_entropy_gradient"])(gy, x, t)


def index_add(y: Any, index: Any, values: Any) -> None:
    """Add `values` into `y[index]` in place, counting repeated indices as often as they occur.

    Note: where `deterministic()` holds, equal places get their parts in order. All sums whose
        order chance would decide are made here: gradients of indexing and embeddings, scatter_add,
        weighted counts of metrics.
    """
    module, parts = xp(y), index if isinstance(index, tuple) else (index,)
    if all(part is None or part is ... or isinstance(part, int | slice) for part in parts):
        y[index] += values
        return
    is_known = y.flags.c_contiguous and y.dtype.char in "efdlq" and y.ndim > 0
    if is_known and len(parts) == 1 and getattr(parts[0], "dtype", y.dtype).kind in "iu":
        _add_rows(y, parts[0], values)
    elif PRECISION.get().deterministic and y.dtype.kind == "f":  # integers sum in any order
        whole = module.ascontiguousarray(y).reshape(-1)
        places = module.arange(y.size).reshape(y.shape)[index]
        _add_rows(whole, places, values)
        if not is_known:
            y[...] = whole.reshape(y.shape)
    else:
        module.add.at(y, index, values)


def _add_rows(y: Any, index: Any, values: Any) -> None:
    module = xp(y)
    rows, width = y.shape[0], math.prod(y.shape[1:])
    values = module.broadcast_to(module.asarray(values, y.dtype), index.shape + y.shape[1:])
    values = module.ascontiguousarray(values)
    index = module.ascontiguousarray(index.reshape(-1).astype(np.int64, copy=False))
    count, letters = index.size, y.dtype.char
    if not count * width:
        return
    if not PRECISION.get().deterministic:
        _launch("add_rows", letters, count * width, y, index, values, count, rows, width)
        return
    # Positions make all keys different: the order is the same however they are sorted.
    keys = module.sort(index % rows * count + module.arange(count))
    order, index = keys % count, keys // count
    _launch("add_sorted_rows", letters, count * width, y, index, order, values, count, width)


def gather_arrays(parts: tuple, out: Any) -> None:
    """Write the arrays `parts`, C-contiguous and of the dtype of flat `out`, into it end to end."""
    parts = tuple(part for part in parts if part.size)
    start = 0
    for i in range(0, len(parts), MANY):
        few = parts[i : i + MANY]
        sizes = [part.size for part in few]
        most, size = FEW if len(few) <= FEW else MANY, sum(sizes)
        spare = most - len(few)
        arrays, ends = (*few, *few[:1] * spare), (*accumulate(sizes), *[size] * spare)
        grid = min(-(-max(sizes) // _THREADS), 1024), len(few)
        whole = kernel(_SPECS[f"gather_{most}"], out.dtype.char)
        whole(grid, (_THREADS,), (*arrays, *ends, out[start : start + size]))
        start += size


def scaled(x: Any, factor: Any, n: int) -> Any:
    """Return x * (factor / n), where factor is an array (): a mean's gradient."""
    if x.dtype.char not in "efd" or x.dtype != factor.dtype:
        return x * (factor / n)
    return as_in_memory(_SPECS["scaled"], (x, factor), n)


def batch_rows(data: Any, order: Any, start: Any, count: int) -> Any:
    """Return the rows data[order[start : start + count]], copied in one launch."""
    shape, dtype = (count, *data.shape[1:]), data.dtype
    size = min(dtype.itemsize, 8)  # complex128 is two of eight bytes
    data = data.reshape(-1).view(f"u{size}")
    width = math.prod(shape[1:]) * dtype.itemsize // size
    y = xp(data).empty(count * width, data.dtype)
    kernel(_SPECS["batch_rows"])(data, order, start, width, y)
    return y.view(dtype).reshape(shape)


def gather_normalise(data: Any, index: Any, mean: float, std: float, dtype: str = "f4") -> Any:
    """Return (data[index] - mean) / std, in one launch."""
    module, rest = xp(data), data.shape[1:]
    index = index.astype(np.int64, copy=False)
    y = module.empty((*index.shape, *rest), dtype)
    data = module.ascontiguousarray(data)
    sizes = len(data), math.prod(rest)
    return kernel(_SPECS["gather_normalise"])(data, index, *sizes, mean, std, y)


def norm_squared(g: Any) -> Any:
    """Return the sum of the squares of floating `g` as a float64 array ()."""
    if g.size < kernels_norms.ELEMENTS:
        return kernel(_SPECS["norm_squared"])(g)
    g = xp(g).ascontiguousarray(g)  # CuPy would have one block read all of it
    blocks = min(g.size // 2048, 1024)
    parts = xp(g).empty(blocks, np.float64)
    kernel(_SPECS["squares_in_parts"], g.dtype.char)((blocks,), (256,), (g, parts, g.size))
    return parts.sum()


def add_bias(y: Any, b: Any, relu: bool) -> None:
    """Add b (C,) to y (..., C) in place; what is below 0 then becomes 0 if `relu`."""
    kernel(_SPECS["add_bias"])(b, b.size, relu, y)


def add_scaled(g: Any, x: Any, rate: float) -> None:
    """Add rate * x to gradient g, an array of the same shape, in place."""
    kernel(_SPECS["add_scaled"])(x, rate, g)


def limit_norm(g: Any, square: Any, max_norm: float) -> None:
    """Scale gradient `g` in place so that what has the norm sqrt(square), (), has max_norm at most.

    Of a norm that is NaN everything stays as it is, of an infinite one it becomes 0 or NaN.
    """
    kernel(_SPECS["limit_norm"])(square, max_norm, g)


def checked_index(ids: Any, count: int, dtype: Any) -> tuple[Any, Any]:
    """Return ids that name one of `count` rows, 0 where integer `ids` name none, as int64.

    Returns:
        the ids, and of `dtype` the number 1, but NaN where there is no such row.
    """
    safe, factor = (xp(ids).empty(ids.shape, kind) for kind in (np.int64, dtype))
    # Of uint64, those above 2**63 become negative: they name no row either way.
    kernel(_SPECS["checked_index"])(ids.astype(np.int64, copy=False), count, safe, factor)
    return safe, factor
