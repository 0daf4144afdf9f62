"""Losses of numbers against numbers, and what all losses share: reduction and shape checks.

The losses of classifiers are in `cross_entropy.py`.
"""

from typing import Any

import numpy as np

from dezero.backend import is_readable, xp
from dezero.core import (
    Config,
    Function,
    Variable,
    as_variable,
    differentiable,
    floating,
    promote,
)
from dezero.core.errors import describe, lookup
from dezero.functions.elementwise import log
from dezero.functions.placing import poison
from dezero.functions.shape import astype, reshape

__all__ = [
    "MeanSquaredError",
    "RaiseTo",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "mean_squared_error_simple",
]

# What the sum of a loss over all its values is divided by; None leaves the values as they are.
DIVISORS = {
    "mean": lambda shape: product(shape),
    "batch": lambda shape: shape[0] if shape else 1,
    "sum": lambda shape: 1,
    "none": lambda shape: None,
}


def product(shape: tuple[int, ...]) -> int:
    """Return the number of elements in an array of this shape."""
    n = 1
    for size in shape:
        n *= size
    return n


def divisor(name: str, reduction: str, shape: tuple[int, ...]) -> int | None:
    """Return what `reduction` divides the sum of values of this shape by; no batch may be empty."""
    if 0 in shape:
        raise ValueError(
            f"{name}: expected at least one sample, got shape {shape}. Leave empty batches out."
        )
    return lookup(f"{name} reduction", reduction, DIVISORS)(shape)


def reduced(name: str, values: Variable, reduction: str) -> Variable:
    """Return `values` reduced: their mean, their sum, their sum by batch size, or themselves."""
    n = divisor(name, reduction, values.shape)
    if n is None:
        return values
    if reduction == "mean" or n == values.size:
        return values.mean()
    if values.dtype.itemsize == 2:  # the sum may be too much for float16
        return values.mean() * (values.size / n)
    return values.sum() if n == 1 else values.sum() / n


def same_shape(name: str, x: Any, t: Any) -> None:
    """Raise unless prediction and target have one shape: broadcasting them is nearly always wrong.

    (N, 1) against (N,) would compare everybody with everybody, (N, N), without a word.
    """
    if x.shape == t.shape:
        return
    fix = f"Reshape the second to {x.shape}." if x.size == t.size else "Check the last layer."
    raise ValueError(
        f"{name}: expected both arguments of one shape, got {describe(x)} and {describe(t)}. {fix}"
    )


def paired(name: str, x: Any, t: Any) -> tuple[Variable, Variable]:
    """Return both as Variables of one shape, constant targets in the dtype of the predictions.

    Targets are often float64 by accident, and would drag the whole backward pass along. Axes of
    length 1 in front may differ, for nothing can be mistaken: the book has (1, 1) and (1,).
    """
    x, t = Variable.wrap(x), Variable.wrap(t)
    if x.size == t.size and _without_lead(x.shape) == _without_lead(t.shape):
        t = reshape(t, x.shape)
    same_shape(name, x, t)
    x = _floating_beside(x, t)
    return beside(t, x), beside(x, t)


