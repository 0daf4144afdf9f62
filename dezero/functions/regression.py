"""More losses of numbers against numbers: of ratios, of logarithms, of counts, and of directions.

The usual ones are in `loss.py`; so is what "mean" and its like mean here.
"""

import math
from typing import Any

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.functions.elementwise import clip, log, log1p, square
from dezero.functions.linalg import normalize
from dezero.functions.loss import paired, reduced
from dezero.functions.reduction import sum
from dezero.functions.trigonometric import tanh

__all__ = [
    "LogCosh", "cosine_similarity", "log_cosh", "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error", "poisson_loss",
]  # fmt: skip


@differentiable
def mean_absolute_percentage_error(
    x: Any, t: Any, *, eps: float = 1e-7, reduction: str = "mean"
) -> Variable:
    """Mean error in percent of the target, 100 * mean(|x - t| / max(|t|, eps)).

    Args:
        x: predictions, floating Variable or array, any shape.
        t: targets of that shape.
        eps: number, > 0; targets nearer to 0 are divided by it.
        reduction: "mean", "sum", "batch" (the sum by len(x)), or "none" for the values.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    """
    name = "mean_absolute_percentage_error"
    x, t = paired(name, x, t)
    return reduced(name, abs((x - t) / clip(abs(t), eps)) * 100.0, reduction)


@differentiable
def mean_squared_logarithmic_error(
    x: Any, t: Any, *, eps: float = 1e-7, reduction: str = "mean"
) -> Variable:
    """Squared error of logarithms, mean((ln(1 + x) - ln(1 + t))**2).

    Args:
        x, t, reduction: as in `mean_absolute_percentage_error`.
        eps: what x and t below it count as, with gradient 0 there.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    """
    name = "mean_squared_logarithmic_error"
    x, t = paired(name, x, t)
    return reduced(name, square(log1p(clip(x, eps)) - log1p(clip(t, eps))), reduction)


class LogCosh(Function):
    """ln(cosh(x)), elementwise."""

    def forward(self, x: Any) -> Any:
        x, module = floating(x), xp(x)
        a = module.absolute(x)
        # Near 0 the sum below would lose all digits: cosh(a) = 1 + 2 sinh(a / 2)**2.
        near = module.log1p(2.0 * module.sinh(0.5 * module.minimum(a, 1.0)) ** 2)
        far = a + (module.log1p(module.exp(-2.0 * a)) - math.log(2.0))
        return module.where(a < 1.0, near, far)

    def backward(self, gy: Variable) -> Variable:
        return gy * tanh(self.inputs[0])


@differentiable
def log_cosh(x: Any, t: Any, *, reduction: str = "mean") -> Variable:
    """Mean of ln(cosh(x - t)): half the square near 0, straight beyond, smooth everywhere.

    Args:
        x, t, reduction: as in `mean_absolute_percentage_error`.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    """
    x, t = paired("log_cosh", x, t)
    return reduced("log_cosh", LogCosh()(x - t), reduction)


@differentiable
def poisson_loss(x: Any, t: Any, *, eps: float = 1e-7, reduction: str = "mean") -> Variable:
    """Negative log likelihood of counts t by Poisson rates x, mean(x - t * ln(x + eps)).

    Args:
        x, t, reduction: as in `mean_absolute_percentage_error`; x is the rate, not its logarithm.
        eps: number; keeps the logarithm of 0 finite.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    Note: without ln(t!), which does not depend on x.
    """
    x, t = paired("poisson_loss", x, t)
    return reduced("poisson_loss", x - t * log(x + eps), reduction)


@differentiable
def cosine_similarity(x: Any, t: Any, axis: Any = -1) -> Variable:
    """Cosine of the angle between vectors, sum(x * t) / (norm(x) * norm(t)) along `axis`.

    Args:
        x, t: floating Variables or arrays of one shape, not ().
        axis: int or tuple of ints that the vectors lie along.
    Returns:
        Variable without axis, within [-1, 1]; 0 where a vector is.
    Raises:
        ValueError: the shapes differ.
    """
    x, t = paired("cosine_similarity", x, t)
    return sum(normalize(x, axis) * normalize(t, axis), axis)
