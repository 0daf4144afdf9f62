"""The array forms of a few functions, which the book's readers use in Functions of their own.

Arrays in, arrays out: for `forward`, and for shapes in `backward`. Old scripts find them in
`dezero.utils`; the differentiable functions of these names are in `shape.py` and `reduction.py`.
"""

from collections.abc import Sequence
from typing import Any

from dezero.core import Variable
from dezero.functions import reduction
from dezero.functions import shape as shapes
from dezero.functions.shape import Axis, normal_axes


def sum_to(x: Any, shape: Sequence[int]) -> Any:
    """Return array x summed over the axes along which `shape` would be broadcast to x.shape.

    Args:
        x: array or number; for a Variable the result is one too.
        shape: what broadcasts to x.shape.
    Returns:
        Array of this shape.
    Raises:
        ValueError: shape does not broadcast to x.shape.
    """
    y = shapes.sum_to(x, shape)
    return y if isinstance(x, Variable) else y.data


def logsumexp(x: Any, axis: Axis = 1) -> Any:
    """Return log(sum(exp(x))) of array x over `axis`, which stays as an axis of length 1.

    Args:
        x: array; for a Variable the result is one too.
        axis: int, tuple of ints, or None for all.
    Returns:
        Array with as many axes as x; it does not overflow.
    """
    y = reduction.logsumexp(x, axis, True)
    return y if isinstance(x, Variable) else y.data


def reshape_sum_backward(gy: Any, x_shape: Sequence[int], axis: Axis, keepdims: bool) -> Any:
    """Return the gradient of a sum with the axes back, of length 1, that the sum took away.

    Args:
        gy: gradient by the sum's result, Variable or array.
        x_shape: shape of what was summed.
        axis: int, tuple of ints, or None for all.
        keepdims: whether the sum kept its axes.
    Returns:
        gy in a shape that broadcasts to x_shape.
    """
    return gy if keepdims else gy.reshape(_kept("reshape_sum_backward", x_shape, axis))


def max_backward_shape(x: Any, axis: Axis) -> list[int]:
    """Return the shape of x with length 1 along `axis`.

    Args:
        x: Variable or array.
        axis: int, tuple of ints, or None for all; negative ones count from the end.
    """
    return list(_kept("max_backward_shape", x.shape, axis))


def _kept(name: str, shape: Sequence[int], axis: Axis) -> tuple[int, ...]:
    axes = normal_axes(axis, len(shape), name)
    return tuple(1 if i in axes else size for i, size in enumerate(shape))
