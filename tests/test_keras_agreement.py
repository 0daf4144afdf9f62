"""Training beside what real Keras did with the same weights, data and order of batches."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from dezero import functions as F
from dezero import keras
from dezero.core import as_array
from dezero.keras import layers
from dezero.keras.callbacks import EarlyStopping, ReduceLROnPlateau
from dezero.optimizers import SGD
from dezero.training import Callback

RECORDED = Path(__file__).parent / "keras" / "recorded"
FIGURES = json.loads((RECORDED / "training.json").read_text())


def recorder_of(name):
    """The module that recorded `name`.json."""
    spec = importlib.util.spec_from_file_location(name, RECORDED / f"record_{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


recorder = recorder_of("training")
X, T, NUMBER, WEIGHT = recorder.data()
CLOSE = {"rel": 1e-4, "abs": 1e-5}


class Steps(Callback):
    def __init__(self):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(logs)


def compare(name, model, x, y, options):
    recorded, watch = FIGURES[name], Steps()
    options = recorder.FIT | options
    history = model.fit(x, y, callbacks=watch, **options).history
    assert len(watch.steps) == len(recorded["steps"]) >= 40
    for ours, theirs in zip(watch.steps, recorded["steps"], strict=True):
        assert ours == pytest.approx(theirs, **CLOSE)
    assert set(history) == set(recorded["history"])
    for key, values in recorded["history"].items():
        assert history[key] == pytest.approx(values, **CLOSE)
    with np.load(RECORDED / "training.npz") as arrays:
        for i, weight in enumerate(model.get_weights()):
            np.testing.assert_allclose(weight, arrays[f"{name}/{i}"], atol=1e-4)
    weight = options.get("sample_weight")
    return model.evaluate(x, y, sample_weight=weight, verbose=0), recorded["evaluate"]


@pytest.mark.parametrize("name", recorder.CASES)
def test_one_output(name):
    case = recorder.CASES[name]
    model = keras.Sequential(
        [
            keras.Input((20,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
    model.set_weights(recorder.start(20, 16, 5))
    if case.get("one_hot") and not case.get("seen"):
        model.add(layers.Lambda(lambda x: x * 1.0))
    model.compile(SGD(0.1), **case["compile"])
    y = np.eye(5, dtype=np.float32)[T] if case.get("one_hot") else T
    options = case["fit"] | ({"sample_weight": WEIGHT} if case.get("weighted") else {})
    ours, theirs = compare(name, model, X, y, options)
    # Keras lists a metric twice whose twin is weighted.
    assert ours == pytest.approx(theirs[: len(ours)], **CLOSE)


def test_two_outputs():
    entry = keras.Input((20,), name="x")
    h = layers.Dense(16, activation="tanh", name="h")(entry)
    a = layers.Dense(5, activation="softmax", name="a")(h)
    b = layers.Dense(1, name="b")(h)
    model = keras.Model(entry, [a, b])
    sizes = (20, 16, 3), (16, 5, 4), (16, 1, 5)
    start = [array for *pair, seed in sizes for array in recorder.start(*pair, seed=seed)]
    model.set_weights(start)
    n = recorder.EVEN
    model.compile(SGD(0.1), **recorder.TWO)
    options = {"sample_weight": [WEIGHT[:n], 1 - WEIGHT[:n]], "validation_split": 0.2}
    ours, theirs = compare("two_outputs", model, X[:n], [T[:n], NUMBER[:n]], options)
    assert ours == pytest.approx(theirs, **CLOSE)


class Masking(layers.Layer):
    """Leaves out steps of zeros."""

    def call(self, inputs):
        return F.identity(inputs)

    def compute_mask(self, inputs, mask=None):
        return (as_array(inputs) != 0).any(axis=-1)


@pytest.mark.parametrize("name", ["masked", "masked_and_weighted"])
def test_masked_steps(name):
    x, t = recorder.series()
    last = [layers.Dense(8, activation="tanh"), layers.Dense(3, activation="softmax")]
    model = keras.Sequential([keras.Input((6, 4)), Masking(), *last])
    model.set_weights(recorder.start(4, 8, 3))
    model.compile(SGD(0.1), "sparse_categorical_crossentropy", ["accuracy"])
    options = {"validation_split": 0.2}
    if name == "masked_and_weighted":
        options["sample_weight"] = WEIGHT[: recorder.EVEN, None] * np.ones((1, 6), np.float32)
    ours, theirs = compare(name, model, x, t, options)
    assert ours == pytest.approx(theirs, **CLOSE)


REPLAYED = list(
    zip(
        recorder_of("callbacks").cases(),
        json.loads((RECORDED / "callbacks.json").read_text()),
        strict=True,
    )
)


@pytest.mark.parametrize("i", range(len(REPLAYED)))
def test_early_stopping_and_plateaus(i):
    (values, stop, reduce, monitor), recorded = REPLAYED[i]
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(SGD(1.0), "mse")
    callback = EarlyStopping(monitor, restore_best_weights=True, **stop)
    callback.set_model(model)
    callback.on_train_begin()
    weight = model.weights[0].data
    for epoch, value in enumerate(values):
        weight[...] = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    assert [epoch + 1, int(weight[0, 0])] == recorded["stopped"]
    callback, rates = ReduceLROnPlateau(monitor, **reduce), []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {monitor: value})
        rates.append(model.optimizer.lr)
    assert rates == pytest.approx(recorded["rates"])
