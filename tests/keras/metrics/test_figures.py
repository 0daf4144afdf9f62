"""Keras's metrics beside what real Keras says of them, and metrics of one's own."""

import json
from pathlib import Path

import numpy as np
import pytest

from dezero.keras import metrics as M

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "losses.json").read_text("utf-8"))


@pytest.mark.parametrize("line", RECORDED["metrics"], ids=lambda line: f"{line[0]} {line[1]}")
def test_values_are_those_of_keras(line):
    name, options, kind, values = line
    t, y = (np.array(a) for a in RECORDED["data"][kind])
    y, weight = y.astype("f4"), np.array(RECORDED["weight"])
    metric = getattr(M, name)(**options)
    parts = ((slice(0, 4), None), (slice(4, 6), None), (slice(1, 5), weight[1:5]))
    for _ in range(2):
        got = []
        for part, w in parts:
            metric.update_state(t[part], y[part], sample_weight=w)
            got.append(float(metric.result()))
        np.testing.assert_allclose(got, values, rtol=1e-5, atol=1e-6)
        metric.reset_states()


T = np.eye(3)[[0, 2]]
LABELS = np.array([0, 2])


@pytest.mark.parametrize(
    ("name", "t", "text"),
    [
        (
            "categorical_accuracy",
            LABELS,
            "^categorical_acc.* use sparse_categorical_accuracy",
        ),
        ("binary_accuracy", LABELS, "^binary_accuracy: expected y_true of the shape of y_pred"),
        ("top_k_categorical_accuracy", LABELS, "^top_k_categorical_accuracy: expected y_true"),
        (
            "sparse_categorical_accuracy",
            T,
            "^sparse_cat.*: expected class .* use categorical_accuracy",
        ),
        ("sparse_categorical_accuracy", LABELS[:1], "one class number for each row"),
        ("sparse_top_k_categorical_accuracy", LABELS + 1, "^sparse_top_k.* from 0 to 2, got 3"),
        ("pearson_correlation", LABELS, "^pearson_correlation: expected y_true of the shape"),
    ],
)
def test_what_is_refused(name, t, text):
    with pytest.raises(ValueError, match=text):
        getattr(M, name)(t, np.full((2, 3), 0.3))


def test_options_without_names_stand_in_the_order_of_keras():
    assert M.TopKCategoricalAccuracy(3).options == {"k": 3}
    assert M.BinaryAccuracy("b", None, 0.3).get_config()["threshold"] == 0.3
    assert M.MeanSquaredError("m").name == "m"
    with pytest.raises(ValueError, match="MeanSquaredError: expected arguments name, dtype"):
        M.MeanSquaredError("m", "float32", 1)


def test_what_is_ignored_counts_as_nothing_beside_weights():
    metric = M.SparseCategoricalCrossentropy(ignore_class=2)
    y = np.array([[0.5, 0.25, 0.25]] * 2)
    assert float(metric(LABELS[:, None], y)) == pytest.approx(np.log(2) / 2)
    metric.reset_state()
    assert float(metric(LABELS, y, np.ones((2, 1)))) == pytest.approx(np.log(2))
