"""`keras.ops`: arrays made, cut, joined and turned."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import to_host
from dezero.core import Config, Variable, as_array
from dezero.keras.ops.symbolic import op
from dezero.keras.tensors import KerasTensor

__all__ = [
    "append", "arange", "argmax", "argmin", "argsort", "array", "broadcast_to", "cast",
    "concatenate", "cond", "convert_to_numpy", "convert_to_tensor", "copy", "diag", "diagonal",
    "expand_dims", "eye", "flip", "full", "full_like", "hstack", "identity", "is_tensor",
    "linspace", "meshgrid", "moveaxis", "ndim", "one_hot", "ones", "ones_like", "pad", "ravel",
    "repeat", "reshape", "roll", "shape", "size", "slice", "sort", "split", "squeeze", "stack",
    "stop_gradient", "swapaxes", "take", "take_along_axis", "tile", "top_k", "transpose", "tril",
    "triu", "unstack", "vstack", "where", "zeros", "zeros_like",
]  # fmt: skip

argsort, sort, expand_dims, squeeze = op(F.argsort), op(F.sort), op(F.expand_dims), op(F.squeeze)
moveaxis, swapaxes, flip, roll = op(F.moveaxis), op(F.swapaxes), op(F.flip), op(F.roll)
repeat, tile, stack, vstack, hstack = (
    op(F.repeat), op(F.tile), op(F.stack), op(F.vstack), op(F.hstack),
)  # fmt: skip
broadcast_to, ravel, copy = op(F.broadcast_to), op(F.ravel), op(F.copy)
diag, diagonal, tril, triu = op(F.diag), op(F.diagonal), op(F.tril), op(F.triu)
take_along_axis, where, transpose = op(F.take_along_axis), op(F.where), op(F.transpose)


class Shape(tuple):
    """A shape, with `numpy()` as TensorFlow's has."""

    __slots__ = ()

    def numpy(self) -> np.ndarray:
        """Return the sizes as an array."""
        return np.array(self, np.int32)


def shape(x: Any) -> Any:
    """Return the shape, None for what is not known."""
    return Shape(x.shape if hasattr(x, "shape") else np.shape(x))


def size(x: Any) -> int:
    """Return the number of elements."""
    return int(np.prod(shape(x)))


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(shape(x))


def is_tensor(x: Any) -> bool:
    """Return whether x is a Variable or KerasTensor."""
    return isinstance(x, Variable | KerasTensor)


def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """Return x as a Variable: numbers and lists in the default dtype, integers as int32.

    Args:
        x: number, list, array or Variable; Variables in a list keep their graph.
        dtype: another one.
    """
    if isinstance(x, KerasTensor):
        return x if dtype is None else cast(x, dtype)
    if isinstance(x, Variable):
        return x if dtype is None or x.dtype == np.dtype(dtype) else F.astype(x, dtype)
    if isinstance(x, list | tuple) and x and isinstance(x[0], Variable):
        joined = F.stack(list(x))
        return joined if dtype is None else F.astype(joined, dtype)
    array = as_array(x)
    if dtype is None and not hasattr(x, "dtype"):
        dtype = {"f": Config.dtype, "i": np.int32}.get(array.dtype.kind)
    return Variable.constant(array if dtype is None else array.astype(dtype))


array = convert_to_tensor


def convert_to_numpy(x: Any) -> np.ndarray:
    """Return a copy of x as a NumPy array."""
    return np.array(to_host(as_array(x)))


def _made(make: Callable[..., Any], dtype: Any, *args: Any) -> Variable:
    return Variable.constant(make(*args, dtype=np.dtype(dtype or Config.dtype)))


def zeros(shape: Any, dtype: Any = None) -> Variable:
    """Return a Variable of zeros."""
    return _made(np.zeros, dtype, shape)


def ones(shape: Any, dtype: Any = None) -> Variable:
    """Return a Variable of ones."""
    return _made(np.ones, dtype, shape)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Variable:
    """Return a Variable of one value."""
    return _made(np.full, dtype or convert_to_tensor(fill_value).dtype, shape, fill_value)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Variable:
    """Return a matrix with ones on diagonal k."""
    return _made(np.eye, dtype, N, M, k)


