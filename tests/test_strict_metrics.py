"""All metrics of both faces on the double of a GPU: no batch is copied, few numbers at the end."""

import warnings

import numpy as np
import pytest

from dezero import metrics
from dezero.backend import no_sync, transfers
from dezero.core import Variable
from dezero.keras import metrics as M
from tests.keras.recorded_metrics import RECORDED, WEIGHT, arrays, label
from tests.strict_device import strict_gpu

DRAW = np.random.default_rng(5)
ROWS, LABELS = DRAW.uniform(0.01, 1, (12, 3)).astype("f4"), DRAW.integers(0, 3, 12)
BITS, HOT = DRAW.integers(0, 2, 12), np.eye(3, dtype="f4")[LABELS]
NUMBERS = DRAW.standard_normal((12, 3)).astype("f4")

# Metrics of dezero with their options, and what they are given.
OURS = {
    "AUC": [({}, ROWS[:, 0], BITS), ({"multi_label": True}, ROWS, HOT),
            ({"curve": "PR"}, ROWS, HOT),
            ({"from_logits": True, "given": [0.2, 0.7]}, NUMBERS, HOT),
            ({"label_weights": [1.0, 2.0, 0.5]}, ROWS, HOT)],
    "Accuracy": [({}, ROWS, LABELS), ({}, ROWS, HOT), ({}, ROWS[:, 0], BITS)],
    "BestAt": [({}, ROWS[:, 0], BITS), ({"class_id": -1, "num_thresholds": 1}, ROWS, HOT)],
    "BinaryAccuracy": [({}, ROWS[:, 0], BITS), ({"threshold": 0.0}, ROWS[:, :1], BITS)],
    "CategoricalAccuracy": [({}, ROWS, HOT)],
    "ConfusionMatrix": [({}, ROWS, LABELS), ({"num_classes": 3}, LABELS[::-1].copy(), LABELS)],
    "F1": [({}, ROWS[:, 0], BITS), ({"average": "macro"}, ROWS, LABELS)],
    "FBeta": [({}, ROWS, HOT), ({"average": "micro", "threshold": 0.4}, ROWS, HOT),
              ({"beta": 2.0, "average": "weighted"}, ROWS, HOT)],
    "IoU": [({"num_classes": 3}, LABELS[::-1].copy(), LABELS),
            ({"num_classes": 3, "ignore_class": 1}, LABELS[::-1].astype("f4"), LABELS - 1)],
    "Mean": [({}, ROWS, None)],
    "MeanAbsoluteError": [({}, ROWS, NUMBERS)],
    "MeanSquaredError": [({}, ROWS, NUMBERS)],
    "Precision": [({}, ROWS[:, 0], BITS), ({"average": "micro"}, ROWS, HOT)],
    "R2": [({}, ROWS, NUMBERS), ({"average": None, "regressors": 2}, ROWS, NUMBERS)],
    "Recall": [({}, ROWS[:, 0], BITS), ({"average": "weighted"}, ROWS, LABELS)],
    "SparseCategoricalAccuracy": [({}, ROWS, LABELS)],
    "SparseTopK": [({"k": 2}, ROWS, LABELS)],
    "ThresholdCounts": [({"thresholds": [0.7, 0.2]}, ROWS, HOT), ({"top_k": 2}, ROWS, HOT),
                        ({"thresholds": [0.0, 0.5, 1.0]}, ROWS, HOT)],
    "TopK": [({"k": 2}, ROWS, LABELS), ({"k": 1}, ROWS, HOT)],
}  # fmt: skip
# What cannot: how many classes there are is seen from the largest of the labels.
LOOKS = [("ConfusionMatrix", {}, LABELS[::-1].copy(), LABELS)]
MOST = 2  # copies to the host for a figure
MOST_BYTES = 1 << 14  # 200 thresholds, right and wrong, of four columns, in float64

CASES = [pytest.param(n, *case, id=f"{n} {case[0]}") for n, cases in OURS.items() for case in cases]


def moved(device, *arrays):
    return [None if v is None else device.from_host(np.ascontiguousarray(v)) for v in arrays]


def updated(metric, device, y, t, weight):
    """Take in a batch with its copies counted: none but constants, which are sent once."""
    given = moved(device, y, t, weight)
    with no_sync():
        metric.update(*given)
    with no_sync(sending=False), transfers() as counter:
        metric.update(*given)
    assert counter.to_host == counter.from_host == 0


def test_every_metric_is_tried():
    assert {kind.__name__ for kind in metrics.METRICS.values()} == OURS.keys()


