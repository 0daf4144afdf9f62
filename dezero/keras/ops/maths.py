"""`keras.ops`: elementwise functions, sums and products, activations."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.core import Variable, as_array
from dezero.keras import activations
from dezero.keras.ops.symbolic import op

__all__ = [
    "abs", "absolute", "add", "all", "any", "arccos", "arcsin", "arctan", "arctan2", "ceil",
    "clip", "cos", "cosh", "count_nonzero", "cumprod", "cumsum", "divide", "divide_no_nan", "dot",
    "einsum", "elu", "equal", "erf", "exp", "expm1", "floor", "floor_divide", "gelu", "greater",
    "greater_equal", "hard_sigmoid", "hard_silu", "isfinite", "isinf", "isnan", "leaky_relu",
    "less", "less_equal", "log", "log10", "log1p", "log2", "log_sigmoid", "log_softmax",
    "logical_and", "logical_not", "logical_or", "logsumexp", "matmul", "max", "maximum", "mean",
    "min", "minimum", "mish", "mod", "moments", "multiply", "negative", "norm", "normalize",
    "not_equal", "outer", "power", "prod", "reciprocal", "relu", "relu6", "round", "rsqrt", "selu",
    "sigmoid", "sign", "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sqrt", "square",
    "std", "subtract", "sum", "swish", "tan", "tanh", "tensordot", "trace", "true_divide", "var",
]  # fmt: skip

abs, exp, expm1, log, log1p = op(F.abs), op(F.exp), op(F.expm1), op(F.log), op(F.log1p)
log2, log10, erf, sqrt, square = op(F.log2), op(F.log10), op(F.erf), op(F.sqrt), op(F.square)
sin, cos, tan, sinh, cosh, tanh = (
    op(F.sin), op(F.cos), op(F.tan), op(F.sinh), op(F.cosh), op(F.tanh),
)  # fmt: skip
arcsin, arccos, arctan, arctan2 = op(F.arcsin), op(F.arccos), op(F.arctan), op(F.arctan2)
absolute, reciprocal, negative, sign = abs, op(F.reciprocal), op(F.neg, "negative"), op(F.sign)
ceil, floor, round = op(F.ceil), op(F.floor), op(F.round)
isnan, isinf, isfinite = op(F.isnan), op(F.isinf), op(F.isfinite)
add, subtract, multiply = op(F.add), op(F.sub, "subtract"), op(F.mul, "multiply")
divide, power, mod = op(F.div, "divide"), op(F.pow, "power"), op(F.mod)
true_divide, floor_divide = divide, op(F.floor_divide)
maximum, minimum = op(F.maximum), op(F.minimum)


def _compared(function: Callable[..., Any]) -> Any:
    """Return a comparison that takes lists too, element by element."""

    @functools.wraps(function)
    def compared(x1: Any, x2: Any) -> Any:
        return function(*[as_array(x) if isinstance(x, list | tuple) else x for x in (x1, x2)])

    return op(compared)


equal, not_equal, greater = _compared(F.equal), _compared(F.not_equal), _compared(F.greater)
greater_equal, less = _compared(F.greater_equal), _compared(F.less)
less_equal = _compared(F.less_equal)
sum, mean, max, min, prod = op(F.sum), op(F.mean), op(F.max), op(F.min), op(F.prod)
all, any, count_nonzero, var, std = op(F.all), op(F.any), op(F.count_nonzero), op(F.var), op(F.std)
logsumexp, cumsum, cumprod = op(F.logsumexp), op(F.cumsum), op(F.cumprod)
matmul, dot, outer, tensordot, trace = (
    op(F.matmul), op(F.dot), op(F.outer), op(F.tensordot), op(F.trace),
)  # fmt: skip
einsum = op(F.einsum)
relu, leaky_relu, elu, selu = (
    op(activations.relu), op(activations.leaky_relu), op(F.elu), op(F.selu),
)  # fmt: skip
relu6, gelu, silu, mish = op(F.relu6), op(activations.gelu), op(F.silu), op(F.mish)
sigmoid, hard_sigmoid, softplus = op(F.sigmoid), op(F.hard_sigmoid), op(F.softplus)
softsign, softmax, log_softmax = (
    op(F.softsign),
    op(activations.softmax),
    op(activations.log_softmax),
)
hard_silu, swish = op(F.hard_swish, "hard_silu"), silu
log_sigmoid = op(activations.log_sigmoid)


@op
def rsqrt(x: Any) -> Variable:
    """Return 1 / sqrt(x)."""
    return 1.0 / F.sqrt(x)


@op
def clip(x: Any, x_min: Any, x_max: Any) -> Variable:
    """Return x limited to [x_min, x_max]."""
    return F.clip(x, x_min, x_max)


@op
def divide_no_nan(x1: Any, x2: Any) -> Variable:
    """Return x1 / x2, and 0 where x2 is 0."""
    zero = as_array(x2) == 0
    return F.where(zero, 0.0, F.div(x1, F.where(zero, 1.0, x2)))


@op
def logical_and(x1: Any, x2: Any) -> Variable:
    """Return whether both are not 0."""
    return Variable.constant((as_array(x1) != 0) & (as_array(x2) != 0))


@op
def logical_or(x1: Any, x2: Any) -> Variable:
    """Return whether one of the two is not 0."""
    return Variable.constant((as_array(x1) != 0) | (as_array(x2) != 0))


@op
def logical_not(x: Any) -> Variable:
    """Return whether x is 0."""
    return Variable.constant(as_array(x) == 0)


@op
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Variable:
    """Return the root of the sum of squares over axes, or the sum of sizes if `ord` is 1.

    Raises:
        ValueError: ord is neither None, 1, 2, numpy.inf nor "euclidean".
    """
    if ord in (None, 2, "euclidean", "fro"):
        return F.sqrt(F.sum(F.square(x), axis, keepdims))
    if ord == 1:
        return F.sum(F.abs(x), axis, keepdims)
    if ord == np.inf:
        return F.max(F.abs(x), axis, keepdims)
    raise ValueError(
        f"norm: expected ord None, 1, 2, numpy.inf or 'euclidean', got {ord!r}. Take one of them."
    )


@op
def normalize(x: Any, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Variable:
    """Return x divided by its norm over an axis, which is not taken below `epsilon`."""
    small = 1e-12 if epsilon is None else epsilon
    if order == 2:
        return x / F.sqrt(F.maximum(F.sum(F.square(x), axis, True), small**2))
    return x / F.maximum(norm(x, order, axis, True), small)


@op
def moments(x: Any, axes: Any, keepdims: bool = False) -> tuple[Variable, Variable]:
    """Return mean and variance over axes."""
    return F.mean(x, axes, keepdims), F.var(x, axes, keepdims=keepdims)
