"""`unrolled`: several steps as one function, of arrays that hold a batch for each."""

import functools
from collections.abc import Callable
from typing import Any

from dezero.backend import is_array, xp
from dezero.core import Variable
from dezero.core.errors import describe

__all__ = ["unrolled"]


def unrolled(step: Callable[..., Any], count: int) -> Callable[..., list]:
    """Return a function that makes `count` steps, and returns the list of what each returned.

    Args:
        step: function of batches, in lists, tuples and dicts too, and of what else there is.
        count: how many batches each array holds, on its first axis.
    Raises:
        ValueError: when called, if an array has another length.
    """

    @functools.wraps(step)
    def steps(*args: Any, **kwargs: Any) -> list:
        return [step(*_part(args, i, count), **_part(kwargs, i, count)) for i in range(count)]

    steps.__dict__.pop("__wrapped__", None)  # it takes other arguments
    return steps


def _part(x: Any, i: int, count: int) -> Any:
    """Return what the i-th step is given of x."""
    if isinstance(x, Variable) or is_array(x):
        if not x.ndim or len(x) != count:
            raise ValueError(
                f"graph: expected arrays of {count} batches, one for each of unroll={count} "
                f"steps, got {describe(x)}. Stack the batches on a first axis."
            )
        # A copy begins where any array does: products may round by the place they begin at.
        return x[i] if isinstance(x, Variable) else xp(x).array(x[i])
    if isinstance(x, dict):
        return {name: _part(v, i, count) for name, v in x.items()}
    if type(x) in (list, tuple):
        return type(x)([_part(v, i, count) for v in x])
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[_part(v, i, count) for v in x])
    return x
