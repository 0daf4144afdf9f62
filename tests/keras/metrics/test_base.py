"""Means, sums, and metrics of one's own."""

import numpy as np
import pytest

from dezero.keras import metrics as M


def test_mean_and_sum():
    mean, total = M.Mean(), M.Sum()
    assert mean.result() == 0.0
    mean.update_state([1.0, 3.0], sample_weight=[1.0, 3.0])
    mean.update_state(7.0)
    assert mean.result() == pytest.approx(17 / 5)
    assert total([1.0, 2.0]) == 3.0 and total(2.0, sample_weight=0.5) == 4.0
    total.reset_state()
    assert total.result() == 0.0


def test_a_metric_of_ones_own():
    class Hits(M.Metric):
        def __init__(self, name="hits"):
            super().__init__(name)
            self.total = self.add_weight(name="total", initializer="zeros")
            self.count = self.add_weight("count")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add(np.sum(y_true == y_pred))
            self.count.assign_add(len(y_true))

        def result(self):
            return self.total / self.count

    hits = Hits()
    hits.update_state(np.array([1, 2]), np.array([1, 3]))
    assert float(hits.result().data) == 0.5
    hits.total.assign_sub(1.0)
    assert float(hits.result().data) == 0.0
    hits.reset_state()
    assert float(hits.count.data) == 0.0
