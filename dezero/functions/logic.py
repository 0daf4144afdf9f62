"""& | ^ ~ on masks and integers: what `x[(x > 0) & (x < 1)]` calls. No gradients."""

from typing import Any

from dezero.core import Variable, nondifferentiable
from dezero.core.errors import describe
from dezero.core.function import constant
from dezero.core.registry import NUMPY_NAMES

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert"]

NUMPY_NAMES.update(bitwise_not="invert", bitwise_invert="invert")


def _operands(name: str, *xs: Any) -> list:
    """Return masks or integers as arrays, numbers in the dtype of what stands beside them."""
    data = [(x if isinstance(x, Variable) else constant(x, xs)).data for x in xs]
    if any(a.dtype.kind not in "biu" for a in data):
        raise TypeError(
            f"{name}: expected masks or integers, got {', '.join(map(describe, data))}. "
            "Compare first, as in (x > 0) & (x < 1)."
        )
    return data


@nondifferentiable
def bitwise_and(x0: Any, x1: Any) -> Variable:
    """Return x0 & x1, elementwise: where both masks hold; bit by bit for integers.

    Raises:
        TypeError: x0 or x1 is floating.
    """
    a, b = _operands("bitwise_and", x0, x1)
    return Variable.constant(a & b)


@nondifferentiable
def bitwise_or(x0: Any, x1: Any) -> Variable:
    """Return x0 | x1, elementwise: where either mask holds; arguments as in `bitwise_and`."""
    a, b = _operands("bitwise_or", x0, x1)
    return Variable.constant(a | b)


@nondifferentiable
def bitwise_xor(x0: Any, x1: Any) -> Variable:
    """Return x0 ^ x1, elementwise: where one mask alone holds; arguments as in `bitwise_and`."""
    a, b = _operands("bitwise_xor", x0, x1)
    return Variable.constant(a ^ b)


@nondifferentiable
def invert(x: Any) -> Variable:
    """Return ~x, elementwise: where the mask does not hold; all bits of integers turned."""
    return Variable.constant(~_operands("invert", x)[0])
