"""EarlyStopping and TerminateOnNaN."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.layers import Layer, Linear
from dezero.models import Model
from dezero.optimizers import SGD
from dezero.training import Callback, EarlyStopping, TerminateOnNaN, compile, fit
from tests.training.toys import Plain, blobs, net, same, weights

X, T = blobs()


class Scripted(Callback):
    """Writes figures of a script into the logs, and remembers the weights after each epoch."""

    def __init__(self, values):
        self.values, self.weights = values, []

    def on_epoch_end(self, epoch, logs=None):
        logs["figure"] = self.values[epoch]
        self.weights.append(weights(self.model))


def stopped(values, mode="min", **options):
    """Run a script of figures; return the number of epochs, the script, and the model."""
    script, model = Scripted(values), net()
    callback = EarlyStopping("figure", mode=mode, **options)
    history = model.fit(X, T, epochs=len(values), callbacks=[script, callback], verbose=0)
    return len(history.epoch), script, model, callback


@pytest.mark.parametrize(
    ("values", "options", "epochs"),  # 0: it does not stop
    [
        ([3, 2, 1, 2, 3], {}, 4),
        ([3, 3, 3], {}, 2),
        ([3, 2, 1, 0], {}, 0),
        ([3, 4, 5, 6], {"patience": 1}, 2),
        ([3, 4, 5, 6, 7], {"patience": 2}, 3),
        ([3, 4, 2, 4, 4, 1], {"patience": 2}, 5),
        ([3, 2.5, 2.2, 1], {"min_delta": 0.6}, 2),
        ([3, 2.5, 2.2, 1], {"min_delta": -0.6}, 2),
        ([3, 2.5, 2.2, 1], {"min_delta": 0.4, "patience": 2}, 0),
        ([1, 2, 3, 2], {"mode": "max"}, 4),
        ([1, 1, 1, 1, 1, 2], {"mode": "max", "patience": 3}, 4),
        ([9, 9, 9, 9, 9, 9], {"start_from_epoch": 3}, 5),
        ([np.nan, np.nan, np.nan], {"patience": 2}, 2),
        ([3, np.nan, 2, 4], {"patience": 2}, 0),
    ],
)
def test_when_it_stops(values, options, epochs):
    done, _, model, callback = stopped(values, **options)
    assert done == epochs or (done == len(values) and epochs == 0)
    assert callback.stopped_epoch == max(epochs - 1, 0)
    assert model.stop_training == (epochs > 0)


@pytest.mark.parametrize(
    ("values", "patience", "epochs"),
    [
        # The figure does become better, but never beats the baseline: patience is not renewed.
        ([9, 8, 8, 7, 7], 2, 3),
        ([9, 8, 7, 6, 6, 6], 2, 5),
        # Once it has, everything is as without.
        ([9, 4, 4.5, 4.5, 3], 2, 4),
        ([9, 4, 4.5, 3, 4, 4], 2, 6),
    ],
)
def test_baseline(values, patience, epochs):
    assert stopped(values, baseline=5, patience=patience)[0] == epochs


def best_of(script, epoch, model):
    return same(weights(model), script.weights[epoch])


def test_best_weights_are_restored_when_stopped_early():
    done, script, model, callback = stopped([3, 1, 2, 2, 2], patience=2, restore_best_weights=True)
    assert done == 4 and best_of(script, 1, model) and callback.best_epoch == 1
    _, script, model, _ = stopped([3, 1, 2, 2, 2], patience=2)
    assert best_of(script, 3, model)


def test_best_weights_are_restored_at_the_end_of_all_epochs():
    done, script, model, _ = stopped([3, 1, 2, 2], patience=9, restore_best_weights=True)
    assert done == 4 and best_of(script, 1, model) and not best_of(script, 3, model)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_best_weights_are_restored_after_ctrl_c_and_after_an_error(error):
    class Break(Callback):
        def on_train_batch_end(self, batch, logs=None):
            if len(self.model.history.epoch) == 3:
                raise error("now")

    script, model = Scripted([3, 1, 2, 2]), net()
    stopping = EarlyStopping("figure", mode="min", patience=9, restore_best_weights=True)
    try:
        model.fit(X, T, epochs=4, callbacks=[script, stopping, Break()], verbose=0)
    except ZeroDivisionError:
        assert error is ZeroDivisionError
    assert len(script.weights) == 3 and best_of(script, 1, model)


def test_best_weights_of_figures_that_are_never_numbers_are_the_first():
    done, script, model, _ = stopped([np.nan] * 4, patience=2, restore_best_weights=True)
    assert done == 2
    assert best_of(script, 0, model)


def test_restored_weights_live_where_the_optimizer_finds_them():
    *_, model, _ = stopped([3, 1, 2], patience=9, restore_best_weights=True)
    before = weights(model)
    model.fit(X, T, verbose=0)
    assert not same(weights(model), before)


def test_buffers_are_restored_too():
    class Counting(Layer):
        def __init__(self):
            self.add_buffer("count", np.zeros(1))

        def forward(self, x):
            self.count = self.count + 1
            return x

    class Mine(Model):
        def __init__(self):
            self.counting, self.last = Counting(), Linear(3)

        def forward(self, x):
            return self.last(self.counting(x))

    model = Mine()
    model.compile("sgd", "softmax_cross_entropy")
    stopping = EarlyStopping("figure", mode="min", patience=9, restore_best_weights=True)
    model.fit(X, T, epochs=3, batch_size=20, verbose=0, callbacks=[Scripted([3, 1, 2]), stopping])
    assert model.counting.count == 6


def test_models_without_names_are_restored_too():
    model, script = Plain(), Scripted([3, 1, 2])
    compile(model, SGD(0.1), "softmax_cross_entropy")
    stopping = EarlyStopping("figure", mode="min", patience=9, restore_best_weights=True)
    fit(model, X, T, epochs=3, verbose=0, callbacks=[script, stopping])
    assert best_of(script, 1, model)


def test_it_says_what_it_does(capsys):
    stopped([3, 1, 2, 2, 2], patience=2, restore_best_weights=True, verbose=1)
    assert capsys.readouterr().out == (
        "Epoch 4: early stopping\nRestored the weights of the best epoch: 2\n"
    )
    stopped([3, 1, 2, 2, 2], patience=2, restore_best_weights=True)
    assert capsys.readouterr().out == ""


def test_it_can_be_used_again():
    callback, model = EarlyStopping("loss", patience=1), net(SGD(0.0))
    for _ in range(2):
        assert model.fit(X, T, epochs=9, callbacks=callback, verbose=0).epoch[-1] <= 4
        assert model.stop_training


def test_it_watches_validation():
    model = net(SGD(0.5), metrics="accuracy")
    options = {"epochs": 100, "validation_split": 0.3, "verbose": 0}
    stopping = EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)
    figures = model.fit(X, T, callbacks=stopping, **options).history
    assert len(figures["val_accuracy"]) < 100
    loss, accuracy = model.evaluate(X[42:], T[42:], verbose=0)
    assert accuracy == max(figures["val_accuracy"])


class Spoil(Callback):
    """Makes the data NaN before the third batch."""

    def __init__(self, x):
        self.x = x

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 2:
            self.x[:] = np.nan


def test_terminate_on_nan_stops_and_changes_nothing(capsys):
    x, model = X.copy(), net()
    history = model.fit(
        x, T, batch_size=20, epochs=5, shuffle=False, verbose=0,
        callbacks=[Spoil(x), TerminateOnNaN()],
    )  # fmt: skip
    assert history.epoch == [0] and np.isnan(history.history["loss"][0])
    assert capsys.readouterr().out == "Batch 3: the loss is nan, stopping\n"
    two = net()
    two.fit(X[:40], T[:40], batch_size=20, shuffle=False, verbose=0)
    assert same(weights(model), weights(two))


def test_terminate_on_nan_lets_good_losses_pass():
    assert net().fit(X, T, epochs=3, callbacks=TerminateOnNaN(), verbose=0).epoch == [0, 1, 2]
    TerminateOnNaN().on_train_batch_end(0, None)
    assert np.isfinite(float(F.softmax_cross_entropy(net()(X), T).data))
