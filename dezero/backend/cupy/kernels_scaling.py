"""CuPy's twins of `numpy_scaling`, one launch each; none of them makes the host wait."""

from typing import Any

from dezero.backend.cupy import kernels
from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.scaling import SPECS

__all__ = ["adjust_scale", "pick_row", "unscale"]

_SPECS = {spec.name: spec for spec in SPECS}


def unscale(g: Any, factor: Any, found: Any) -> Any:
    """Return gradient `g` times `factor`; found (1,) becomes 1 if it is not finite."""
    y = kernels.empty(g.size, g.dtype).reshape(g.shape)
    kernel(_SPECS["unscale"])(g, factor, y, found)
    return y


def adjust_scale(
    state: Any, *, growth: float, backoff: float, every: float, lowest: float, highest: float
) -> None:
    """Count an update, and let the scale grow or shrink by what was found in its gradients."""
    kernel(_SPECS["adjust_scale"])(growth, backoff, every, lowest, highest, state, size=1)


def pick_row(rows: Any, state: Any, width: int) -> Any:
    """Return row number `state[3]` of the flat `rows`, `width` numbers each."""
    y = kernels.empty(width, "f8")
    kernel(_SPECS["pick_row"])(rows, state, width, y)
    return y
