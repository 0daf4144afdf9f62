"""Quotients rounded down and what remains, on a device as on the host."""

from typing import Any

from dezero.backend import is_readable, xp

__all__ = ["quotient_of", "remainder_of"]


def remainder_of(x0: Any, x1: Any) -> Any:
    """Return x0 % x1 of arrays of one dtype, exact, with the sign of x1.

    CuPy subtracts floor(x0 / x1) * x1, which is 0 for 1 % 0.1, and NaN where x1 is infinite.
    """
    if is_readable(x0) or x0.dtype.kind != "f":
        return x0 % x1
    rest, is_other = _rest(x0, x1)
    module = xp(x0)
    rest = module.where(is_other, rest + x1, rest)
    return module.where(rest == 0, module.copysign(rest, x1), rest)


def quotient_of(x0: Any, x1: Any) -> Any:
    """Return x0 // x1 of arrays of one dtype: what `remainder_of` leaves, by x1."""
    if is_readable(x0) or x0.dtype.kind != "f":
        return x0 // x1
    rest, is_other = _rest(x0, x1)
    module = xp(x0)
    # A whole number but for rounding; what cannot be divided is what division makes of it.
    whole = module.rint((x0 - rest) / x1) - is_other
    plain = x0 / x1
    whole = module.where(whole == 0, module.copysign(whole, plain), whole)
    return module.where(x1 == 0, plain, whole)


def _rest(x0: Any, x1: Any) -> tuple[Any, Any]:
    """Return the rest of a division towards zero, and whether that is no division downwards."""
    rest = xp(x0).fmod(x0, x1)
    return rest, (rest != 0) & ((rest < 0) != (x1 < 0))
