"""Whether the update that is made changes nothing: a number that kernels of a device read.

The host cannot know without waiting for the device, so it launches every update, and the kernels
themselves leave all as it is where gradients have overflowed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["SKIP", "skipping"]

# 0.0, or an array () of float64 on the device: not 0 if an update is to change nothing.
SKIP: ContextVar[Any] = ContextVar("dezero_skip", default=0.0)


@contextmanager
def skipping(flag: Any) -> Iterator[None]:
    """Have the updates of optimizers inside a `with` block look at `flag`, an array ()."""
    token = SKIP.set(flag)
    try:
        yield
    finally:
        SKIP.reset(token)
