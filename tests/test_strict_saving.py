"""Saving from a GPU leaves all there, and files know nothing of it; callbacks too leave it."""

from pathlib import Path

import numpy as np
import pytest

import dezero
from dezero import keras, layers, models
from dezero.backend import transfers
from dezero.models import load_model
from dezero.training import callbacks as C
from tests.strict_device import StrictArray, strict_gpu

pytestmark = [pytest.mark.usefixtures("seeded"), pytest.mark.slow]
X = np.random.default_rng(0).standard_normal((12, 5)).astype("f4")
T = np.random.default_rng(1).integers(0, 3, 12)


def ours(gpu=True):
    dezero.seed(0)
    model = models.Sequential(layers.Linear(4), layers.BatchNorm(), layers.Linear(3))
    model.build((5,))
    model.compile("adam", "softmax_cross_entropy", metrics=["accuracy"])
    return fitted(model, gpu)


def keras_model(gpu=True):
    dezero.seed(0)
    model = keras.Sequential(
        [keras.layers.Dense(4), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
    )
    model.build((None, 5))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return fitted(model, gpu)


def fitted(model, gpu, **options):
    if gpu:
        model.to_gpu()
    model.fit(X, T, batch_size=4, epochs=1, verbose=0, **options)
    return model


def is_there(model):
    kept = [b.data if hasattr(b, "data") and not isinstance(b, StrictArray) else b
            for _, b in model.named_buffers()]  # fmt: skip
    return all(type(x) is StrictArray for x in [*(p.data for p in model.params()), *kept])


def figures(model):
    return model.predict(X, verbose=0) if "keras" in type(model).__module__ else model.predict(X)


FILES = [
    (ours, "w.npz", "weights"), (ours, "w.safetensors", "weights"), (ours, "m.dz", "model"),
    (keras_model, "m.keras", "keras"), (keras_model, "m.h5", "keras"),
    (keras_model, "w.weights.h5", "weights"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "name", "kind"), FILES)
def test_files(tmp_path, make, name, kind):
    if name.endswith(("h5", ".keras")):
        pytest.importorskip("h5py")
    path = tmp_path / name
    with strict_gpu():
        model = make()
        arrays = len(list(model.params())) + len(list(model.named_buffers()))
        expected = figures(model)
        with transfers() as counter:
            model.save_weights(path) if kind == "weights" else model.save(path)
        assert is_there(model) and counter.from_host == 0
        # Weights, and two slots of Adam's for each at most.
        assert counter.to_host <= 3 * arrays + 2
        np.testing.assert_array_equal(figures(model), expected)
        model.fit(X, T, batch_size=4, epochs=1, verbose=0)  # it trains on, where it is
        assert is_there(model)
    again = reloaded(make, path, kind)
    assert all(type(p.data) is np.ndarray for p in again.params())
    np.testing.assert_allclose(figures(again), expected, rtol=1e-5, atol=1e-6)
    if kind != "weights":  # the optimizer's state came with it
        with strict_gpu():
            again.to_gpu()
            fitted(again, False)
            assert is_there(again)


def reloaded(make, path, kind):
    if kind == "weights":
        model = make(gpu=False)
        model.load_weights(path)
        return model
    if kind == "keras":
        return keras.models.load_model(path)
    return load_model(path)


def test_weights_that_are_loaded_go_where_the_model_is(tmp_path):
    here = ours(gpu=False)
    here.save_weights(tmp_path / "w.npz")
    with strict_gpu():
        model = ours()
        model.load_weights(tmp_path / "w.npz")
        assert is_there(model)
        np.testing.assert_allclose(figures(model), figures(here), rtol=1e-5, atol=1e-6)


def watchers(folder):
    return {
        "BackupAndRestore": [C.BackupAndRestore(folder / "backup")],
        "CSVLogger": [C.CSVLogger(folder / "log.csv")],
        "EarlyStopping": [C.EarlyStopping("loss", patience=0, restore_best_weights=True)],
        "LambdaCallback": [
            C.LambdaCallback(on_train_batch_end=lambda step, logs: float(logs["loss"]))
        ],
        "LearningRateScheduler": [C.LearningRateScheduler(lambda epoch, lr: lr * 0.5)],
        "ModelCheckpoint": [
            C.ModelCheckpoint(folder / "m.dz", monitor="loss", save_best_only=True)
        ],
        "ReduceLROnPlateau": [C.ReduceLROnPlateau("loss", patience=0)],
        "TerminateOnNaN": [C.TerminateOnNaN()],
    }


NAMES = list(watchers(Path()))


def test_every_callback_is_tried():
    given = {n for n, c in vars(C).items() if isinstance(c, type) and issubclass(c, C.Callback)}
    assert given - {"Callback", "CallbackList", "Monitor", "History", "Progress"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_callbacks(tmp_path, name):
    found = []
    with strict_gpu():
        for gpu in (False, True):
            folder = tmp_path / str(gpu)
            folder.mkdir()
            model = ours(gpu)
            model.fit(
                X, T, batch_size=4, epochs=3, verbose=0, callbacks=watchers(folder)[name],
                validation_data=(X, T),
            )  # fmt: skip
            assert is_there(model) == gpu
            found.append(model.history.history)
    assert found[0].keys() == found[1].keys()
    for key, values in found[0].items():
        np.testing.assert_allclose(found[1][key], values, rtol=1e-4, err_msg=key)
