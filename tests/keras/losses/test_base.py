"""Losses of functions of one's own."""

import numpy as np
import pytest

from dezero import functions as F
from dezero.keras import losses as L


def test_a_function_is_wrapped_with_its_options():
    def powers(y_true, y_pred, p=2):
        return F.mean(abs(y_pred - y_true) ** p, axis=-1)

    loss = L.LossFunctionWrapper(powers, reduction="sum", p=3)
    assert loss.name == "powers" and loss.get_config()["p"] == 3
    assert float(loss(np.zeros((2, 2)), np.full((2, 2), 2.0)).data) == 16
    assert loss(np.zeros(2), np.full((2, 1), 2.0)).shape == ()


def test_weights_of_samples_and_of_their_parts():
    t, y = np.zeros((2, 2, 1)), np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
    loss = L.MeanSquaredError()
    assert float(loss(t, y, [1.0, 0.5]).data) == pytest.approx((1 + 4 + 4.5 + 8) / 4)
    assert float(loss(t, y, [[1.0, 0.0], [0.0, 0.5]]).data) == pytest.approx((1 + 8) / 4)
    assert float(loss(t, y, np.ones((2, 2, 1))).data) == pytest.approx(30 / 4)


def test_words_of_keras_2_and_lists():
    values = L.MeanSquaredError(reduction=L.Reduction.NONE)([[0.0], [1.0]], [[1.0], [3.0]])
    assert values.data.tolist() == [1.0, 4.0]
    assert L.Huber(reduction=L.Reduction.AUTO).reduction == "sum_over_batch_size"
