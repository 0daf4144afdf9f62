"""The book's `dezero.cuda`: is there a GPU, whose array is this, and there and back.

`gpu_enable` says whether there is one, `cupy` is its array module; both are found out when they
are asked for.
"""

from typing import Any

from dezero.backend.devices import BOOK_NAMES, as_cupy, as_numpy, get_array_module

__all__ = ["as_cupy", "as_numpy", "get_array_module", "gpu_enable"]

gpu_enable: bool


def __getattr__(name: str) -> Any:
    if name not in BOOK_NAMES:
        raise AttributeError(f"dezero.cuda: expected one of its names, got {name!r}.")
    return BOOK_NAMES[name]()


def __dir__() -> list[str]:
    return sorted({*globals(), *BOOK_NAMES})