def identity(n: int, dtype: Any = None) -> Variable:
    """Return the identity matrix."""
    return eye(n, dtype=dtype)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Variable:
    """Return numbers from start to below stop; from 0 to below start if stop is None."""
    first, last = (0, start) if stop is None else (start, stop)
    whole = all(isinstance(n, int | np.integer) for n in (first, last, step))
    return _made(np.arange, dtype or (np.int32 if whole else None), first, last, step)


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None
) -> Variable:
    """Return `num` numbers from start to stop."""
    return Variable.constant(np.linspace(start, stop, num, endpoint, dtype=dtype or Config.dtype))


def meshgrid(*x: Any, indexing: Any = "xy") -> list[Variable]:
    """Return the coordinates of a grid."""
    return [Variable.constant(a) for a in np.meshgrid(*map(as_array, x), indexing=indexing)]


@op
def zeros_like(x: Any, dtype: Any = None) -> Variable:
    """Return zeros of the shape of x."""
    return Variable.constant(np.zeros_like(as_array(x), dtype))


@op
def ones_like(x: Any, dtype: Any = None) -> Variable:
    """Return ones of the shape of x."""
    return Variable.constant(np.ones_like(as_array(x), dtype))


@op
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Variable:
    """Return one value in the shape of x."""
    return Variable.constant(np.full_like(as_array(x), fill_value, dtype))


@op
def cast(x: Any, dtype: Any) -> Variable:
    """Return x in another dtype."""
    return F.astype(x, np.dtype(dtype))


@op
def reshape(x: Any, newshape: Any) -> Variable:
    """Return x in another shape."""
    return F.reshape(x, tuple(newshape) if isinstance(newshape, list | tuple) else (newshape,))


@op
def concatenate(xs: Any, axis: int = -1) -> Variable:
    """Return arrays one after the other along an axis."""
    return F.concat([convert_to_tensor(x) for x in xs], axis)


@op
def append(x1: Any, x2: Any, axis: int | None = None) -> Variable:
    """Return x2 after x1, both flat if axis is None."""
    if axis is None:
        return F.concat([F.reshape(x1, (-1,)), F.reshape(x2, (-1,))], 0)
    return F.concat([x1, x2], axis)


@op
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Variable]:
    """Return parts of x: so many alike, or cut in front of these indices."""
    return list(F.split(x, indices_or_sections, axis))


@op
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Variable]:
    """Return x without an axis, one for each place on it."""
    first = F.moveaxis(x, axis, 0)
    return [first[i] for i in range(first.shape[0])]


@op
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Return the places of the largest values as int32."""
    found = as_array(x).argmax(axis, keepdims=keepdims)
    return Variable.constant(np.asarray(found).astype(np.int32))


@op
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Return the places of the smallest values as int32."""
    found = as_array(x).argmin(axis, keepdims=keepdims)
    return Variable.constant(np.asarray(found).astype(np.int32))


@op
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Variable:
    """Return 1 at each class and 0 elsewhere, the classes on a new axis."""
    at = as_array(x)[..., None] == np.arange(num_classes)
    last = at.ndim - 1
    return Variable.constant(np.moveaxis(at.astype(dtype or Config.dtype), last, axis))


@op
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Variable:
    """Return x with more on both sides of each axis, (before, after)."""
    return F.pad(x, pad_width, mode=mode, constant_values=constant_values or 0)


@op
def take(x: Any, indices: Any, axis: int | None = None) -> Variable:
    """Return the elements at these indices of an axis, of the flat array if None."""
    return F.take(x, as_array(indices), axis)


@op
def slice(x: Any, start_indices: Any, shape: Any) -> Variable:
    """Return the part of x that begins at start_indices and has this shape."""
    ends = zip(start_indices, shape, strict=True)
    # `slice` is this function here.
    return F.get_item(x, tuple(np.s_[int(a) : int(a) + int(n)] for a, n in ends))


@op
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Variable, Variable]:
    """Return the k largest values of the last axis, and their places."""
    values, places = F.topk(x, k)
    return values, F.astype(places, np.int32)


@op
def stop_gradient(x: Any) -> Variable:
    """Return x without its graph."""
    return Variable.constant(as_array(x))


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Return true_fn() if pred holds, else false_fn()."""
    return true_fn() if bool(as_array(pred)) else false_fn()
