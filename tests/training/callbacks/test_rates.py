"""Learning rates between epochs, against the recurrences of Keras written out."""

import functools

import numpy as np
import pytest

from dezero.optimizers import SGD
from dezero.optimizers.schedules import ExponentialDecay
from dezero.training import Callback, LearningRateScheduler, ReduceLROnPlateau
from tests.training.toys import blobs, net

X, T = blobs()


class Rate:
    """A schedule that is an object."""

    def __call__(self, epoch, rate):
        return rate * 0.5

    def halve(self, epoch, rate):
        return rate * 0.5


SCHEDULES = [
    (lambda epoch: 0.1 * 0.5**epoch, [0.1, 0.05, 0.025]),
    (lambda epoch, rate: rate * 0.5, [0.05, 0.025, 0.0125]),
    (Rate(), [0.05, 0.025, 0.0125]),
    (Rate().halve, [0.05, 0.025, 0.0125]),
    (
        functools.partial(lambda epoch, rate, factor: rate * factor, factor=0.5),
        [0.05, 0.025, 0.0125],
    ),
    (float, [0.0, 1.0, 2.0]),
    (lambda epoch: np.float32(0.25), [0.25] * 3),
    (lambda epoch: 1, [1.0] * 3),
]


@pytest.mark.parametrize(("schedule", "rates"), SCHEDULES)
def test_schedules_of_epochs(schedule, rates, capsys):
    model, used = net(SGD(0.1)), []

    class Watch(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            used.append(self.model.optimizer.lr)

    callbacks = [LearningRateScheduler(schedule), Watch()]
    history = model.fit(X, T, batch_size=60, epochs=3, callbacks=callbacks, verbose=0)
    assert used == pytest.approx(rates) and history.history["lr"] == pytest.approx(rates)
    assert capsys.readouterr().out == ""


def test_scheduler_says_the_rate(capsys):
    callback = LearningRateScheduler(lambda epoch: 0.25, verbose=1)
    net().fit(X, T, callbacks=callback, verbose=0)
    assert capsys.readouterr().out == "Epoch 1: learning rate 0.25\n"


@pytest.mark.parametrize("answer", [None, True, "0.1", [0.1]])
def test_a_schedule_that_returns_no_number(answer):
    with pytest.raises(TypeError, match="LearningRateScheduler: expected the schedule to return a"):
        net().fit(X, T, callbacks=LearningRateScheduler(lambda epoch: answer), verbose=0)


def test_no_schedule():
    with pytest.raises(TypeError, match="LearningRateScheduler: expected a function, got float 0"):
        LearningRateScheduler(0.1)


@pytest.mark.parametrize(
    "callback", [LearningRateScheduler(lambda epoch: 0.1), ReduceLROnPlateau("loss")]
)
def test_an_optimizer_with_a_schedule_of_its_own(callback):
    model = net(SGD(ExponentialDecay(0.1, 0.5, 10)))
    with pytest.raises(RuntimeError, match="expected an optimizer with a number as lr, got the"):
        model.fit(X, T, callbacks=callback, verbose=0)


class Scripted(Callback):
    """Writes figures of a script into the logs."""

    def __init__(self, values):
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["figure"] = self.values[epoch]


def rates(values, **options):
    """The learning rate of each epoch, and after the last."""
    model = net(SGD(1.0))
    callbacks = [Scripted(values), ReduceLROnPlateau("figure", **options)]
    history = model.fit(X, T, epochs=len(values), callbacks=callbacks, verbose=0, batch_size=60)
    return [*history.history["lr"], model.optimizer.lr]


def keras(values, *, factor, patience, cooldown, min_delta, min_lr=0.0, sign=1):
    """The state machine of Keras's documentation, for sign 1 (min) or -1 (max)."""
    rate, best, wait, rest, found = 1.0, np.inf, 0, 0, []
    for value in values:
        found.append(rate)
        if rest > 0:
            rest, wait = rest - 1, 0
        if sign * value < best - min_delta:
            best, wait = sign * value, 0
        elif rest <= 0:
            wait += 1
            if wait >= patience and rate > min_lr:
                rate, rest, wait = max(rate * factor, min_lr), cooldown, 0
    return [*found, rate]


@pytest.mark.parametrize("patience", [1, 2, 3])
@pytest.mark.parametrize("cooldown", [0, 1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_plateaus_as_keras_sees_them(patience, cooldown, seed):
    values = np.random.default_rng(seed).integers(0, 12, 16) / 4
    options = {"factor": 0.5, "patience": patience, "cooldown": cooldown, "min_delta": 0.3}
    assert rates(values, **options, min_lr=0.1) == keras(values, **options, min_lr=0.1)
    assert rates(values, **options, mode="max") == keras(values, **options, sign=-1)


def test_plateau_by_hand(capsys):
    found = rates([3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0], factor=0.1, patience=2, verbose=1)
    assert found == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01])
    assert capsys.readouterr().out == (
        "Epoch 4: reducing the learning rate to 0.1\nEpoch 7: reducing the learning rate to 0.01\n"
    )


@pytest.mark.parametrize("factor", [0, 1, 1.5, -0.1])
def test_wrong_factor(factor):
    with pytest.raises(ValueError, match="ReduceLROnPlateau: expected factor between 0 and 1, got"):
        ReduceLROnPlateau(factor=factor)
