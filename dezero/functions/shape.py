"""Functions that rearrange elements: reshape, transpose, broadcast and its inverse, sum_to."""

from collections.abc import Sequence
from typing import Any

from dezero.backend import kernels, xp
from dezero.core import Function, Variable, as_variable, differentiable


class Reshape(Function):
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        return x.reshape(self.shape)

    def backward(self, gy: Variable) -> Variable:
        return reshape(gy, self.inputs[0].shape)

    def fast_backward(self, gy: Any) -> Any:
        return gy.reshape(self.inputs[0].shape)


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
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if isinstance(x, Variable) and x.shape == shape:
        return x
    return Reshape(shape)(x)


class Transpose(Function):
    def __init__(self, axes: tuple[int, ...] | None) -> None:
        self.axes = axes

    def forward(self, x: Any) -> Any:
        return x.transpose(self.axes)

    def backward(self, gy: Variable) -> Variable:
        if self.axes is None:
            return transpose(gy)
        ndim = len(self.axes)
        inverse = sorted(range(ndim), key=lambda i: self.axes[i] % ndim)  # type: ignore[index]
        return transpose(gy, tuple(inverse))


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


class BroadcastTo(Function):
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        return xp(x).broadcast_to(x, self.shape)

    def backward(self, gy: Variable) -> Variable:
        return sum_to(gy, self.inputs[0].shape)


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
    x, shape = as_variable(x), tuple(shape)
    return x if x.shape == shape else BroadcastTo(shape)(x)


class SumTo(Function):
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
    x, shape = as_variable(x), tuple(shape)
    return x if x.shape == shape else SumTo(shape)(x)
