"""+ - * / ** % and friends: what Python's operators on Variables call.

A good first file: forward beside backward, in the letters of the mathematics.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import is_array, kernels
from dezero.core import (
    Function,
    Variable,
    differentiable,
    floating,
    nondifferentiable,
    promote,
)
from dezero.core.errors import describe
from dezero.core.function import constant
from dezero.core.registry import NUMPY_NAMES
from dezero.functions.elementwise import log
from dezero.functions.placing import placed
from dezero.functions.quotients import quotient_of, remainder_of
from dezero.functions.shape import sum_to

__all__ = [
    "Add",
    "Div",
    "Mod",
    "Mul",
    "Neg",
    "Pow",
    "PowVariable",
    "Sub",
    "add",
    "div",
    "equal",
    "floor_divide",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "mod",
    "mul",
    "neg",
    "not_equal",
    "pow",
    "rdiv",
    "rsub",
    "sub",
]

# NumPy's names for the same: np.multiply(array, x) on a Variable comes here.
NUMPY_NAMES.update(
    subtract="sub",
    multiply="mul",
    divide="div",
    true_divide="div",
    negative="neg",
    power="pow",
    remainder="mod",
)


def _summed(g: Variable, x: Variable) -> Variable | None:
    """Undo the broadcasting of `x` on its gradient; None for a constant."""
    return sum_to(g, x.shape) if x.requires_grad else None


def _unbroadcast(g: Any, x: Variable) -> Any:
    """The same on arrays."""
    if not x.requires_grad:
        return None
    shape = x.data.shape
    return g if g.shape == shape else kernels(g).sum_to(g, shape)


class Add(Function, uses_inputs=False):
    def forward(self, x0: Any, x1: Any) -> Any:
        if x0.dtype is not x1.dtype:
            x0, x1 = promote(x0, x1)
        return x0 + x1

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return _summed(gy, x0), _summed(gy, x1)

    def fast_backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return _unbroadcast(gy, x0), _unbroadcast(gy, x1)


@differentiable
def add(x0: Any, x1: Any) -> Variable:
    """Sum y = x0 + x1, elementwise with broadcasting.

    Args:
        x0, x1: Variables, arrays or numbers of shapes that broadcast.
    Returns:
        Variable of the broadcast shape.
    Raises:
        ValueError: the shapes do not broadcast.
    """
    return Add()(x0, x1)


class Sub(Function, uses_inputs=False):
    def forward(self, x0: Any, x1: Any) -> Any:
        if x0.dtype is not x1.dtype:
            x0, x1 = promote(x0, x1)
        return x0 - x1

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return _summed(gy, x0), _summed(-gy, x1)

    def fast_backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return _unbroadcast(gy, x0), _unbroadcast(-gy, x1) if x1.requires_grad else None


@differentiable
def sub(x0: Any, x1: Any) -> Variable:
    """Difference y = x0 - x1, elementwise with broadcasting; arguments as in `add`."""
    return Sub()(x0, x1)


@differentiable
def rsub(x0: Any, x1: Any) -> Variable:
    """Difference with the operands swapped, y = x1 - x0; the book's `rsub`."""
    return Sub()(x1, x0)


