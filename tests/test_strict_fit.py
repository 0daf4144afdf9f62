"""Whole trainings on the double: the results of the host, and nothing moves without being asked."""

import numpy as np
import pytest

from dezero import (
    Variable,
    keras,
    layers,
    losses,
    metrics,
    models,
    no_grad,
    optimizers,
    seed,
    test_mode,
)
from dezero import functions as F
from dezero.backend import no_sync, transfers
from dezero.training.callbacks import Callback, TerminateOnNaN
from tests.strict_device import StrictArray, strict_gpu

pytestmark = pytest.mark.usefixtures("seeded")
DRAW = np.random.default_rng(0)
ROWS = DRAW.normal(size=(48, 6)).astype("f4")
LABELS = DRAW.integers(0, 3, 48)
PICTURES = DRAW.normal(size=(48, 2, 8, 8)).astype("f4")
SERIES = DRAW.normal(size=(48, 5, 4)).astype("f4")
IDS = DRAW.integers(0, 9, (48, 5))


class Recurrent(models.Model):
    def __init__(self):
        super().__init__()
        self.cell, self.out = layers.LSTM(5), layers.Linear(3)

    def forward(self, x):
        self.cell.reset_state()
        for t in range(x.shape[1]):
            h = self.cell(x[:, t])
        return self.out(h)


def convolutional():
    return models.Sequential(
        layers.Conv2d(4, 3, pad=1), layers.BatchNorm(), F.relu, lambda x: F.pooling(x, 2),
        layers.Dropout(0.3), lambda x: x.reshape(x.shape[0], -1), layers.Linear(3),
    )  # fmt: skip


def in_keras(*parts):
    return lambda: keras.Sequential([*(part() for part in parts), k.Dense(3, activation="softmax")])


k = keras.layers
MODELS = {
    "dense": (lambda: models.Sequential(layers.Linear(8), F.relu, layers.Linear(3)), ROWS),
    "conv": (convolutional, PICTURES),
    "lstm": (Recurrent, SERIES),
    "embedding": (
        lambda: models.Sequential(layers.EmbedID(9, 4), lambda x: x.sum(axis=1), layers.Linear(3)),
        IDS,
    ),
    "keras dense": (in_keras(lambda: k.Dense(8, activation="relu")), ROWS),
    "keras conv": (
        in_keras(
            lambda: k.Conv2D(4, 3, activation="relu"), k.BatchNormalization, k.MaxPooling2D,
            lambda: k.Dropout(0.3), k.Flatten,
        ),
        PICTURES.transpose(0, 2, 3, 1).copy(),
    ),
    "keras lstm": (in_keras(lambda: k.LSTM(5)), SERIES),
    "keras masked": (
        in_keras(lambda: k.Embedding(9, 4, mask_zero=True), lambda: k.LSTM(5)),
        IDS,
    ),
}  # fmt: skip


def made(name, gpu=False, **options):
    seed(1)
    make, x = MODELS[name]
    model = make()
    if name.startswith("keras"):
        model.build(x.shape)
        loss = "sparse_categorical_crossentropy"
    else:
        with test_mode(), no_grad():
            model(x[:2])
        loss = "softmax_cross_entropy"
    if gpu:
        model.to_gpu()
    options = {"loss": loss, "metrics": ["accuracy"], **options}
    model.compile(optimizer=options.pop("optimizer", "adam"), **options)
    return model, x


def trained(name, gpu=False, **options):
    model, x = made(name, gpu)
    data = {"validation_data": (x[:16], LABELS[:16]), "batch_size": 16, "verbose": 0, **options}
    with transfers() as moved:
        history = model.fit(x, LABELS, epochs=2, **data).history
    return model, history, moved


@pytest.mark.parametrize("name", MODELS)
def test_fit_is_the_hosts_and_moves_batches_up_and_figures_down(name):
    _, expected, _ = trained(name)
    with strict_gpu():
        model, found, moved = trained(name, gpu=True)
        assert all(type(p.data) is StrictArray for p in model.params())
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-4, atol=1e-5, err_msg=key)
    # x and t of both sets, once, and two orders; all figures of a training or validation at once.
    assert (moved.from_host, moved.to_host) == (2 * 2 + 2, 2 * 2)


def test_data_that_do_not_stay_are_sent_batch_by_batch():
    _, expected, _ = trained("dense")
    with strict_gpu():
        _, found, moved = trained("dense", gpu=True, resident=False)
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-4, atol=1e-5, err_msg=key)
    # Two epochs of four batches, x and t each.
    assert (moved.from_host, moved.to_host) == (2 * 4 * 2, 2 * 2)


