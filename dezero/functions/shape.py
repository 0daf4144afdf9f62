"""Functions that rearrange elements: reshape, transpose, broadcast and its inverse, sum_to."""

from collections.abc import Sequence
from math import prod
from operator import index
from typing import Any

import numpy as np

from dezero.backend import kernels, xp
from dezero.core import Function, Variable, differentiable, nondifferentiable
from dezero.core.registry import NUMPY_NAMES

__all__ = [
    "Astype",
    "BroadcastTo",
    "Copy",
    "Reshape",
    "SumTo",
    "Transpose",
    "astype",
    "broadcast_to",
    "copy",
    "expand_dims",
    "flatten",
    "moveaxis",
    "ravel",
    "reshape",
    "squeeze",
    "sum_to",
    "swapaxes",
    "transpose",
]

Axis = int | Sequence[int] | None


def normal_axis(axis: int, ndim: int, name: str) -> int:
    """Return `axis` counted from the first one; `name` is the function an error speaks of."""
    axis = index(axis)
    if not -ndim <= axis < ndim:
        raise ValueError(
            f"{name}: expected an axis from {-ndim} to {ndim - 1}, got {axis}. "
            "Negative ones count from the last."
        )
    return axis % ndim


def normal_axes(axis: Axis, ndim: int, name: str) -> tuple[int, ...]:
    """Return `axis` (int, several, or None for all) as distinct axes counted from the first."""
    if axis is None:
        return tuple(range(ndim))
    several = axis if isinstance(axis, Sequence) else (axis,)
    axes = tuple(normal_axis(a, ndim, name) for a in several)
    if len(set(axes)) != len(axes):
        raise ValueError(f"{name}: expected distinct axes, got {axis}. Name each one once.")
    return axes


class Reshape(Function, uses_inputs=False):
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        try:
            return x.reshape(self.shape)
        except ValueError as error:
            raise ValueError(
                f"reshape: expected a shape of {x.size} elements for x {x.shape}, "
                f"got {self.shape}. One entry may be -1 to be worked out."
            ) from error

    def backward(self, gy: Variable) -> Variable:
        return reshape(gy, self.inputs[0].shape)

    def fast_backward(self, gy: Any) -> Any:
        return gy.reshape(self.inputs[0].data.shape)


@differentiable
def reshape(x: Any, shape: int | Sequence[int]) -> Variable:
    """Give `x` another shape with the same elements in the same order.

    Args:
        x: Variable or array, any shape and dtype.
        shape: the new shape; one entry may be -1.
    Returns:
        Variable of that shape, dtype of x.
    Raises:
        ValueError: the number of elements differs.
    """
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if isinstance(x, Variable) and x.data.shape == shape:
        return x
    return Reshape(shape)(x)


@differentiable
def ravel(x: Any) -> Variable:
    """Put all elements of `x`, a Variable or array, on one axis in row-major order."""
    return reshape(x, (-1,))


@differentiable
def flatten(x: Any) -> Variable:
    """Put all axes of `x` but the first, the batch, on one axis.

    Args:
        x: Variable or array of shape (N, ...), any dtype.
    Returns:
        Variable of shape (N, the product of the rest), dtype of x; (N, 1) for x of shape (N,).
    Raises:
        ValueError: x has no axes.
    Note: the book's meaning; NumPy's method `x.flatten()` keeps no axis.
    """
    x = Variable.wrap(x)
    if x.ndim == 0:
        raise ValueError("flatten: expected x with a batch axis, got shape (). Use ravel.")
    # Not -1: an empty batch leaves it open.
    return reshape(x, (x.shape[0], prod(x.shape[1:])))


