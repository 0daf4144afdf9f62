"""Keras's metrics at thresholds: what they refuse, weights of every shape, logits, NaN."""

import numpy as np
import pytest

from dezero.keras import metrics as M

T, Y = np.array([1, 0, 1, 1]), np.array([0.9, 0.6, 0.4, 0.1])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: M.Precision(1.5), "Precision: expected thresholds from 0 to 1, got 1.5"),
        (lambda: M.Recall([]), "Recall: expected thresholds from 0 to 1"),
        (lambda: M.Recall([0.1, None]), "Recall: expected thresholds from 0 to 1"),
        (lambda: M.Recall(0.5, thresholds=0.5), "expected arguments .* thresholds again"),
        (lambda: M.TruePositives(0.5, top_k=2), "TruePositives argument: unknown name 'top_k'"),
        (lambda: M.AUC(1), "AUC: expected num_thresholds > 1, got 1"),
        (lambda: M.AUC(curve="RCO"), "AUC curve: unknown name 'RCO'. Did you mean 'ROC'"),
        (lambda: M.AUC(summation_method="mean"), "AUC summation_method: unknown name 'mean'"),
        (lambda: M.AUC(num_labels=3), "num_labels only with multi_label=True"),
        (lambda: M.RecallAtPrecision(1.5), "expected precision from 0 to 1"),
        (lambda: M.RecallAtPrecision(0.5, 0), "num_thresholds >= 1, got 0.5 and 0"),
        (lambda: M.PrecisionAtRecall(), r"Write PrecisionAtRecall\(recall=0.5\)"),
        (lambda: M.AUC()(T, np.ones((4, 3))), r"^auc.*: expected y_true of the shape of y_pred"),
        (lambda: M.AUC(multi_label=True)(T, Y), "multi_label"),
        (lambda: M.Precision(class_id=1)(T, Y), r"column 1, got \(4,\)"),
        (lambda: M.Precision()(T, Y, sample_weight=[1, 2, 3]), "one weight per sample"),
    ],
)
def test_what_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_nothing_seen_is_zero_and_numbers_are_ready_for_scripts():
    metric = M.AUC()
    assert metric.result() == 0.0 and float(M.TruePositives().result()) == 0.0
    assert M.Precision([0.2, 0.4]).result().tolist() == [0.0, 0.0]
    metric.update_state(T, Y)
    assert metric.result().numpy() == np.float32(1 / 3) and f"{metric.result():.2f}" == "0.33"
    assert M.Recall([0.2, 0.5])(T, Y).numpy().dtype == np.float32


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_weights_are_one_for_each_sample_or_column(shape):
    weight = np.array([1.0, 2.0, 3.0, 4.0]).reshape(shape)
    for t, y in ((T, Y), (T[:, None], Y[:, None]), (T, Y[:, None])):
        assert float(M.FalseNegatives()(t, y, weight)) == 7.0
    t, y = np.stack([T, 1 - T], 1), np.stack([Y, Y], 1)
    assert float(M.TruePositives()(t, y, weight)) == 1.0 + 2.0
    each = np.arange(8.0).reshape(4, 2)
    assert float(M.TruePositives()(t, y, each)) == 0.0 + 3.0


def test_nan_is_above_no_threshold():
    for thresholds in (0.5, [0.0, 0.5, 1.0], [0.9, 0.1]):
        assert np.sum(M.TruePositives(thresholds)([1.0], [np.nan])) == 0


def test_saved_forms_of_options():
    assert M.AUC(thresholds=[0.7, 0.2]).get_config()["thresholds"] == [0.2, 0.7]
    config = M.AUC(50, "pr", name="a", label_weights=[1, 2], multi_label=True).get_config()
    assert (config["num_thresholds"], config["curve"], config["name"]) == (50, "PR", "a")
    assert M.Precision(0.3, 2, 1, "p").get_config() == {
        "name": "p", "dtype": "float32", "thresholds": 0.3, "top_k": 2, "class_id": 1
    }  # fmt: skip
