"""Every metric beside what real Keras says of it; names, saved forms, errors."""

import json
import warnings

import numpy as np
import pytest

from dezero.keras import metrics as M
from dezero.keras.naming import clear_names
from tests.keras.recorded_metrics import RECORDED, WEIGHT, arrays, label, numbers

NEEDED = {
    "IoU": (3, [0, 2]), "MeanIoU": (3,), "OneHotIoU": (3, [1]), "OneHotMeanIoU": (3,),
    "PrecisionAtRecall": (0.5,), "RecallAtPrecision": (0.5,), "SensitivityAtSpecificity": (0.5,),
    "SpecificityAtSensitivity": (0.5,),
}  # fmt: skip


@pytest.mark.parametrize("line", RECORDED["metrics"], ids=label)
def test_values_are_those_of_keras(line):
    name, options, kind, values = line
    t, y = arrays(kind)
    metric = getattr(M, name)(**options)
    parts = ((slice(0, 5), None), (slice(5, 12), None), (slice(2, 9), WEIGHT[2:9]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            for (part, w), expected in zip(parts, values, strict=False):
                w = None if options.get("axis") == 0 else w
                metric.update_state(t[part], y[part], sample_weight=w)
                got = metric.result()
                np.testing.assert_allclose(got, numbers(expected), rtol=2e-5, atol=1e-6)
            metric.reset_state()


@pytest.mark.parametrize("kind", M.CLASSES)
def test_saved_forms(kind):
    metric = kind(*NEEDED.get(kind.__name__, ()))
    again = M.deserialize(json.loads(json.dumps(M.serialize(metric))))
    assert type(again) is kind and again.get_config() == metric.get_config()
    if kind.__name__ not in NEEDED:
        assert type(M.get(kind.__name__)) is kind


def test_names_are_those_of_keras():
    clear_names()
    made = {cls.__name__: cls for cls in M.CLASSES}
    expected = [line for line in RECORDED["names"] if line[0] in made]
    got = [[name, made[name](*NEEDED.get(name, ())).name] for name, _ in expected]
    assert got == expected and len(got) > 20


def test_every_metric_of_keras_is_compared():
    seen = {line[0] for line in RECORDED["metrics"]}
    others = {"Mean", "Sum", "MeanAbsoluteError", "MeanSquaredLogarithmicError"}
    assert {cls.__name__ for cls in M.CLASSES} - seen == others


def test_what_is_refused():
    with pytest.raises(ValueError, match="BinaryAccuracy argument: unknown name 'treshold'"):
        M.BinaryAccuracy(treshold=0.3)
    with pytest.raises(ValueError, match="metric: expected the arguments of MeanIoU too"):
        M.get("mean_iou")
    with pytest.raises(ValueError, match="unknown name 'AUK'. Did you mean 'AUC'"):
        M.get("AUK")
    with pytest.raises(TypeError, match="metric: expected a name"):
        M.get(3)
    for call in (M.Metric().update_state, M.Metric().result):
        with pytest.raises(NotImplementedError, match="Write it"):
            call()
