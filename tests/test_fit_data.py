"""What fit learns from: every form of data, weights, validation, and epochs cut in steps."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Parameter
from dezero.dataloaders import DataLoader
from dezero.datasets import TupleDataset
from dezero.layers import Dropout, Linear
from dezero.models import Sequential
from dezero.optimizers import SGD
from dezero.training import compile, fit
from tests.strict_device import strict_device
from tests.training.toys import Plain, Recorder, T, X, batches_of, net, same, trained, weights

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.mark.parametrize("model_dtype", [np.float32, np.float64])
@pytest.mark.parametrize("data_dtype", [np.float16, np.float32, np.float64])
def test_the_model_keeps_its_dtype_whatever_the_data(model_dtype, data_dtype):
    x = X.astype(data_dtype)
    model = trained(net(dtype=model_dtype), x)
    assert {param.dtype for param in model.params()} == {np.dtype(model_dtype)}
    assert model.predict(x).dtype == model_dtype
    assert same(weights(model), weights(trained(net(dtype=model_dtype), x.astype(model_dtype))))


def test_a_model_without_shapes_is_float32_on_float64_data():
    model = Sequential(Linear(5), F.relu, Linear(3))
    model.compile("adam", "softmax_cross_entropy")
    model.fit(X.astype(np.float64), T, verbose=0)
    assert {param.dtype for param in model.params()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, bool])
def test_integer_data_are_taken_as_numbers(dtype):
    x = (np.abs(X) * 3).astype(dtype)
    model = trained(x=x)
    assert same(weights(model), weights(trained(x=x.astype(np.float32))))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.uint64])
def test_labels_of_any_integer_type(dtype):
    assert same(weights(trained(t=T.astype(dtype))), weights(trained()))


class Offering:
    """Not an array, but something NumPy makes one of, as pandas and torch do."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array

    def __len__(self):
        return len(self.array)

    def __getitem__(self, index):
        return self.array[index]


@pytest.mark.parametrize("form", [list, tuple, np.ndarray.tolist, Offering, Parameter])
def test_data_in_other_forms(form):
    labels = T if form is Parameter else form(T)
    assert same(weights(trained(x=form(X), t=labels)), weights(trained()))


def test_generator_loader_dataset_and_arrays_are_the_same_data():
    expected = weights(trained(epochs=1, shuffle=False))
    dataset = TupleDataset(X, T)
    loader = DataLoader(dataset, 16, shuffle=False)
    assert same(weights(trained(x=dataset, t=None, epochs=1, shuffle=False)), expected)
    for source in (loader, batches_of(X, T), list(batches_of(X, T)).__iter__()):
        assert same(
            weights(trained(x=source, t=None, epochs=1, batch_size=None)), expected
        )  # fmt: skip


def test_a_dataset_is_shuffled_and_split_into_batches_of_32():
    seen = []

    class Watch(Plain):
        def __call__(self, x):
            seen.append(x)
            return super().__call__(x)

    model = Watch()
    compile(model, "sgd", "softmax_cross_entropy")
    fit(model, TupleDataset(X, T), verbose=0)
    assert [len(x) for x in seen] == [32, 28]
    rows = np.concatenate(seen)
    assert not np.array_equal(rows, X)
    assert np.array_equal(np.sort(rows, axis=0), np.sort(X, axis=0))


def test_arrays_are_shuffled_anew_in_every_epoch_and_left_as_they_are():
    seen, x = [], X.copy()

    class Watch(Plain):
        def __call__(self, x):
            seen.append(x)
            return super().__call__(x)

    model = Watch()
    compile(model, "sgd", "softmax_cross_entropy")
    fit(model, x, T, epochs=2, batch_size=60, verbose=0)
    fit(model, x, T, batch_size=60, verbose=0, shuffle=False)
    assert not np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[2], X) and np.array_equal(x, X)


def test_sample_weight_agrees_with_weighting_by_hand():
    w = np.random.default_rng(0).uniform(0, 3, 60)
    ours = trained(sample_weight=w, batch_size=60, epochs=1)
    model = net()
    loss = F.softmax_cross_entropy(model(X), T, reduction="none")
    total = (loss * w.astype(np.float32)).sum() / 60
    total.backward()
    for param, new in zip(model.params(), ours.params(), strict=True):
        np.testing.assert_allclose(new.data, param.data - 0.1 * param.grad.data, rtol=1e-5)
    assert ours.history.history["loss"] == [pytest.approx(float(total.data), rel=1e-5)]


def test_class_weight_is_the_sample_weight_of_the_class():
    w = np.where(T == 2, 4.0, np.where(T == 0, 0.5, 1.0))
    by_class = trained(class_weight={2: 4.0, 0: 0.5})
    assert same(weights(by_class), weights(trained(sample_weight=w)))
    assert not same(weights(by_class), weights(trained()))
    own = np.linspace(0, 2, 60)
    both = trained(class_weight={2: 4.0, 0: 0.5}, sample_weight=own)
    assert same(weights(both), weights(trained(sample_weight=w * own)))


