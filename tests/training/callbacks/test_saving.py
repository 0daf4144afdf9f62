"""Callbacks that write to disk."""

import csv
import os

import numpy as np
import pytest

import dezero
from dezero.training import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ModelCheckpoint,
    compile,
    fit,
)
from tests.training.toys import Plain, blobs, net, same, weights

X, T = blobs()


class Scripted(Callback):
    """Writes figures of a script into the logs, and remembers the weights after each epoch."""

    def __init__(self, values):
        self.values, self.weights = values, []

    def on_epoch_end(self, epoch, logs=None):
        logs["figure"] = self.values[epoch]
        self.weights.append(weights(self.model))


def checkpointed(path, values, model=None, **options):
    script, model = Scripted(values), net() if model is None else model
    callback = ModelCheckpoint(path, "figure", mode="min", **options)
    model.fit(X, T, epochs=len(values), callbacks=[callback, script], verbose=0)
    return script, model


def test_every_epoch(tmp_path):
    # The script comes after it in the list, so it must not need the figure.
    script, model = checkpointed(tmp_path / "model.dz", [1, 2, 3])
    again = dezero.load_model(tmp_path / "model.dz")
    assert same(weights(again), script.weights[2])
    assert again.history.epoch == [0, 1, 2] and again.history.history["figure"] == [1, 2, 3]
    assert again.history.history["loss"] == model.history.history["loss"]


def test_the_best_epoch_only(tmp_path, capsys):
    path = tmp_path / "best.dz"
    script, model = Scripted([3, 1, 2, 1, 0.5, 9]), net()
    callback = ModelCheckpoint(path, "figure", verbose=1, save_best_only=True)
    model.fit(X, T, epochs=6, callbacks=[script, callback], verbose=0)
    assert same(weights(dezero.load_model(path)), script.weights[4])
    assert capsys.readouterr().out == "".join(f"Epoch {n}: saved {path}\n" for n in (1, 2, 5))
    model.fit(X, T, epochs=6, callbacks=[Scripted([3, 3, 3, 3, 3, 3]), callback], verbose=0)
    assert capsys.readouterr().out == ""  # nothing beats the best of the first training


def test_initial_value_and_figures_that_rise(tmp_path):
    path = tmp_path / "best.dz"
    callback = ModelCheckpoint(path, "figure", save_best_only=True, initial_value=0.5)
    net().fit(X, T, epochs=2, callbacks=[Scripted([3, 1]), callback], verbose=0)
    assert not path.exists()
    callback = ModelCheckpoint(path, "figure", save_best_only=True, mode="max")
    script = Scripted([1, 3, 2])
    net().fit(X, T, epochs=3, callbacks=[script, callback], verbose=0)
    assert same(weights(dezero.load_model(path)), script.weights[1])


def test_weights_only(tmp_path):
    path = tmp_path / "w.npz"
    script, _ = checkpointed(path, [1, 2], save_weights_only=True)
    model = net()
    model.load_weights(path)
    assert same(weights(model), script.weights[1])


def test_path_templates_and_new_folders(tmp_path):
    model = net(metrics="accuracy")
    path = str(tmp_path / "new" / "{epoch:02d}-{val_loss:.2f}-{accuracy:.3f}.dz")
    options = {"epochs": 2, "validation_data": (X, T), "verbose": 0}
    figures = model.fit(X, T, callbacks=ModelCheckpoint(path), **options).history
    expected = [
        f"{i + 1:02d}-{figures['val_loss'][i]:.2f}-{figures['accuracy'][i]:.3f}.dz" for i in (0, 1)
    ]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == expected


@pytest.mark.parametrize("path", ["{val_los}.dz", "{}.dz", "{loss:d}.dz", "{epoch.dz"])
def test_wrong_templates(path, tmp_path):
    match = "ModelCheckpoint: expected a path with 'epoch' and figures among .'loss'., got "
    with pytest.raises(ValueError, match=match):
        net().fit(X, T, callbacks=ModelCheckpoint(str(tmp_path / path)), verbose=0)
    assert not list(tmp_path.iterdir())


def test_a_failure_while_saving_leaves_the_last_file_whole(tmp_path, monkeypatch):
    path, model = tmp_path / "model.dz", net()
    model.save(path)
    before = path.read_bytes()

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left on device"):
        model.fit(X, T, callbacks=ModelCheckpoint(path), verbose=0)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
    assert model.history.epoch == [0]


