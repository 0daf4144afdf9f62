"""Functions that pick elements by index and put gradients back where they came from."""

from types import EllipsisType
from typing import Any

import numpy as np

from dezero.backend import is_readable, kernels, xp
from dezero.core import (
    Config,
    Function,
    Variable,
    as_array,
    differentiable,
    nondifferentiable,
    promote,
)
from dezero.core.errors import describe
from dezero.functions.placing import placed, poison
from dezero.functions.shape import normal_axis, ravel, sum_to

__all__ = [
    "GetItem",
    "GetItemGrad",
    "ScatterAdd",
    "SetItem",
    "argmax",
    "argmin",
    "embed_id",
    "get_item",
    "one_hot",
    "scatter_add",
    "set_item",
    "take",
    "take_along_axis",
]


class GetItem(Function, uses_inputs=False):
    """x[slices]; `distinct` says that no element is picked twice, where that is known."""

    def __init__(self, slices: Any, distinct: bool | None = None) -> None:
        self.slices, self.distinct = slices, distinct

    def forward(self, x: Any) -> Any:
        try:
            return x[self.slices]
        except IndexError as error:
            raise IndexError(
                f"get_item: expected an index that fits x {x.shape}, got one that does not: "
                f"{error}. Indices count from 0, negative ones from the end."
            ) from error

    def _grad(self) -> "GetItemGrad":
        return GetItemGrad(self.slices, self.inputs[0].data.shape, self.distinct)

    def backward(self, gy: Variable) -> Variable:
        return self._grad()(gy)

    def fast_backward(self, gy: Any) -> Any:
        return self._grad().forward(gy)


class GetItemGrad(Function, uses_inputs=False):
    """Zeros of shape `in_shape` with `gy` added at `slices`: the gradient of GetItem."""

    def __init__(self, slices: Any, in_shape: tuple[int, ...], distinct: bool | None = None):
        self.slices, self.in_shape = slices, in_shape
        self.distinct = _is_distinct(slices) if distinct is None else distinct

    def forward(self, gy: Any) -> Any:
        if not self.distinct and gy.dtype.itemsize == 2:  # a running sum of float16 loses much
            return self.forward(gy.astype("f4")).astype(gy.dtype)
        gx = xp(gy).zeros(self.in_shape, dtype=gy.dtype)
        if self.distinct:
            gx[self.slices] = gy
        else:
            kernels(gy).index_add(gx, self.slices, gy)
        return gx

    def backward(self, ggx: Variable) -> Variable:
        return GetItem(self.slices, self.distinct)(ggx)

    def fast_backward(self, ggx: Any) -> Any:
        return ggx[self.slices]


def _is_distinct(index: Any) -> bool:
    # Only arrays and lists of integers can name an element twice.
    entries = index if type(index) is tuple else (index,)
    return not any(
        isinstance(i, list) or (getattr(i, "ndim", 0) and i.dtype.kind != "b") for i in entries
    )


def _prepared(index: Any, x: Any) -> Any:
    if type(index) is tuple:
        return tuple([_entry(i, x) for i in index])
    return _entry(index, x)


def _entry(i: Any, x: Any) -> Any:
    if i is None or isinstance(i, int | slice | EllipsisType):
        return i
    if isinstance(i, np.integer):
        return int(i)
    i = placed("get_item", i, x)
    if i.dtype.kind not in "iub":
        if i.size:
            raise TypeError(
                f"get_item: expected integers or booleans as index, got {describe(i)}. "
                "Convert it with astype(int)."
            )
        i = i.astype(int)  # an empty list has no dtype of its own
    return i


@differentiable
def get_item(x: Any, slices: Any) -> Variable:
    """Pick elements, y = x[slices].

    Args:
        x: Variable or array, any shape and dtype.
        slices: what NumPy takes: numbers, slices, None, ..., masks, lists, index arrays, also
            Variables, or a tuple of these.
    Returns:
        Variable, dtype of x; a view where NumPy gives one.
    Raises:
        IndexError: the index does not fit the shape of x.
        TypeError: an index array is neither integer nor boolean, or it is on another device.
    Note: an element picked several times gets the sum of the gradients. An index array on a GPU
        wraps around where it is out of range.
    """
    x = Variable.wrap(x)
    return GetItem(_prepared(slices, x.data))(x)


