"""What a fit leaves on the device for the next: captured steps, data, and nothing too long."""

import copy
import gc

import numpy as np
import pytest

from dezero import keras
from dezero.backend.cupy import memory
from dezero.backend.cupy.graph import graph_bytes
from dezero.models import MLP
from dezero.training import Callback, release
from tests.strict_device import strict_gpu
from tests.training.captured import BLOBS as X
from tests.training.captured import LABELS as T
from tests.training.captured import device_of_tests, fitted, five, net, state  # noqa: F401

# Each capture collects garbage first, and a run of all tests holds much.
pytestmark = pytest.mark.slow


def captures(monkeypatch):
    from tests.backend.cupy import fake_stream as room

    taken, real = [], room.Stream.end_capture
    monkeypatch.setattr(room.Stream, "end_capture", lambda s: taken.append(s) or real(s))
    return taken


def test_a_second_fit_captures_nothing(gpu, monkeypatch):
    taken, x = captures(monkeypatch), five()
    models = fitted(x=x, epochs=5), fitted(x=x, epochs=5)
    first = len(taken)
    assert first == 4  # four samples, and the last two, of each
    for _ in range(2):
        for model in models:
            before = gpu.launches
            model.fit(x + 1, T, batch_size=4, epochs=1, verbose=0)
            assert gpu.launches - before == 6 and len(taken) == first


@pytest.mark.slow
def test_later_fits_are_the_same_captured_or_not(gpu):
    found = []
    for jit in (False, True):
        model = fitted(x=five(), jit=jit)
        for shift in (1, 2):
            for size in (4, 5):
                options = {"batch_size": size, "epochs": 2, "verbose": 0}
                model.fit(five() + np.float32(shift), T, jit=jit, **options)
                found.append(state(model))
    assert found[:4] == found[4:]


def test_what_is_kept_is_told_and_given_back(gpu):
    def kept():
        gc.collect()
        return graph_bytes() > 0, sum(one.sent for one in memory.sent_data) > 0

    model = fitted(x=five(), epochs=5)
    assert kept() == (True, True)
    model.compile("sgd", "softmax_cross_entropy")
    assert kept() == (False, False)
    model = fitted(x=five(), epochs=5)
    release(model)
    assert kept() == (False, False)
    model = fitted(x=five(), epochs=5)
    del model
    assert kept() == (False, False)


def test_an_error_lets_go_of_all(gpu):
    class Failing(Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise [KeyboardInterrupt, ZeroDivisionError][self.which]

    for which, error in enumerate((None, ZeroDivisionError)):
        watch = Failing()
        watch.which = which
        model = net()
        if error is None:
            fitted(model, x=five(), callbacks=[watch])
            assert model.history.interrupted
        else:
            with pytest.raises(error):
                fitted(model, x=five(), callbacks=[watch])
        assert model.compiled.kept.stepper is None and model.compiled.kept.batches is None


def test_moving_the_model_lets_go_of_all():
    with strict_gpu():
        own, theirs = MLP((3,)), keras.Sequential([keras.layers.Dense(3)])
        own.build(4)
        theirs.build((None, 4))
        for model in (own, theirs):
            model.to_gpu()
            model.compile("sgd", "mse", steps_per_execution=2)
            assert model.compiled.steps_per_execution == 2
            model.fit(X, np.eye(3)[T], verbose=0)
            kept = model.compiled.kept
            assert kept.batches is None  # for nothing is captured there
            kept.batches = X
            model.to_gpu()  # it is there
            assert kept.batches is X
            model.to_cpu()
            assert kept.batches is None


class Inner(Callback):
    """Trains the same model, in the middle of its training."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            history = self.model.history
            self.model.fit(five() * 2, T, batch_size=4, verbose=0, jit=self.jit)
            self.model.history = history


@pytest.mark.slow
def test_a_training_inside_a_training(gpu):
    found = []
    for jit in (False, True):
        watch = Inner()
        watch.jit = jit
        found.append(state(fitted(x=five(), jit=jit, callbacks=[watch], epochs=5)))
    assert found[0] == found[1]


def test_copies_and_files_of_a_model_keep_no_graph(gpu):
    model = fitted(x=five())
    for twin in (copy.deepcopy(model.compiled.kept), copy.copy(model.compiled.kept)):
        assert twin.stepper is None and twin.batches is None
    assert model.compiled.kept.stepper is not None
