"""Activations made of a few pieces: hard_tanh, the shrinking ones, and those of sparsemax's kin.

Each takes a Variable, array or number of any shape and returns a floating Variable of that shape.
"""

from typing import Any

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.elementwise import clip, square, where
from dezero.functions.pointwise import Pointwise
from dezero.functions.rectifier import relu
from dezero.functions.reduction import sum
from dezero.functions.shape import astype

__all__ = [
    "HardTanh", "Sparsemax",
    "hard_shrink", "hard_tanh", "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax",
    "threshold",
]  # fmt: skip


def _floating(x: Any) -> Variable:
    x = Variable.wrap(x)
    return x if x.dtype.kind == "f" else astype(x, floating(x.data).dtype)


class HardTanh(Pointwise, Function):
    kernel = "hard_tanh"

    def backward(self, gy: Variable) -> Variable:
        x = self.inputs[0].data
        return gy * Variable.constant((x >= -1) & (x <= 1))


@differentiable
def hard_tanh(x: Any) -> Variable:
    """Three straight lines like tanh, y = min(max(x, -1), 1), elementwise."""
    return HardTanh()(x)


@differentiable
def hard_shrink(x: Any, threshold: float = 0.5) -> Variable:
    """Return y = x where |x| > threshold, else 0, elementwise.

    Args:
        x: Variable, array or number, any shape.
        threshold: number, at least 0.
    Returns:
        Variable, shape of x, floating.
    Raises:
        ValueError: threshold is negative.
    """
    _check_threshold("hard_shrink", threshold)
    x = _floating(x)
    # Not where: a NaN stays one.
    return x * Variable.constant(~(xp(x.data).absolute(x.data) <= threshold))


@differentiable
def soft_shrink(x: Any, threshold: float = 0.5) -> Variable:
    """Return y = x moved towards 0 by threshold, and 0 if it would pass it, elementwise.

    Args:
        x, threshold: as in `hard_shrink`.
    Raises:
        ValueError: threshold is negative.
    Reference: Donoho 1995, "De-noising by soft-thresholding".
    """
    _check_threshold("soft_shrink", threshold)
    x = _floating(x)
    return x - clip(x, -float(threshold), float(threshold))


def _check_threshold(name: str, threshold: Any) -> None:
    if not threshold >= 0:
        raise ValueError(f"{name}: expected threshold >= 0, got {threshold!r}. 0.5 is usual.")


@differentiable
def threshold(x: Any, threshold: float, value: float) -> Variable:
    """Return y = x where x > threshold, else value, elementwise.

    Args:
        x: Variable, array or number, any shape.
        threshold, value: numbers.
    """
    x = _floating(x)
    return where(x.data <= threshold, float(value), x)


@differentiable
def sparse_plus(x: Any) -> Variable:
    """Softplus made of pieces: 0 up to -1, (x + 1)**2 / 4 up to 1, x beyond, elementwise.

    Note: its derivative is `sparse_sigmoid`. The second derivative at -1 and 1 is 1/2.
    """
    x = _floating(x)
    return square(clip(x, -1.0, 1.0) + 1.0) * 0.25 + relu(x - 1.0)


@differentiable
def sparse_sigmoid(x: Any) -> Variable:
    """Three straight lines like sigmoid, y = min(max((x + 1) / 2, 0), 1), elementwise.

    Reference: Martins and Astudillo 2016, "From softmax to sparsemax", eq. 6, for two classes.
    """
    return clip(_floating(x) * 0.5 + 0.5, 0.0, 1.0)


class Sparsemax(Function, uses_inputs=False):
    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        x, module = floating(x), xp(x)
        if x.ndim == 0 or not -x.ndim <= self.axis < x.ndim:
            raise ValueError(
                f"sparsemax: expected an axis of x, got axis={self.axis} and x {describe(x)}. "
                "Choose the axis of the classes."
            )
        if x.size == 0:
            return x.copy()
        z = module.moveaxis(x, self.axis, -1).astype("f8" if x.dtype.itemsize == 8 else "f4")
        z = z - z.max(axis=-1, keepdims=True)  # sums of large numbers would lose the differences
        falling = module.flip(module.sort(z, axis=-1), -1)
        excess = module.cumsum(falling, axis=-1) - 1.0
        rank = module.arange(1, z.shape[-1] + 1, dtype=z.dtype)
        size = (falling * rank > excess).sum(axis=-1, keepdims=True)
        size = module.maximum(size, 1)  # 0 if there is a NaN
        tau = module.take_along_axis(excess, size - 1, axis=-1) / size
        y = module.maximum(z - tau, 0.0).astype(x.dtype)
        return module.ascontiguousarray(module.moveaxis(y, -1, self.axis))

    def backward(self, gy: Variable) -> Variable:
        support = (self.outputs[0]().data > 0).astype(gy.dtype)  # type: ignore[union-attr]
        size = xp(support).maximum(support.sum(axis=self.axis, keepdims=True), 1)
        inside = gy * Variable.constant(support)
        mean = sum(inside, self.axis, True) / Variable.constant(size.astype(gy.dtype))
        return inside - Variable.constant(support) * mean


@differentiable
def sparsemax(x: Any, axis: int = -1) -> Variable:
    """Nearest point to x among the probabilities along `axis`: like softmax, with true zeros.

    Args:
        x: Variable or array, any shape but ().
        axis: int, that of the classes.
    Returns:
        Variable, shape of x, floating, >= 0, sums of 1 along axis.
    Raises:
        ValueError: x has no such axis.
    Reference: Martins and Astudillo 2016, "From softmax to sparsemax", algorithm 1 and eq. 14.
    """
    return Sparsemax(axis)(x)
