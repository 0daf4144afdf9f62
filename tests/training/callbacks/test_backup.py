"""BackupAndRestore: a training that was interrupted goes on."""

import numpy as np
import pytest

from dezero import optimizers
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.optimizers.schedules import ExponentialDecay
from dezero.training import BackupAndRestore, Callback, LearningRateScheduler
from tests.training.toys import T, X, net, same, weights

OPTIONS = {"epochs": 5, "batch_size": 20, "shuffle": False, "verbose": 0}


class Break(Callback):
    """Ends the training as a power cut does."""

    def __init__(self, epoch, batch=0):
        self.at, self.epoch = (epoch, batch), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise ZeroDivisionError


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_what_was_interrupted_ends_as_if_it_had_not_been(optimizer, tmp_path):
    whole = net(optimizer)
    whole.fit(X, T, **OPTIONS)
    callback = BackupAndRestore(tmp_path / "backup")
    with pytest.raises(ZeroDivisionError):
        net(optimizer).fit(X, T, callbacks=[callback, Break(3)], **OPTIONS)
    assert (tmp_path / "backup" / "backup.npz").exists()
    again = net(optimizer)
    history = again.fit(X, T, callbacks=BackupAndRestore(tmp_path / "backup"), **OPTIONS)
    assert history.epoch == [3, 4] and same(weights(again), weights(whole))
    assert not (tmp_path / "backup").exists()
    assert again.fit(X, T, callbacks=callback, **OPTIONS).epoch == [0, 1, 2, 3, 4]


def test_a_rate_that_was_changed_is_kept_too(tmp_path):
    def halving():
        return LearningRateScheduler(lambda epoch, rate: rate / 2)

    whole, again = net(), net()
    expected = whole.fit(X, T, callbacks=halving(), **OPTIONS).history["lr"]
    with pytest.raises(ZeroDivisionError):
        net().fit(X, T, callbacks=[halving(), BackupAndRestore(tmp_path), Break(3)], **OPTIONS)
    # What was set in the epoch that was cut short is forgotten with it.
    history = again.fit(X, T, callbacks=[halving(), BackupAndRestore(tmp_path)], **OPTIONS)
    assert history.history["lr"] == expected[3:] and same(weights(again), weights(whole))


def test_a_schedule_goes_on_by_itself(tmp_path):
    rate = ExponentialDecay(0.5, 0.9)
    whole, again = net(optimizers.SGD(rate)), net(optimizers.SGD(rate))
    whole.fit(X, T, **OPTIONS)
    with pytest.raises(ZeroDivisionError):
        broken = net(optimizers.SGD(rate))
        broken.fit(X, T, callbacks=[BackupAndRestore(tmp_path), Break(3)], **OPTIONS)
    again.fit(X, T, callbacks=BackupAndRestore(tmp_path), **OPTIONS)
    assert same(weights(again), weights(whole))


def test_every_so_many_batches(tmp_path):
    model, callback = net(), BackupAndRestore(tmp_path, save_freq=2)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, T, callbacks=[callback, Break(1, 2)], **OPTIONS)
    other = net()
    again = BackupAndRestore(tmp_path, delete_checkpoint=False)
    assert other.fit(X, T, callbacks=again, **OPTIONS | {"epochs": 1}).epoch == []
    assert not same(weights(other), weights(net()))
    (tmp_path / "mine").touch()
    other.fit(X, T, callbacks=BackupAndRestore(tmp_path), **OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_cannot_be_restored(tmp_path):
    net().fit(X, T, callbacks=BackupAndRestore(tmp_path, delete_checkpoint=False), **OPTIONS)
    callback = BackupAndRestore(tmp_path)
    fresh = Sequential(Linear(3))
    fresh.compile("sgd", "softmax_cross_entropy")
    with pytest.raises(RuntimeError, match="BackupAndRestore: expected a model with shapes"):
        fresh.fit(X, T, callbacks=callback, **OPTIONS)
    fresh.fit(X, T, **OPTIONS)
    before = weights(fresh)
    with pytest.raises(ValueError, match=r"BackupAndRestore: expected '0' as in the model, \(4, 3"):
        fresh.fit(X, T, callbacks=callback, **OPTIONS)
    assert same(weights(fresh), before)
    for freq in (0, "batch", True, 1.5):
        with pytest.raises(ValueError, match="BackupAndRestore: expected save_freq 'epoch' or a n"):
            BackupAndRestore(tmp_path, freq)


def test_buffers_are_kept_too(tmp_path):
    def made():
        model = net()
        model.layers[0].add_buffer("seen", np.zeros(2))
        return model

    model = made()
    model.layers[0].seen = np.array([3.0, 4.0])
    with pytest.raises(ZeroDivisionError):
        model.fit(X, T, callbacks=[BackupAndRestore(tmp_path), Break(1)], **OPTIONS)
    again = made()
    again.fit(X, T, callbacks=BackupAndRestore(tmp_path), **OPTIONS)
    assert again.layers[0].seen.tolist() == [3, 4]
