"""Copies between host and device are counted."""

import numpy as np
import pytest

from dezero.backend.transfers import (
    counting,
    expect_readable,
    is_readable,
    no_sync,
    transfers,
)
from tests.strict_device import StrictArray


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


def test_no_sync_ends_with_its_block_and_nests():
    to_host, from_host = counting(np.asarray, np.asarray)
    with no_sync(sending=False):
        with no_sync(), pytest.raises(RuntimeError, match="expected nothing to be sent"):
            from_host(np.zeros(2))
        for copy in (to_host, from_host):
            with pytest.raises(RuntimeError, match="inside no_sync"):
                copy(np.zeros(2))
    with no_sync():
        from_host(np.zeros(2))
        with pytest.raises(RuntimeError, match="to_host: .* got 16 bytes"):
            to_host(np.zeros(2))
    to_host(np.zeros(2))


def test_what_the_host_holds_is_readable():
    there = StrictArray(np.ones(2))
    assert is_readable(np.ones(2))
    assert is_readable(np.float32(1))
    assert not is_readable(there)
    expect_readable("look", there)
    with no_sync():
        expect_readable("look", np.ones(2))
        with pytest.raises(RuntimeError, match=r"look: .* of shape \(2,\)"):
            expect_readable("look", there)
