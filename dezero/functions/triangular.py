"""Diagonals and triangles of matrices."""

from typing import Any

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable
from dezero.functions.indexing import GetItem, GetItemGrad
from dezero.functions.reduction import sum
from dezero.functions.shape import moveaxis, normal_axis

__all__ = ["Tril", "Triu", "diag", "diagonal", "trace", "tril", "triu"]


class Tril(Function):
    def __init__(self, k: int) -> None:
        self.k = k

    def forward(self, x: Any) -> Any:
        return xp(x).tril(x, self.k)

    def backward(self, gy: Variable) -> Variable:
        return tril(gy, self.k)


@differentiable
def tril(x: Any, k: int = 0) -> Variable:
    """Lower triangles of matrices: elements above diagonal `k` become 0.

    Args:
        x: Variable or array of shape (..., M, N).
        k: 0 for the main diagonal, positive ones lie above it.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: x has fewer than two axes.
    """
    return Tril(k)(_matrices(x, "tril"))


class Triu(Function):
    def __init__(self, k: int) -> None:
        self.k = k

    def forward(self, x: Any) -> Any:
        return xp(x).triu(x, self.k)

    def backward(self, gy: Variable) -> Variable:
        return triu(gy, self.k)


@differentiable
def triu(x: Any, k: int = 0) -> Variable:
    """Upper triangles of matrices: elements below diagonal `k` become 0; arguments as in `tril`."""
    return Triu(k)(_matrices(x, "triu"))


def _matrices(x: Any, name: str) -> Variable:
    x = Variable.wrap(x)
    if x.ndim < 2:
        raise ValueError(f"{name}: expected x of shape (..., M, N), got {x.shape}. Reshape it.")
    return x


@differentiable
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """Diagonals of matrices, as the new last axis.

    Args:
        x: Variable or array of at least two axes.
        offset: 0 for the main diagonal, positive ones lie above it.
        axis1, axis2: the axes of the matrices, negative counted from the last.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: x has fewer than two axes, or an axis is out of range.
    """
    x = _matrices(x, "diagonal")
    axes = tuple(normal_axis(axis, x.ndim, "diagonal") for axis in (axis1, axis2))
    x = moveaxis(x, axes, (-2, -1))
    return GetItem((..., *_places(x.data, x.shape[-2], x.shape[-1], offset)), distinct=True)(x)


def _places(x: Any, rows: int, columns: int, offset: int) -> tuple[Any, Any]:
    down, right = (-offset, 0) if offset < 0 else (0, offset)
    count = min(rows - down, columns - right)
    steps = xp(x).arange(count if count > 0 else 0)
    return steps + down, steps + right


@differentiable
def diag(x: Any, k: int = 0) -> Variable:
    """Diagonal `k` of a matrix, or for a vector the square matrix that has it there.

    Args:
        x: Variable or array of shape (M, N) or (N,).
        k: 0 for the main diagonal, positive ones lie above it.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: x has other than one or two axes.
    """
    x = Variable.wrap(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ValueError(f"diag: expected one or two axes, got x {x.shape}. Use diagonal.")
    n = x.shape[0] + abs(k)
    return GetItemGrad(_places(x.data, n, n, k), (n, n), distinct=True)(x)


@differentiable
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """Sum of the diagonals of matrices; arguments as in `diagonal`."""
    return sum(diagonal(x, offset, axis1, axis2), -1)
