"""Functions that reduce axes: sums, means, extremes."""

from collections.abc import Callable
from math import inf
from math import prod as product
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import (
    Function,
    Variable,
    as_array,
    differentiable,
    floating,
    nondifferentiable,
)
from dezero.core.errors import describe
from dezero.core.registry import NUMPY_NAMES
from dezero.functions.elementwise import exp
from dezero.functions.joining import concat
from dezero.functions.shape import broadcast_to, moveaxis, normal_axes, reshape

__all__ = [
    "LogSumExp",
    "Max",
    "Mean",
    "Min",
    "Prod",
    "Std",
    "Sum",
    "Var",
    "all",
    "any",
    "average",
    "count_nonzero",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]


class Axes:
    """What reductions share: which axes go, and how a gradient finds its way back."""

    inputs: tuple[Variable, ...]

    def __init__(self, axis: Any = None, keepdims: bool = False) -> None:
        self.axis, self.keepdims = tuple(axis) if isinstance(axis, list) else axis, keepdims

    def restored(self, y: Any) -> Any:
        """Reshape a reduced array or Variable so that it broadcasts against the input again."""
        shape, axis = self.inputs[0].data.shape, self.axis
        if self.keepdims or axis is None or not shape:
            return y
        axes = [a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))]
        return y.reshape(tuple([1 if i in axes else size for i, size in enumerate(shape)]))

    def count(self, x: Any) -> int:
        """Return how many elements of `x` each result is made of."""
        axes = normal_axes(self.axis, x.ndim, type(self).__name__.lower())
        return product(x.shape[a] for a in axes)

    def refuse_empty(self, x: Any) -> None:
        """Raise if results are made of no element, in the name of the function."""
        if self.count(x) == 0:
            raise ValueError(
                f"{type(self).__name__.lower()}: expected at least one element along axis "
                f"{self.axis}, got {describe(x)}. Check for an empty batch."
            )


def _narrowed(reduce: Callable[[Any], Any], x: Any) -> Any:
    """Return reduce(x), for float16 through float32.

    A running sum of float16 stands still at 2048 ones, and overflows at 65504.
    """
    return reduce(x) if x.dtype.char != "e" else reduce(x.astype("f4")).astype("f2")


class Sum(Axes, Function, uses_inputs=False):
    def forward(self, x: Any) -> Any:
        if x.dtype.char == "e":
            return _narrowed(self.forward, x)
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def backward(self, gy: Variable) -> Variable:
        return broadcast_to(self.restored(gy), self.inputs[0].shape)

    def fast_backward(self, gy: Any) -> Any:
        return xp(gy).broadcast_to(self.restored(gy), self.inputs[0].data.shape)


@differentiable
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Sum over `axis`, all axes by default.

    Args:
        x: Variable or array, any shape.
        axis: int, tuple of ints or None; negative counted from the end.
        keepdims: keep the reduced axes with size 1.
    Returns:
        Variable, dtype of x (small integers widen as in NumPy).
    Raises:
        ValueError: an axis is out of range.
    """
    return Sum(axis, keepdims)(x)


class Mean(Axes, Function, uses_inputs=False):
    def forward(self, x: Any) -> Any:
        x = floating(x)
        if x.size == 0:
            self.refuse_empty(x)
        if x.dtype.itemsize == 2 or x.size == 0 or type(x) is not np.ndarray:
            # The sum of float16 overflows where the mean does not.
            return x.mean(axis=self.axis, keepdims=self.keepdims)
        y = x.sum(axis=self.axis, keepdims=self.keepdims)
        return y / (x.size // y.size)

    def _part(self, gy: Any) -> Any:
        size = self.inputs[0].data.size
        n = size // gy.size if size else 1
        return self.restored(gy / n if n < 65504 else gy * (1 / n))  # the end of float16

    def backward(self, gy: Variable) -> Variable:
        return broadcast_to(self._part(gy), self.inputs[0].shape)

    def fast_backward(self, gy: Any) -> Any:
        return xp(gy).broadcast_to(self._part(gy), self.inputs[0].data.shape)


@differentiable
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Mean y = sum(x) / n over `axis`, all axes by default.

    Args:
        x, axis, keepdims: as in `sum`.
    Returns:
        Variable, floating: dtype of x, or `Config.dtype` for integers.
    Raises:
        ValueError: there is nothing to average, or an axis is out of range.
    """
    return Mean(axis, keepdims)(x)


