"""fit: the book's loop and what Keras adds to it."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import random
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.optimizers import SGD, Adam
from dezero.training import Callback, History, compile, fit
from tests.training.toys import Plain, Recorder, T, X, batches_of, net, same, trained, weights

pytestmark = pytest.mark.usefixtures("seeded")


def test_fit_is_the_books_loop_to_the_last_bit():
    ours = trained(net(Adam(0.01)))
    model = net()
    optimizer = Adam(0.01).setup(model)
    random.seed(3)
    losses = []
    for _ in range(2):
        order, total = random.default_rng().permutation(60), 0.0
        for start in range(0, 60, 16):
            k = order[start : start + 16]
            loss = F.softmax_cross_entropy(model(X[k]), T[k])
            model.cleargrads()
            loss.backward()
            optimizer.update()
            total += float(loss.data) * len(k)
        losses.append(total / 60)
    assert same(weights(ours), weights(model))
    assert ours.history.history["loss"] == losses


def test_it_learns():
    history = net(metrics="accuracy").fit(X, T, epochs=20, verbose=0, validation_data=(X, T))
    figures = history.history
    assert list(figures) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert figures["accuracy"][-1] > 0.95 and figures["val_accuracy"][-1] > 0.95
    assert figures["loss"][-1] < 0.5 * figures["loss"][0]
    assert history.epoch == list(range(20)) and len(history.seconds) == 20
    assert all(type(value) is float for values in figures.values() for value in values)


def test_same_seed_same_figures_and_another_seed_others():
    def figures(seed):
        model = net(metrics=["accuracy"])
        random.seed(seed)
        return model.fit(X, T, epochs=3, verbose=0, validation_split=0.2).history

    assert figures(1) == figures(1)
    assert figures(1) != figures(2)


def test_initial_epoch_counts_on_and_a_fresh_fit_does_not():
    model = trained(epochs=2)
    first = model.history
    seen = Recorder()
    again = model.fit(X, T, epochs=5, initial_epoch=2, verbose=0, callbacks=seen)
    assert again is first and again.epoch == [0, 1, 2, 3, 4]
    assert len(again.history["loss"]) == 5 and len(again.seconds) == 5
    assert [e[1] for e in seen.events if e[0] == "epoch begin"] == [2, 3, 4]
    assert seen.params["epochs"] == 5
    fresh = model.fit(X, T, verbose=0)
    assert fresh is not first and fresh.epoch == [0] and model.history is fresh
    elsewhere = model.fit(X, T, epochs=9, initial_epoch=8, verbose=0)
    assert elsewhere is not fresh and elsewhere.epoch == [8]


def test_no_epochs_is_an_empty_history():
    history = trained(epochs=0).history
    assert history.epoch == [] and history.history == {} and repr(history) == "History(0 epochs)"


LOGS = ["accuracy", "loss"]
FULL = ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_the_order_of_events():
    recorder = Recorder()
    model = net(metrics="accuracy")
    model.fit(X, T, batch_size=30, verbose=0, callbacks=[recorder], validation_data=(X[:9], T[:9]))
    assert recorder.events == [
        ("train begin", []),
        ("epoch begin", 0, []),
        ("batch begin", 0, []),
        ("batch end", 0, LOGS),
        ("batch begin", 1, []),
        ("batch end", 1, LOGS),
        ("test begin", []),
        ("test batch begin", 0, []),
        ("test batch end", 0, LOGS),
        ("test end", LOGS),
        ("epoch end", 0, FULL),
        ("train end", FULL),
    ]
    assert recorder.model is model
    known = {key: recorder.params[key] for key in ("epochs", "steps", "verbose")}
    assert known == {"epochs": 1, "steps": 2, "verbose": 0}


def test_the_callbacks_of_tutorials():
    class MyCallback(Callback):
        def on_epoch_end(self, epoch, logs={}):  # noqa: B006
            if logs.get("accuracy") > 0.9:
                self.model.stop_training = True

    class Counting(Callback):
        def __init__(self):  # no super().__init__()
            self.batches = 0

        def on_batch_end(self, batch, logs={}):  # noqa: B006
            self.batches += 1

    counting = Counting()
    model = net(metrics=["accuracy"])
    history = model.fit(X, T, epochs=50, verbose=0, callbacks=[MyCallback(), counting])
    values = history.history["accuracy"]
    assert values[-1] > 0.9 and all(value <= 0.9 for value in values[:-1])
    assert counting.batches == 2 * len(values) < 100


def test_what_a_callback_adds_to_the_logs_is_in_the_history():
    class Adds(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = epoch / 2

    assert trained(callbacks=Adds()).history.history["mine"] == [0.0, 0.5]


def test_stopping_in_mid_epoch_still_validates_and_ends_the_epoch():
    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    recorder = Recorder()
    model = net(metrics="accuracy")
    options = {"batch_size": 10, "epochs": 3, "validation_data": (X, T), "verbose": 0}
    history = model.fit(X, T, callbacks=[Stop(), recorder], **options)
    assert history.epoch == [0] and sorted(history.history) == FULL
    assert sum(e[0] == "batch end" for e in recorder.events) == 2
    assert recorder.events[-1] == ("train end", FULL)
    assert net().fit(X, T, verbose=0).epoch == [0]


class Interrupt(Callback):
    """Ctrl-C at a point of the second epoch."""

    def __init__(self, point):
        setattr(self, point, self.press)

    def press(self, index, logs=None):
        if len(self.model.history.epoch) == 1:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    "point",
    ["on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_test_batch_begin",
     "on_test_batch_end", "on_epoch_end"],
)  # fmt: skip
def test_ctrl_c_ends_cleanly_with_the_history_so_far(point, capsys):
    recorder = Recorder()
    model = net(metrics="accuracy")
    options = {"epochs": 5, "verbose": 2, "validation_data": (X, T)}
    history = model.fit(X, T, callbacks=[Interrupt(point), recorder], **options)
    assert history is model.history and history.interrupted
    assert history.epoch == [0] and {len(v) for v in history.history.values()} == {1}
    assert len(history.seconds) == 1
    assert recorder.events[-1][0] == "train end"
    assert "Interrupted after 1 complete epoch; the history so far is kept." in (
        capsys.readouterr().out
    )
    again = model.fit(X, T, epochs=3, initial_epoch=1, verbose=0)
    assert again.epoch == [0, 1, 2] and not again.interrupted


SCRIPT = """
import numpy as np
from dezero.layers import Linear
from dezero.models import Sequential

