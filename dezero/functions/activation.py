"""Smooth activations: sigmoid, softmax, gelu and friends, and the table of names for layers.

Each takes a Variable, array or number of any shape and returns a floating Variable of that shape.
None overflows for large |x|, in float16 either. relu and its family are in `rectifier.py`.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import kernels, xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe, lookup
from dezero.functions.elementwise import abs, clip, erf, exp
from dezero.functions.pointwise import Pointwise
from dezero.functions.rectifier import celu, elu, leaky_relu, relu, relu6, selu
from dezero.functions.reduction import sum
from dezero.functions.trigonometric import tanh

__all__ = [
    "Gelu", "GeluTanh", "HardSigmoid", "HardSwish", "LogSoftmax", "Mish", "Sigmoid", "Silu",
    "Softmax", "Softplus", "Softsign",
    "gelu", "hard_sigmoid", "hard_swish", "identity", "log_softmax", "mish", "sigmoid",
    "sigmoid_simple", "silu", "softmax", "softmax_simple", "softplus", "softsign", "swish",
]  # fmt: skip


@differentiable
def identity(x: Any) -> Variable:
    """Return x itself, y = x: the linear activation."""
    return Variable.wrap(x)


@differentiable
def sigmoid_simple(x: Any) -> Variable:
    """Logistic function y = 1 / (1 + e ** -x) as the book first writes it.

    Note: overflows below x = -88 in float32; `sigmoid` does not.
    """
    return 1.0 / (1.0 + exp(-Variable.wrap(x)))


class Sigmoid(Pointwise, Function, uses_inputs=False):
    kernel, by_result = "sigmoid", True

    def backward(self, gy: Variable) -> Variable:
        y = self.outputs[0]()
        return gy * y * (1.0 - y)  # type: ignore[operator]


@differentiable
def sigmoid(x: Any) -> Variable:
    """Logistic function y = 1 / (1 + e ** -x), elementwise.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating, within [0, 1].
    """
    return Sigmoid()(x)


@differentiable
def softmax_simple(x: Any, axis: int = 1) -> Variable:
    """Softmax y = e ** x / sum(e ** x) over `axis` as the book first writes it.

    Note: overflows above x = 88 in float32; `softmax` does not.
    """
    y = exp(x)
    return y / sum(y, axis=axis, keepdims=True)


class Softmax(Function, uses_inputs=False):
    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        x = floating(x)
        if _has_rows(x, self.axis):
            return _by_row("row_softmax", x, is_log=False)
        if x.dtype.itemsize == 2:  # sums of many classes, and differences, are too much for float16
            return self.forward(x.astype("float32")).astype(x.dtype)
        y = _below_max("softmax", x, self.axis)
        xp(x).exp(y, out=y)
        y /= xp(x).add.reduce(y, axis=self.axis, keepdims=True)
        return y

    def backward(self, gy: Variable) -> Variable:
        y = self.outputs[0]()
        gx = gy * y
        return gx - y * sum(gx, self.axis, True)  # type: ignore[operator]

    def fast_backward(self, gy: Any) -> Any:
        y = self.outputs[0]().data  # type: ignore[union-attr]
        if _has_rows(y, self.axis):
            return _by_row("row_softmax_gradient", gy, y, is_log=False)
        gx = gy * y
        gx -= y * gx.sum(axis=self.axis, keepdims=True)
        return gx


def _has_rows(x: Any, axis: Any) -> bool:
    """Return whether x lives on a device, and its last axis is the one to go over."""
    return type(x) is not np.ndarray and x.ndim > 0 < x.size and axis in (-1, x.ndim - 1)


def _by_row(kernel: str, *arrays: Any, is_log: bool) -> Any:
    """Return what a kernel makes of the rows of arrays: one launch."""
    shape = arrays[0].shape
    rows = [x.reshape((-1, shape[-1])) for x in arrays]
    return getattr(kernels(arrays[0]), kernel)(*rows, is_log).reshape(shape)


def _below_max(name: str, x: Any, axis: Any) -> Any:
    """Return x minus its maximum over `axis`: no exponential of it overflows."""
    try:
        return x - x.max(axis=axis, keepdims=True)
    except IndexError as error:
        raise ValueError(
            f"{name}: expected an axis of x, got axis={axis} and x {describe(x)}. "
            "Pass axis=-1 for the last axis."
        ) from error


@differentiable
def softmax(x: Any, axis: int = 1) -> Variable:
    """Softmax y = e ** x / sum(e ** x): positive numbers that add up to 1 over `axis`.

    Args:
        x: Variable or array, (N, C) or any shape that has the axis.
        axis: int, or a tuple of them; the book's default is 1, Keras's the last.
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: x has no such axis.
    """
    return Softmax(axis)(x)


class LogSoftmax(Function, uses_inputs=False):
    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        x = floating(x)
        if _has_rows(x, self.axis):
            return _by_row("row_softmax", x, is_log=True)
        if x.dtype.itemsize == 2:  # sums of many classes, and differences, are too much for float16
            return self.forward(x.astype("float32")).astype(x.dtype)
        y = _below_max("log_softmax", x, self.axis)
        y -= xp(x).log(xp(x).exp(y).sum(axis=self.axis, keepdims=True))
        return y

    def backward(self, gy: Variable) -> Variable:
        return gy - exp(self.outputs[0]()) * sum(gy, self.axis, True)

    def fast_backward(self, gy: Any) -> Any:
        y = self.outputs[0]().data  # type: ignore[union-attr]
        if _has_rows(y, self.axis):
            return _by_row("row_softmax_gradient", gy, y, is_log=True)
        return gy - xp(y).exp(y) * gy.sum(axis=self.axis, keepdims=True)


@differentiable
def log_softmax(x: Any, axis: int = 1) -> Variable:
    """Logarithm of softmax, y = x - ln(sum(e ** x)) over `axis`, exact also where softmax is 0.

    Args:
        x, axis: as in `softmax`.
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: x has no such axis.
    """
    return LogSoftmax(axis)(x)


class Softplus(Pointwise, Function):
    kernel = "softplus"

    def backward(self, gy: Variable) -> Variable:
        return gy * sigmoid(self.inputs[0])


@differentiable
def softplus(x: Any) -> Variable:
    """Smooth relu, y = ln(1 + e ** x), elementwise.

    Args:
        x: Variable, array or number, any shape.
    Returns:
        Variable, shape of x, floating, >= 0.
    Reference: Dugas et al. 2000, "Incorporating second-order functional knowledge".
    """
    return Softplus()(x)


class Softsign(Pointwise, Function):
    kernel = "softsign"

    def backward(self, gy: Variable) -> Variable:
        d = 1.0 + abs(self.inputs[0])
        return gy / d / d


@differentiable
def softsign(x: Any) -> Variable:
    """Return y = x / (1 + |x|), elementwise; the second derivative at 0 is taken as 0."""
    return Softsign()(x)


class Silu(Pointwise, Function):
    kernel = "silu"

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        s = sigmoid(x)
        return gy * (s + x * s * (1.0 - s))


@differentiable
def silu(x: Any) -> Variable:
    """Return y = x * sigmoid(x), elementwise; also called swish.

    Reference: Elfwing et al. 2018, "Sigmoid-weighted linear units", eq. 5.
    """
    return Silu()(x)


@differentiable
def swish(x: Any) -> Variable:
    """Return y = x * sigmoid(x): another name of `silu` (Ramachandran et al. 2017)."""
    return Silu()(x)


class Mish(Pointwise, Function):
    kernel = "mish"

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        t = tanh(softplus(x))
        u = clip(x, -1000.0, 1000.0)  # its factor beyond is 0, and twice of more overflows float16
        return gy * (t + u * (1.0 - t * t) * sigmoid(x))


@differentiable
def mish(x: Any) -> Variable:
    """Return y = x * tanh(softplus(x)), elementwise.

    Reference: Misra 2019, "Mish: a self regularized non-monotonic activation function".
    """
    return Mish()(x)


class Gelu(Pointwise, Function):
    kernel = "gelu"

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        u = clip(x, -40.0, 40.0)  # the density beyond is 0, and squares could overflow
        density = exp(-0.5 * u * u) * (1 / math.sqrt(2 * math.pi))
        return gy * (0.5 * (1.0 + erf(x * math.sqrt(0.5))) + x * density)


class GeluTanh(Pointwise, Function):
    kernel = "gelu_tanh"

    def backward(self, gy: Variable) -> Variable:
        # tanh is 1 or -1 long before, and the cube of more overflows float16
        u, root = clip(self.inputs[0], -20.0, 20.0), math.sqrt(2 / math.pi)
        t = tanh(root * (u + 0.044715 * u**3))
        slope = (1.0 - t * t) * (root * (1.0 + 3 * 0.044715 * u * u))
        return gy * (0.5 + 0.5 * t + 0.5 * u * slope)


@differentiable
def gelu(x: Any, approximate: str = "none") -> Variable:
    """Return y = x * P(Z <= x) for a standard normal Z, x * (1 + erf(x / sqrt 2)) / 2, elementwise.

    Args:
        x: Variable, array or number, any shape.
        approximate: "none", or "tanh" for the tanh formula of GPT-2.
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: approximate is neither.
    Reference: Hendrycks and Gimpel 2016, "Gaussian error linear units", section 2.
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(
            f"gelu: expected approximate='none' or 'tanh', got {approximate!r}. Leave it out."
        )
    return Gelu()(x) if approximate == "none" else GeluTanh()(x)


