"""Quotients and remainders on a device, whose own are others than NumPy's."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import to_host
from dezero.core import Variable
from dezero.functions.quotients import quotient_of, remainder_of
from tests.strict_device import strict_device

HOSTILE = [
    0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, 0.1, -0.1, 0.3, 2.0, -3.0, 7.5, 1e10, 1e38,
    -1e38, 5e-39, 1e-30,
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_they_are_those_of_numpy(dtype):
    with np.errstate(all="ignore"), strict_device() as device:
        x0, x1 = (x.ravel() for x in np.meshgrid(*[np.array(HOSTILE, dtype)] * 2))
        there = device.from_host(x0), device.from_host(x1)
        for ours, theirs in ((remainder_of, np.remainder), (quotient_of, np.floor_divide)):
            found, expected = to_host(ours(*there)), theirs(x0, x1)
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)
            known = ~np.isnan(expected)
            np.testing.assert_array_equal(np.signbit(found)[known], np.signbit(expected)[known])


def test_integers_and_functions():
    with strict_device() as device:
        x0, x1 = device.from_host(np.array([7, -7])), device.from_host(np.array([3, 3]))
        assert to_host(remainder_of(x0, x1)).tolist() == [1, 2]
        assert to_host(quotient_of(x0, x1)).tolist() == [2, -3]
        one, tenth = device.from_host(np.ones(2)), device.from_host(np.full(2, 0.1))
        np.testing.assert_array_equal(to_host(F.mod(one, tenth).data), np.full(2, 1.0 % 0.1))
        assert to_host(F.floor_divide(one, tenth).data).tolist() == [9, 9]


def test_the_remainder_is_derived_from_the_quotient_it_has():
    x1 = Variable(np.full(2, 0.1))
    F.mod(np.ones(2), x1).backward()
    assert x1.grad is not None and x1.grad.data.tolist() == [-9, -9]
