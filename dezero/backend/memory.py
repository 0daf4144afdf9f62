"""Freed memory stays with the process, so that the next array need not be mapped in anew.

A training step frees what it made, and the next makes the same again. The C library gives large
blocks back to the system each time, and every page of a new one then costs a fault: more than the
arithmetic on it, and a hundred times more on virtual machines that hand free pages to their host.
"""

import ctypes
import os
import sys
from pathlib import Path

# Names of glibc's settings in malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_MIB = 1 << 20
# What limits a container's memory, as seen from inside: control groups of version 2, then 1.
_LIMITS = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"


def keep_freed_memory(most: int | None = None) -> bool:
    """Have the C library keep up to `most` bytes of freed memory at the end of its heap.

    Args:
        most: bytes, below 2 GiB; None for a quarter of the memory there is, or 2 GiB. A container
            has as much as its limit says; a limit on a single process or service is not asked for.
    Returns:
        Whether it was done: only glibc on Linux can, and `DEZERO_KEEP_MEMORY=0` forbids it.
    Note: the heap shrinks from its end alone. What was freed below something still in use stays
        too, however much it is, and serves what comes next.
    """
    if not sys.platform.startswith("linux") or os.environ.get("DEZERO_KEEP_MEMORY") == "0":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
        quarter = _memory() // 4
    except (AttributeError, OSError, ValueError):  # musl has no mallopt
        return False
    most = min(most or quarter, 2**31 - 1)  # it takes a C int
    done = mallopt(_TRIM_THRESHOLD, most) and mallopt(_TOP_PAD, 16 * _MIB) and mallopt(_MMAP_MAX, 0)
    return bool(done)


def _memory() -> int:
    """Return the bytes of the machine, or of the container where its limit is lower."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(machine, *(_limit(path) or machine for path in _LIMITS))


def _limit(path: str) -> int:
    """Return the number in the file, or 0 for none."""
    try:
        return int(Path(path).read_text("ascii"))
    except (OSError, ValueError):  # no such file, or "max"
        return 0
