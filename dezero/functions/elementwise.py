"""Elementary functions of one variable, elementwise."""

from typing import Any

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable, floating


class Exp(Function):
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