def _without_lead(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return `shape` without the axes of length 1 in front."""
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape


def _floating_beside(x: Variable, t: Variable) -> Variable:
    # Differences of uint8 wrap around.
    return x if "f" in (x.dtype.kind, t.dtype.kind) else astype(x, Config.dtype)


def beside(x: Variable, t: Variable) -> Variable:
    """Return `t`, cast to the dtype of a floating `x` if x is differentiated by and t is not."""
    if t.requires_grad or not x.requires_grad or t.dtype == x.dtype or x.dtype.kind != "f":
        return t
    return Variable.constant(t.data.astype(x.dtype))  # type: ignore[union-attr]


class MeanSquaredError(Function):
    def __init__(self, reduction: str = "batch") -> None:
        self.reduction = reduction

    def forward(self, x0: Any, x1: Any) -> Any:
        x0, x1 = promote(x0, x1)
        self.n = divisor("mean_squared_error", self.reduction, x0.shape)
        diff = self.diff = floating(x0 - x1)
        if self.n is None:
            return diff * diff
        # Squares of float16 overflow beyond 256.
        flat = (diff if diff.dtype.itemsize > 2 else diff.astype("f4")).reshape(-1)
        # A device's own dot may not be captured in a graph.
        squares = flat.dot(flat) if type(flat) is np.ndarray else (flat * flat).sum()
        return xp(diff).asarray(squares / self.n, dtype=diff.dtype)

    def backward(self, gy: Variable) -> tuple:
        x0, x1 = self.inputs
        gx0 = (gy * (2 / (self.n or 1))) * (x0 - x1)
        return gx0, -gx0

    def fast_backward(self, gy: Any) -> tuple:
        gx0 = (gy * (2 / (self.n or 1))) * self.diff
        return gx0, -gx0 if self.inputs[1].requires_grad else None


@differentiable
def mean_squared_error(x0: Any, x1: Any, reduction: str = "batch") -> Variable:
    """Squared error sum((x0 - x1)**2) / N with N = len(x0), as in the book.

    Args:
        x0, x1: floating Variables or arrays of one shape, (N, ...).
        reduction: "batch" divides by N, "mean" by the number of elements, "sum" by 1; "none"
            returns the squares.
    Returns:
        Variable, 0-d, or of the shape of x0 for "none".
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    Note: Keras and PyTorch mean "mean" by this name.
    """
    return MeanSquaredError(reduction)(*paired("mean_squared_error", x0, x1))


@differentiable
def mean_squared_error_simple(x0: Any, x1: Any) -> Variable:
    """The book's didactic form of `mean_squared_error`: one graph node per operation."""
    x0, x1 = as_variable(x0), as_variable(x1)
    if x0.size == x1.size == 1:
        x1 = reshape(x1, x0.shape)
    same_shape("mean_squared_error_simple", x0, x1)
    diff = _floating_beside(x0, x1) - x1
    return reduced("mean_squared_error_simple", diff**2, "batch")


@differentiable
def mean_absolute_error(x0: Any, x1: Any, reduction: str = "mean") -> Variable:
    """Mean absolute error mean(|x0 - x1|).

    Args:
        x0, x1: floating Variables or arrays of one shape.
        reduction: as in `mean_squared_error`.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    Note: where x0 == x1 the gradient is 0.
    """
    x0, x1 = paired("mean_absolute_error", x0, x1)
    return reduced("mean_absolute_error", abs(x0 - x1), reduction)


@differentiable
def huber(x0: Any, x1: Any, *, delta: float = 1.0, reduction: str = "mean") -> Variable:
    """Huber loss of d = x0 - x1: d**2 / 2 up to |d| = delta, then delta * (|d| - delta / 2).

    Args:
        x0, x1: floating Variables or arrays of one shape.
        delta: where the parabola goes over into its tangent, > 0.
        reduction: as in `mean_squared_error`.
    Raises:
        ValueError: the shapes differ, delta <= 0, there is no sample, or reduction is unknown.
    Reference:
        Huber 1964, "Robust estimation of a location parameter".
    """
    x0, x1 = paired("huber", x0, x1)
    if not delta > 0:
        raise ValueError(f"huber: expected delta > 0, got {delta}. Take 1.0, the usual value.")
    diff = x0 - x1
    # Beyond delta c is constant, so c * (d - c / 2) is both branches in one.
    c = diff.clip(-delta, delta)
    return reduced("huber", c * (diff - c * 0.5), reduction)


@differentiable
def hinge(x: Any, t: Any, *, squared: bool = False, reduction: str = "mean") -> Variable:
    """Hinge loss mean(max(1 - t * x, 0)) of scores x and signs t.

    Args:
        x: floating Variable or array, any shape.
        t: array of that shape, -1 or 1 everywhere.
        squared: square each value, which makes the loss smooth.
        reduction: as in `mean_squared_error`.
    Raises:
        ValueError: the shapes differ, t has other values, there is no sample, or reduction is
            unknown.
    Note: the kink at t * x == 1 has the gradient of `clip` there.
    """
    x, t = paired("hinge", x, Variable.wrap(t).detach())
    if not is_readable(t.data):
        x = x * poison(abs(t.data) != 1, x.dtype)
    elif t.size and not bool((abs(t.data) == 1).all()):
        low, high = t.data.min().item(), t.data.max().item()
        raise ValueError(
            f"hinge: expected labels -1 and 1, got values from {low} to {high}. "
            "Turn labels 0 and 1 into 2 * t - 1."
        )
    values = (1 - x * t).clip(0, None)
    return reduced("hinge", values**2 if squared else values, reduction)


class RaiseTo(Function):
    """max(x, floor) with gradient 1 also below: a clipped probability must still learn."""

    def __init__(self, floor: float) -> None:
        self.floor = floor

    def forward(self, x: Any) -> Any:
        return xp(x).maximum(x, self.floor)

    def backward(self, gy: Variable) -> Variable:
        return gy


def raised(p: Variable, eps: float) -> Variable:
    """Return probabilities `p` raised to at least eps, so that their logarithm is finite."""
    # 1 / eps must be finite in float16 as well.
    return RaiseTo(eps if p.dtype.itemsize > 2 else max(eps, 1e-4))(p)


@differentiable
def kl_divergence(p: Any, t: Any, *, axis: int = -1, reduction: str = "mean") -> Variable:
    """Kullback-Leibler divergence sum(t * log(t / p)) along `axis`, of p from the true t.

    Args:
        p: predicted probabilities, floating Variable or array.
        t: true probabilities, same shape.
        axis: the axis that sums to 1.
        reduction: "mean" over the distributions, "sum", or "none" for one value each.
    Returns:
        Variable, 0-d, or without `axis` for "none".
    Raises:
        ValueError: the shapes differ, a probability is negative, there is no sample, or reduction
            is unknown.
    Note: probabilities below 1e-7 count as 1e-7, with the gradient there, as in `RaiseTo`.
    """
    p, t = paired("kl_divergence", p, t)
    hint = "For logits, use softmax first."
    p, t = (check_probabilities("kl_divergence", x, hint=hint) for x in (p, t))
    values = (t * (log(raised(t, 1e-7)) - log(raised(p, 1e-7)))).sum(axis=axis)
    return reduced("kl_divergence", values, reduction)


def check_probabilities(name: str, p: Variable, *, hint: str) -> Variable:
    """Return `p`; raise if an element is outside [0, 1] by more than rounding.

    On a device that is not looked at: such an element becomes NaN instead.
    """
    x = p.data
    if x.size == 0:
        return p
    if not is_readable(x):
        return p * poison((x < 0) | (x > 1.001), p.dtype)
    low, high = x.min(), x.max()
    # NaN passes: the training loop names it with its step.
    if bool(low < 0) or bool(high > 1.001):
        raise ValueError(
            f"{name}: expected probabilities from 0 to 1, got values from {low.item():.4g} to "
            f"{high.item():.4g}. {hint}"
        )
    return p