@differentiable
def average(x: Any, axis: Any = None, keepdims: bool = False, *, weights: Any = None) -> Variable:
    """Weighted mean y = sum(w * x) / sum(w) over `axis`; without weights the same as `mean`.

    Args:
        x, axis, keepdims: as in `sum`.
        weights: Variable or array, of the shape of x, or 1-d with one weight per place of axis.
    Returns:
        Variable, floating.
    Raises:
        ValueError: the shape of weights fits neither.
        TypeError: weights come by position.
    """
    if not isinstance(keepdims, bool | int):
        raise TypeError(
            f"average: expected keepdims as bool, got {describe(keepdims)}. "
            "Give weights by name: average(x, axis, weights=w)."
        )
    if weights is None:
        return mean(x, axis, keepdims)
    x, w = Variable.wrap(x), Variable.wrap(weights)
    if w.shape != x.shape:
        one_axis = normal_axes(axis, x.ndim, "average")
        if w.ndim != 1 or len(one_axis) != 1 or w.size != x.shape[one_axis[0]]:
            raise ValueError(
                f"average: expected weights of shape {x.shape}, or one for each place of one axis, "
                f"got {w.shape} for axis {axis}. Broadcast them first."
            )
        w = reshape(w, tuple(w.size if i == one_axis[0] else 1 for i in range(x.ndim)))
        w = broadcast_to(w, x.shape)
    return sum(x * w, axis, keepdims) / sum(w, axis, keepdims)


class Prod(Axes, Function):
    def forward(self, x: Any) -> Any:
        return x.prod(axis=self.axis, keepdims=self.keepdims)

    def backward(self, gy: Variable) -> Variable:
        # Pairs are multiplied up a tree and the gradient goes down it: no division by x, so that
        # every order is right where elements are 0.
        x = self.inputs[0]
        axes = normal_axes(self.axis, x.ndim, "prod")
        front = tuple(range(len(axes)))
        moved = moveaxis(x, axes, front)
        n = self.count(x)
        level = reshape(moved, (n, gy.size))
        levels = []
        while len(level) > 1:
            half = len(level) // 2
            levels.append((level[:half], level[half : 2 * half]))
            level = concat([levels[-1][0] * levels[-1][1], level[2 * half :]])
        g = reshape(gy, (1, gy.size))
        for left, right in reversed(levels):
            pairs, odd = g[: len(left)], g[len(left) :]
            g = concat([pairs * right, pairs * left, odd])
        return moveaxis(reshape(g if n else g[:0], moved.shape), front, axes)