@differentiable
def expand_dims(x: Any, axis: int | Sequence[int]) -> Variable:
    """Put new axes of size 1 where the result shall have them.

    Args:
        x: Variable or array, any shape and dtype.
        axis: place or places in the result, negative counted from its last axis.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: an axis is out of range or given twice.
    """
    x = Variable.wrap(x)
    ndim = x.ndim + (len(axis) if isinstance(axis, Sequence) else 1)
    axes = normal_axes(axis, ndim, "expand_dims")
    sizes = iter(x.shape)
    return reshape(x, tuple(1 if i in axes else next(sizes) for i in range(ndim)))


@differentiable
def squeeze(x: Any, axis: Axis = None) -> Variable:
    """Remove axes of size 1.

    Args:
        x: Variable or array, any shape and dtype.
        axis: which ones; by default all of size 1.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: an axis has another size or is out of range.
    """
    x = Variable.wrap(x)
    if axis is None:
        return reshape(x, tuple(size for size in x.shape if size != 1))
    axes = normal_axes(axis, x.ndim, "squeeze")
    if any(x.shape[a] != 1 for a in axes):
        raise ValueError(
            f"squeeze: expected size 1 along axis {axis}, got x {x.shape}. "
            "Leave axis out to remove every axis of size 1."
        )
    return reshape(x, tuple(size for i, size in enumerate(x.shape) if i not in axes))


class Transpose(Function, uses_inputs=False):
    def __init__(self, axes: tuple[int, ...] | None = None) -> None:
        self.axes = axes

    def forward(self, x: Any) -> Any:
        try:
            return x.transpose(self.axes)
        except ValueError as error:
            raise ValueError(
                f"transpose: expected each axis of x {x.shape} once, got {self.axes}. "
                "Leave axes out to reverse them."
            ) from error

    def _inverse(self) -> tuple[int, ...] | None:
        axes = self.axes
        if axes is None:
            return None
        return tuple(sorted(range(len(axes)), key=lambda i: axes[i] % len(axes)))

    def backward(self, gy: Variable) -> Variable:
        return transpose(gy, self._inverse())

    def fast_backward(self, gy: Any) -> Any:
        return gy.transpose(self._inverse())


@differentiable
def transpose(x: Any, axes: Sequence[int] | None = None) -> Variable:
    """Permute the axes of `x`; by default reverse them.

    Args:
        x: Variable or array, any shape and dtype.
        axes: the old axis for each new one, negative counted from the end.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: axes is no permutation.
    """
    return Transpose(None if axes is None else tuple(axes))(x)


@differentiable
def swapaxes(x: Any, axis1: int, axis2: int) -> Variable:
    """Exchange two axes.

    Args:
        x: Variable or array, any shape and dtype.
        axis1, axis2: the two, negative counted from the last.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: an axis is out of range.
    """
    x = Variable.wrap(x)
    i, j = (normal_axis(a, x.ndim, "swapaxes") for a in (axis1, axis2))
    axes = list(range(x.ndim))
    axes[i], axes[j] = j, i
    return transpose(x, axes)


@differentiable
def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Variable:
    """Move axes to other places; the rest keep their order.

    Args:
        x: Variable or array, any shape and dtype.
        source: axis or axes of x.
        destination: as many places in the result.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: an axis is out of range or given twice, or the two differ in number.
    """
    x = Variable.wrap(x)
    old = normal_axes(source, x.ndim, "moveaxis")
    new = normal_axes(destination, x.ndim, "moveaxis")
    if len(old) != len(new):
        raise ValueError(
            f"moveaxis: expected as many destinations as sources, got {destination} for {source}. "
            "Give one place for each axis."
        )
    axes = [i for i in range(x.ndim) if i not in old]
    for place, axis in sorted(zip(new, old, strict=True)):
        axes.insert(place, axis)
    return transpose(x, axes)


class BroadcastTo(Function, uses_inputs=False):
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        try:
            return xp(x).broadcast_to(x, self.shape)
        except ValueError as error:
            raise ValueError(
                f"broadcast_to: expected a shape that x {x.shape} broadcasts to, got {self.shape}. "
                "Each axis of x must be equal or 1, counted from the last."
            ) from error

    def backward(self, gy: Variable) -> Variable:
        return sum_to(gy, self.inputs[0].shape)

    def fast_backward(self, gy: Any) -> Any:
        return kernels(gy).sum_to(gy, self.inputs[0].data.shape)


