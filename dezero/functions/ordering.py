"""Functions that sort, rank and accumulate along an axis."""

from typing import Any

from dezero.core import Function, Variable, as_array, differentiable, nondifferentiable
from dezero.functions.indexing import GetItem, along
from dezero.functions.joining import concat, cut, flip
from dezero.functions.shape import normal_axis, ravel

__all__ = ["Cumsum", "argsort", "cumprod", "cumsum", "sort", "topk"]


@nondifferentiable
def argsort(x: Any, axis: int | None = -1) -> Variable:
    """Return the indices that sort `x` along `axis`, equal elements in their order; no gradient.

    Args:
        x: Variable or array, any shape and dtype.
        axis: int, negative counted from the last; None for x flattened.
    Returns:
        Variable of integers, shape of x.
    """
    data = as_array(x)
    if axis is None:
        data, axis = data.reshape(-1), 0
    return Variable.constant(data.argsort(axis=axis, kind="stable"))


@differentiable
def sort(x: Any, axis: int | None = -1) -> Variable:
    """Sort along `axis`, smallest first.

    Args:
        x: Variable or array, any shape and dtype.
        axis: int, negative counted from the last; None for x flattened.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: axis is out of range.
    Note: the gradient goes back to where each element came from; equal ones keep their order.
    """
    x = ravel(x) if axis is None else Variable.wrap(x)
    axis = normal_axis(-1 if axis is None else axis, x.ndim, "sort")
    order = x.data.argsort(axis=axis, kind="stable")
    return GetItem(along(order, axis, x.shape), distinct=True)(x)


@differentiable
def topk(x: Any, k: int, axis: int = -1) -> tuple[Variable, Variable]:
    """Return the `k` largest elements along `axis`, largest first, and their indices.

    Args:
        x: Variable or array, any shape but () and any dtype.
        k: how many, from 0 to the length of the axis.
        axis: int, negative counted from the last.
    Returns:
        Variable of values, dtype of x, and a constant Variable of integers.
    Raises:
        ValueError: k or axis is out of range.
    Note: of equal elements the first come first; NaN counts as largest.
    """
    x = Variable.wrap(x)
    axis = normal_axis(axis, x.ndim, "topk")
    size = x.shape[axis]
    if not 0 <= k <= size:
        raise ValueError(
            f"topk: expected k from 0 to {size}, the length of axis {axis} of x {x.shape}, got {k}."
            " Choose a smaller k or another axis."
        )
    # Turned round before and after the stable sort, so that the first of equals comes first.
    turn = (*(slice(None),) * axis, slice(None, None, -1))
    order = size - 1 - x.data[turn].argsort(axis=axis, kind="stable")
    indices = order[turn][cut(axis, 0, k)]
    values = GetItem(along(indices, axis, x.shape), distinct=True)(x)
    return values, Variable.constant(indices)


class Cumsum(Function):
    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        if x.dtype.char == "e":  # a running sum of float16 stands still at 2048 ones
            return x.cumsum(axis=self.axis, dtype="f4").astype(x.dtype)
        return x.cumsum(axis=self.axis)

    def backward(self, gy: Variable) -> Variable:
        return flip(cumsum(flip(gy, self.axis), self.axis), self.axis)


@differentiable
def cumsum(x: Any, axis: int | None = None) -> Variable:
    """Running sum y[i] = x[0] + ... + x[i] along `axis`.

    Args:
        x: Variable or array, any shape and dtype.
        axis: int, negative counted from the last; by default x is flattened first.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: axis is out of range.
    """
    x = ravel(x) if axis is None else Variable.wrap(x)
    return Cumsum(normal_axis(0 if axis is None else axis, x.ndim, "cumsum"))(x)


@differentiable
def cumprod(x: Any, axis: int | None = None) -> Variable:
    """Running product y[i] = x[0] * ... * x[i] along `axis`.

    Args:
        x: Variable or array, any shape and dtype.
        axis: int, negative counted from the last; by default x is flattened first.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: axis is out of range.
    Note: derivatives are right at zeros too: log2(n) products of shifted parts, no division.
    """
    y = ravel(x) if axis is None else Variable.wrap(x)
    axis = normal_axis(0 if axis is None else axis, y.ndim, "cumprod")
    step = 1
    while step < y.shape[axis]:
        # Before this step y[i] is the product of the last `step` elements up to i, or of all.
        tail = y[cut(axis, step, None)] * y[cut(axis, None, -step)]
        y = concat([y[cut(axis, None, step)], tail], axis)
        step *= 2
    return y
