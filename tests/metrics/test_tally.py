"""Counting on whichever device the numbers are."""

import numpy as np
import pytest

from dezero.metrics.tally import beside, joined, read, spread, tally
from tests.strict_device import STRICT, strict_device

INDEX, WEIGHT = np.array([0, 2, 2, 1]), np.array([1.0, 0.5, 2.0, 0.0])


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_counts_are_those_of_bincount(weight):
    expected = np.bincount(INDEX, weight, 4)
    assert tally(INDEX, weight, 4).tolist() == expected.tolist()
    with strict_device() as device:
        moved = [None if v is None else device.from_host(v) for v in (INDEX, weight)]
        found = tally(*moved, 4)
        assert found.dtype == np.float64 and read(found).tolist() == expected.tolist()


def test_sums_follow_the_numbers():
    with strict_device() as device:
        there = device.from_host(np.ones(2))
        total = joined(0.0, np.ones(2))
        total = joined(total, there)
        assert isinstance(total, type(there)) and read(total).tolist() == [2, 2]
        total = joined(joined(total, there), np.ones(2))
        assert type(total) is np.ndarray and total.tolist() == [4, 4]
    assert read(0.0) == 0.0


def test_weights_fit_the_samples():
    assert spread("m", np.array([1, 2]), (2, 3)).tolist() == [[1, 1, 1], [2, 2, 2]]
    with pytest.raises(ValueError, match=r"m: expected one weight per sample, \(2,\), got \(3,\)"):
        spread("m", np.ones(3), (2, 3))
    with pytest.raises(ValueError, match="m: expected one weight per sample"):
        spread("m", np.ones((2, 3, 4)), (2, 3))


def test_arrays_of_two_devices_are_refused():
    assert beside("m", [1.0], None)[1] is None
    with strict_device():
        there = STRICT.from_host(np.ones(2))
        with pytest.raises(TypeError, match="m: expected arrays on one device, got strict and nu"):
            beside("m", there, np.ones(2))