@differentiable
def broadcast_to(x: Any, shape: Sequence[int]) -> Variable:
    """Repeat `x` along new and size-1 axes until it has `shape`, by NumPy's rule.

    Args:
        x: Variable or array.
        shape: a shape that x broadcasts to.
    Returns:
        Variable of that shape (its data a read-only view), dtype of x.
    Raises:
        ValueError: x does not broadcast to shape.
    """
    shape = tuple(shape)
    if isinstance(x, Variable) and x.data.shape == shape:
        return x
    return BroadcastTo(shape)(x)


class SumTo(Function, uses_inputs=False):
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        if len(self.shape) > x.ndim or any(
            size not in (1, full)
            for size, full in zip(self.shape[::-1], x.shape[::-1], strict=False)
        ):
            raise ValueError(
                f"sum_to: expected a shape that broadcasts to {x.shape}, got {self.shape}. "
                "Each axis must be equal or 1, counted from the last."
            )
        return kernels(x).sum_to(x, self.shape)

    def backward(self, gy: Variable) -> Variable:
        return broadcast_to(gy, self.inputs[0].shape)

    def fast_backward(self, gy: Any) -> Any:
        return xp(gy).broadcast_to(gy, self.inputs[0].data.shape)


@differentiable
def sum_to(x: Any, shape: Sequence[int]) -> Variable:
    """Undo broadcasting: sum `x` over the axes that broadcasting from `shape` stretched.

    Args:
        x: Variable or array.
        shape: a shape that broadcasts to that of x.
    Returns:
        Variable of that shape, dtype of x.
    Raises:
        ValueError: shape does not broadcast to that of x.
    """
    shape = tuple(shape)
    if isinstance(x, Variable) and x.data.shape == shape:
        return x
    return SumTo(shape)(x)


class Copy(Function, uses_inputs=False):
    def forward(self, x: Any) -> Any:
        return x.copy()

    def backward(self, gy: Variable) -> Variable:
        return gy

    def fast_backward(self, gy: Any) -> Any:
        return gy


@differentiable
def copy(x: Any) -> Variable:
    """Return a Variable with its own array and the gradient of `x`."""
    return Copy()(x)


class Astype(Function, uses_inputs=False):
    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def forward(self, x: Any) -> Any:
        return x.astype(self.dtype)

    def backward(self, gy: Variable) -> Variable:
        dtype = self.inputs[0].dtype
        return astype(gy, dtype) if dtype.kind == "f" else gy


@differentiable
def astype(x: Any, dtype: Any) -> Variable:
    """Convert to another dtype; the gradient is converted back.

    Args:
        x: Variable or array, any shape and dtype.
        dtype: the new one, such as numpy.float32; the result is a constant if it is not floating.
    Returns:
        Variable, shape of x.
    """
    x, dtype = Variable.wrap(x), np.dtype(dtype)
    if dtype.kind != "f":
        return Variable.constant(x.data.astype(dtype))
    return Astype(dtype)(x)


# NumPy's questions about a shape; under other names, because F.shape is this module.
@nondifferentiable
def numpy_shape(x: Any) -> tuple[int, ...]:
    """Return the shape of `x`, for `np.shape(x)`."""
    return x.shape


@nondifferentiable
def numpy_ndim(x: Any) -> int:
    """Return the number of axes of `x`, for `np.ndim(x)`."""
    return x.ndim


@nondifferentiable
def numpy_size(x: Any, axis: int | None = None) -> int:
    """Return the number of elements of `x`, or its length along `axis`, for `np.size(x)`."""
    return x.size if axis is None else x.shape[axis]


NUMPY_NAMES.update(shape="numpy_shape", ndim="numpy_ndim", size="numpy_size")
