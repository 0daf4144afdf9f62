"""Crossentropies of what sigmoid or softmax made: exact where the probabilities are rounded."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from dezero.keras import losses as L

X = np.array([[-60.0, 0.0, 60.0]])


@pytest.mark.parametrize("function", [L.binary_crossentropy, L.binary_focal_crossentropy])
def test_the_logits_of_sigmoid_are_seen(function):
    t = np.array([[1.0, 1.0, 0.0]])
    exact = float(function(t, F.sigmoid(Variable(X))).data[0])
    rounded = float(function(t, F.sigmoid(X).data).data[0])
    assert exact > 40 > 20 > rounded


def test_focal_weights():
    t, y = np.array([[1.0, 0.0]]), np.array([[0.25, 0.25]])
    plain = L.binary_focal_crossentropy(t, y, gamma=0.0).data
    np.testing.assert_allclose(plain, L.binary_crossentropy(t, y).data, rtol=1e-12)
    balanced = L.binary_focal_crossentropy(t, y, apply_class_balancing=True, alpha=1.0).data
    np.testing.assert_allclose(balanced, [0.75**2 * -np.log(0.25) / 2], rtol=1e-12)
