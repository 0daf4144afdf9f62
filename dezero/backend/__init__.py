"""Floor 0: arrays, their modules, kernels and random numbers. Knows nothing of Variables."""

from dezero.backend.registry import (
    Backend,
    backend_of,
    backends,
    is_array,
    kernels,
    register,
    to_host,
    unregister,
    use_kernels,
    xp,
)

__all__ = [
    "Backend",
    "backend_of",
    "backends",
    "is_array",
    "kernels",
    "register",
    "to_host",
    "unregister",
    "use_kernels",
    "xp",
]
