"""How much memory a call takes at its height."""

import tracemalloc


def peak_of(work):
    """Return the largest number of bytes that `work()` held at once, Python's and NumPy's."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
