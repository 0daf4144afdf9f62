"""Sine, cosine, tangent, their hyperbolic twins and all the inverses, elementwise.

Each takes Variables, arrays or numbers of any shape and returns a floating Variable of that shape.
Derivatives are written so that no square overflows, in float16 least of all.
"""

from typing import Any

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable, floating, promote
from dezero.functions.elementwise import sqrt
from dezero.functions.pointwise import Pointwise
from dezero.functions.shape import sum_to

__all__ = [
    "Arccos", "Arccosh", "Arcsin", "Arcsinh", "Arctan", "Arctan2", "Arctanh", "Cos", "Cosh",
    "Hypot", "Sin", "Sinh", "Tan", "Tanh",
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh",
    "hypot", "sin", "sinh", "tan", "tanh",
]  # fmt: skip


class Sin(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).sin(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * cos(self.inputs[0])


@differentiable
def sin(x: Any) -> Variable:
    """Sine of x in radians, elementwise.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating.
    """
    return Sin()(x)


class Cos(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).cos(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * -sin(self.inputs[0])


@differentiable
def cos(x: Any) -> Variable:
    """Cosine of x in radians, elementwise; argument as in `sin`."""
    return Cos()(x)


class Tan(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).tan(floating(x))

    def backward(self, gy: Variable) -> Variable:
        y = self.outputs[0]()
        return gy * (1.0 + y * y)  # type: ignore[operator]


@differentiable
def tan(x: Any) -> Variable:
    """Tangent of x in radians, elementwise; argument as in `sin`."""
    return Tan()(x)


class Sinh(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).sinh(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * cosh(self.inputs[0])


@differentiable
def sinh(x: Any) -> Variable:
    """Hyperbolic sine y = (e ** x - e ** -x) / 2, elementwise; argument as in `sin`."""
    return Sinh()(x)


class Cosh(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).cosh(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy * sinh(self.inputs[0])


@differentiable
def cosh(x: Any) -> Variable:
    """Hyperbolic cosine y = (e ** x + e ** -x) / 2, elementwise; argument as in `sin`."""
    return Cosh()(x)


class Tanh(Pointwise, Function, uses_inputs=False):
    kernel, by_result = "tanh", True

    def backward(self, gy: Variable) -> Variable:
        y = self.outputs[0]()
        return gy * (1.0 - y * y)  # type: ignore[operator]


@differentiable
def tanh(x: Any) -> Variable:
    """Hyperbolic tangent y = sinh x / cosh x, within [-1, 1], elementwise; argument as in `sin`."""
    return Tanh()(x)


class Arcsin(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).arcsin(floating(x))

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        return gy / sqrt((1.0 - x) * (1.0 + x))


@differentiable
def arcsin(x: Any) -> Variable:
    """Inverse sine, within [-pi/2, pi/2], elementwise; NaN outside [-1, 1], gradient inf at ±1."""
    return Arcsin()(x)


class Arccos(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).arccos(floating(x))

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        return -gy / sqrt((1.0 - x) * (1.0 + x))


@differentiable
def arccos(x: Any) -> Variable:
    """Inverse cosine, within [0, pi], elementwise; NaN outside [-1, 1], gradient -inf at ±1."""
    return Arccos()(x)


class Arctan(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).arctan(floating(x))

    def backward(self, gy: Variable) -> Variable:
        h = hypot(self.inputs[0], 1.0)
        return gy / h / h


@differentiable
def arctan(x: Any) -> Variable:
    """Inverse tangent, within [-pi/2, pi/2], elementwise; argument as in `sin`."""
    return Arctan()(x)


class Arctan2(Function):
    def forward(self, y: Any, x: Any) -> Any:
        y, x = promote(y, x)
        return xp(y).arctan2(floating(y), floating(x))

    def backward(self, gy: Variable) -> tuple:
        y, x = self.inputs
        h = _not_zero(hypot(y, x))
        return sum_to(gy / h * (x / h), y.shape), sum_to(-gy / h * (y / h), x.shape)


@differentiable
def arctan2(y: Any, x: Any) -> Variable:
    """Angle of the point (x, y) from the x axis, within [-pi, pi], elementwise with broadcasting.

    Args:
        y, x: Variables, arrays or numbers of shapes that broadcast; y comes first, as in NumPy.
    Returns:
        Variable of the broadcast shape, floating.
    Note: the gradient at the origin is 0, where torch gives NaN.
    """
    return Arctan2()(y, x)


class Arcsinh(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).arcsinh(floating(x))

    def backward(self, gy: Variable) -> Variable:
        return gy / hypot(self.inputs[0], 1.0)


@differentiable
def arcsinh(x: Any) -> Variable:
    """Inverse hyperbolic sine, elementwise; argument as in `sin`."""
    return Arcsinh()(x)


class Arccosh(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).arccosh(floating(x))

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        return gy / (sqrt(x - 1.0) * sqrt(x + 1.0))


@differentiable
def arccosh(x: Any) -> Variable:
    """Inverse hyperbolic cosine, elementwise; NaN below 1, gradient inf at 1."""
    return Arccosh()(x)


class Arctanh(Function):
    def forward(self, x: Any) -> Any:
        return xp(x).arctanh(floating(x))

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        return gy / ((1.0 - x) * (1.0 + x))


@differentiable
def arctanh(x: Any) -> Variable:
    """Inverse hyperbolic tangent, elementwise; ±inf at ±1 and NaN outside."""
    return Arctanh()(x)


class Hypot(Function):
    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        return xp(x0).hypot(floating(x0), floating(x1))

    def backward(self, gy: Variable) -> tuple:
        h = _not_zero(self.outputs[0]())  # type: ignore[arg-type]
        return tuple(
            sum_to(gy * (x / h), x.shape) if x.requires_grad else None for x in self.inputs
        )


@differentiable
def hypot(x0: Any, x1: Any) -> Variable:
    """Length y = sqrt(x0 ** 2 + x1 ** 2) without overflow, elementwise with broadcasting.

    Args:
        x0, x1: Variables, arrays or numbers of shapes that broadcast.
    Returns:
        Variable of the broadcast shape, floating.
    Note: the gradient at the origin is 0.
    """
    return Hypot()(x0, x1)


def _not_zero(h: Variable) -> Variable:
    # x / h is then 0 and not NaN where h is 0 because x is.
    return h + Variable.constant(h.data == 0)
