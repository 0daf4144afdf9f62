"""`fit` with captured steps is `fit`, to the last bit of losses, figures and weights."""

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero.cuda import GraphCaptureError
from dezero.models import MLP
from dezero.optimizers import Adam
from dezero.training import Callback, TerminateOnNaN
from tests.training.captured import device_of_tests, moved, net  # noqa: F401

# Each capture collects garbage first, and a run of all tests holds much.
pytestmark = pytest.mark.slow

SAMPLES = np.random.default_rng(2).standard_normal((22, 5)).astype("f4")
LABELS = np.random.default_rng(3).integers(0, 3, 22)


def fitted(jit, model=None, x=SAMPLES, **options):
    """Train on the device; return the model and what was seen after each step."""
    model = model or net(norm=True)
    seen = []

    class Watch(Callback):
        def on_train_batch_end(self, step, logs):
            seen.append(dict(logs))

    model.compile(Adam(0.05), "softmax_cross_entropy", "accuracy")
    options = {"batch_size": 4, "epochs": 3, "verbose": 0, "callbacks": [Watch()], **options}
    model.fit(x, LABELS, jit=jit, **options)
    return model, seen


def test_fit_captured_is_fit(gpu):
    (plain, seen), (model, same) = fitted(False), fitted(True)
    assert gpu.launches > 10 and len(seen) == 18
    assert all(isinstance(v, float) for logs in same for v in logs.values())
    assert seen == same and plain.history.history == model.history.history
    for p, q in zip(plain.params(), model.params(), strict=True):
        assert (p.data.get() == q.data.get()).all()
    before = gpu.launches
    fitted("auto")
    assert gpu.launches > before


def test_fit_with_class_weights_limits_and_penalties(gpu):
    weight = {0: 2.0, 1: 1.0, 2: 0.5}
    (plain, seen), (model, same) = (
        fitted(jit, class_weight=weight, sample_weight=np.ones(22, "f4")) for jit in (False, True)
    )
    assert seen == same and gpu.launches


def test_a_loss_that_is_not_finite_is_found_when_figures_are_read(gpu):
    bad = SAMPLES.copy()
    bad[3] = np.nan
    message = "fit: epoch 1: expected a finite loss, got nan. "
    for options in ({}, {"callbacks": None}):
        for jit in (False, True):
            with pytest.raises(RuntimeError, match=message):
                fitted(jit, x=bad, **options)


def test_what_fit_does_not_capture(gpu):
    fitted("auto", callbacks=[TerminateOnNaN()])
    assert gpu.launches == 0
    with pytest.raises(GraphCaptureError, match="got TerminateOnNaN, which looks at the loss bef"):
        fitted(True, callbacks=[TerminateOnNaN()])
    with pytest.raises(ValueError, match="fit: expected jit to be 'auto', True or False, got 1.5"):
        fitted(1.5)
    host = MLP((3,))
    with pytest.raises(GraphCaptureError, match="got a model on numpy. Move it by model.to_gpu"):
        fitted(True, model=host)
    fitted("auto", model=host)
    assert gpu.launches == 0


def own_steps(jit, **more):
    """Train by a step of the model's own; return the losses of each epoch, and its weights."""
    model = net()
    model.compile(Adam(0.05), "softmax_cross_entropy")
    model.calls = []

    def train_step(data):
        x, t = data
        model.calls.append(len(t))
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        model.optimizer.update()
        found = {"loss": loss, "twice": loss * 2.0}
        return {**found, **{name: read(loss) for name, read in more.items()}}

    model.own_step = lambda name: train_step if name == "train_step" else None
    model.fit(SAMPLES[:20], LABELS[:20], batch_size=4, epochs=4, verbose=0, jit=jit)
    return model, model.history.history, [p.data.get().tobytes() for p in model.params()]


def test_a_step_of_the_models_own_is_captured_if_that_is_asked_for(gpu):
    model, *plain = own_steps("auto")
    assert gpu.launches == 0 and len(model.calls) == 20
    model, *same = own_steps(True)
    assert plain == same and gpu.launches == 17
    assert len(model.calls) == 4  # of replays only the device knows


def test_an_own_step_that_reads_is_refused_with_its_line(gpu):
    with pytest.raises(GraphCaptureError, match=r"train_step: .*float.*test_captured_fit.py:"):
        own_steps(True, read=lambda loss: float(loss))
    own_steps("auto", read=lambda loss: float(loss))


def test_fit_without_weights_that_train_warns(gpu):
    model = net()
    for param in model.params():
        param.requires_grad = False
    with pytest.warns(UserWarning, match="no weights that train"):
        fitted(True, model=model)


def test_keras_captures_unless_told_not_to(gpu):
    from dezero import keras

    def launched(**options):
        dezero.seed(0)
        model = keras.Sequential([keras.layers.Dense(3)])
        model.build((None, 5))
        moved(model)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, **options)
        before = gpu.launches
        model.fit(SAMPLES, LABELS, batch_size=11, epochs=4, verbose=0)
        return gpu.launches - before

    assert launched() == launched(jit_compile=True) == 5
    assert launched(jit_compile=False) == launched(run_eagerly=True) == 0
