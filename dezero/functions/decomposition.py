"""Functions of square matrices: inverse, determinant, solution, Cholesky factor."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.core.registry import NUMPY_NAMES
from dezero.functions.linalg import whole_matmul
from dezero.functions.shape import reshape, sum_to, swapaxes

__all__ = ["Cholesky", "Det", "Inv", "Solve", "cholesky", "det", "inv", "solve"]

NUMPY_NAMES.update({f"linalg.{name}": name for name in ("cholesky", "det", "inv", "solve")})


def _computed(name: str, func: Callable, *xs: Any, what: str = "invertible") -> Any:
    """Return func(*xs) in the dtype of `xs`; LAPACK knows no float16."""
    xs = tuple(floating(x) for x in xs)
    if xs[0].ndim < 2 or xs[0].shape[-1] != xs[0].shape[-2]:
        raise ValueError(
            f"{name}: expected square matrices, got {describe(xs[0])}. "
            "The last two axes must be equal."
        )
    dtype = xp(xs[0]).result_type(*xs)
    try:
        y = func(*(x.astype("float32") if x.dtype.itemsize == 2 else x for x in xs))
    except ValueError as error:
        shapes = ", ".join(describe(x) for x in xs)
        raise ValueError(
            f"{name}: expected {what} matrices that fit, got {shapes}: {error}. "
            "Adding a small multiple of the identity often helps."
        ) from error
    return y if y.dtype == dtype else y.astype(dtype)


def _turned(x: Variable) -> Variable:
    return swapaxes(x, -1, -2)


def _product(*xs: Variable) -> Variable:
    return functools.reduce(whole_matmul, xs)


class Inv(Function):
    def forward(self, x: Any) -> Any:
        return _computed("inv", xp(x).linalg.inv, x)

    def backward(self, gy: Variable) -> Variable:
        y = _turned(self.outputs[0]())  # type: ignore[arg-type]
        return -_product(y, gy, y)


@differentiable
def inv(x: Any) -> Variable:
    """Inverse of square matrices, x @ y = identity.

    Args:
        x: Variable or array of shape (..., N, N).
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: x is not square or not invertible.
    Note: `solve(a, b)` is quicker and more accurate than `inv(a) @ b`.
    """
    return Inv()(x)


class Det(Function):
    def forward(self, x: Any) -> Any:
        return _computed("det", xp(x).linalg.det, x)

    def backward(self, gy: Variable) -> Variable:
        scale = gy * self.outputs[0]()
        return reshape(scale, (*scale.shape, 1, 1)) * _turned(inv(self.inputs[0]))


@differentiable
def det(x: Any) -> Variable:
    """Determinant of square matrices.

    Args:
        x: Variable or array of shape (..., N, N).
    Returns:
        Variable of shape (...), floating.
    Raises:
        ValueError: x is not square; in backward, x is not invertible.
    """
    return Det()(x)


class Solve(Function):
    def forward(self, a: Any, b: Any) -> Any:
        def solved(a: Any, b: Any) -> Any:
            module = xp(a)
            if b.ndim > 1 and a.shape[:-2] != b.shape[:-2]:  # which CuPy does not broadcast
                lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
                a, b = (module.broadcast_to(x, lead + x.shape[-2:]) for x in (a, b))
            return module.linalg.solve(a, b)

        return _computed("solve", solved, a, b)

    def backward(self, gy: Variable) -> tuple:
        a, b = self.inputs
        y: Any = self.outputs[0]()
        if b.ndim == 1:  # vectors become columns, which a batch of them would not be taken for
            gy, y = reshape(gy, (*gy.shape, 1)), reshape(y, (*y.shape, 1))
        gb = solve(_turned(a), gy)
        ga = sum_to(-_product(gb, _turned(y)), a.shape)
        return ga, sum_to(reshape(gb, gb.shape[:-1]) if b.ndim == 1 else gb, b.shape)


@differentiable
def solve(a: Any, b: Any) -> Variable:
    """Solution y of a @ y = b.

    Args:
        a: Variable or array of shape (..., N, N).
        b: Variable or array of shape (N,) or (..., N, K); batch axes broadcast.
    Returns:
        Variable of shape (..., N) or (..., N, K), floating.
    Raises:
        ValueError: a is not square or not invertible, or the shapes do not fit.
    """
    return Solve()(a, b)


class Cholesky(Function):
    def forward(self, x: Any) -> Any:
        def factor(x: Any) -> Any:
            return xp(x).linalg.cholesky((x + x.swapaxes(-1, -2)) / 2)

        return _computed("cholesky", factor, x, what="positive definite")

    def backward(self, gy: Variable) -> Variable:
        y: Any = self.outputs[0]()
        module, n = xp(y.data), y.shape[-1]
        half = module.tril(module.ones((n, n), y.dtype)) - module.eye(n, dtype=y.dtype) / 2
        inner = _product(_turned(y), gy) * Variable.constant(half)
        root = inv(y)
        gx = _product(_turned(root), inner, root)
        return (gx + _turned(gx)) / 2


@differentiable
def cholesky(x: Any) -> Variable:
    """Lower triangular y with y @ y.T = x.

    Args:
        x: Variable or array of shape (..., N, N), positive definite; of an asymmetric one the
            symmetric part (x + x.T) / 2 counts.
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: x is not square or not positive definite.
    Note: the gradient is symmetric, as in PyTorch; NumPy reads the lower triangle alone.
    Reference:
        Murray 2016, "Differentiation of the Cholesky decomposition", eq. 10.
    """
    return Cholesky()(x)