@differentiable
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Product over `axis`, all axes by default.

    Args:
        x, axis, keepdims: as in `sum`.
    Returns:
        Variable, dtype of x (small integers widen as in NumPy).
    Note: derivatives of every order are right where elements are 0.
    """
    return Prod(axis, keepdims)(x)


class Var(Axes, Function):
    def __init__(self, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> None:
        super().__init__(axis, keepdims)
        self.ddof = ddof

    def forward(self, x: Any) -> Any:
        self._check(x)
        return _narrowed(lambda x: x.var(**self._options()), floating(x))

    def _options(self) -> dict:
        return {"axis": self.axis, "ddof": self.ddof, "keepdims": self.keepdims}

    def _check(self, x: Any) -> None:
        if self.count(x) <= self.ddof:
            raise ValueError(
                f"{type(self).__name__.lower()}: expected more than ddof = {self.ddof} elements "
                f"along axis {self.axis}, got {describe(x)}. Choose another axis or ddof=0."
            )

    def _deviation(self) -> Variable:
        x = self.inputs[0]
        return x - mean(x, self.axis, True)

    def backward(self, gy: Variable) -> Variable:
        n = self.count(self.inputs[0]) - self.ddof
        return self.restored(gy * (2.0 / n)) * self._deviation()


@differentiable
def var(x: Any, axis: Any = None, keepdims: bool = False, *, ddof: int = 0) -> Variable:
    """Variance y = sum((x - mean(x)) ** 2) / (n - ddof) over `axis`, all axes by default.

    Args:
        x, axis, keepdims: as in `sum`.
        ddof: 0 for the variance of a population, 1 for the estimate from a sample.
    Returns:
        Variable, floating.
    Raises:
        ValueError: there are not more than ddof elements.
    Note: ddof is 0 as in NumPy; PyTorch's default is 1.
    """
    return Var(axis, keepdims, ddof)(x)


class Std(Var):
    def forward(self, x: Any) -> Any:
        self._check(x)
        return _narrowed(lambda x: x.std(**self._options()), floating(x))

    def backward(self, gy: Variable) -> Variable:
        n = self.count(self.inputs[0]) - self.ddof
        return self.restored(over_root(gy, self.outputs[0]()) * (1.0 / n)) * self._deviation()


def over_root(gy: Variable, y: Any) -> Variable:
    """Return gy / y, and 0 in every order where y = 0: the kink of a root of squares."""
    zero = y.data == 0
    safe = y + Variable.constant(zero.astype(y.dtype))
    return gy * Variable.constant((~zero).astype(y.dtype)) / safe


@differentiable
def std(x: Any, axis: Any = None, keepdims: bool = False, *, ddof: int = 0) -> Variable:
    """Standard deviation y = sqrt(var(x)) over `axis`, all axes by default.

    Args:
        x, axis, keepdims, ddof: as in `var`.
    Returns:
        Variable, floating.
    Raises:
        ValueError: there are not more than ddof elements.
    Note: where all elements are equal the gradient is 0, in every order.
    """
    return Std(axis, keepdims, ddof)(x)


class Max(Axes, Function):
    def forward(self, x: Any) -> Any:
        return x.max(axis=self.axis, keepdims=self.keepdims)

    def _share(self, dtype: Any) -> Any:
        chosen = self.inputs[0].data == self.restored(self.outputs[0]().data)  # type: ignore[union-attr]
        share = chosen.astype(dtype)
        count = share.sum(axis=self.axis, keepdims=True)
        return share / (count + (count == 0))  # none is chosen where the result is NaN

    def backward(self, gy: Variable) -> Variable:
        return self.restored(gy) * Variable.constant(self._share(gy.dtype))

    def fast_backward(self, gy: Any) -> Any:
        return self.restored(gy) * self._share(gy.dtype)


class Min(Max):
    def forward(self, x: Any) -> Any:
        return x.min(axis=self.axis, keepdims=self.keepdims)


@differentiable
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Largest element over `axis`, all axes by default.

    Args:
        x, axis, keepdims: as in `sum`.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: there is no element, or an axis is out of range.
    Note: equal largest elements share the gradient equally (the book gives each the whole).
        NaN wins, as in NumPy, and gets no gradient.
    """
    return Max(axis, keepdims)(x)


@differentiable
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Smallest element over `axis`; arguments and conventions as in `max`."""
    return Min(axis, keepdims)(x)


NUMPY_NAMES.update(amax="max", amin="min")


class LogSumExp(Axes, Function):
    def forward(self, x: Any) -> Any:
        return _narrowed(self._logsumexp, floating(x))

    def _logsumexp(self, x: Any) -> Any:
        module = xp(x)
        top = x.max(axis=self.axis, keepdims=True)
        self.shift = module.where(module.isfinite(top), top, module.zeros_like(top))
        total = module.exp(x - self.shift).sum(axis=self.axis, keepdims=True)
        self.nothing = total == 0
        y = module.log(total + self.nothing) + self.shift
        y = module.where(self.nothing, -inf, y)
        return y if self.keepdims else y.squeeze(axis=self.axis)

    def backward(self, gy: Variable) -> Variable:
        # The shift cancels, also in derivatives, and so may be a constant.
        shift = Variable.constant(self.shift.astype(gy.dtype))
        e = exp(self.inputs[0] - shift)
        total = sum(e, self.axis, True) + Variable.constant(self.nothing.astype(gy.dtype))
        return self.restored(gy) * (e / total)


@differentiable
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Smooth maximum y = log(sum(exp(x))) over `axis`, all axes by default, without overflow.

    Args:
        x, axis, keepdims: as in `sum`.
    Returns:
        Variable, floating.
    Raises:
        ValueError: there is no element, or an axis is out of range.
    Note: if all elements are -inf the result is -inf and the gradient 0.
    """
    return LogSumExp(axis, keepdims)(x)


@nondifferentiable
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return whether all elements along `axis` are true (not 0); arguments as in `sum`."""
    return Variable.constant(as_array(x).all(axis=axis, keepdims=keepdims))


@nondifferentiable
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return whether any element along `axis` is true (not 0); arguments as in `sum`."""
    return Variable.constant(as_array(x).any(axis=axis, keepdims=keepdims))


@nondifferentiable
def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return how many elements along `axis` are not 0; arguments as in `sum`."""
    return Variable.constant((as_array(x) != 0).sum(axis=axis, keepdims=keepdims))