model = Sequential(Linear(8), Linear(3))
model.compile("sgd", "softmax_cross_entropy")
x, t = np.ones((4000, 4), np.float32), np.zeros(4000, int)
history = model.fit(x, t, batch_size=4, epochs=100_000, verbose=2)
assert history.interrupted and len(history.epoch) == len(history.history["loss"]) >= 1
print("after", model.predict(x[:1]).shape)
"""


@pytest.mark.slow
def test_ctrl_c_from_the_keyboard():
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", SCRIPT], text=True, stdout=subprocess.PIPE
    )
    with process:
        assert "Epoch" in process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "Interrupted after" in rest and rest.endswith("after (1, 3)\n")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_named_and_changes_nothing(value, capsys):
    x = X.copy()
    model = net("adam")
    before = []

    class Spoil(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if len(self.model.history.epoch) == 1 and batch == 2:
                x[:] = value
                before.append((weights(self.model), self.model.compiled.optimizer.t))

    recorder = Recorder()
    message = (
        r"fit: epoch 2, step 3: expected a finite loss, got (nan|inf)\. The parameters are as "
        r"they were before this step\. Lower the learning rate"
    )
    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match=message):
        model.fit(x, T, batch_size=16, epochs=4, shuffle=False, callbacks=[Spoil(), recorder])
    assert same(weights(model), before[0][0]) and model.compiled.optimizer.t == before[0][1] == 6
    assert model.history.epoch == [0] and not model.history.interrupted
    assert recorder.events[-1][0] == "train end"


def test_parameters_that_are_spoilt_already_are_named():
    model = Plain()
    compile(model, SGD(1e30), "softmax_cross_entropy")
    match = "fit: epoch 1, step 2: .*, got nan. 'param0' has been NaN or infinite since an earlier"
    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match=match):
        fit(model, X * 1e10, T, verbose=0)


def test_an_error_ends_the_training_of_all_callbacks():
    class Broken(Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise ZeroDivisionError("mine")

    recorder = Recorder()
    model = net()
    with pytest.raises(ZeroDivisionError, match="mine"):
        model.fit(X, T, callbacks=[recorder, Broken()], verbose=0)
    assert recorder.events[-1] == ("train end", [])


def test_penalties_are_in_the_loss_and_its_gradient():
    from dezero.regularizers import L2

    ours = trained(net(kernel_regularizer=L2(0.3)), epochs=1, batch_size=60)
    model = net()
    W = next(model.params())
    loss = F.softmax_cross_entropy(model(X), T) + 0.3 * (W**2).sum()
    loss.backward()
    np.testing.assert_allclose(
        next(ours.params()).data, W.data - 0.1 * W.grad.data, rtol=1e-4, atol=1e-6
    )
    assert ours.history.history["loss"] == [pytest.approx(float(loss.data), rel=1e-5)]


def test_constraints_hold_after_every_step():
    norms = []

    class Watch(Callback):
        def on_train_batch_end(self, batch, logs=None):
            W = next(self.model.params()).data
            norms.append(np.sqrt((W * W).sum(axis=0)))

    model = trained(net("adam", kernel_constraint="unit_norm"), callbacks=Watch())
    np.testing.assert_allclose(norms, np.ones((8, 8)), rtol=1e-5)
    assert model.history.history["loss"][1] < model.history.history["loss"][0]


def test_constraints_leave_frozen_parameters_alone():
    model = net(kernel_constraint="unit_norm")
    model.l0.trainable = False
    before = model.l0.W.data.copy()
    trained(model)
    assert np.array_equal(model.l0.W.data, before)


def test_any_callable_with_params_and_cleargrads_is_a_model():
    model = Plain()
    compile(model, Adam(0.05), "softmax_cross_entropy", "accuracy")
    history = fit(model, X, T, epochs=50, verbose=0, validation_data=(X, T))
    assert isinstance(history, History) and model.history is history
    assert history.history["val_accuracy"][-1] > 0.9


ERRORS = [
    (X[:, :3], T, {}, ValueError, r"linear: expected x.*\(32, 3\).*\(4, 8\).*'l0'"),
    (X, T.repeat(2).reshape(-1, 2), {}, ValueError, r"softmax_cross_entropy.*\(32, 3\).*\(32, 2\)"),
    (X, T + 1, {}, ValueError, r"softmax_cross_entropy: expected labels .*got 3"),
    (X, T * 1.0, {}, TypeError, "softmax_cross_entropy: expected "),
    (X, T[:9], {}, ValueError, r"fit: expected x and y with the same number of samples.*\(9,\)"),
    (X, T, {"sample_weight": [1, 2]}, ValueError, "fit: expected x and sample_weight with the sa"),
    (X[:0], T[:0], {}, ValueError, r"fit: expected at least one sample, got x \(0, 4\) float32"),
    (X, None, {}, TypeError, r"fit: expected targets, got x \(60, 4\) float32 alone"),
    (3, T, {}, TypeError, "fit: expected arrays, a Dataset, a DataLoader or a generator, got int"),
    (None, None, {}, TypeError, "fit: expected arrays, a Dataset, a DataLoader or a generator"),
    (np.float32(3), T, {}, TypeError, "fit: expected x to be an array of samples, got"),
    (X, T, {"batch_size": 0}, ValueError, "fit: expected batch_size to be an integer >= 1, got 0"),
    (X, T, {"batch_size": 2.5}, TypeError, "fit: expected batch_size to be an integer"),
    (X, T, {"epochs": -1}, ValueError, "fit: expected epochs to be an integer >= 0, got -1"),
    (X, T, {"epochs": 1.5}, TypeError, "fit: expected epochs to be an integer >= 0, got 1.5"),
    (X, T, {"initial_epoch": True}, TypeError, "fit: expected initial_epoch to be an integer"),
    (X, T, {"steps_per_epoch": 0}, ValueError, "fit: expected the number of steps to be an int"),
    (X, T, {"validation_split": 1.5}, ValueError, "expected validation_split between 0 and 1"),
    (X, T, {"validation_split": 0.999}, ValueError, "that leaves samples in both parts, got 0.999"),
    (X, T[:50], {"validation_split": 0.5}, ValueError, "fit: expected x and y with the same"),
    (X, T, {"validation_data": (X,)}, ValueError, r"validation_data: expected \(x, y\) or"),
    (X, T, {"validation_data": (X, T[:3])}, ValueError, "validation_data: expected x and y with"),
    (X, T, {"validation_data": X}, TypeError, "validation_data: expected targets, got x"),
    (X, T, {"class_weight": "balanced"}, TypeError, "fit: expected class_weight as {label: weigh"),
    (X, T, {"class_weight": {}}, ValueError, "fit: expected class_weight of labels from 0"),
    (X, T, {"verbose": 3}, ValueError, "verbose: expected 'auto', 0, 1 or 2, got 3"),
    (X, T, {"callbacks": print}, TypeError, "callbacks: expected Callback objects, got builtin"),
]  # fmt: skip


@pytest.mark.parametrize(("x", "t", "options", "error", "match"), ERRORS)
def test_bad_input_raises_one_error_and_changes_nothing(x, t, options, error, match):
    model = net()
    before = weights(model)
    with pytest.raises(error, match=match):
        model.fit(x, t, **{"verbose": 0, **options})
    assert same(weights(model), before)


def test_validation_split_of_a_loader():
    with pytest.raises(TypeError, match="fit: expected arrays with validation_split, got generato"):
        net().fit(batches_of(X, T), validation_split=0.2)


def test_what_a_loader_brings_itself():
    for options in ({"y": T}, {"sample_weight": T}, {"batch_size": 3}):
        name = next(iter(options))
        with pytest.raises(TypeError, match=f"fit: expected no {name} beside a generator, which"):
            net().fit(batches_of(X, T), **options)


def test_batches_that_are_none():
    model = net()
    with pytest.raises(TypeError, match=r"fit: expected batches of \(x, t\) or .*, got str 'no'"):
        model.fit(iter(["no"]), verbose=0)
    with pytest.raises(TypeError, match=r"fit: expected batches of \(x, t\) or"):
        model.fit(iter([(X, T, T, T)]), verbose=0)
    with pytest.raises(TypeError, match=r"fit: expected targets, got x \(60, 4\) float32 alone"):
        model.fit(iter([X]), verbose=0)
    empty = iter([(X, T), (X[:0], T[:0])])
    with pytest.raises(ValueError, match=r"fit: expected batches with samples, got x \(0, 4\)"):
        model.fit(empty, verbose=0)


def test_a_generator_that_is_used_up_keeps_the_epochs_it_gave():
    model = net()
    with pytest.raises(ValueError, match="fit: expected batches in epoch 1, got none. A generator"):
        model.fit(iter([]), epochs=3, verbose=0)
    with pytest.raises(ValueError, match="validation_data: expected at least one batch, got none"):
        model.fit(X, T, epochs=2, verbose=0, validation_data=batches_of(X, T))
    assert model.history.epoch == [0]


def test_a_model_that_is_not_compiled():
    model = Sequential(Linear(3))
    with pytest.raises(RuntimeError, match="fit: expected a compiled model, got Sequential withou"):
        model.fit(X, T)


def test_silence(capsys):
    trained(validation_data=(X, T), verbose=0)
    assert capsys.readouterr() == ("", "")
