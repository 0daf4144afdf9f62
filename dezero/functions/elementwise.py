"""Elementwise functions: exponentials, roots, bounds and choices.

Each takes Variables, arrays or numbers of any shape and returns a Variable of that shape (two
arguments broadcast). Integers become floating where a derivative is meant.
"""

import math
from numbers import Real
from typing import Any

from dezero.backend import kernels, xp
from dezero.core import (
    Function,
    Variable,
    as_array,
    differentiable,
    floating,
    promote,
)
from dezero.core.registry import NUMPY_NAMES
from dezero.functions.shape import sum_to

__all__ = [
    "Abs", "Clip", "Erf", "Exp", "Expm1", "Log", "Log10", "Log1p", "Log2", "LogAddExp", "Maximum",
    "Minimum", "Sqrt", "Square", "Where",
    "abs", "clip", "erf", "exp", "expm1", "log", "log10", "log1p", "log2", "logaddexp", "maximum",
    "minimum", "reciprocal", "sqrt", "square", "where",
]  # fmt: skip

NUMPY_NAMES["absolute"] = "abs"


class Exp(Function, uses_inputs=False):
    def forward(self, x: Any) -> Any:
        return xp(x).exp(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * self.outputs[0]()  # type: ignore[operator]


@differentiable
def exp(x: Any) -> Variable:
    """Exponential y = e ** x, elementwise.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating.
    """
    return Exp()(x)


class Expm1(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).expm1(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * exp(self.inputs[0])


@differentiable
def expm1(x: Any) -> Variable:
    """Return y = e ** x - 1, exact also near x = 0; argument as in `exp`."""
    return Expm1()(x)


class Log(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).log(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy / self.inputs[0]


@differentiable
def log(x: Any) -> Variable:
    """Natural logarithm y = ln x, elementwise; -inf at 0 and NaN below, as in NumPy.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating.
    """
    return Log()(x)


class Log2(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).log2(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy / self.inputs[0] * (1 / math.log(2))


@differentiable
def log2(x: Any) -> Variable:
    """Logarithm to base 2, elementwise; argument and edges as in `log`."""
    return Log2()(x)


class Log10(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).log10(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy / self.inputs[0] * (1 / math.log(10))


@differentiable
def log10(x: Any) -> Variable:
    """Logarithm to base 10, elementwise; argument and edges as in `log`."""
    return Log10()(x)


class Log1p(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).log1p(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy / (1.0 + self.inputs[0])


@differentiable
def log1p(x: Any) -> Variable:
    """Return y = ln(1 + x), exact also near x = 0; -inf at -1 and NaN below, as in NumPy."""
    return Log1p()(x)


class LogAddExp(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return xp(x0).logaddexp(floating(x0), floating(x1))

    def backward(self, gy: Variable) -> tuple:
        y = self.outputs[0]()
        # x - y is never positive: these are the softmax weights of the two, without overflow.
        return tuple(
            sum_to(gy * exp(x - y), x.shape) if x.requires_grad else None for x in self.inputs
        )


@differentiable
def logaddexp(x0: Any, x1: Any) -> Variable:
    """Return y = ln(e ** x0 + e ** x1) without overflow, elementwise with broadcasting.

    Args:
        x0, x1: Variables, arrays or numbers of shapes that broadcast.
    Returns:
        Variable of the broadcast shape, floating.
    Note: where both are -inf the value is -inf and the gradient NaN.
    """
    return LogAddExp()(x0, x1)


class Sqrt(Function, uses_inputs=False):
    def forward(self, x: Any) -> Any:
        return xp(x).sqrt(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * 0.5 / self.outputs[0]()


@differentiable
def sqrt(x: Any) -> Variable:
    """Square root, elementwise; NaN below 0. The gradient at 0 is inf, as in torch.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating.
    """
    return Sqrt()(x)


class Square(Function):
    def forward(self, x: Any) -> Any:
        return x * x

    def backward(self, gy: Variable) -> Variable:
        return gy * (2.0 * self.inputs[0])


@differentiable
def square(x: Any) -> Variable:
    """Square y = x * x, elementwise; integers stay integers."""
    return Square()(x)


@differentiable
def reciprocal(x: Any) -> Variable:
    """Reciprocal y = 1 / x, elementwise; floating also for integers, unlike NumPy's."""
    return 1.0 / Variable.wrap(x)


class Abs(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).absolute(x)

    def backward(self, gy: Variable) -> Variable:
        x = self.inputs[0].data
        return gy * Variable.constant(xp(x).sign(x))


@differentiable
def abs(x: Any) -> Variable:
    """Absolute value, elementwise, dtype kept. The gradient at 0 is 0."""
    return Abs()(x)


class Erf(Function):
    def forward(self, x: Any) -> Any:
        return kernels(x).erf(floating(x))

    def backward(self, gy: Variable) -> Variable:
        # exp(-40 ** 2) is 0 in every dtype, and the square of more could overflow.
        x = clip(self.inputs[0], -40.0, 40.0)
        return gy * (2 / math.sqrt(math.pi)) * exp(-x * x)


@differentiable
def erf(x: Any) -> Variable:
    """Error function y = 2 / sqrt(pi) * integral of exp(-t ** 2) over t from 0 to x, elementwise.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating, within [-1, 1].
    """
    return Erf()(x)


def _share(a: Any, b: Any, dtype: Any) -> Variable:
    """Return 1 where a > b, 1/2 where they are equal, else 0."""
    return Variable.constant(((a >= b).astype(dtype) + (a > b)) * 0.5)


class Maximum(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return xp(x0).maximum(x0, x1)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return (
            sum_to(gy * _share(x0.data, x1.data, gy.dtype), x0.shape) if x0.requires_grad else None,
            sum_to(gy * _share(x1.data, x0.data, gy.dtype), x1.shape) if x1.requires_grad else None,
        )


@differentiable
def maximum(x0: Any, x1: Any) -> Variable:
    """Larger of x0 and x1, elementwise with broadcasting; NaN where one is.

    Args:
        x0, x1: Variables, arrays or numbers of shapes that broadcast.
    Returns:
        Variable of the broadcast shape.
    Note: where both are equal, each gets half of the gradient, as in torch and JAX.
    """
    return Maximum()(x0, x1)


class Minimum(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return xp(x0).minimum(x0, x1)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return (
            sum_to(gy * _share(x1.data, x0.data, gy.dtype), x0.shape) if x0.requires_grad else None,
            sum_to(gy * _share(x0.data, x1.data, gy.dtype), x1.shape) if x1.requires_grad else None,
        )


@differentiable
def minimum(x0: Any, x1: Any) -> Variable:
    """Smaller of x0 and x1, elementwise with broadcasting; arguments and ties as in `maximum`."""
    return Minimum()(x0, x1)


class Clip(Function):
    """Bounds are numbers or None; the gradient passes where x_min <= x <= x_max."""

    def __init__(self, x_min: Any = None, x_max: Any = None) -> None:
        # NumPy's scalars are as weak as Python's: they must not widen float32.
        self.x_min = x_min.item() if hasattr(x_min, "item") else x_min
        self.x_max = x_max.item() if hasattr(x_max, "item") else x_max

    def forward(self, x: Any) -> Any:
        if isinstance(self.x_min, float) or isinstance(self.x_max, float):
            x = floating(x)
        y = x if self.x_min is None else xp(x).maximum(x, self.x_min)
        return y if self.x_max is None else xp(x).minimum(y, self.x_max)

    def backward(self, gy: Variable) -> Variable:
        x = self.inputs[0].data
        if self.x_max is None:
            inside = x >= self.x_min
        elif self.x_min is None:
            inside = x <= self.x_max
        else:
            inside = (x >= self.x_min) & (x <= self.x_max)
        return gy * Variable.constant(inside)


@differentiable
def clip(x: Any, x_min: Any = None, x_max: Any = None) -> Variable:
    """Limit x to [x_min, x_max], elementwise; None leaves that side open.

    Args:
        x: Variable, array or number, any shape.
        x_min, x_max: numbers; or arrays and Variables that broadcast, differentiated too.
    Returns:
        Variable, shape and dtype of x (floating if a bound is).
    Raises:
        ValueError: both bounds are None.
    Note: at a number bound the gradient passes whole, as in torch; for arrays this is
        minimum(maximum(x, x_min), x_max) with their ties.
    """
    if x_min is None and x_max is None:
        raise ValueError("clip: expected x_min or x_max, got neither. Give at least one bound.")
    if all(bound is None or isinstance(bound, Real) for bound in (x_min, x_max)):
        return Clip(x_min, x_max)(x)
    y = x if x_min is None else maximum(x, x_min)
    return y if x_max is None else minimum(y, x_max)


class Where(Function):
    def forward(self, condition: Any, x: Any, y: Any) -> Any:
        x, y = promote(x, y)
        return xp(condition).where(condition, x, y)

    def backward(self, gy: Variable) -> tuple:
        condition, x, y = self.inputs
        return (
            None,
            sum_to(where(condition, gy, 0.0), x.shape) if x.requires_grad else None,
            sum_to(where(condition, 0.0, gy), y.shape) if y.requires_grad else None,
        )


@differentiable
def where(condition: Any, x: Any, y: Any) -> Variable:
    """Choose x where condition holds, else y, elementwise with broadcasting.

    Args:
        condition: array or Variable; what is not 0 counts as true; no gradient.
        x, y: Variables, arrays or numbers.
    Returns:
        Variable of the broadcast shape.
    Note: the side not chosen gets gradient 0 even where its value is inf or NaN. If its own
        derivative is inf there, 0 * inf is NaN: make the argument safe before, as for sqrt(x).
    """
    if not isinstance(condition, Real):  # a number goes to the device of x by itself
        condition = as_array(condition)
        if condition.dtype.kind != "b":
            condition = condition != 0
    return Where()(condition, x, y)
