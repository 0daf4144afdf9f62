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


@pytest.mark.parametrize(
    ("loss", "squash", "t"),
    [
        (L.SparseCategoricalCrossentropy, F.softmax, [0, 2]),
        (L.CategoricalCrossentropy, F.softmax, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        (L.BinaryCrossentropy, F.sigmoid, [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]),
    ],
)
def test_from_logits_of_what_is_squashed_already_takes_the_logits(loss, squash, t):
    scores = Variable(np.array([[2.0, -1.0, 0.5], [0.0, 3.0, -30.0]], np.float32))
    with pytest.warns(UserWarning, match="crossentropy: expected scores with from_logits=True, go"):
        found = loss(from_logits=True)(np.array(t), squash(scores))
    assert found.data == loss(from_logits=True)(np.array(t), scores).data
