"""Products of matrices and vectors, and norms."""

import builtins
import operator
from collections.abc import Callable
from math import inf, prod
from typing import Any

import numpy as np

from dezero.backend import is_plain, kernels, product, xp
from dezero.backend.precision import CASTING, whole
from dezero.core import Function, Variable, differentiable, floating, promote
from dezero.core.registry import NUMPY_NAMES
from dezero.functions.arithmetic import mul
from dezero.functions.reduction import Axes, max, over_root, sum
from dezero.functions.shape import normal_axes, reshape, sum_to, transpose

__all__ = [
    "Linear",
    "LinearReLU",
    "MatMul",
    "Norm",
    "WholeMatMul",
    "dot",
    "linear",
    "linear_relu",
    "linear_simple",
    "matmul",
    "norm",
    "normalize",
    "outer",
    "tensordot",
]


NUMPY_NAMES.update({f"linalg.{name}": name for name in ("matmul", "norm", "outer", "tensordot")})


def _fold(g: Any, shape: tuple[int, ...]) -> Any:
    return g if g.shape == shape else kernels(g).sum_to(g, shape)


def _beside(x: Any, g: Any) -> Any:
    """Return array `x`, in the dtype of `g` if it is integer."""
    return x if x.dtype.kind == "f" else x.astype(g.dtype)


class MatMul(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        try:
            if type(x0) is np.ndarray and not CASTING:  # is_plain, written out
                return x0 @ x1
            return product(x0, x1)
        except ValueError as error:
            raise ValueError(_matmul_error(x0.shape, x1.shape)) from error

    def _gradients(self, gy: Any, x0: Any, x1: Any, times: Callable, fold: Callable) -> tuple:
        # Vectors become matrices of one row or one column first.
        a = x0.reshape((1, x0.size)) if x0.ndim == 1 else x0
        b = x1.reshape((x1.size, 1)) if x1.ndim == 1 else x1
        if a is not x0 or b is not x1:
            batch = gy.shape[: gy.ndim - (a is x0) - (b is x1)]
            gy = gy.reshape((*batch, a.shape[-2], b.shape[-1]))
        gx0 = gx1 = None
        if self.inputs[0].requires_grad:
            gx0 = fold(times(gy, b.swapaxes(-1, -2)), a.shape).reshape(x0.shape)
        if self.inputs[1].requires_grad:
            if b.ndim == 2 and a.ndim > 2:  # one product in place of a batch and its sum
                a = a.reshape((prod(a.shape[:-1]), a.shape[-1]))
                gy = gy.reshape((a.shape[0], gy.shape[-1]))
            gx1 = fold(times(a.swapaxes(-1, -2), gy), b.shape).reshape(x1.shape)
        return gx0, gx1

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return self._gradients(gy, x0, x1, operator.matmul, sum_to)

    def fast_backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        x0, x1 = _beside(x0.data, gy), _beside(x1.data, gy)
        return self._gradients(gy, x0, x1, product, _fold)


class WholeMatMul(MatMul):
    """A product that `autocast` leaves alone: in norms, losses and the algebra of matrices."""

    def forward(self, x0: Any, x1: Any) -> Any:
        with whole():
            return super().forward(x0, x1)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return self._gradients(gy, x0, x1, whole_matmul, sum_to)

    def fast_backward(self, gy: Any) -> tuple:
        with whole():
            return super().fast_backward(gy)


def whole_matmul(x0: Any, x1: Any) -> Variable:
    """Return x0 @ x1, by inputs that `autocast` does not round."""
    return WholeMatMul()(x0, x1)


def _matmul_error(s0: tuple, s1: tuple) -> str:
    if not s0 or not s1:
        return f"matmul: expected arrays with axes, got shapes {s0} and {s1}. Use * for numbers."
    axis = -2 if len(s1) > 1 else 0
    if s0[-1] != s1[axis]:
        return (
            f"matmul: expected x0.shape[-1] == x1.shape[{axis}], got x0 {s0} and x1 {s1}. "
            "Transpose one of them."
        )
    return (
        f"matmul: expected batch axes that broadcast, got x0 {s0} and x1 {s1}. "
        "All axes but the last two must be equal or 1, counted from the last."
    )


@differentiable
def matmul(x0: Any, x1: Any) -> Variable:
    """Matrix product y = x0 @ x1, by all of numpy.matmul's rules.

    Args:
        x0: Variable or array of shape (..., M, K) or (K,).
        x1: Variable or array of shape (..., K, N) or (K,).
    Returns:
        Variable of shape (..., M, N), batch axes broadcast; a vector's axis goes away.
    Raises:
        ValueError: K differs, batch axes do not broadcast, or an input has no axes.
    """
    return MatMul()(x0, x1)


@differentiable
def dot(x0: Any, x1: Any) -> Variable:
    """Product of vectors, matrices or numbers by numpy.dot's rules.

    Args:
        x0, x1: Variables, arrays or numbers.
    Returns:
        Variable: x0 * x1 if one is a number, x0 @ x1 up to 2-d, else the sum over the last axis
        of x0 and the last but one of x1.
    Raises:
        ValueError: the summed axes differ in size.
    """
    x0, x1 = (x if isinstance(x, int | float | np.generic) else Variable.wrap(x) for x in (x0, x1))
    if _is_number(x0) or _is_number(x1):
        return mul(x0, x1)
    return matmul(x0, x1) if x1.ndim <= 2 else tensordot(x0, x1, (-1, -2))


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float | np.generic) or x.ndim == 0


