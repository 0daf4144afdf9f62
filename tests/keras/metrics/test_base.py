"""Means, sums, and metrics of one's own."""

import numpy as np
import pytest

from dezero.keras import metrics as M
from dezero.keras.metrics.base import figure


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
    assert hits.variables == hits.weights == [hits.total, hits.count]


def test_sum_and_mean_of_parts():
    values = np.arange(12.0).reshape(2, 3, 2)
    assert float(M.Sum()(values)) == 66 and float(M.Sum()(values, [1.0, 0.5])) == 15 + 25.5
    assert float(M.Sum()(values, np.ones((2, 3, 1)) * 2)) == 132
    assert float(M.Mean()(values, [1.0, 0.0])) == pytest.approx(2.5)
    assert float(M.Mean()(values, np.array([[1, 0, 0], [1, 0, 0]]))) == pytest.approx(3.5)
    with pytest.raises(ValueError, match=r"mean: expected one sample_weight .* \(2, 3, 2\), got"):
        M.Mean()(values, np.ones(3))


def test_numbers_as_scripts_ask_for_them():
    mean = M.Mean(name="loss")
    mean.update_state(np.zeros((0, 3)))
    mean.update_state(2.5)
    assert mean.name == "loss" and mean.result().numpy() == np.float32(2.5)
    assert f"{mean.result():.3f}" == "2.500" and figure([1, 2]).numpy().tolist() == [1.0, 2.0]
