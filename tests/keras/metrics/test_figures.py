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


@pytest.mark.parametrize("kind", M.CLASSES)
def test_names_and_saved_forms(kind):
    metric = kind()
    again = M.deserialize(json.loads(json.dumps(M.serialize(metric))))
    assert type(again) is kind and again.get_config() == metric.get_config()
    assert type(M.get(kind.__name__)) is kind


def test_what_is_refused():
    with pytest.raises(ValueError, match="one threshold"):
        M.Precision([0.2, 0.5])
    with pytest.raises(ValueError, match="option"):
        M.BinaryAccuracy(treshold=0.3)
    for call in (M.Metric().update_state, M.Metric().result):
        with pytest.raises(NotImplementedError, match="Write it"):
            call()
