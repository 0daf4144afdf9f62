"""Windows over series; the wanted values are Keras 3.15.1's, as record_series.py wrote them."""

import json
from pathlib import Path

import numpy as np
import pytest

from dezero.keras import layers, models
from dezero.preprocessing import TimeseriesGenerator, timeseries_dataset_from_array

PLACE = Path(__file__).parent / "recorded" / "series.json"
RECORDED = json.loads(PLACE.read_text("utf-8"))
DATA, TARGETS = np.arange(30).reshape(15, 2), np.arange(15) * 10


@pytest.mark.parametrize(("options", "length", "wanted"), RECORDED["gen"])
def test_batches_by_number(options, length, wanted):
    found = TimeseriesGenerator(DATA, TARGETS, **options)
    assert len(found) == length == len(list(found))
    assert [[part.tolist() for part in batch] for batch in found] == wanted
    assert found[-1][1].tolist() == wanted[-1][1]


@pytest.mark.parametrize(("args", "options", "wanted"), RECORDED["data"])
def test_data_sets(args, options, wanted):
    data, targets, length = args
    found = timeseries_dataset_from_array(data, targets, length, **options)
    batches = [[p.tolist() for p in b] if isinstance(b, tuple) else b.tolist() for b in found]
    assert batches == wanted and len(found) == len(wanted)


def test_windows_by_chance():
    one, other = (
        TimeseriesGenerator(DATA, TARGETS, 4, shuffle=True, seed=1, batch_size=5) for _ in range(2)
    )
    x, t = one[0]
    np.testing.assert_array_equal(t, other[0][1])
    np.testing.assert_array_equal(x[:, -1, 0] // 2 + 1, t // 10)
    mixed = timeseries_dataset_from_array(TARGETS, TARGETS, 3, shuffle=True, seed=1)
    ((x, t),), ((_, again),) = list(mixed), list(mixed)
    assert sorted(t) == list(range(0, 130, 10)) and list(t) != list(again)
    np.testing.assert_array_equal(x[:, 0], t)


def test_a_model_trains_on_them():
    model = models.Sequential([layers.GRU(3, input_shape=(4, 2)), layers.Dense(1)])
    model.compile("adam", "mse")
    found = TimeseriesGenerator(DATA / 30, TARGETS / 150, 4, batch_size=4)
    assert model.fit(found, epochs=2, verbose=0).params["steps"] == 3
    assert json.loads(found.get_config()["targets"])[1] == pytest.approx(10 / 150)
    assert found.get_config()["start_index"] == 0


def test_errors():
    with pytest.raises(ValueError, match="expected a target for each time, got 15 times and 3"):
        TimeseriesGenerator(DATA, TARGETS[:3], 2)
    with pytest.raises(ValueError, match="expected length 20 below the 15 times"):
        TimeseriesGenerator(DATA, TARGETS, 20)
    with pytest.raises(IndexError, match="expected a batch below 1, got 1"):
        TimeseriesGenerator(DATA, TARGETS, 3)[1]
    with pytest.raises(ValueError, match="expected sequence_stride to be a whole number above 0"):
        timeseries_dataset_from_array(DATA, None, 3, sequence_stride=0)
    with pytest.raises(ValueError, match="expected 0 <= start_index < end_index <= 15, got 9"):
        timeseries_dataset_from_array(DATA, None, 3, start_index=9, end_index=4)
