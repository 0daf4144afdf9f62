"""Functions that reduce axes: sums, means, extremes."""

from typing import Any

from dezero.core import Function, Variable, differentiable
from dezero.functions.shape import broadcast_to, reshape


def _restored(gy: Variable, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Variable:
    """Reshape a reduced gradient so that it broadcasts against `shape` again."""
    if keepdims or axis is None:
        return gy
    axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    return reshape(gy, tuple(1 if i in axes else size for i, size in enumerate(shape)))


class Sum(Function):
    def __init__(self, axis: Any, keepdims: bool) -> None:
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x: Any) -> Any:
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def backward(self, gy: Variable) -> Variable:
        shape = self.inputs[0].shape
        return broadcast_to(_restored(gy, shape, self.axis, self.keepdims), shape)


@differentiable
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Sum over `axis`, all axes by default.

    Args:
        x: Variable or array, any shape.
        axis: int, tuple of ints or None; negative counted from the end.
        keepdims: keep the reduced axes with size 1.
    Returns:
        Variable, dtype of x.
    """
    return Sum(tuple(axis) if isinstance(axis, list) else axis, keepdims)(x)
