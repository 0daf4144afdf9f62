"""Optimizer updates on the GPU: each is one launch.

Every rate may be a Python float, or an array of one float64 on the device: a captured graph reads
the latter anew at each replay.
"""

from typing import Any

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.steps import SPECS

__all__ = ["momentum_step", "sgd_step"]

_SPECS = {spec.name: spec for spec in SPECS}


def sgd_step(x: Any, g: Any, lr: float, *, keep: float = 1.0) -> None:
    """Gradient descent: x = keep x - lr g."""
    kernel(_SPECS["sgd_step"])(g, lr, keep, x)


def momentum_step(x: Any, g: Any, v: Any, lr: float, mu: float, *, keep: float = 1.0) -> None:
    """Momentum: v = mu v - lr g; x = keep x + v."""
    kernel(_SPECS["momentum_step"])(g, lr, mu, keep, x, v)
