"""Sums of figures, on the host and on a device; test_objective.py tests `plain`."""

import numpy as np

from dezero.backend import transfers
from dezero.metrics import Mean
from dezero.training.sums import Sum, plain, read_together, records_of
from tests.strict_device import strict_device


class Mine(Mean):
    """Of the user's own."""


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
        first, second = Sum(), Sum()
        for total in (first, second):
            total.add(backend.from_host(np.array(3.0)), 1)
        own = Mine()
        own.total = first.total
        with transfers() as moved:
            read_together([first, second, own, Mean()])
        assert moved.to_host == 1 and (first.total, second.total) == (3.0, 3.0)
        assert type(own.total) is backend.array_types[0]  # it may be read otherwise
        with transfers() as moved:
            read_together([first, second])
        assert moved.to_host == 0
        for total in (first, second):
            total.total, total.count = (backend.from_host(np.array(n)) for n in (2.0, 3))
        read_together([first, second])
        assert first.total == 2.0 and first.count.dtype == np.int64  # no float is a count
        assert plain(backend.from_host(np.array(3.0))) == 3.0


def test_records_of_a_metric_around_another():
    outer, inner = Mean(), Mean()
    outer.metric = inner
    assert records_of(inner) == [inner.__dict__]
    assert [id(record) for record in records_of(outer)] == [id(outer.__dict__), id(inner.__dict__)]