@pytest.mark.parametrize(("weights_only", "method"), [(False, "save"), (True, "save_weights")])
def test_a_model_that_cannot_be_saved(weights_only, method, tmp_path):
    model = Plain()
    compile(model, "sgd", "softmax_cross_entropy")
    before = weights(model)
    callback = ModelCheckpoint(tmp_path / "x", save_weights_only=weights_only)
    match = rf"ModelCheckpoint: expected a model with {method}\(path\), got Plain. Derive it"
    with pytest.raises(TypeError, match=match):
        fit(model, X, T, callbacks=callback, verbose=0)
    assert same(weights(model), before)


def test_a_checkpoint_goes_on_as_if_nothing_had_happened(tmp_path):
    whole = net("adam", metrics="accuracy")
    expected = whole.fit(X, T, epochs=4, shuffle=False, verbose=0).history
    part = net("adam", metrics="accuracy")
    part.fit(X, T, epochs=2, shuffle=False, verbose=0, callbacks=ModelCheckpoint(tmp_path / "m.dz"))
    again = dezero.load_model(tmp_path / "m.dz")
    history = again.fit(X, T, epochs=4, initial_epoch=2, shuffle=False, verbose=0)
    assert history.history == expected and history.epoch == [0, 1, 2, 3]
    assert same(weights(again), weights(whole))


def rows(path, separator=","):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file, delimiter=separator))


def test_csv(tmp_path):
    path = tmp_path / "new" / "log.csv"
    model = net(metrics="accuracy")
    options = {"epochs": 3, "validation_split": 0.2, "verbose": 0}
    figures = model.fit(X, T, callbacks=CSVLogger(path), **options).history
    head, *lines = rows(path)
    assert head == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert [int(line[0]) for line in lines] == [0, 1, 2]
    for i, name in enumerate(head[1:], 1):
        assert [float(line[i]) for line in lines] == figures[name]


def test_csv_is_on_disk_after_every_epoch(tmp_path):
    seen = []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(len(rows(tmp_path / "x"))))
    net().fit(X, T, epochs=3, callbacks=[CSVLogger(tmp_path / "x"), look], verbose=0)
    assert seen == [2, 3, 4]


def test_csv_with_another_separator_and_anew(tmp_path):
    path = tmp_path / "log.tsv"
    for _ in range(2):
        net().fit(X, T, callbacks=CSVLogger(path, separator="\t"), verbose=0)
        assert len(rows(path, "\t")) == 2 and len(rows(path, "\t")[0]) == 2


def test_csv_goes_on(tmp_path):
    path = tmp_path / "log.csv"
    model = net()
    model.fit(X, T, epochs=2, callbacks=CSVLogger(path, append=True), verbose=0)
    model.fit(X, T, epochs=3, initial_epoch=2, callbacks=CSVLogger(path, append=True), verbose=0)
    assert [row[0] for row in rows(path)] == ["epoch", "0", "1", "2"]
    path.write_text("")
    model.fit(X, T, callbacks=CSVLogger(path, append=True), verbose=0)
    assert [row[0] for row in rows(path)] == ["epoch", "0"]


def test_csv_of_other_columns_is_left_as_it_is(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,mae\n0,3.0\n")
    with pytest.raises(ValueError, match=r"CSVLogger: expected the columns of .*'mae'.*got .*loss"):
        net().fit(X, T, callbacks=CSVLogger(path, append=True), verbose=0)
    assert path.read_text() == "epoch,mae\n0,3.0\n"


def test_csv_is_closed_after_an_error(tmp_path):
    logger = CSVLogger(tmp_path / "log.csv")
    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match="expected a finite loss"):
        net().fit(X * np.nan, T, callbacks=logger, verbose=0)
    assert logger._file is None
    logger.on_train_end()


def test_lambda_callback(seeded):
    calls = []
    callback = LambdaCallback(
        on_train_begin=lambda logs: calls.append("begin"),
        on_epoch_end=lambda epoch, logs: calls.append((epoch, sorted(logs))),
        on_batch_end=lambda batch, logs: calls.append(batch),
        on_test_end=None,
    )
    net().fit(X, T, batch_size=30, callbacks=callback, verbose=0)
    assert calls == ["begin", 0, 1, (0, ["loss"])]


def test_lambda_callback_of_no_point():
    with pytest.raises(ValueError, match="LambdaCallback: unknown name 'on_epoch_ends'. Did you"):
        LambdaCallback(on_epoch_ends=print)
    with pytest.raises(TypeError, match="LambdaCallback: expected a function for on_epoch_end"):
        LambdaCallback(on_epoch_end=3)


def test_saved_history_has_what_early_stopping_restored(tmp_path):
    model = net(metrics="accuracy")
    callbacks = [ModelCheckpoint(tmp_path / "m.dz"), EarlyStopping("loss", patience=5)]
    model.fit(X, T, epochs=2, callbacks=callbacks, verbose=0)
    assert dezero.load_model(tmp_path / "m.dz").history.history == model.history.history
