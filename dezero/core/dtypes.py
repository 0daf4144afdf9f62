"""The dtype rule, in one place.

Floating in, the same floating out: float16, float32 and float64 are kept, and only two different
floats widen, as in NumPy. Python and NumPy scalars are weak: they take the dtype of the array
beside them. Integers and booleans beside floats take the floats' dtype; alone they stay what they
are in arithmetic, and become `Config.dtype` (float32) where a derivative is meant: in division,
means, exponentials and the like. The gradient of integer data is floating.
"""

from typing import Any

from dezero.core.config import STATE


def floating(x: Any) -> Any:
    """Return array `x` as floating: integers and booleans become `Config.dtype`.

    Raises:
        TypeError: x is complex, or holds other things than numbers.
    """
    kind = x.dtype.kind
    if kind == "f":
        return x
    if kind not in "biu":
        raise TypeError(
            f"floating: expected real numbers, got {x.dtype}. "
            "Split complex ones into real and imaginary parts."
        )
    return x.astype(STATE.get().dtype)


def promote(x0: Any, x1: Any) -> tuple[Any, Any]:
    """Return both arrays ready for arithmetic: integers beside a float take the float's dtype."""
    d0, d1 = x0.dtype, x1.dtype
    if d0 is d1:
        return x0, x1
    if d0.kind == "f" and d1.kind in "biu":
        return x0, x1.astype(d0)
    if d1.kind == "f" and d0.kind in "biu":
        return x0.astype(d1), x1
    return x0, x1
