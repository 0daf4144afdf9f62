"""Trainer: Keras's words for what `tests/training` tests."""

import copy
import inspect
import pickle  # noqa: TID251

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import random
from dezero.keras import optimizers
from dezero.keras.training import Trainer
from dezero.layers import Flatten
from dezero.training import Callback
from tests.keras.toys import Net, T, X, net, same, weights
from tests.training import toys

pytestmark = pytest.mark.usefixtures("seeded")
ONE_HOT = np.eye(3, dtype=np.float32)[T]
PARAMETERS = {
    "fit": "x y batch_size epochs verbose callbacks validation_split validation_data shuffle "
    "class_weight sample_weight initial_epoch steps_per_epoch validation_steps "
    "validation_batch_size validation_freq",
    "evaluate": "x y batch_size verbose sample_weight steps callbacks return_dict",
    "predict": "x batch_size verbose steps callbacks",
    "train_on_batch": "x y sample_weight class_weight",
    "test_on_batch": "x y sample_weight",
    "compile": "optimizer loss metrics loss_weights weighted_metrics",
    "fit_generator": "generator steps_per_epoch epochs verbose callbacks validation_data "
    "validation_steps validation_freq class_weight",
    "evaluate_generator": "generator steps callbacks",
    "predict_generator": "generator steps callbacks",
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_arguments_in_keras_order(name):
    found = list(inspect.signature(getattr(Trainer, name)).parameters)[1:]
    expected = PARAMETERS[name].split()
    assert found[: len(expected)] == expected


def test_it_trains_as_the_library_does():
    theirs = toys.net(metrics="accuracy")
    ours = net(metrics=["accuracy"])
    theirs.compile("sgd", "softmax_cross_entropy", ["accuracy"])
    figures = []
    for model in (theirs, ours):
        random.seed(3)
        history = model.fit(X, T, 16, 3, 0, validation_split=0.2).history
        figures.append(history)
        assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert figures[0] == figures[1] and same(weights(theirs), weights(ours))


@pytest.mark.parametrize("metrics", ["acc", ["acc"], "accuracy", ["accuracy"]])
def test_accuracy_under_its_name(metrics):
    name = metrics if isinstance(metrics, str) else metrics[0]
    history = net(metrics=metrics).fit(X, T, verbose=0, validation_data=(X, T)).history
    assert list(history) == ["loss", name, "val_loss", f"val_{name}"]


def test_binary_crossentropy_with_one_hot_targets_counts_the_right_classes():
    model = Net(*toys.net().layers, F.softmax)
    model.compile("sgd", "binary_crossentropy", ["accuracy"])
    loss, accuracy = model.evaluate(X, ONE_HOT, verbose=0)
    y = model.predict(X, verbose=0)
    assert accuracy == pytest.approx((y.argmax(1) == T).mean())
    logits = Net(*model.layers[:-1]).predict(X, verbose=0)
    expected = float(F.sigmoid_cross_entropy(logits, ONE_HOT, "mean").data)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_every_epoch_is_shuffled_anew():
    orders = []

    def watch(x):
        orders.append(np.asarray(x)[:, 0].tolist())
        return x

    model = Net(watch, *toys.net().layers)
    model.compile("sgd", "softmax_cross_entropy")
    random.seed(1)
    model.fit(X, T, batch_size=60, epochs=3, verbose=0)
    assert len(orders) == 3 and sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1] != orders[2] != orders[0]
    orders.clear()
    model.fit(X, T, batch_size=60, epochs=2, verbose=0, shuffle=False)
    assert orders[0] == orders[1] == X[:, 0].tolist()


def endless():
    i = 0
    while True:
        yield X[i % 60 : i % 60 + 6], T[i % 60 : i % 60 + 6]
        i += 6


def test_generators_by_their_old_names():
    class Count(Callback):
        steps = 0

        def on_batch_end(self, batch, logs=None):
            self.steps += 1

    model, count = net(metrics=["accuracy"]), Count()
    options = {"validation_data": endless(), "validation_steps": 2, "workers": 4, "verbose": 0}
    history = model.fit_generator(
        endless(), 4, 3, callbacks=[count], max_queue_size=2, use_multiprocessing=True, **options
    )
    assert count.steps == 12 and len(history.history["val_accuracy"]) == 3
    assert model.evaluate_generator(endless(), 10) == pytest.approx(
        model.evaluate(X, T, verbose=0), rel=1e-5
    )
    found = model.predict_generator(endless(), steps=10)
    np.testing.assert_allclose(found, model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)