@pytest.mark.parametrize(("name", "options", "y", "t"), CASES)
def test_metrics_of_dezero(name, options, y, t):
    here, there = (getattr(metrics, name)(**options) for _ in range(2))
    with strict_gpu() as device:
        for weight in (None, np.linspace(0.5, 1.5, 12)):
            here.update(y, t, weight)
            here.update(y, t, weight)
            updated(there, device, y, t, weight)
        with transfers() as counter:
            found = there.result()
        assert counter.to_host <= MOST and counter.to_host_bytes <= MOST_BYTES
        np.testing.assert_allclose(found, here.result(), rtol=1e-6, atol=1e-12)
        with transfers() as counter:
            there.result()
        assert counter.to_host == 0  # it is known by now
        there.update(y, t)  # a batch of the host's, and one of the device's again
        here.update(y, t)
        updated(there, device, y, t, weight)
        here.update(y, t, weight)
        here.update(y, t, weight)
        np.testing.assert_allclose(there.result(), here.result(), rtol=1e-6, atol=1e-12)
        there.reset()
        updated(there, device, y, t, None)
        if t is not None:
            with pytest.raises(TypeError, match="one device, got cuda and numpy"):
                there.update(*moved(device, y), t)
            with pytest.raises(TypeError, match="one device, got numpy and cuda"):
                there.update(y, *moved(device, t))


@pytest.mark.parametrize(("name", "options", "y", "t"), LOOKS)
def test_what_looks_at_its_labels(name, options, y, t):
    metric = getattr(metrics, name)(**options)
    with strict_gpu() as device, pytest.raises(RuntimeError, match="inside no_sync"), no_sync():
        metric.update(*moved(device, y, t))


@pytest.mark.slow
@pytest.mark.parametrize("line", RECORDED["metrics"], ids=label)
def test_metrics_of_keras(line):
    name, options, kind, _ = line
    t, y = arrays(kind)
    here, there = (getattr(M, name)(**options) for _ in range(2))
    with warnings.catch_warnings(), strict_gpu() as device:
        warnings.simplefilter("ignore")
        for weight in (None, None if options.get("axis") == 0 else WEIGHT):
            given = moved(device, t, y, weight)
            for allowed in (True, False):  # constants are sent once
                here.update_state(t, y, weight)
                with no_sync(sending=allowed):
                    there.update_state(*given)
        with transfers() as counter:
            found = there.result()
        assert counter.to_host <= MOST and counter.to_host_bytes <= MOST_BYTES
        np.testing.assert_allclose(found, here.result(), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize(
    "name", ["Mean", "Sum", "MeanAbsoluteError", "MeanSquaredLogarithmicError"]
)
def test_metrics_of_keras_that_no_record_has(name):
    here, there = (getattr(M, name)() for _ in range(2))
    given = (ROWS,) if name in ("Mean", "Sum") else (ROWS, ROWS[::-1].copy())
    with strict_gpu() as device:
        with no_sync(sending=False):
            pass
        there_given = moved(device, *given)
        with no_sync():
            there.update_state(*there_given)
        here.update_state(*given)
        np.testing.assert_allclose(there.result(), here.result(), rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "y", "t"),
    [
        (metrics.pearson_correlation, ROWS, NUMBERS),
        (metrics.concordance_correlation, ROWS, NUMBERS),
        (metrics.in_top_k, ROWS, LABELS),
    ],
)
def test_functions(function, y, t):
    with strict_gpu() as device:
        given = moved(device, y, t)
        with no_sync(sending=False):
            found = function(*given)
        np.testing.assert_allclose(found.get(), function(y, t), rtol=1e-5)


def test_labels_out_of_range_show():
    with strict_gpu() as device:
        bad = np.where(np.arange(12) == 3, 7, LABELS)
        found = metrics.in_top_k(*moved(device, ROWS, bad), k=3).get()
        assert np.isnan(found[3]) and found[:3].all()
        for name, options, y in (
            ("ConfusionMatrix", {"num_classes": 3}, LABELS), ("TopK", {"k": 2}, ROWS),
        ):  # fmt: skip
            metric = getattr(metrics, name)(**options)
            metric.update(*moved(device, y, bad))
            assert np.isnan(metric.result()).any()
        metric = metrics.Accuracy()
        metric.update(Variable(moved(device, ROWS)[0]), Variable(moved(device, LABELS)[0]))
        assert metric.result() == (ROWS.argmax(1) == LABELS).mean()