@differentiable
def take(x: Any, indices: Any, axis: int | None = None) -> Variable:
    """Pick places along one axis, y = x[:, ..., indices].

    Args:
        x: Variable or array, any shape and dtype.
        indices: integers: number, list, array or Variable of any shape.
        axis: int, negative counted from the last; by default x is flattened first.
    Returns:
        Variable whose axis is replaced by the shape of indices, dtype of x.
    Raises:
        IndexError: an index is out of range.
    """
    x = ravel(x) if axis is None else Variable.wrap(x)
    axis = normal_axis(0 if axis is None else axis, x.ndim, "take")
    return get_item(x, (*(slice(None),) * axis, indices))


def along(indices: Any, axis: int, shape: tuple[int, ...]) -> tuple:
    """Return the index that picks place `indices` along `axis`, each other axis at its own place.

    Args:
        indices: integer array with as many axes as shape.
        axis: int, counted from the first.
        shape: that of the array to be indexed.
    """
    module = xp(indices)
    grid: list = []
    for i, size in enumerate(shape):
        ones = [1] * len(shape)
        ones[i] = size
        grid.append(module.arange(size).reshape(ones))
    grid[axis] = indices
    return tuple(grid)


@differentiable
def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Variable:
    """Pick along one axis by indices that differ from place to place, as argsort gives them.

    Args:
        x: Variable or array, any shape but () and any dtype.
        indices: integer array or Variable with as many axes as x, broadcast against the others.
        axis: int, negative counted from the last.
    Returns:
        Variable, dtype of x.
    Raises:
        IndexError: an index is out of range.
        ValueError: indices has another number of axes.
    """
    x = Variable.wrap(x)
    indices = placed("take_along_axis", indices, x.data)
    axis = normal_axis(axis, x.ndim, "take_along_axis")
    if indices.ndim != x.ndim:
        raise ValueError(
            f"take_along_axis: expected indices with {x.ndim} axes as x {x.shape} has, "
            f"got {describe(indices)}. Use take for the same indices at every place."
        )
    return get_item(x, along(indices, axis, x.shape))


@differentiable
def embed_id(x: Any, W: Any) -> Variable:
    """Look rows up, y = W[x].

    Args:
        x: ids, an integer array or Variable of any shape.
        W: Variable or array of shape (vocabulary, size).
    Returns:
        Variable of shape (*x.shape, size), dtype of W.
    Raises:
        TypeError: x is not integer.
        ValueError: an id is negative or not below the vocabulary size. On a device, whose values
            are not looked at, its row is NaN instead.
    """
    W = Variable.wrap(W)
    ids = placed("embed_id", x, W.data)
    if is_readable(ids) or ids.dtype.kind not in "iu" or W.dtype.kind != "f":
        return get_item(W, checked_ids(ids, W.shape[0], "embed_id")[0])
    ids, factor = kernels(ids).checked_index(ids, W.shape[0], W.dtype)
    return get_item(W, ids) * Variable.constant(factor.reshape((*ids.shape, 1)))


def checked_ids(x: Any, count: int, name: str) -> tuple[Any, Any]:
    """Return `x` as an array of integers in [0, count), or raise in the name of function `name`.

    Returns:
        The array and None; on a device, whose values are not looked at, where they are wrong.
    """
    ids = as_array(x)
    if ids.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: expected integer ids, got {describe(ids)}. Convert them with astype(int)."
        )
    if not is_readable(ids):
        return ids, (ids < 0) | (ids >= count)
    if ids.size and (ids.min() < 0 or ids.max() >= count):
        wrong = int(ids[(ids < 0) | (ids >= count)][0])
        raise ValueError(
            f"{name}: expected ids from 0 to {count - 1}, got {wrong} (vocabulary size {count}). "
            "Enlarge the vocabulary, or map unknown ids to one of it."
        )
    return ids, None


