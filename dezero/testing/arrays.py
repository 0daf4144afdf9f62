"""Are two arrays the same, wherever they live and whatever wraps them?"""

from typing import Any

import numpy as np

from dezero.backend import as_numpy


def array_equal(a: Any, b: Any) -> bool:
    """Return whether a and b have one shape and equal elements.

    Args:
        a, b: Variables, arrays of any device, numbers, lists or buffers.
    """
    return bool(np.array_equal(as_numpy(a), as_numpy(b)))


def array_allclose(a: Any, b: Any, rtol: float = 1e-4, atol: float = 1e-5) -> bool:
    """Return whether |a - b| <= atol + rtol * |b| in every element.

    Args:
        a, b: as in `array_equal`; shapes broadcast as in NumPy, and where they do not, False.
        rtol, atol: relative and absolute tolerance.
    Note: NaN is close to nothing, infinities to themselves.
    """
    a, b = as_numpy(a), as_numpy(b)
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return bool(np.allclose(a, b, rtol=rtol, atol=atol))