def test_data_on_the_device_moves_once():
    with strict_gpu() as device:
        model, x = made("dense", gpu=True)
        there = device.from_host(x), device.from_host(LABELS)
        with transfers() as moved:
            model.fit(*there, epochs=2, batch_size=16, verbose=0)
    assert moved.from_host == 2  # the order of each epoch
    assert moved.to_host == 2
    assert moved.from_host_bytes == 2 * 48 * 8


class Asking(Callback):
    def on_train_batch_end(self, batch, logs=None):
        assert isinstance(logs["loss"], float)


def test_a_callback_that_asks_has_the_figures_read():
    with strict_gpu():
        _, _, moved = trained("dense", gpu=True, validation_data=None, callbacks=[Asking()])
    assert moved.to_host == 2 * 3


@pytest.mark.parametrize("weigh", ["class_weight", "sample_weight"])
def test_weights_of_samples_need_no_look(weigh):
    weight = {"class_weight": {0: 2.0, 1: 0.5}, "sample_weight": np.linspace(0, 2, 48)}[weigh]
    options = {weigh: weight, "validation_data": None}
    _, expected, _ = trained("dense", **options)
    with strict_gpu():
        _, found, moved = trained("dense", gpu=True, **options)
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    assert moved.to_host == 2


def spoilt(gpu, **options):
    model, x = made("dense", gpu)
    x = x.copy()
    x[40] = np.nan
    return model.fit(x, LABELS, epochs=1, batch_size=16, verbose=0, shuffle=False, **options)


def test_a_loss_of_nan_ends_the_training_after_the_epoch():
    with strict_gpu(), pytest.raises(RuntimeError, match="fit: epoch 1: expected a finite loss"):
        spoilt(gpu=True)
    with strict_gpu():
        ended = spoilt(gpu=True, callbacks=[TerminateOnNaN()])
    assert np.isnan(ended.history["loss"][0])


def test_labels_that_are_no_classes_end_the_training():
    with strict_gpu():
        model, x = made("dense", gpu=True)
        with pytest.raises(RuntimeError, match="expected a finite loss"):
            model.fit(x, LABELS + 2, epochs=1, verbose=0)


def test_predictions_and_evaluations():
    expected, x = made("dense")
    with strict_gpu():
        model, _ = made("dense", gpu=True)
        with transfers() as moved:
            y = model.predict(x, batch_size=16)
            figures = model.evaluate(x, LABELS, batch_size=16, verbose=0)
    assert type(y) is np.ndarray
    np.testing.assert_allclose(y, expected.predict(x), rtol=1e-5)
    assert figures == pytest.approx(expected.evaluate(x, LABELS, verbose=0), rel=1e-5)
    assert (moved.from_host, moved.to_host) == (3 + 3 * 2, 3 + 1)


def test_a_step_by_hand_runs_without_a_wait():
    with strict_gpu() as device:
        model, x = made("conv", gpu=True)
        optimizer = optimizers.AdamW(1e-3).setup(model)
        x, t = device.from_host(x[:8]), device.from_host(LABELS[:8])
        for _ in range(2):
            with no_sync():
                loss = F.softmax_cross_entropy(model(x), t)
                model.cleargrads()
                loss.backward()
                optimizer.update()
        assert np.isfinite(float(loss))


def test_a_host_batch_to_a_device_model_is_refused():
    with strict_gpu() as device:
        for name in ("dense", "conv", "lstm", "embedding"):
            model, x = made(name, gpu=True)
            with pytest.raises(TypeError, match="expected arrays on one device, got .*cuda"):
                model(x[:2])
        y = made("dense", gpu=True)[0](device.from_host(ROWS[:2]))
        for loss in (F.softmax_cross_entropy, F.softmax_cross_entropy_simple):
            with pytest.raises(TypeError, match="one device, got cuda and numpy"):
                loss(y, LABELS[:2])
        for loss in (F.mean_squared_error, F.mean_absolute_error, F.sigmoid_cross_entropy):
            with pytest.raises(TypeError, match="one device, got cuda and numpy"):
                loss(y, np.zeros((2, 3), "f4"))


