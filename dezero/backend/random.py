"""The library's random generator: one per context, seeded once, never NumPy's global one.

Annotations are strings: naming numpy.random would import it, a fifth of `import dezero`.
"""

from contextvars import ContextVar

import numpy as np

_generator: "ContextVar[np.random.Generator | None]" = ContextVar("dezero_generator", default=None)


def default_rng() -> "np.random.Generator":
    """Return the generator that layers and functions draw from when none is given to them."""
    generator = _generator.get()
    if generator is None:
        generator = np.random.default_rng()
        _generator.set(generator)
    return generator


def seed(value: int | None = None) -> None:
    """Start the library's generator anew from `value`; None takes fresh entropy.

    NumPy's global generator is neither read nor changed.
    """
    _generator.set(np.random.default_rng(value))


def get_state() -> dict:
    """Return the generator's state as plain numbers, fit for JSON."""
    return dict(default_rng().bit_generator.state)


def set_state(state: dict) -> None:
    """Continue from a state that `get_state` returned."""
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    _generator.set(generator)
