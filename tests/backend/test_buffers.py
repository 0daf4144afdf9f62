"""Reused memory grows, keeps its place, and belongs to one thread."""

import threading

import numpy as np

from dezero.backend.buffers import KEPT, Buffers


def test_the_same_memory_again():
    buffers = Buffers()
    first = buffers.take("a", (3, 4), np.float32)
    assert first.shape == (3, 4) and first.dtype == np.float32 and first.flags.c_contiguous
    again = buffers.take("a", (2, 2), np.float64)
    assert np.shares_memory(first, again)
    assert not np.shares_memory(first, buffers.take("b", (3, 4), np.float32))
    assert buffers.take("a", (0, 5), np.float32).shape == (0, 5)
    assert not np.shares_memory(first, buffers.take("a", (100,), np.float32))


def test_what_is_huge_is_not_kept():
    buffers = Buffers()
    small = buffers.take("a", (8,), "f4")
    huge = buffers.take("a", (KEPT + 1,), "u1")
    assert huge.size == KEPT + 1 and not np.shares_memory(huge, buffers.take("a", (8,), "f4"))
    assert np.shares_memory(small, buffers.take("a", (8,), "f4"))


def test_threads_do_not_share():
    buffers, found = Buffers(), []
    mine = buffers.take("a", (8,), "f4")
    thread = threading.Thread(target=lambda: found.append(buffers.take("a", (8,), "f4")))
    thread.start()
    thread.join()
    assert not np.shares_memory(mine, found[0])
