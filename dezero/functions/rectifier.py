"""relu and its family: activations that treat positive and negative x differently.

Each takes a Variable, array or number of any shape and returns a floating Variable of that shape.
"""

from typing import Any

from dezero.backend import kernels, xp
from dezero.backend.numpy_activations import SELU_ALPHA, SELU_SCALE
from dezero.core import Function, Variable, differentiable, floating, promote
from dezero.functions.elementwise import clip, exp, where
from dezero.functions.pointwise import Pointwise
from dezero.functions.shape import astype, sum_to

__all__ = [
    "Elu", "LeakyReLU", "PRelu", "ReLU", "Relu6", "Selu",
    "celu", "elu", "leaky_relu", "prelu", "rectify", "relu", "relu6", "selu",
]  # fmt: skip


class ReLU(Pointwise, Function):
    kernel = "relu"

    def backward(self, gy: Variable) -> Variable:
        return gy * Variable.constant(self.outputs[0]().data > 0)  # type: ignore[union-attr]

    def fast_backward(self, gy: Any) -> Any:
        return kernels(gy).relu_gradient(gy, self.outputs[0]().data)  # type: ignore[union-attr]


@differentiable
def relu(x: Any) -> Variable:
    """Rectifier y = max(x, 0), elementwise.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating.
    Note: the gradient at 0 is 0.
    """
    return ReLU()(x)


class LeakyReLU(Pointwise, Function):
    kernel = "leaky_relu"

    def __init__(self, slope: float) -> None:
        self.slope = self.alpha = float(slope)  # a NumPy scalar would widen float32

    def backward(self, gy: Variable) -> Variable:
        positive = (self.inputs[0].data > 0).astype(gy.dtype)
        return gy * Variable.constant(positive + (1.0 - positive) * self.slope)


@differentiable
def leaky_relu(x: Any, slope: float = 0.2) -> Variable:
    """Rectifier with a leak, y = x for x > 0, else slope * x, elementwise.

    Args:
        x: Variable, array or number, any shape.
        slope: number; 0.2 is the book's and Keras's, torch's is 0.01.
    Returns:
        Variable, shape of x, floating.
    Note: the gradient at 0 is slope.
    Reference: Maas et al. 2013, "Rectifier nonlinearities improve neural network acoustic models".
    """
    return LeakyReLU(slope)(x)


class PRelu(Function):
    def forward(self, x: Any, alpha: Any) -> Any:
        x, alpha = promote(floating(x), alpha)
        return _two_slopes(x, alpha)

    def backward(self, gy: Variable) -> tuple:
        x, alpha = self.inputs
        positive = x.data > 0
        return (
            sum_to(where(positive, gy, gy * alpha), x.shape) if x.requires_grad else None,
            sum_to(where(positive, 0.0, gy * x), alpha.shape) if alpha.requires_grad else None,
        )


@differentiable
def prelu(x: Any, alpha: Any) -> Variable:
    """Rectifier with a learned leak, y = x for x > 0, else alpha * x, elementwise.

    Args:
        x: Variable or array, any shape.
        alpha: Variable or array that broadcasts with x; (C, 1, 1) for one per channel of NCHW.
    Returns:
        Variable of the broadcast shape, floating.
    Note: the gradient by x at 0 is alpha.
    Reference: He et al. 2015, "Delving deep into rectifiers", eq. 1.
    """
    return PRelu()(x, alpha)


def _two_slopes(x: Any, slope: Any) -> Any:
    # Not where(x > 0, x, slope * x): the product may overflow where it is not wanted.
    y = xp(x).minimum(x, 0) * slope
    y += xp(x).maximum(x, 0)
    return y


class Relu6(Pointwise, Function):
    kernel, by_result = "relu6", True

    def backward(self, gy: Variable) -> Variable:
        y = self.outputs[0]().data  # type: ignore[union-attr]
        return gy * Variable.constant((y > 0) & (y < 6))


@differentiable
def relu6(x: Any) -> Variable:
    """Bounded rectifier y = min(max(x, 0), 6), elementwise; the gradient at 0 and 6 is 0."""
    return Relu6()(x)


class Elu(Pointwise, Function):
    kernel = "elu"

    def __init__(self, alpha: float) -> None:
        self.alpha = float(alpha)

    def backward(self, gy: Variable) -> Variable:
        return _elu_gradient(gy, self.inputs[0], self.alpha)


def _elu_gradient(gy: Variable, x: Variable, alpha: float) -> Variable:
    positive = (x.data > 0).astype(gy.dtype)
    left = alpha * exp(clip(x, None, 0.0))
    return gy * (Variable.constant(1.0 - positive) * left + Variable.constant(positive))


@differentiable
def elu(x: Any, alpha: float = 1.0) -> Variable:
    """Exponential linear unit, y = x for x > 0, else alpha * (e ** x - 1), elementwise.

    Args:
        x: Variable, array or number, any shape.
        alpha: number; -alpha is the lower limit.
    Returns:
        Variable, shape of x, floating.
    Note: first and second gradient at 0 are those of the left side, alpha.
    Reference: Clevert et al. 2015, "Fast and accurate deep network learning by ELUs".
    """
    return Elu(alpha)(x)


class Selu(Pointwise, Function):
    kernel = "selu"

    def backward(self, gy: Variable) -> Variable:
        return _elu_gradient(gy * SELU_SCALE, self.inputs[0], SELU_ALPHA)


@differentiable
def selu(x: Any) -> Variable:
    """Self-normalizing elu, y = 1.0507 * elu(x, 1.6733), elementwise.

    Note: keeps mean 0 and variance 1 when weights are drawn by lecun_normal.
    Reference: Klambauer et al. 2017, "Self-normalizing neural networks", eq. 14.
    """
    return Selu()(x)


@differentiable
def celu(x: Any, alpha: float = 1.0) -> Variable:
    """Elu with a continuous derivative, y = x for x > 0, else alpha * (e ** (x / alpha) - 1).

    Raises:
        ValueError: alpha is not positive.
    Reference: Barron 2017, "Continuously differentiable exponential linear units".
    """
    if not alpha > 0:
        raise ValueError(f"celu: expected alpha > 0, got {alpha!r}. Use relu for the limit at 0.")
    return alpha * elu(Variable.wrap(x) / alpha)


@differentiable
def rectify(
    x: Any, *, slope: float = 0.0, threshold: float = 0.0, limit: float | None = None
) -> Variable:
    """Rectifier y = x above a threshold t, at most limit, and slope * (x - t) below, elementwise.

    Args:
        x: Variable, array or number, any shape.
        slope: number, of the part below t.
        threshold: t, number.
        limit: number, the largest y; None for none.
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: limit is below 0.
    Note: the gradient at t and where y is limit is that of the part below t, and 0.
    """
    if limit is not None and not limit >= 0:
        raise ValueError(f"rectify: expected limit >= 0, got {limit!r}. None is no limit.")
    if threshold == 0:
        y = relu(x) if slope == 0 else leaky_relu(x, slope)
    else:
        x = Variable.wrap(x)
        x = x if x.dtype.kind == "f" else astype(x, floating(x.data).dtype)
        y = where(x.data > threshold, x, (x - threshold) * slope)
    return y if limit is None else where(y.data >= limit, float(limit), y)
