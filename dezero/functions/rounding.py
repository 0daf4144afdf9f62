"""Elementwise functions without gradient: sign, rounding, and tests for NaN and inf."""

from typing import Any

from dezero.backend import xp
from dezero.core import Variable, as_array, nondifferentiable
from dezero.core.registry import NUMPY_NAMES

__all__ = ["ceil", "floor", "isfinite", "isinf", "isnan", "round", "sign"]

NUMPY_NAMES["around"] = "round"


@nondifferentiable
def sign(x: Any) -> Variable:
    """Return -1, 0 or 1 by the sign of x; constant, for its derivative is 0 where there is one."""
    x = as_array(x)
    return Variable.constant(xp(x).sign(x))


@nondifferentiable
def floor(x: Any) -> Variable:
    """Round down, elementwise, dtype kept; no gradient."""
    x = as_array(x)
    return Variable.constant(xp(x).floor(x) if x.dtype.kind == "f" else x)


@nondifferentiable
def ceil(x: Any) -> Variable:
    """Round up, elementwise, dtype kept; no gradient."""
    x = as_array(x)
    return Variable.constant(xp(x).ceil(x) if x.dtype.kind == "f" else x)


@nondifferentiable
def round(x: Any, decimals: int = 0) -> Variable:
    """Round to `decimals` places, halves to even as NumPy does; dtype kept, no gradient."""
    x = as_array(x)
    return Variable.constant(xp(x).round(x, decimals))


@nondifferentiable
def isnan(x: Any) -> Variable:
    """Return where x is NaN, as booleans."""
    x = as_array(x)
    return Variable.constant(xp(x).isnan(x))


@nondifferentiable
def isinf(x: Any) -> Variable:
    """Return where x is inf or -inf, as booleans."""
    x = as_array(x)
    return Variable.constant(xp(x).isinf(x))


@nondifferentiable
def isfinite(x: Any) -> Variable:
    """Return where x is neither inf nor NaN, as booleans."""
    x = as_array(x)
    return Variable.constant(xp(x).isfinite(x))
