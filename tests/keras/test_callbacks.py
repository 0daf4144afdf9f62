"""Keras's callbacks: arguments and words; what they do is tested with those below them."""

import csv

import numpy as np
import pytest

from dezero.keras import callbacks
from tests.keras.toys import T, X, net, same, weights

pytestmark = pytest.mark.usefixtures("seeded")
FIT = {"verbose": 0, "validation_split": 0.2}


class Figures(callbacks.Callback):
    """Replaces the figure of each epoch."""

    def __init__(self, *values):
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.values[epoch]


def run(values, *more, model=None):
    model = net() if model is None else model
    options = FIT | {"epochs": len(values)}
    return model, model.fit(X, T, callbacks=[Figures(*values), *more], **options)


def test_every_name_is_there():
    for name in callbacks.__all__:
        assert issubclass(getattr(callbacks, name), callbacks.Callback)


def test_the_callback_of_the_tutorial():
    class MyCallback(callbacks.Callback):
        def on_epoch_end(self, epoch, logs={}):  # noqa: B006
            if logs.get("accuracy") > 0.9:
                print("\nReached 90% accuracy so cancelling training!")
                self.model.stop_training = True

    model = net(metrics=["accuracy"], optimizer="adam")
    history = model.fit(X, T, epochs=500, batch_size=4, callbacks=[MyCallback()], verbose=0)
    values = history.history["accuracy"]
    assert values[-1] > 0.9 >= max(values[:-1]) and model.history is history


def test_early_stopping_needs_a_strictly_better_value(capsys):
    stop = callbacks.EarlyStopping(patience=2, verbose=1, restore_best_weights=True)
    _, history = run([3.0, 2.0, 2.0, 2.0, 1.0], stop)
    assert history.epoch == [0, 1, 2, 3]
    assert capsys.readouterr().out == (
        "Epoch 4: early stopping\nRestoring model weights from the end of the best epoch: 2.\n"
    )


@pytest.mark.parametrize(
    ("options", "epochs"),
    [
        ({"min_delta": 0.5}, 3), ({"baseline": 0.5}, 4), ({"start_from_epoch": 2}, 4),
        ({"patience": 2}, 5), ({"mode": "max"}, 2), ({"monitor": "loss"}, 5),
    ],
)  # fmt: skip
def test_options_of_early_stopping(options, epochs):
    stop = callbacks.EarlyStopping(**{"patience": 1, "monitor": "val_loss", **options})
    _, history = run([3.0, 2.0, 1.9, 2.0, 1.0], stop)
    assert len(history.epoch) == epochs


def test_a_figure_that_is_not_there_is_warned_of():
    model = net()
    with pytest.warns(UserWarning, match="on metric `val_loss` which is not available. .*: loss$"):
        model.fit(X, T, verbose=0, callbacks=[callbacks.EarlyStopping()])
    with pytest.warns(UserWarning, match="Learning rate reduction is conditioned on metric `val_a"):
        model.fit(X, T, verbose=0, callbacks=callbacks.ReduceLROnPlateau("val_acc"))


def test_epochs_without_validation_are_passed_over():
    stop = callbacks.EarlyStopping(patience=1)
    history = net().fit(X, T, epochs=4, callbacks=stop, validation_freq=2, **FIT)
    assert history.epoch == [0, 1, 2, 3]


@pytest.mark.parametrize("weights_only", [False, True])
def test_model_checkpoint(tmp_path, capsys, weights_only):
    path = tmp_path / "in" / "best-{epoch:02d}-{val_loss:.1f}.dz"
    options = {"save_best_only": True, "verbose": 1, "save_weights_only": weights_only}
    model = type("Named", (type(net()),), {})(*net().layers)
    saved = []
    model.save = model.save_weights = lambda path: saved.append(path)
    model.compile("sgd", "softmax_cross_entropy")
    run([3.0, 4.0, 2.0], callbacks.ModelCheckpoint(path, **options), model=model)
    first, last = (str(tmp_path / "in" / f"best-{end}.dz") for end in ("01-3.0", "03-2.0"))
    assert saved == [first, last]
    assert capsys.readouterr().out.split("\n\n") == [
        f"\nEpoch 1: val_loss improved from inf to 3.00000, saving model to {first}",
        "Epoch 2: val_loss did not improve from 3.00000",
        f"Epoch 3: val_loss improved from 3.00000 to 2.00000, saving model to {last}\n",
    ]


