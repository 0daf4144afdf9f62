"""Metric and Mean: what all metrics share."""

import math

import numpy as np
import pytest

from dezero.core import Variable
from dezero.metrics import Mean, Metric


class TestMetric:
    def test_own_metric(self):
        class Largest(Metric):
            default_name = "largest"

            def reset(self):
                self.most = -math.inf

            def update(self, y, t, weight=None):
                self.most = max(self.most, float(np.max(y)))

            def result(self):
                return self.most

        metric = Largest()
        metric.update([1.0, 3.0], None)
        metric.update([2.0], None)
        assert (metric.name, metric.result()) == ("largest", 3.0)
        metric.reset()
        assert metric.result() == -math.inf
        assert repr(Largest("top")) == "Largest(name='top')"

    def test_a_name_is_a_string(self):
        with pytest.raises(TypeError, match=r"Mean: expected a string as name, got list \['a'\]"):
            Mean(["a"])

    def test_methods_must_be_written(self):
        with pytest.raises(NotImplementedError, match="Metric: expected a method update"):
            Metric().update(1, 2)
        with pytest.raises(NotImplementedError, match="Metric: expected a method result"):
            Metric().result()


class TestMean:
    def test_values(self):
        metric = Mean()
        assert math.isnan(metric.result())
        metric.update(2.0)
        metric.update(np.array([4.0, 6.0]))
        metric.update(Variable(np.array(8.0, np.float32)))
        assert metric.result() == 5.0
        metric.reset()
        assert math.isnan(metric.result())

    def test_weights(self):
        metric = Mean("loss")
        metric.update(1.0, weight=3)
        metric.update(5.0, weight=1)
        assert metric.result() == 2.0
        metric.reset()
        metric.update(np.array([[1.0, 3.0], [5.0, 7.0]]), weight=[1, 3])
        assert metric.result() == (1 + 3 + 3 * 5 + 3 * 7) / 8
        metric.reset()
        metric.update(np.array([[1.0, 3.0], [5.0, 7.0]]), weight=np.array([[1, 0], [0, 1]]))
        assert metric.result() == 4.0

    def test_no_weight_at_all(self):
        metric = Mean()
        metric.update([1.0, 2.0], weight=[0.0, 0.0])
        assert math.isnan(metric.result())

    @pytest.mark.parametrize("weight", [[1, 2, 3], [[1], [2]], np.ones((2, 2))])
    def test_weights_of_another_shape(self, weight):
        with pytest.raises(ValueError, match=r"mean: expected one weight per sample, \(2,\), got"):
            Mean().update([1.0, 2.0], weight=weight)

    def test_empty(self):
        with pytest.raises(
            ValueError, match=r"mean: expected at least one sample, got \(0,\) float"
        ):
            Mean().update(np.zeros(0, np.float32))

    def test_nan_stays(self):
        metric = Mean()
        metric.update([1.0, math.nan])
        metric.update(1.0)
        assert math.isnan(metric.result())

    def test_many_small_values(self):
        """Summed in float32 the total would stick at 2 ** 24."""
        metric = Mean()
        for _ in range(3):
            metric.update(np.ones(2**24, np.float32) * np.float32(0.5))
        assert metric.result() == 0.5

    def test_float16(self):
        metric = Mean()
        metric.update(np.full(1000, 1000, np.float16))
        assert metric.result() == 1000.0

    def test_booleans_and_integers(self):
        metric = Mean()
        metric.update([True, False, True, True])
        assert metric.result() == 0.75
        metric.update(np.full(4, 200, np.uint8))
        assert metric.result() == (3 + 800) / 8