@differentiable
def outer(x0: Any, x1: Any) -> Variable:
    """Outer product y[i, j] = x0[i] * x1[j]; inputs of more axes are flattened, as in NumPy."""
    x0, x1 = Variable.wrap(x0), Variable.wrap(x1)
    return reshape(x0, (x0.size, 1)) * reshape(x1, (1, x1.size))


@differentiable
def tensordot(x0: Any, x1: Any, axes: Any = 2) -> Variable:
    """Sum of products over axes of both inputs; the other axes of x0, then of x1 remain.

    Args:
        x0, x1: Variables or arrays, any shape.
        axes: how many of the last axes of x0 and first of x1, or a pair of ints or sequences:
            which axes of x0, and which of x1.
    Returns:
        Variable.
    Raises:
        ValueError: the summed axes differ in size or number, or are out of range.
    """
    x0, x1 = Variable.wrap(x0), Variable.wrap(x1)
    if isinstance(axes, int):
        axes = (tuple(range(x0.ndim - axes, x0.ndim)), tuple(range(axes)))
    axes0 = normal_axes(axes[0], x0.ndim, "tensordot")
    axes1 = normal_axes(axes[1], x1.ndim, "tensordot")
    if [x0.shape[a] for a in axes0] != [x1.shape[a] for a in axes1]:
        raise ValueError(
            f"tensordot: expected equal sizes along the summed axes, got x0 {x0.shape} along "
            f"{axes0} and x1 {x1.shape} along {axes1}. Name them as axes=(of x0, of x1)."
        )
    free0 = tuple(a for a in range(x0.ndim) if a not in axes0)
    free1 = tuple(a for a in range(x1.ndim) if a not in axes1)
    summed = prod(x0.shape[a] for a in axes0)
    left, right = [x0.shape[a] for a in free0], [x1.shape[a] for a in free1]
    a = reshape(transpose(x0, free0 + axes0), (prod(left), summed))
    b = reshape(transpose(x1, axes1 + free1), (summed, prod(right)))
    return reshape(matmul(a, b), (*left, *right))