def test_class_weight_with_one_hot_targets_and_with_loaders():
    options = {"class_weight": {1: 3.0}, "epochs": 1, "shuffle": False}
    expected = weights(trained(**options))
    assert same(
        weights(trained(x=batches_of(X, T), t=None, batch_size=None, **options)), expected
    )  # fmt: skip
    hot = np.eye(3, dtype=np.float32)[T]
    for a, b in zip(weights(trained(t=hot, **options)), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_weights_that_a_loader_yields():
    w = np.linspace(0, 2, 60)
    arrays = trained(sample_weight=w, epochs=1, shuffle=False)
    loader = trained(x=batches_of(X, T, w), t=None, epochs=1, batch_size=None)
    assert same(weights(loader), weights(arrays))


def test_class_weight_leaves_validation_and_metrics_alone():
    plain, weighted = net(metrics="accuracy"), net(metrics="accuracy")
    options = {"epochs": 1, "validation_data": (X, T), "batch_size": 60}
    trained(plain, **options)
    trained(weighted, class_weight={0: 9.0}, **options)
    assert plain.history.history["accuracy"] == weighted.history.history["accuracy"]
    expected = weighted.evaluate(X, T, batch_size=60, verbose=0)
    figures = weighted.history.history
    assert [figures["val_loss"][0], figures["val_accuracy"][0]] == expected


def test_validation_split_is_the_tail_and_is_never_trained_on():
    x = np.concatenate([X[:45], np.full((15, 4), 100.0, np.float32)])
    model = trained(x=x, validation_split=0.25)
    assert same(weights(model), weights(trained(x=X[:45], t=T[:45])))
    expected = model.evaluate(x[45:], T[45:], batch_size=16, verbose=0)
    assert model.history.history["val_loss"][-1] == expected


def test_validation_split_with_weights_of_samples():
    w = np.linspace(0, 2, 60)
    model = trained(validation_split=0.25, sample_weight=w)
    expected = model.evaluate(X[45:], T[45:], sample_weight=w[45:], batch_size=16, verbose=0)
    assert model.history.history["val_loss"][-1] == expected
    given = trained(x=X[:45], t=T[:45], sample_weight=w[:45], validation_data=(X, T, w))
    assert same(weights(given), weights(model))


@pytest.mark.parametrize("form", ["arrays", "list", "dataset", "loader", "generator"])
def test_validation_data_in_every_form(form):
    data = {
        "arrays": (X, T),
        "list": [X, T],
        "dataset": TupleDataset(X, T),
        "loader": DataLoader((X, T), 16, shuffle=False),
        "generator": batches_of(X, T),
    }[form]
    model = trained(validation_data=data, epochs=1)
    expected = model.evaluate(X, T, batch_size=16, verbose=0)
    assert model.history.history["val_loss"] == [pytest.approx(expected, rel=1e-6)]


def test_validation_data_wins_over_validation_split():
    model = trained(validation_data=(X, T), validation_split=0.5)
    assert same(weights(model), weights(trained()))


def test_validation_is_without_dropout_and_without_a_graph():
    model = Sequential(Linear(8, in_size=4), Dropout(0.5), Linear(3))
    model.compile("sgd", "softmax_cross_entropy")
    model.fit(X, T, verbose=0, validation_data=(X, T))
    assert model.history.history["val_loss"] == [model.evaluate(X, T, verbose=0)]


def test_validation_steps_take_the_same_batches_every_time():
    options = {"batch_size": 16, "validation_steps": 2}
    model = trained(net(SGD(0.0)), validation_data=(X, T), **options, epochs=3)
    values = model.history.history["val_loss"]
    expected = model.evaluate(X[:32], T[:32], batch_size=16, verbose=0)
    assert values == [expected] * 3


def endless(x, t, size=16):
    while True:
        yield from batches_of(x, t, size=size)


def test_steps_per_epoch_with_an_endless_generator():
    model = net()
    recorder = Recorder()
    options = {"epochs": 3, "steps_per_epoch": 2, "verbose": 0, "callbacks": recorder}
    model.fit(endless(X[:48], T[:48]), **options)
    assert [e[1] for e in recorder.events if e[0] == "batch end"] == [0, 1] * 3
    # Six steps are two rounds of the three batches.
    assert same(weights(model), weights(trained(x=X[:48], t=T[:48], shuffle=False)))


@pytest.mark.parametrize("form", ["arrays", "loader"])
def test_steps_per_epoch_go_on_where_the_last_epoch_ended(form):
    loader = DataLoader((X[:48], T[:48]), 16, shuffle=False)
    source = {"x": X[:48], "t": T[:48]} if form == "arrays" else {"x": loader, "t": None}
    size = 16 if form == "arrays" else None
    model = trained(**source, shuffle=False, epochs=3, steps_per_epoch=2, batch_size=size)
    assert same(weights(model), weights(trained(x=X[:48], t=T[:48], shuffle=False)))
    assert model.history.epoch == [0, 1, 2]


def test_a_model_on_a_device_takes_data_from_the_host():
    host = trained(batch_size=20, validation_data=(X, T), class_weight={1: 2.0})
    with strict_device() as backend:
        model = net()
        for param in model.params():
            param.data = backend.from_host(param.data)
        trained(model, batch_size=20, validation_data=(X, T), class_weight={1: 2.0})
        for a, b in zip(model.params(), host.params(), strict=True):
            np.testing.assert_allclose(backend.to_host(a.data), b.data, rtol=1e-5)
        assert model.predict(X).shape == (60, 3)
        for name, values in host.history.history.items():
            np.testing.assert_allclose(model.history.history[name], values, rtol=1e-5)
