"""Sums of figures, on the host and on a device; test_objective.py tests `plain`."""

import numpy as np

from dezero.training.sums import Sum, plain
from tests.strict_device import strict_device


def test_a_sum_counts_samples():
    total = Sum()
    assert total.mean() == 0.0
    total.add(1.0, 2)
    total.add(4.0, 1)
    assert total.mean() == 2.0 and total.count == 3
    total.reset()
    assert (total.total, total.count) == (0.0, 0)


def test_a_sum_stays_on_its_device_until_it_is_read():
    with strict_device() as backend:
        total = Sum()
        for value in (1.0, 4.0):
            total.add(backend.from_host(np.array(value)), 2)
        assert type(total.total) is backend.array_types[0]
        assert total.mean() == 2.5 and type(total.total) is float
        assert plain(backend.from_host(np.array(3.0))) == 3.0
