"""Copies between host and device are counted."""

import numpy as np

from dezero.backend.transfers import counting, transfers


def test_counts_inside_the_block_only():
    to_host, from_host = counting(lambda x: x.copy(), lambda x: x.copy())
    from_host(np.zeros(2))
    with transfers() as outer:
        x = from_host(np.zeros(4))
        with transfers() as inner:
            to_host(x)
        to_host(x)
    to_host(x)
    assert (inner.to_host, inner.from_host, inner.to_host_bytes) == (1, 0, 32)
    assert (outer.to_host, outer.from_host) == (2, 1)
    assert (outer.to_host_bytes, outer.from_host_bytes) == (64, 32)
    assert repr(inner) == "Transfers(to_host=1 (32 bytes), from_host=0 (0 bytes))"


def test_a_number_is_counted_as_an_array_of_one():
    _, from_host = counting(np.asarray, np.asarray)
    with transfers() as counted:
        from_host(2.0)
    assert counted.from_host_bytes == 8
