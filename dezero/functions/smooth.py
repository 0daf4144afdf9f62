"""Smooth activations beside those in `activation.py`: log_sigmoid, tanh_shrink, squareplus, glu."""

import math
from typing import Any

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.activation import sigmoid, softplus
from dezero.functions.joining import split
from dezero.functions.rectifier import relu
from dezero.functions.trigonometric import tanh

__all__ = ["Squareplus", "glu", "log_sigmoid", "squareplus", "tanh_shrink"]


@differentiable
def log_sigmoid(x: Any) -> Variable:
    """Logarithm of sigmoid, y = -ln(1 + e ** -x), elementwise, exact also where sigmoid is 0."""
    return -softplus(-Variable.wrap(x))


@differentiable
def tanh_shrink(x: Any) -> Variable:
    """Return y = x - tanh(x), elementwise."""
    return Variable.wrap(x) - tanh(x)


class Squareplus(Function):
    def __init__(self, b: float) -> None:
        self.b = b

    def forward(self, x: Any) -> Any:
        x = floating(x)
        if x.dtype.itemsize == 2:
            return self.forward(x.astype("float32")).astype(x.dtype)
        module = xp(x)
        root = module.hypot(x, math.sqrt(self.b))
        # (x + root) / 2 for x > 0; below, the same without a difference of near equals.
        outer = 0.5 * (root + module.absolute(x))
        return module.where(x > 0, outer, 0.25 * self.b / outer).astype(x.dtype)

    def backward(self, gy: Variable) -> Variable:
        (x,), y = self.inputs, self.outputs[0]()
        return gy * (y / (y + (y - x)))  # type: ignore[operator]


@differentiable
def squareplus(x: Any, b: float = 4.0) -> Variable:
    """Smooth relu without exponentials, y = (x + sqrt(x**2 + b)) / 2, elementwise.

    Args:
        x: Variable, array or number, any shape.
        b: number, at least 0; how wide the bend is. 0 is relu.
    Returns:
        Variable, shape of x, floating, >= 0.
    Raises:
        ValueError: b is negative.
    Reference: Barron 2021, "Squareplus: a softplus-like algebraic rectifier".
    """
    if not b >= 0:
        raise ValueError(f"squareplus: expected b >= 0, got {b!r}. 4 is usual.")
    return Squareplus(float(b))(x) if b else relu(x)


@differentiable
def glu(x: Any, axis: int = -1) -> Variable:
    """Gated linear unit, y = a * sigmoid(b) for the halves a and b of x along `axis`.

    Args:
        x: Variable or array, any shape but ().
        axis: int; its length is even.
    Returns:
        Variable, floating, half as long as x along axis.
    Raises:
        ValueError: x has no such axis, or its length is odd.
    Reference: Dauphin et al. 2017, "Language modeling with gated convolutional networks", eq. 1.
    """
    x = Variable.wrap(x)
    if not -x.ndim <= axis < x.ndim or x.shape[axis] % 2:
        raise ValueError(
            f"glu: expected an axis of even length, got axis={axis} and x {describe(x)}. "
            "Make twice as many features as you want."
        )
    a, b = split(x, 2, axis=axis)
    return a * sigmoid(b)