class Linear(Function):
    called = "linear"
    rectified = False

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:
        if x.ndim == 0 or W.ndim != 2 or x.shape[-1] != W.shape[0]:
            raise ValueError(
                f"{self.called}: expected x.shape[-1] == W.shape[0], got x {x.shape} and "
                f"W {W.shape}. Check in_size, or transpose W."
            )
        x, W = promote(x, W)
        if (CASTING or type(x) is not np.ndarray) and not is_plain(x):
            return self._by_kernel(x, W, b)
        if x.ndim <= 2:
            y = x.dot(W)  # quicker than @ for small matrices, and the same
        else:  # one product in place of a batch of them
            y = x.reshape((prod(x.shape[:-1]), W.shape[0])).dot(W)
            y = y.reshape((*x.shape[:-1], W.shape[1]))
        if b is None:
            return y
        if b.dtype is y.dtype and b.shape == W.shape[1:]:
            y += b  # y is fresh
            return y
        return self._plus(y, W, b)

    def _by_kernel(self, x: Any, W: Any, b: Any) -> Any:
        """Return it as one kernel, on a device or in half precision."""
        rows = x.reshape((prod(x.shape[:-1]), W.shape[0]))
        own = b is not None and b.shape == W.shape[1:] and x.dtype.kind == b.dtype.kind == "f"
        y = kernels(x).linear(rows, W, b if own else None, self.rectified and (own or b is None))
        y = y.reshape((*x.shape[:-1], W.shape[1]))
        if own or b is None:
            return y
        y = self._plus(y, W, b)
        return xp(y).maximum(y, 0) if self.rectified else y

    def _plus(self, y: Any, W: Any, b: Any) -> Any:
        y, b = promote(y, b)
        try:
            if b.dtype is not y.dtype:
                return y + b
            y += b  # y is fresh
            return y
        except ValueError as error:
            raise ValueError(
                f"{self.called}: expected b of shape {W.shape[1:]}, got {b.shape} beside "
                f"W {W.shape}. Give one number for each output."
            ) from error

    def _gradients(self, gy: Any, x: Any, W: Any, times: Callable, fold: Callable) -> tuple:
        of_x, of_w, *of_b = self.inputs
        rows, flat = x, gy
        if x.ndim != 2:
            rows = x.reshape((prod(x.shape[:-1]), W.shape[0]))
            flat = gy.reshape((rows.shape[0], W.shape[1]))
        # Not dot as above: it writes zeros first, which costs more than it saves in large arrays.
        gx = times(flat, W.T) if of_x.requires_grad else None
        if gx is not None and rows is not x:
            gx = gx.reshape(x.shape)
        shape = of_b[0].data.shape if of_b else ()
        if times is product and of_w.requires_grad and shape == W.shape[1:]:
            return gx, *kernels(gy).linear_gradient_w(rows, flat)
        gW = times(rows.T, flat) if of_w.requires_grad else None
        if not of_b:
            return gx, gW
        return gx, gW, fold(flat if shape == W.shape[1:] else gy, shape)

    def backward(self, gy: Variable) -> tuple:
        x, W = self.inputs[:2]
        return self._gradients(gy, x, W, operator.matmul, sum_to)

    def fast_backward(self, gy: Any) -> tuple:
        x, W = self.inputs[0].data, self.inputs[1].data
        plain = type(gy) is np.ndarray and not CASTING
        times = operator.matmul if plain else product
        return self._gradients(gy, _beside(x, gy), _beside(W, gy), times, _fold)


@differentiable
def linear(x: Any, W: Any, b: Any = None) -> Variable:
    """Affine map y = x @ W + b.

    Args:
        x: Variable or array of shape (..., I); integers take the dtype of W.
        W: Variable or array of shape (I, O).
        b: Variable or array of shape (O,), or None for no bias.
    Returns:
        Variable of shape (..., O).
    Raises:
        ValueError: the shapes do not fit.
    """
    return Linear()(x, W) if b is None else Linear()(x, W, b)