class SetItem(Function):
    def __init__(self, slices: Any) -> None:
        self.slices = slices

    def forward(self, x: Any, value: Any) -> Any:
        x, value = promote(x, value)
        y = x.copy()
        y[self.slices] = value
        return y

    def backward(self, gy: Variable) -> tuple:
        rest = SetItem(self.slices)(gy, 0)
        return rest, sum_to(get_item(gy, self.slices), self.inputs[1].shape)


@differentiable
def set_item(x: Any, slices: Any, value: Any) -> Variable:
    """Return a copy of `x` in which y[slices] = value; x itself stays as it is.

    Args:
        x: Variable or array, any shape.
        slices: as in `get_item`; no element may be named twice.
        value: Variable, array or number that broadcasts to x[slices].
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: value does not fit, or an element is named twice.
        IndexError: the index does not fit the shape of x.
    """
    x = Variable.wrap(x)
    index = _prepared(slices, x.data)
    if not _is_distinct(index):
        module = xp(x.data)
        count = module.zeros(x.shape, dtype=int)
        ones = module.ones_like(get_item(count, index).data)
        kernels(count).index_add(count, index, ones)
        if (count > 1).any():
            raise ValueError(
                "set_item: expected an index that names each element once, got one with "
                "repetitions, which leaves open what value stays. Use scatter_add to sum them."
            )
    return SetItem(index)(x, value)


class ScatterAdd(Function):
    def __init__(self, slices: Any) -> None:
        self.slices = slices

    def forward(self, x: Any, value: Any) -> Any:
        x, value = promote(x, value)
        y = x.copy()
        kernels(y).index_add(y, self.slices, value)
        return y

    def backward(self, gy: Variable) -> tuple:
        return gy, sum_to(get_item(gy, self.slices), self.inputs[1].shape)


@differentiable
def scatter_add(x: Any, slices: Any, value: Any) -> Variable:
    """Return a copy of `x` with `value` added at `slices`, as often as an element is named there.

    Args:
        x: Variable or array, any shape.
        slices: as in `get_item`.
        value: Variable, array or number that broadcasts to x[slices].
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: value does not fit.
        IndexError: the index does not fit the shape of x.
    """
    x = Variable.wrap(x)
    return ScatterAdd(_prepared(slices, x.data))(x, value)


@nondifferentiable
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Return the index of the largest element along `axis`, the first one of equals; no gradient.

    Args:
        x: Variable or array, any shape and dtype.
        axis: int; by default x counts as flattened.
        keepdims: keep the axis with size 1.
    Returns:
        Variable of integers.
    """
    return Variable.constant(as_array(x).argmax(axis=axis, keepdims=keepdims))


@nondifferentiable
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Return the index of the smallest element along `axis`; arguments as in `argmax`."""
    return Variable.constant(as_array(x).argmin(axis=axis, keepdims=keepdims))


@nondifferentiable
def one_hot(x: Any, num_classes: int, dtype: Any = None) -> Variable:
    """Return y[..., k] = 1 where x[...] == k, else 0; no gradient.

    Args:
        x: class numbers, an integer array or Variable of any shape.
        num_classes: size of the new last axis.
        dtype: of the result; `Config.dtype` by default.
    Returns:
        Variable of shape (*x.shape, num_classes).
    Raises:
        TypeError: x is not integer.
        ValueError: a class is negative or not below num_classes; on a device its row is NaN.
    """
    ids, bad = checked_ids(x, num_classes, "one_hot")
    hot = ids[..., None] == xp(ids).arange(num_classes)
    hot = hot.astype(Config.dtype if dtype is None else dtype)
    if bad is not None and hot.dtype.kind == "f":
        hot = hot * poison(bad, hot.dtype).data[..., None]
    return Variable.constant(hot)
