"""Models of all kinds train the same, whether their data are resident or sent, captured or not."""

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import keras
from dezero.optimizers import SGD, Adam
from tests.training.captured import device_of_tests, moved, net  # noqa: F401

# Each capture collects garbage first, and a run of all tests holds much.
pytestmark = pytest.mark.slow

DRAW = np.random.default_rng(2)
N = 22
X, T = DRAW.standard_normal((N, 5)), DRAW.integers(0, 3, N)
IDS, Y = DRAW.integers(0, 9, (N, 4)), DRAW.standard_normal((N, 2))
# jit, resident, steps_per_execution
WAYS = [(False, False, 1), (False, True, 1), (True, True, 1), (True, True, 3), (True, False, 2)]


class Two(dezero.Model):
    """Two inputs by name, two outputs in a list."""

    def __init__(self):
        self.ids, self.drop = L.EmbedID(9, 4), L.Dropout(0.3)
        self.a, self.b = L.Linear(3), L.Linear(2)

    def forward(self, x):
        h = self.drop(F.concat((x["x"], self.ids(x["ids"]).sum(axis=1)), axis=1))
        return [self.a(h), self.b(h)]


def weights(model):
    return [p.data.get().tobytes() for p in model.params()]


OPTIONS = {
    "plain": {},
    "weights": {"sample_weight": [np.linspace(0, 1, N), np.linspace(1, 2, N)]},
    "validation": {"validation_split": 0.2},
    "steps": {"steps_per_epoch": 3},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_two_inputs_and_two_outputs(gpu, name):
    found = []
    for jit, resident, steps in WAYS:
        dezero.seed(4)
        model = Two()
        model({"x": X[:2].astype("f4"), "ids": IDS[:2]})
        moved(model)
        losses, judges = ["softmax_cross_entropy", "mse"], [["accuracy"], ["mae"]]
        options = {"loss_weights": [1.0, 0.5], "steps_per_execution": steps}
        model.compile(Adam(0.01), losses, judges, **options)
        seen = []
        options = {"batch_size": 4, "epochs": 2, "verbose": 0, **OPTIONS[name]}
        for shuffle in (False, True, False):
            data = {"x": X, "ids": IDS}, [T, Y]
            model.fit(*data, jit=jit, resident=resident, shuffle=shuffle, **options)
            seen.append(model.history.history)
        found.append((seen, weights(model)))
    assert all(one == found[0] for one in found)
    assert gpu.launches and not model.compiled.kept.stepper.gathering.outside


def test_pictures_stay_bytes_and_one_batch_may_hold_all(gpu):
    pictures, found = DRAW.integers(0, 256, (N, 5)).astype("u1"), []
    for jit in (False, True):
        dezero.seed(1)
        layers = [keras.layers.Rescaling(1 / 255), keras.layers.Dense(3, "softmax")]
        model = keras.Sequential(layers)
        model.build((None, 5))
        moved(model)
        loss = "sparse_categorical_crossentropy"
        model.compile("sgd", loss, ["accuracy"], jit_compile=jit)
        dezero.seed(2)
        options = {"batch_size": 100, "epochs": 8, "verbose": 0, "class_weight": {0: 2.0}}
        found.append((model.fit(pictures, T, **options).history, weights(model)))
    assert model.compiled.kept.batches.data[0].dtype == np.uint8
    assert found[0] == found[1] and gpu.launches


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision(gpu, precision):
    found = []
    for jit, resident, steps in WAYS:
        model = net()
        options = {"precision": precision, "steps_per_execution": steps}
        model.compile(SGD(0.1), "softmax_cross_entropy", ["accuracy"], **options)
        dezero.seed(1)
        model.fit(X, T, batch_size=4, epochs=6, verbose=0, jit=jit, resident=resident)
        found.append((model.history.history, weights(model)))
    assert all(one == found[0] for one in found)


def test_rows_of_targets_with_weights_of_classes(gpu):
    found = []
    for jit, resident, steps in WAYS:
        model = net()
        model.compile(SGD(0.1), "mean_squared_error", ["mae"], steps_per_execution=steps)
        dezero.seed(1)
        options = {"class_weight": {0: 2.0, 1: 0.5}, "batch_size": 4, "epochs": 4, "verbose": 0}
        model.fit(X, np.eye(3)[T], jit=jit, resident=resident, **options)
        found.append((model.history.history, weights(model)))
    assert all(one == found[0] for one in found)
