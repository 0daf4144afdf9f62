"""Correlations along an axis."""

import numpy as np
import pytest

from dezero.metrics import concordance_correlation, pearson_correlation

Y = np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 5.0]])
T = np.array([[2, 4, 8], [1, 0, 3]])


@pytest.mark.parametrize("axis", [0, 1])
def test_values(axis):
    y, t = np.moveaxis(Y, axis, -1), np.moveaxis(T, axis, -1)
    got = pearson_correlation(Y, T, axis)
    np.testing.assert_allclose(got, [np.corrcoef(a, b)[0, 1] for a, b in zip(y, t, strict=True)])
    got = concordance_correlation(Y, T, axis)
    both = ((y - y.mean(1, keepdims=True)) * t).mean(1)
    below = y.var(1) + t.var(1) + (y.mean(1) - t.mean(1)) ** 2
    np.testing.assert_allclose(got, 2 * both / below, rtol=1e-6)


def test_what_does_not_vary():
    assert np.isnan(pearson_correlation(np.ones(3), Y[0]))
    assert concordance_correlation(np.ones(3), np.ones(3)) == 0
    assert concordance_correlation(Y[0], Y[0]) == pytest.approx(1)
