"""Keras's schedules beside recorded rates of real Keras, saved forms and errors."""

import json
from pathlib import Path

import numpy as np
import pytest

from dezero.keras.optimizers import SGD, schedules
from tests.keras.recorded.record_optimizers import CASES

RECORDED = Path(__file__).parents[1] / "recorded"
RATES = {
    case: options["learning_rate"]
    for case, (_, options) in CASES.items()
    if isinstance(options.get("learning_rate"), tuple)
}


def made(case):
    name, arguments = RATES[case]
    return getattr(schedules, name)(*arguments)


@pytest.mark.parametrize("case", RATES)
def test_rates_are_keras(case):
    wanted = json.loads((RECORDED / "optimizers.json").read_text())["rates"][case]
    schedule = made(case)
    np.testing.assert_allclose([schedule(i) for i in range(len(wanted))], wanted, 1e-5, 1e-6)


@pytest.mark.parametrize("case", RATES)
def test_saved_form(case):
    schedule = made(case)
    saved = json.loads(json.dumps(schedules.serialize(schedule)))
    assert saved["class_name"] == RATES[case][0]
    again = schedules.deserialize(saved)
    assert again.get_config() == schedule.get_config()
    assert [again(i) for i in range(60)] == [schedule(i) for i in range(60)]


def test_piecewise_boundaries_belong_to_the_rate_before():
    rate = schedules.PiecewiseConstantDecay([2, 3.5], [1.0, 0.5, 0.1])
    assert [rate(i) for i in range(5)] == [1.0, 1.0, 1.0, 0.5, 0.1]
    with pytest.raises(ValueError, match="one value more than boundaries, got 1 and 1"):
        schedules.PiecewiseConstantDecay([1], [0.1])


def test_schedules_of_ones_own():
    class Falling(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 1.0 / (1 + step)

    optimizer = SGD(Falling())
    assert float(optimizer.learning_rate) == 1.0
    with pytest.raises(NotImplementedError, match="Write it"):
        schedules.LearningRateSchedule()(0)


def test_what_cannot_be():
    with pytest.raises(ValueError, match="unknown name 'Exponential'"):
        schedules.deserialize({"class_name": "Exponential", "config": {}})
    with pytest.raises(ValueError, match="expected steps to be a finite number > 0"):
        schedules.CosineDecay(0.1, 0)
