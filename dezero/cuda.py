"""The GPU's door: is there one, what is it, its memory, and arrays there and back.

`available()` and `why_unavailable()` answer without a GPU too; `info()` tells all that is known,
`check()` tries it. The book's names are here as well: `gpu_enable` says whether there is a GPU,
`cupy` is its array module; both are found out when they are asked for.
"""

from typing import Any

from dezero.backend.cupy.memory import empty_cache, memory_stats
from dezero.backend.cupy.status import available, check, device_count, info, why_unavailable
from dezero.backend.devices import BOOK_NAMES, as_cupy, as_numpy, get_array_module
from dezero.backend.precision import autocast, deterministic, matmul_precision
from dezero.backend.transfers import no_sync, transfers
from dezero.training.graph import GraphCaptureError, graph

__all__ = [
    "GraphCaptureError", "as_cupy", "as_numpy", "autocast", "available", "check", "deterministic",
    "device_count", "empty_cache", "get_array_module", "gpu_enable", "graph", "info",
    "matmul_precision", "memory_stats", "no_sync", "transfers", "why_unavailable",
]  # fmt: skip

gpu_enable: bool


def __getattr__(name: str) -> Any:
    if name not in BOOK_NAMES:
        raise AttributeError(f"dezero.cuda: expected one of its names, got {name!r}.")
    return BOOK_NAMES[name]()


def __dir__() -> list[str]:
    return sorted({*globals(), *BOOK_NAMES})
