"""Schedule: what a subclass of one's own has to write, and what it gets for it."""

from dataclasses import dataclass

import numpy as np
import pytest

from dezero.optimizers.schedule_base import Schedule


@dataclass
class Halving(Schedule):
    """Half the rate at each update."""

    lr: float
    steps: int = 1

    def __call__(self, step):
        return self.lr / 2 ** (step // self.steps)


def test_own_schedule():
    schedule = Halving(0.8)
    assert [schedule(step) for step in range(3)] == [0.8, 0.4, 0.2]
    assert repr(schedule) == "Halving(lr=0.8, steps=1)"
    assert schedule == Halving(0.8) != Halving(0.4)
    assert schedule.report(3.0) is None
    schedule.load_state_dict(schedule.state_dict())


def test_config_is_plain():
    config = Halving(np.float32(0.5), np.int64(3)).config()
    assert config == {"lr": 0.5, "steps": 3}
    assert [type(value) for value in config.values()] == [float, int]


def test_settings_are_checked():
    with pytest.raises(ValueError, match="Halving: expected lr to be a finite number >= 0, got -1"):
        Halving(-1)
    with pytest.raises(ValueError, match="Halving: expected steps to be an integer >= 1, got 0"):
        Halving(1, 0)


def test_call_must_be_written():
    with pytest.raises(NotImplementedError, match=r"Schedule: expected a __call__\(step\)"):
        Schedule()(0)


def test_foreign_state():
    with pytest.raises(ValueError, match=r"Halving: expected a state with \[\], got \['best'\]"):
        Halving(1).load_state_dict({"best": 1})
