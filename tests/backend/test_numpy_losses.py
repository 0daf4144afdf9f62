"""Losses in plain NumPy against their formulas."""

import numpy as np

from dezero.backend import numpy_losses


def test_sigmoid_cross_entropy(rng):
    x, t, gy = rng.standard_normal((3, 20))
    s = 1 / (1 + np.exp(-x))
    expected = -t * np.log(s) - (1 - t) * np.log(1 - s)
    np.testing.assert_allclose(numpy_losses.sigmoid_cross_entropy(x, t), expected)
    found = numpy_losses.sigmoid_cross_entropy_gradient(gy, x, t)
    np.testing.assert_allclose(found, gy * (s - t), 1e-12, 1e-12)
    assert np.isfinite(numpy_losses.sigmoid_cross_entropy(np.array([-900.0, 900]), t[:2])).all()


def test_labels_that_are_no_class(rng):
    x, t = rng.standard_normal((4, 3)), np.array([0, 3, -1, 2])
    mean, gx = numpy_losses.softmax_cross_entropy_mean(x, t)
    assert np.isnan(mean) and np.isnan(gx).all(1).tolist() == [False, True, True, False]
    mean, gx = numpy_losses.softmax_cross_entropy_mean(x, np.array([0, 1, 1, 2]))
    p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    np.testing.assert_allclose(mean, -np.log(p[range(4), [0, 1, 1, 2]]).mean())
    np.testing.assert_allclose(gx, (p - np.eye(3)[[0, 1, 1, 2]]) / 4, 1e-12, 1e-12)