class HardSigmoid(Pointwise, Function):
    kernel = "hard_sigmoid"

    def backward(self, gy: Variable) -> Variable:
        x = self.inputs[0].data
        return gy * (1 / 6) * Variable.constant((x > -3) & (x < 3))


@differentiable
def hard_sigmoid(x: Any) -> Variable:
    """Three straight lines like sigmoid, y = min(max(x / 6 + 1/2, 0), 1), elementwise.

    Note: Keras 3 and torch define it so; Keras 1 and 2 had min(max(0.2 * x + 0.5, 0), 1).
        The gradient at ±3 is 0.
    """
    return HardSigmoid()(x)


class HardSwish(Pointwise, Function):
    kernel = "hard_swish"

    def backward(self, gy: Variable) -> Variable:
        (x,) = self.inputs
        bent = (x.data > -3) & (x.data < 3)
        return gy * (hard_sigmoid(x) + x * (1 / 6) * Variable.constant(bent))


@differentiable
def hard_swish(x: Any) -> Variable:
    """Return y = x * hard_sigmoid(x), elementwise (Howard et al. 2019, "MobileNetV3", eq. 5.2)."""
    return HardSwish()(x)


def _softmax_last(x: Any) -> Variable:
    return softmax(x, axis=-1)


def _log_softmax_last(x: Any) -> Variable:
    return log_softmax(x, axis=-1)


# What a layer's `activation="relu"` means. As in Keras, softmax goes over the LAST axis here,
# unlike `softmax(x)`, whose default is the book's axis 1.
ACTIVATIONS: dict[str, Callable[..., Variable]] = {
    "celu": celu,
    "elu": elu,
    "exponential": exp,
    "gelu": gelu,
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": hard_swish,
    "identity": identity,
    "leaky_relu": leaky_relu,
    "linear": identity,
    "log_softmax": _log_softmax_last,
    "mish": mish,
    "relu": relu,
    "relu6": relu6,
    "selu": selu,
    "sigmoid": sigmoid,
    "silu": silu,
    "softmax": _softmax_last,
    "softplus": softplus,
    "softsign": softsign,
    "swish": swish,
    "tanh": tanh,
}


def get_activation(name: str | Callable[..., Variable] | None) -> Callable[..., Variable]:
    """Return the activation called `name`; a callable is returned as it is, None means identity.

    Raises:
        ValueError: there is no such name; the nearest one is named.
    Note: "softmax" and "log_softmax" go over the last axis, as in Keras.
    """
    if name is None:
        return identity
    return name if callable(name) else lookup("activation", name, ACTIVATIONS)
