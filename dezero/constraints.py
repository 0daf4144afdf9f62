"""What a parameter must satisfy after each update, as functions from array to array.

`constraint(W)` returns a new array of the same shape and dtype and leaves `W` alone. `axis` names
the axes over which a norm is taken: 0 for the `(in, out)` matrix of a dense layer, so that the
weights into each unit have one norm; (1, 2, 3) for `(out, in, KH, KW)` kernels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core.errors import describe, lookup

__all__ = [
    "CONSTRAINTS",
    "Constraint",
    "FromFunction",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "get",
    "serialize",
]

Axis = int | tuple[int, ...] | None
WHOLE = (int, np.integer)


@dataclass
class Constraint:
    """Base: a subclass is a dataclass of its settings with a `__call__`."""

    def __post_init__(self) -> None:
        axis = getattr(self, "axis", None)
        if isinstance(axis, list):  # as it comes back from JSON
            axis = self.axis = tuple(axis)
        axes = axis if isinstance(axis, tuple) else (axis,)
        if axis is not None and not all(type(a) is not bool and isinstance(a, WHOLE) for a in axes):
            raise TypeError(
                f"{type(self).__name__}: expected axis to be integers or None, got {axis!r}. Try 0."
            )

    def __call__(self, W: Any) -> Any:
        """Return the array nearest to `W` that is allowed."""
        raise NotImplementedError(f"{type(self).__name__}: expected a __call__(W). Write it.")

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, fit for JSON."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


@dataclass
class NonNeg(Constraint):
    """y = max(W, 0), elementwise."""

    def __call__(self, W: Any) -> Any:
        return xp(W).maximum(W, 0)


@dataclass
class UnitNorm(Constraint):
    """y = W / norm(W, axis): every norm is 1; what is all zero stays so."""

    axis: Axis = 0

    def __call__(self, W: Any) -> Any:
        n = _norm(W, self.axis)
        return (W / xp(W).where(n > 0, n, 1)).astype(W.dtype)


@dataclass
class MaxNorm(Constraint):
    """y = W * min(1, max_value / norm(W, axis)): no norm is over `max_value`.

    Note: Keras adds 1e-7 to the norm and so also shrinks weights that are within the limit.
    Reference: Srivastava et al. 2014, "Dropout", section 5.1.
    """

    max_value: float = 2.0
    axis: Axis = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.max_value < float("inf"):
            raise ValueError(
                f"MaxNorm: expected finite max_value >= 0, got {self.max_value}. Change it."
            )

    def __call__(self, W: Any) -> Any:
        n = _norm(W, self.axis)
        # With a limit of 0 the divisor 1 gives zeros, and no 0 / 0 where the norm is 0 too.
        return (W * (self.max_value / xp(W).maximum(n, self.max_value or 1))).astype(W.dtype)


@dataclass
class MinMaxNorm(Constraint):
    """Bring norms into [min_value, max_value], by the fraction `rate` of the way at each call.

    What is all zero has no direction to grow in, and stays so.
    """

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: Axis = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.min_value <= self.max_value or not 0 <= self.rate <= 1:
            raise ValueError(
                "MinMaxNorm: expected 0 <= min_value <= max_value and 0 <= rate <= 1, "
                f"got {self.min_value}, {self.max_value} and {self.rate}. Change them."
            )

    def __call__(self, W: Any) -> Any:
        n = _norm(W, self.axis)
        wanted = self.rate * xp(W).clip(n, self.min_value, self.max_value) + (1 - self.rate) * n
        return (W * (wanted / xp(W).where(n > 0, n, 1))).astype(W.dtype)


@dataclass
class FromFunction(Constraint):
    """What `function(W)` returns, any function of your own; it cannot be saved."""

    function: Callable[[Any], Any]

    def __call__(self, W: Any) -> Any:
        y = self.function(W)
        if getattr(y, "shape", None) != W.shape:
            raise ValueError(
                f"constraint: expected {self.function!r} to return the shape {W.shape}, "
                f"got {describe(y)}. It takes the array and returns the new one."
            )
        return y.astype(W.dtype)


# The first name of each class is the one that `serialize` writes; the others are Keras's spellings.
CONSTRAINTS: dict[str, type[Constraint]] = {
    "max_norm": MaxNorm,
    "min_max_norm": MinMaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
    "nonneg": NonNeg,
    "non_negative": NonNeg,
}


def get(constraint: Any) -> Constraint | None:
    """Return a Constraint from one, a name, a function or a saved dict; None from None.

    Raises:
        ValueError: an unknown name (the nearest is suggested), or a dict that does not fit it.
        TypeError: none of these.
    """
    if constraint is None or isinstance(constraint, Constraint):
        return constraint
    if isinstance(constraint, str):
        constraint = {"name": constraint, "config": {}}
    if isinstance(constraint, Mapping):
        kind = lookup("constraint", constraint.get("name"), CONSTRAINTS)
        try:
            return kind(**constraint["config"])
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"constraint: expected a configuration of {kind.__name__}, "
                f"got {constraint!r} ({error}). Was it changed by hand?"
            ) from error
    if callable(constraint) and not isinstance(constraint, type):
        return FromFunction(constraint)
    raise TypeError(
        f"constraint: expected a name, a Constraint, a function or None, got {constraint!r}. "
        "Try 'max_norm'."
    )


def serialize(constraint: Constraint | None) -> dict[str, Any] | None:
    """Return `{"name", "config"}`, from which `get` builds an equal constraint; None from None."""
    if constraint is None:
        return None
    for name, kind in CONSTRAINTS.items():
        if kind is type(constraint):
            return {"name": name, "config": constraint.config()}
    raise TypeError(
        f"constraint: expected one of dezero's own, got {type(constraint).__name__}. "
        "Only those in CONSTRAINTS can be saved with a model."
    )


def _norm(W: Any, axis: Axis) -> Any:
    wide = W.astype("float32") if W.dtype.itemsize < 4 else W  # float16 ends at 65504
    try:
        return xp(W).sqrt((wide * wide).sum(axis=axis, keepdims=True))
    except ValueError as error:
        raise ValueError(
            f"constraint: expected an axis of W {W.shape}, got axis={axis}. "
            "Use the axes that lead into one unit."
        ) from error
