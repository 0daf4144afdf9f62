"""The memory of the GPU: what is used, what CuPy's pool keeps, and how to let go of it."""

import re
import weakref
from collections.abc import Callable
from typing import Any

from dezero.backend.cupy import loading as room
from dezero.backend.cupy.graph import graph_bytes

__all__ = [
    "ROOM",
    "SHARE",
    "empty_cache",
    "memory_stats",
    "out_of_memory",
    "room_on",
    "sent_data",
    "wanted",
]

# Of the memory that is free, what arrays of a data set may take unasked.
SHARE = 0.25

# What keeps arrays of a data set on the device, each with `sent`, their bytes.
sent_data: "weakref.WeakSet[Any]" = weakref.WeakSet()


def memory_stats() -> dict[str, int]:
    """Return bytes: "used" by arrays, "kept" by the pool for reuse, "pinned" blocks kept on the
    host (a number of blocks), "graphs" of captured steps, which have pools of their own, "data"
    that `fit` and loaders have sent there, part of what is used, and the "free" and "total" memory
    of the device.

    Raises:
        RuntimeError: no GPU can be used.
    Note: the pool gives memory back only to `empty_cache()` or where the GPU is full, so "used" and
        "kept" together are the most it took since. CUPY_GPU_MEMORY_LIMIT in the environment, in
        bytes or as a share such as "50%", limits it.
    """
    room.load("memory_stats")
    cupy = room.module()

    pool = cupy.get_default_memory_pool()
    free, total = cupy.cuda.runtime.memGetInfo()
    return {
        "used": pool.used_bytes(),
        "kept": pool.free_bytes(),
        "pinned": cupy.get_default_pinned_memory_pool().n_free_blocks(),
        "graphs": graph_bytes(),
        "data": sum(one.sent for one in sent_data),
        "free": free,
        "total": total,
    }


def _free() -> int | None:
    if not room.finding().usable:  # a double goes by the name of cuda
        return None
    cupy = room.module()
    return cupy.cuda.runtime.memGetInfo()[0] + cupy.get_default_memory_pool().free_bytes()


# By the name of the backend, how many bytes arrays could still take; tests add one for theirs.
ROOM: dict[str, Callable[[], int | None]] = {"cuda": _free}


def room_on(name: str) -> int | None:
    """Return how many bytes arrays of the backend `name` could still take, None if unknown."""
    return ROOM[name]() if name in ROOM else None


def empty_cache() -> None:
    """Give the memory that no array uses back to the device; nothing where there is no GPU."""
    if not room.finding().usable:
        return
    room.load("empty_cache")
    cupy = room.module()

    cupy.get_default_memory_pool().free_all_blocks()
    cupy.get_default_pinned_memory_pool().free_all_blocks()


def out_of_memory(stats: dict[str, int], wanted: int | None, what: str) -> str:
    """Return the error for a GPU whose memory is full.

    Args:
        stats: as from `memory_stats`.
        wanted: bytes asked for, if known.
        what: the operation that asked, first word of the error.
    """
    asked = "more" if wanted is None else _size(wanted)
    return (
        f"{what}: expected {asked} of GPU memory, got none: {_size(stats['used'])} are used by "
        f"arrays, {_size(stats['kept'])} kept for reuse, {_size(stats.get('graphs', 0))} by "
        f"captured steps, {_size(stats['free'])} of {_size(stats['total'])} are free. Take a "
        "smaller batch, let go of results you keep, or call dezero.cuda.empty_cache()."
    )


def wanted(error: MemoryError) -> int | None:
    """Return the bytes that CuPy's pool was asked for, as its error says; None if it does not."""
    found = re.search(r"allocating ([\d,]+) bytes", str(error))
    return int(found[1].replace(",", "")) if found else None


def _size(n: Any) -> str:
    n = float(n)
    for unit in ("bytes", "KiB", "MiB"):
        if n < 1024:
            return f"{n:.0f} {unit}" if unit == "bytes" else f"{n:.1f} {unit}"
        n /= 1024
    return f"{n:.1f} GiB"