kl, km = keras.losses, keras.metrics
WORDS = {
    "ignored class": (lambda: kl.SparseCategoricalCrossentropy(ignore_class=0), lambda: [], {}),
    "smoothed": (
        lambda: kl.CategoricalCrossentropy(label_smoothing=0.1),
        lambda: [km.CategoricalAccuracy(), km.CategoricalCrossentropy(), "mse"],
        {"one_hot": True},
    ),
    "clipped": (
        lambda: "mse",
        lambda: [km.MeanSquaredError(), km.RootMeanSquaredError(), "mae"],
        {"one_hot": True, "optimizer": lambda: keras.optimizers.Adam(global_clipnorm=1.0)},
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_losses_and_metrics_of_keras_gather_on_the_device(name):
    make, judged, options = WORDS[name]
    t = np.eye(3, dtype="f4")[LABELS] if options.get("one_hot") else LABELS
    optimizer, found = options.get("optimizer", lambda: "adam"), []
    with strict_gpu():
        for gpu in (False, True):
            seed(1)
            model = keras.Sequential([k.Dense(5, activation="relu"), k.Dense(3, "softmax")])
            model.build(ROWS.shape)
            if gpu:
                model.to_gpu()
            model.compile(optimizer(), make(), metrics=judged())
            with transfers() as moved:
                found.append(model.fit(ROWS, t, epochs=2, batch_size=16, verbose=0).history)
    for key, values in found[0].items():
        np.testing.assert_allclose(found[1][key], values, rtol=1e-4, err_msg=key)
    assert moved.to_host == 2  # all figures of an epoch


SHARES = DRAW.uniform(0.1, 0.9, (6, 3)).astype("f4")
SHARES /= SHARES.sum(axis=1, keepdims=True)
SCORES, CLASSES = DRAW.normal(size=(6, 3)).astype("f4"), DRAW.integers(0, 3, 6)
CASES = {
    "labels": (SCORES, CLASSES),
    "probabilities and labels": (SHARES, CLASSES),
    "probabilities": (SHARES, np.eye(3, dtype="f4")[CLASSES]),
    "signs": (SCORES, np.sign(SCORES)),
    "zero and one": (SHARES[:, 0], CLASSES % 2),
}


@pytest.mark.parametrize("name", losses.LOSSES)
def test_losses_need_no_look_and_no_copy(name):
    loss, fitting = losses.get(name), 0
    for y, t in CASES.values():
        for weight in (None, np.linspace(0.5, 1.0, 6)):
            try:
                expected = float(loss(Variable(y), t, weight))
            except (TypeError, ValueError):
                continue
            fitting += 1
            with strict_gpu() as device:
                there = [None if v is None else device.from_host(v) for v in (y, t, weight)]
                with no_sync(sending=False):
                    found = loss(Variable(there[0]), *there[1:])
                    found.backward()
                assert float(found) == pytest.approx(expected, rel=1e-5)
                with pytest.raises(TypeError, match="one device, got (cuda|numpy) and"):
                    loss(Variable(there[0]), t)
    assert fitting


METRICS = [
    "Accuracy", "SparseCategoricalAccuracy", "TopK", "MeanSquaredError", "MeanAbsoluteError",
    "BinaryAccuracy", "Precision", "Recall", "F1", "ConfusionMatrix", "CategoricalAccuracy",
]  # fmt: skip
OPTIONS = {"TopK": {"k": 2}, "F1": {"average": "macro"}}


def pair(name):
    y = DRAW.uniform(size=(12, 3)).astype("f4")
    if name in ("Precision", "Recall", "BinaryAccuracy"):
        return y[:, 0], DRAW.integers(0, 2, 12)
    if name.startswith("Mean"):
        return y, DRAW.uniform(size=(12, 3)).astype("f4")
    t = DRAW.integers(0, 3, 12)
    return (y, np.eye(3, dtype="f4")[t]) if name == "CategoricalAccuracy" else (y, t)


@pytest.mark.parametrize("name", METRICS)
def test_metrics_gather_on_the_device(name):
    make = getattr(metrics, name)
    here, there = make(**OPTIONS.get(name, {})), make(**OPTIONS.get(name, {}))
    with strict_gpu() as device:
        for weight in (None, DRAW.uniform(size=12)):
            y, t = pair(name)
            here.update(y, t, weight)
            moved = [None if v is None else device.from_host(v) for v in (y, t, weight)]
            with no_sync():
                there.update(*moved)
        there.update(y, t)  # and a batch of the host's between them
        here.update(y, t)
        np.testing.assert_allclose(there.result(), here.result(), rtol=1e-6)
        there.update(*moved)
        here.update(y, t, weight)
        np.testing.assert_allclose(there.result(), here.result(), rtol=1e-6)


@pytest.mark.parametrize("name", ["Accuracy", "TopK", "F1", "BinaryAccuracy", "Precision"])
def test_targets_that_make_no_sense_make_a_metric_nan(name):
    metric = getattr(metrics, name)(**OPTIONS.get(name, {}))
    with strict_gpu() as device:
        y, t = pair(name)
        t[3] = 7
        metric.update(device.from_host(y), device.from_host(t))
        assert np.isnan(np.asarray(metric.result())).all()
