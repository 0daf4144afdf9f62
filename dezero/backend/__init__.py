"""Floor 0: arrays, their modules, kernels and random numbers. Knows nothing of Variables."""

from dezero.backend.devices import (
    as_cupy,
    as_numpy,
    explain_owners,
    get_array_module,
    gpu,
    memory_is_full,
    needed_gpu,
    on_cpu,
)
from dezero.backend.layout import Owned
from dezero.backend.marks import expect_unedited, marks_of
from dezero.backend.registry import (
    Backend,
    backend_of,
    backends,
    is_array,
    is_plain,
    kernels,
    number_of,
    product,
    register,
    to_host,
    unregister,
    use_kernels,
    xp,
)
from dezero.backend.seeds import is_seed, seed_like
from dezero.backend.transfers import expect_readable, is_readable, no_sync, transfers

__all__ = [
    "Backend",
    "Owned",
    "as_cupy",
    "as_numpy",
    "backend_of",
    "backends",
    "on_cpu",
    "expect_readable",
    "expect_unedited",
    "explain_owners",
    "get_array_module",
    "gpu",
    "is_array",
    "is_readable",
    "kernels",
    "marks_of",
    "memory_is_full",
    "needed_gpu",
    "no_sync",
    "number_of",
    "is_plain",
    "is_seed",
    "product",
    "register",
    "seed_like",
    "to_host",
    "transfers",
    "unregister",
    "use_kernels",
    "xp",
]