def test_model_checkpoint_by_batches_and_without_its_figure(tmp_path, capsys):
    model, saved = net(), []
    model.save = saved.append
    every = callbacks.ModelCheckpoint("{epoch}-{batch}", save_freq=2, verbose=1)
    model.fit(X, T, epochs=2, batch_size=20, verbose=0, callbacks=every)
    assert saved == ["1-2", "2-1", "2-3"]
    assert capsys.readouterr().out.startswith("\nEpoch 1: saving model to 1-2\n")
    best = callbacks.ModelCheckpoint("best", save_best_only=True)
    with pytest.warns(UserWarning, match="Can save best model only with metric `val_loss` which"):
        model.fit(X, T, epochs=2, verbose=0, callbacks=best)
    assert saved[3:] == ["best"] * 2 and best.save_best_only
    model.fit(X, T, epochs=4, verbose=0, callbacks=callbacks.ModelCheckpoint("{epoch}", period=2))
    assert saved[5:] == ["2", "4"]
    with pytest.raises(ValueError, match="ModelCheckpoint: expected save_freq 'epoch' or a number"):
        callbacks.ModelCheckpoint("x", save_freq="batch")


def test_rates(capsys):
    halve = callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.5, verbose=1)
    _, history = run([1.0, 1.0], halve)
    assert history.history["learning_rate"] == history.history["lr"] == [0.005, 0.0025]
    assert capsys.readouterr().out == (
        "\nEpoch 1: LearningRateScheduler setting learning rate to 0.005.\n"
        "\nEpoch 2: LearningRateScheduler setting learning rate to 0.0025.\n"
    )
    reduce = callbacks.ReduceLROnPlateau("val_loss", 0.1, 1, verbose=1, min_lr=0.002)
    _, history = run([1.0, 1.0, 1.0], reduce)
    assert history.history["learning_rate"] == [0.01, 0.01, 0.002]
    assert capsys.readouterr().out == (
        "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.002.\n"
    )


def test_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    log = callbacks.CSVLogger(path)
    net(metrics=["acc"]).fit(X, T, epochs=2, validation_freq=2, callbacks=log, **FIT)
    head, first, second = csv.reader(path.read_text().splitlines())
    assert head == ["epoch", "acc", "loss", "val_acc", "val_loss"]
    assert first[0] == "0" and first[3:] == ["NA", "NA"] and float(second[3]) <= 1
    net(metrics=["acc"]).fit(X, T, callbacks=callbacks.CSVLogger(path, ";", append=False), **FIT)
    assert path.read_text().startswith("epoch;acc;loss;val_acc;val_loss\n0;")


def test_terminate_on_nan(capsys):
    model = net()
    before = weights(model)
    history = model.fit(np.full_like(X, np.nan), T, verbose=0, callbacks=callbacks.TerminateOnNaN())
    assert history.epoch == [0] and same(weights(model), before)
    assert capsys.readouterr().out == "Batch 0: Invalid loss, terminating training\n"


def test_lambda_callback_and_backup(tmp_path):
    seen = []
    show = callbacks.LambdaCallback(
        lambda epoch, logs: seen.append(epoch), on_batch_end=lambda batch, logs: seen.append("b")
    )
    keep = callbacks.BackupAndRestore(str(tmp_path / "b"), delete_checkpoint=False)
    net().fit(X, T, verbose=0, callbacks=[show, keep])
    assert seen == [0, "b", "b"]
    assert net().fit(X, T, epochs=2, verbose=0, callbacks=[keep]).epoch == [1]