class LinearReLU(Linear):
    """Linear and ReLU as one node: half the graph of a dense layer, and one array less."""

    called = "linear_relu"
    rectified = True

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:
        y = floating(super().forward(x, W, b))
        if (CASTING or type(y) is not np.ndarray) and not is_plain(y):
            return y
        return np.maximum(y, 0, out=y)  # y is fresh

    def backward(self, gy: Variable) -> tuple:
        return super().backward(gy * Variable.constant(self.outputs[0]().data > 0))

    def fast_backward(self, gy: Any) -> tuple:
        return super().fast_backward(kernels(gy).relu_gradient(gy, self.outputs[0]().data))


@differentiable
def linear_relu(x: Any, W: Any, b: Any = None) -> Variable:
    """Rectified affine map y = max(x @ W + b, 0), quicker than `relu(linear(x, W, b))`.

    Args:
        x, W, b: as for `linear`.
    Returns:
        Variable of shape (..., O), floating.
    Raises:
        ValueError: the shapes do not fit.
    """
    return LinearReLU()(x, W) if b is None else LinearReLU()(x, W, b)


@differentiable
def linear_simple(x: Any, W: Any, b: Any = None) -> Variable:
    """Affine map y = x @ W + b out of two functions, as the book derives it; see `linear`."""
    y = matmul(x, W)
    return y if b is None else y + b


class Norm(Axes, Function):
    def forward(self, x: Any) -> Any:
        x = floating(x)
        if x.dtype.itemsize == 2:  # squares of float16 overflow beyond 256
            return self.forward(x.astype("f4")).astype(x.dtype)
        return xp(x).sqrt((x * x).sum(axis=self.axis, keepdims=self.keepdims))

    def backward(self, gy: Variable) -> Variable:
        return self.restored(over_root(gy, self.outputs[0]())) * self.inputs[0]


@differentiable
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Variable:
    """Length of vectors: sqrt(sum(x ** 2)), or sum(abs(x)) (ord=1), or max(abs(x)) (ord=inf).

    Args:
        x: Variable or array, any shape.
        ord: None, 2, 1 or inf.
        axis: int, tuple of ints or None for all elements as one vector (with ord None, or x 1-d).
        keepdims: keep the reduced axes with size 1.
    Returns:
        Variable, floating.
    Raises:
        ValueError: another ord, or one that would ask for the norm of a matrix.
    Note: at x = 0 the gradient is 0, in every order.
    """
    x = Variable.wrap(x)
    several = x.ndim != 1 if axis is None else isinstance(axis, tuple | list) and len(axis) != 1
    if ord is not None and several:
        raise ValueError(
            f"norm: expected one axis with ord={ord!r}, got x {x.shape} and axis {axis}: that is "
            "the norm of a matrix. Leave ord out for the root of all squares, or use ravel(x)."
        )
    if ord not in (None, 1, 2, inf):
        raise ValueError(f"norm: expected ord None, 1, 2 or inf, got {ord!r}. Choose one of them.")
    if ord in (None, 2):
        return Norm(axis, keepdims)(x)
    return sum(abs(x), axis, keepdims) if ord == 1 else max(abs(x), axis, keepdims)


@differentiable
def normalize(x: Any, axis: Any = -1, eps: float = 1e-12) -> Variable:
    """Scale vectors to length 1: y = x / max(norm(x), eps).

    Args:
        x: floating Variable or array, any shape but ().
        axis: int or tuple of ints that the vectors lie along.
        eps: shorter vectors are divided by it; raised to the smallest normal number of the dtype.
    Returns:
        Variable, shape and dtype of x.
    """
    length = norm(x, axis=axis, keepdims=True)
    module, dtype = xp(length.data), length.dtype
    floor = builtins.max(eps, float(module.finfo(dtype).tiny))
    short = length.data < floor
    fixed = Variable.constant((short * floor).astype(dtype))
    return x / (length * Variable.constant((~short).astype(dtype)) + fixed)
