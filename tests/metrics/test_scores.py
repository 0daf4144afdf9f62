"""F-beta and R2: averages, weights, columns that do not vary."""

import numpy as np
import pytest

from dezero.metrics import R2, FBeta, adjusted_r2

Y = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
T = np.array([[1, 0], [1, 0], [1, 0], [0, 1]])


def test_averages_of_f_beta():
    found = {}
    for average in (None, "micro", "macro", "weighted"):
        metric = FBeta(average=average)
        metric.update(Y, T)
        found[average] = metric.result()
    np.testing.assert_allclose(found[None], [0.8, 2 / 3])
    assert found["micro"] == pytest.approx(0.75)
    assert found["macro"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert found["weighted"] == pytest.approx(0.75 * 0.8 + 0.25 * 2 / 3)


def test_r2_of_columns_that_do_not_vary():
    metric = R2(None)
    metric.update([[1.0, 2.0, 1.0], [2.0, 2.0, 1.0]], [[1.0, 1.0, 1.0], [3.0, 1.0, 1.0]])
    np.testing.assert_array_equal(metric.result(), [0.5, 0.0, np.nan])


def test_weights_repeat_samples():
    y, t = np.arange(4.0)[:, None], np.array([[0.0], [1.5], [2.0], [4.0]])
    weighted, repeated = R2(), R2()
    weighted.update(y, t, [2, 1, 1, 3])
    repeated.update(y.repeat([2, 1, 1, 3], 0), t.repeat([2, 1, 1, 3], 0))
    assert weighted.result() == pytest.approx(repeated.result())


def test_adjusted():
    assert adjusted_r2(0.5, 11, 2) == pytest.approx(1 - 0.5 * 10 / 8)
    assert adjusted_r2(0.5, 3, 2) == 0.5
    metric = R2(regressors=2)
    metric.update(Y, T)
    plain = R2()
    plain.update(Y, T)
    assert metric.result() == pytest.approx(1 - (1 - plain.result()) * 3)


def test_what_is_refused():
    with pytest.raises(ValueError, match="R2: expected average"):
        R2("macro")
    with pytest.raises(ValueError, match="r2: expected one weight per sample"):
        R2().update(Y, T, np.ones((4, 3)))