class Mul(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        if x0.dtype is not x1.dtype:
            x0, x1 = promote(x0, x1)
        return x0 * x1

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        return (
            _summed(gy * x1, x0) if x0.requires_grad else None,
            _summed(gy * x0, x1) if x1.requires_grad else None,
        )

    def fast_backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return (
            _unbroadcast(gy * x1.data, x0) if x0.requires_grad else None,
            _unbroadcast(gy * x0.data, x1) if x1.requires_grad else None,
        )


@differentiable
def mul(x0: Any, x1: Any) -> Variable:
    """Product y = x0 * x1, elementwise with broadcasting; arguments as in `add`."""
    return Mul()(x0, x1)


class Div(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return floating(x0) / floating(x1)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        gx0 = gy / x1
        return _summed(gx0, x0), _summed(-gx0 * (x0 / x1), x1) if x1.requires_grad else None


@differentiable
def div(x0: Any, x1: Any) -> Variable:
    """Quotient y = x0 / x1, elementwise with broadcasting.

    Args:
        x0, x1: as in `add`; integers divided by integers give floats.
    Returns:
        Variable of the broadcast shape, floating.
    Note: division by zero gives inf or NaN, as in NumPy.
    """
    return Div()(x0, x1)


@differentiable
def rdiv(x0: Any, x1: Any) -> Variable:
    """Quotient with the operands swapped, y = x1 / x0; the book's `rdiv`."""
    return Div()(x1, x0)


class Neg(Function, uses_inputs=False):
    def forward(self, x: Any) -> Any:
        return -x

    def backward(self, gy: Variable) -> Variable:
        return -gy

    def fast_backward(self, gy: Any) -> Any:
        return -gy


@differentiable
def neg(x: Any) -> Variable:
    """Negative y = -x, elementwise."""
    return Neg()(x)


class Pow(Function):
    """x ** c for a constant exponent c: defined for negative x, and needs no logarithm."""

    def __init__(self, c: float) -> None:
        self.c = c

    def forward(self, x: Any) -> Any:
        if x.dtype.kind != "f" and (isinstance(self.c, float) or self.c < 0):
            x = floating(x)
        return x**self.c

    def backward(self, gy: Variable) -> Variable:
        x, c = self.inputs[0], self.c
        # d(x**0) is 0 also at x = 0, where 0 * x ** -1 would be NaN.
        return gy * 0.0 if c == 0 else gy * (c * x ** (c - 1))


class PowVariable(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return floating(x0) ** floating(x1)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        # x1 * x0 ** (x1 - 1) is 0 also where both are 0, not 0 * inf.
        base = _raised(x0, (x0.data == 0) & (x1.data == 0))
        gx0 = gy * x1 * base ** (x1 - 1) if x0.requires_grad else None
        # At base 0 the derivative by the exponent is 0 for positive ones, not 0 * -inf.
        gx1 = gy * x0**x1 * log(_raised(x0, x0.data == 0)) if x1.requires_grad else None
        return (
            None if gx0 is None else _summed(gx0, x0),
            None if gx1 is None else _summed(gx1, x1),
        )


def _raised(x: Variable, where: Any) -> Variable:
    """Return `x` with 1 added where the booleans `where` say so."""
    return x + Variable.constant(where.astype(x.dtype))


@differentiable
def pow(x: Any, c: Any) -> Variable:
    """Power y = x ** c, elementwise.

    Args:
        x: Variable, array or number.
        c: number, Variable or array; shapes broadcast.
    Returns:
        Variable of the broadcast shape.
    Note: x ** 0 has gradient 0 everywhere. The gradient by a Variable exponent is x ** c * log(x),
        taken as 0 at x = 0.
    """
    if isinstance(c, np.generic):
        c = c.item()  # as weak as Python's: it must not widen float32
    if isinstance(c, bool | int | float):
        return Pow(c)(x)
    return PowVariable()(x, c)


class Mod(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return remainder_of(x0, x1)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        # Of what was subtracted: 1 // 0.1 is 9, while 1 / 0.1 rounds to 10.
        quotient = Variable.constant(quotient_of(*promote(x0.data, x1.data)))
        return _summed(gy, x0), _summed(-gy * quotient, x1)


@differentiable
def mod(x0: Any, x1: Any) -> Variable:
    """Remainder y = x0 - floor(x0 / x1) * x1, with the sign of x1, elementwise.

    Args:
        x0, x1: as in `add`.
    Note: the jumps at multiples of x1 have the derivative of their right side.
    """
    return Mod()(x0, x1)


@nondifferentiable
def floor_divide(x0: Any, x1: Any) -> Variable:
    """Quotient rounded down, floor(x0 / x1), elementwise; no gradient."""
    both = tuple(x if isinstance(x, Variable) else constant(x, (x0, x1)) for x in (x0, x1))
    return _compared(quotient_of, "floor_divide", *promote(*(x.data for x in both)))


def _compared(compare: Callable, name: str, x0: Any, x1: Any) -> Variable:
    x0, x1 = (
        x.data if isinstance(x, Variable) else x.item() if isinstance(x, np.generic) else x
        for x in (x0, x1)
    )
    if type(x0) is not type(x1) or isinstance(x0, list | tuple):
        like = x0 if is_array(x0) else x1 if is_array(x1) else np.empty(0)
        x0, x1 = (_comparable(name, x, like) for x in (x0, x1))
    try:
        return Variable.constant(compare(x0, x1))
    except ValueError as error:
        raise ValueError(
            f"{name}: expected shapes that broadcast, got {describe(x0)} and {describe(x1)}. "
            "Reshape one of them."
        ) from error


def _comparable(name: str, x: Any, like: Any) -> Any:
    """Return an array or a list on the device of `like`; numbers stay as weak as they are."""
    if x is None and type(like) is not np.ndarray:
        return math.nan  # equal to nothing, as None is: CuPy takes none
    return placed(name, x, like) if is_array(x) or isinstance(x, list | tuple) else x


@nondifferentiable
def equal(x0: Any, x1: Any) -> Variable:
    """Return where x0 == x1, as booleans; ValueError if the shapes do not broadcast."""
    return _compared(operator.eq, "equal", x0, x1)


@nondifferentiable
def not_equal(x0: Any, x1: Any) -> Variable:
    """Return where x0 != x1, as booleans; see `equal`."""
    return _compared(operator.ne, "not_equal", x0, x1)


@nondifferentiable
def less(x0: Any, x1: Any) -> Variable:
    """Return where x0 < x1, as booleans; see `equal`."""
    return _compared(operator.lt, "less", x0, x1)


@nondifferentiable
def less_equal(x0: Any, x1: Any) -> Variable:
    """Return where x0 <= x1, as booleans; see `equal`."""
    return _compared(operator.le, "less_equal", x0, x1)


@nondifferentiable
def greater(x0: Any, x1: Any) -> Variable:
    """Return where x0 > x1, as booleans; see `equal`."""
    return _compared(operator.gt, "greater", x0, x1)


@nondifferentiable
def greater_equal(x0: Any, x1: Any) -> Variable:
    """Return where x0 >= x1, as booleans; see `equal`."""
    return _compared(operator.ge, "greater_equal", x0, x1)