def test_batches():
    model = net(metrics=["accuracy"])
    before = model.test_on_batch(X, T)
    assert before == pytest.approx(model.evaluate(X, T, verbose=0), rel=1e-5)
    np.testing.assert_array_equal(model.predict_on_batch(X), model.predict(X, 60, 0))
    assert model.train_on_batch(X, T, reset_metrics=True) == before
    after = model.test_on_batch(X, T, return_dict=True)
    assert after["loss"] < before[0] and set(after) == {"loss", "accuracy"}
    one, other = net(), net()
    one.train_on_batch(X, T, np.where(T == 1, 2.0, 1.0))
    other.train_on_batch(X, T, class_weight={1: 2.0})
    assert same(weights(one), weights(other))


def test_class_weight_and_weighted_metrics():
    model = net(metrics=["accuracy"], weighted_metrics=["accuracy"])
    sure = {0: 1.0, 1: 0.0, 2: 0.0}
    history = model.fit(X, T, batch_size=60, class_weight=sure, verbose=0, shuffle=False).history
    hits = net().predict(X, verbose=0).argmax(1) == T
    assert history["accuracy"] == [pytest.approx(hits.mean())]
    assert history["weighted_accuracy"] == [pytest.approx(hits[T == 0].mean())]
    assert model.metrics_names == ["loss", "accuracy", "weighted_accuracy"]


def test_compile_ignores_what_has_no_counterpart_and_refuses_the_rest():
    model = net(run_eagerly=True, jit_compile=False, steps_per_execution=2)
    model.fit(X, T, verbose=0, workers=2)
    with pytest.raises(TypeError, match="fit: unknown argument 'epoch'"):
        model.fit(X, T, epoch=3)
    with pytest.raises(TypeError, match="compile: unknown argument 'metric'"):
        model.compile("sgd", "mse", metric=["mae"])
    with pytest.raises(RuntimeError, match="fit: expected a compiled model, got Net"):
        Net(*toys.net().layers).fit(X, T)


def test_loss_by_the_name_of_the_only_output():
    model = net(loss={"scores": "softmax_cross_entropy"}, metrics={"scores": ["accuracy"]})
    assert list(model.fit(X, {"scores": T}, verbose=0).history) == ["loss", "accuracy"]


def absolute(y_true, y_pred):
    return abs(y_pred - y_true)


def test_a_compiled_model_can_be_copied_and_pickled():
    model = net(loss=absolute, metrics=["accuracy", absolute, "mae"])
    model.output_names = ["scores"]
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert twin.evaluate(X, ONE_HOT, verbose=0) == model.evaluate(X, ONE_HOT, verbose=0)
        twin.fit(X, ONE_HOT, verbose=0)


def test_two_models_with_one_optimizer_train_as_with_one_each():
    shared = optimizers.Adam(0.01, clipnorm=0.5)
    first = net(shared)
    with pytest.warns(UserWarning, match="compile: the optimizer is that of another model already"):
        second = net(shared)
    assert second.optimizer is not shared and second.optimizer.clipnorm == 0.5
    alone = net(optimizers.Adam(0.01, clipnorm=0.5))
    for _ in range(2):  # in turn, as the two halves of a GAN do
        for model in (first, second, alone):
            model.train_on_batch(X, T)
    assert same(weights(first), weights(alone)) and same(weights(second), weights(alone))
    second.optimizer.clipnorm = None
    assert shared.clipnorm == 0.5


def test_compile_again_keeps_the_optimizer_and_its_state():
    model = net(optimizers.Adam(0.01))
    model.fit(X, T, verbose=0)
    kept, done = model.optimizer, model.optimizer.t
    model.compile(kept, "softmax_cross_entropy")
    assert model.optimizer is kept and kept.t == done


def test_each_fit_has_a_history_of_its_own():
    model = net()
    first = model.fit(X, T, epochs=2, verbose=0)
    second = model.fit(X, T, epochs=5, initial_epoch=2, verbose=0)
    assert first.epoch == [0, 1] and second.epoch == [2, 3, 4] and model.history is second
    assert len(second.history["loss"]) == 3


def test_numbers_of_batches_that_were_divided():
    model = net()
    steps = len(X) / 25
    model.fit(X, T, 25, verbose=0, steps_per_epoch=steps, validation_data=(X, T))
    assert steps == 2.4 and model.optimizer.t == 3
    batches = (X[i : i + 25] for i in range(0, len(X), 25))
    assert len(model.predict(batches, steps=steps, verbose=0)) == len(X)
    with pytest.raises(TypeError, match="fit: expected the number of steps to be an integer"):
        model.fit(X, T, steps_per_epoch=float("inf"))


def test_outputs_of_one_batch_are_apart_from_the_data():
    x, model = X.copy(), Net(Flatten())
    for y in (model.predict(x, verbose=0), model.predict_on_batch(x)):
        y[:] = 7
        assert same([x], [X])
