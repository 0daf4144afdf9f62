"""Training beside what real Keras did with the same weights, data and order of batches."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
from dezero.keras.callbacks import EarlyStopping, ReduceLROnPlateau
from dezero.keras.training import Trainer
from dezero.layers import Linear
from dezero.models import Model
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


def dense(weights, i, activation):
    W, b = weights[2 * i : 2 * i + 2]
    layer = Linear(W.shape[1], in_size=W.shape[0], initializer=W)
    layer.b.data[...] = b
    return lambda x: activation(layer(x)), layer


class Net(Trainer, Model):
    """Dense layers from recorded weights: one output, or two from the first layer."""

    def __init__(self, weights, *activations, names=None):
        pairs = [dense(weights, i, activation) for i, activation in enumerate(activations)]
        self.parts, self.dense = [part for part, _ in pairs], [layer for _, layer in pairs]
        self.output_names = names

    def forward(self, x):
        h = self.parts[0](x)
        outputs = [part(h) for part in self.parts[1:]]
        return outputs if len(outputs) > 1 else outputs[0]


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
        for i, layer in enumerate(model.dense):
            for param, k in ((layer.W, 2 * i), (layer.b, 2 * i + 1)):
                np.testing.assert_allclose(param.data, arrays[f"{name}/{k}"], atol=1e-4)
    weight = options.get("sample_weight")
    return model.evaluate(x, y, sample_weight=weight, verbose=0), recorded["evaluate"]


@pytest.mark.parametrize("name", recorder.CASES)
def test_one_output(name):
    case = recorder.CASES[name]
    hidden = case.get("one_hot") and not case.get("seen")
    last = (lambda x: F.softmax(x) * 1.0) if hidden else F.softmax
    model = Net(recorder.start(20, 16, 5), F.relu, last)
    model.compile(SGD(0.1), **case["compile"])
    y = np.eye(5, dtype=np.float32)[T] if case.get("one_hot") else T
    options = case["fit"] | ({"sample_weight": WEIGHT} if case.get("weighted") else {})
    ours, theirs = compare(name, model, X, y, options)
    # Keras lists a metric twice whose twin is weighted.
    assert ours == pytest.approx(theirs[: len(ours)], **CLOSE)


def test_two_outputs():
    layers = (20, 16, 3), (16, 5, 4), (16, 1, 5)
    start = [array for *sizes, seed in layers for array in recorder.start(*sizes, seed=seed)]
    n = recorder.EVEN
    model = Net(start, F.tanh, F.softmax, F.identity, names=["a", "b"])
    model.compile(SGD(0.1), **recorder.TWO)
    options = {"sample_weight": [WEIGHT[:n], 1 - WEIGHT[:n]], "validation_split": 0.2}
    ours, theirs = compare("two_outputs", model, X[:n], [T[:n], NUMBER[:n]], options)
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
    model = Net([np.ones((1, 1)), np.ones(1)] * 2, F.identity, F.identity)
    model.compile(SGD(1.0), "mse")
    callback = EarlyStopping(monitor, restore_best_weights=True, **stop)
    callback.set_model(model)
    callback.on_train_begin()
    weight = model.dense[0].W.data
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
