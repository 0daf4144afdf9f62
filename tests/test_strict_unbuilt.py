"""A model that is moved to the GPU before it knows its shapes is made there, however it is made."""

import io

import numpy as np
import pytest

from dezero import functions as F
from dezero import keras, layers, models
from tests.strict_device import StrictArray, strict_gpu

pytestmark = pytest.mark.usefixtures("seeded")
X, T = np.ones((4, 6, 6, 1), "f4"), np.zeros(4, int)
k = keras.layers


def in_keras():
    model = keras.Sequential([k.Conv2D(3, 3), k.BatchNormalization(), k.Flatten(), k.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, (6, 6, 1), X


def ours():
    model = models.Sequential(
        layers.Conv2d(3, 3, pad=1, nobias=True), layers.BatchNorm(), F.relu, layers.Flatten(),
        layers.Linear(2),
    )  # fmt: skip
    model.compile("adam", "softmax_cross_entropy")
    return model, (1, 6, 6), X.transpose(0, 3, 1, 2)


WAYS = {
    "fit": lambda model, shape, x: model.fit(x, T, verbose=0),
    "predict": lambda model, shape, x: model.predict(x),
    "build": lambda model, shape, x: model.build(shape if shape[0] == 1 else (None, *shape)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [ours, in_keras])
def test_it_is_made_there(make, way):
    model, shape, x = make()
    with strict_gpu():
        model.to_gpu()
        WAYS[way](model, shape, x)
        assert all(type(p.data) is StrictArray for p in model.params())
        again = make()[0]
        again.to_gpu()
        again.to_cpu()
        WAYS[way](again, shape, x)
        assert all(type(p.data) is np.ndarray for p in again.params())


def test_a_summary_and_a_build_of_what_is_there():
    model, shape, x = ours()
    with strict_gpu():
        model.build(shape)
        model.to_gpu()
        said = io.StringIO()
        model.summary(shape, file=said)
        assert "Conv2d" in said.getvalue()
        model.build(shape)
        fresh = ours()[0]
        fresh.to_gpu()
        fresh.summary(shape, file=io.StringIO())
        assert all(type(p.data) is StrictArray for p in fresh.params())
        model.predict(x)


def test_without_a_gpu_nothing_is_moved(monkeypatch):
    from dezero.backend.cupy import Finding
    from dezero.backend.cupy import loading as room

    monkeypatch.setattr(room, "_found", [Finding(False, "no driver", "Install it")])
    for layer in (layers.Dropout(), layers.Linear(2), ours()[0], in_keras()[0]):
        with pytest.raises(
            RuntimeError, match="to_gpu: expected a usable GPU, got none: no driver"
        ):
            layer.to_gpu()
