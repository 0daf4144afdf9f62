"""evaluate, predict, and single batches."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config, Variable
from dezero.dataloaders import DataLoader
from dezero.datasets import TupleDataset
from dezero.layers import Dropout, Layer, Linear
from dezero.models import Sequential
from dezero.training import evaluate, predict, test_on_batch, train_on_batch
from tests.training.toys import Plain, Recorder, blobs, net, same, weights

X, T = blobs()
QUIET = {"verbose": 0}


def loss_of(model, x=X, t=T):
    return float(F.softmax_cross_entropy(model(x), t).data)


def test_what_evaluate_returns():
    model = net()
    loss = model.evaluate(X, T, **QUIET)
    assert type(loss) is float and loss == pytest.approx(loss_of(model), rel=1e-6)
    model = net(metrics=["accuracy"])
    accuracy = float((model.predict(X).argmax(1) == T).mean())
    figures = model.evaluate(X, T, **QUIET)
    assert figures == [pytest.approx(loss), pytest.approx(accuracy)]
    as_dict = model.evaluate(X, T, return_dict=True, **QUIET)
    assert as_dict == dict(zip(["loss", "accuracy"], figures, strict=True))
    assert net().evaluate(X, T, return_dict=True, **QUIET) == {"loss": loss}


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000, None])
def test_evaluate_does_not_depend_on_the_batch_size(batch_size):
    model = net(metrics=["accuracy", "f1"][:1])
    expected = [loss_of(model), float((model.predict(X).argmax(1) == T).mean())]
    found = model.evaluate(X, T, batch_size=batch_size, **QUIET)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_evaluate_with_sample_weights_agrees_with_weighting_by_hand():
    w = np.random.default_rng(0).uniform(0, 2, 60)
    model = net()
    values = F.softmax_cross_entropy(model(X), T, reduction="none").data
    for size in (60, 20):
        found = model.evaluate(X, T, sample_weight=w, batch_size=size, **QUIET)
        assert found == pytest.approx(float((values * w).sum() / 60), rel=1e-5)


def test_evaluate_from_loaders_and_in_steps():
    model = net(metrics="accuracy")
    expected = pytest.approx(model.evaluate(X[:40], T[:40], **QUIET), rel=1e-6)
    loader = DataLoader((X, T), 20, shuffle=False)
    for source in (loader, iter(loader)):
        assert model.evaluate(source, steps=2, **QUIET) == expected
    assert model.evaluate(X, T, batch_size=20, steps=2, **QUIET) == expected
    assert model.evaluate(TupleDataset(X[:40], T[:40]), **QUIET) == expected


def test_evaluate_changes_nothing_and_needs_no_gradient():
    model = Sequential(Linear(5), Dropout(0.9), Linear(3))
    model.compile("adam", "softmax_cross_entropy")
    model.build(4)
    before = weights(model)
    assert model.evaluate(X, T, **QUIET) == model.evaluate(X, T, **QUIET)
    assert same(weights(model), before) and all(p.grad is None for p in model.params())
    assert Config.train and Config.enable_backprop


def test_evaluate_calls_callbacks():
    recorder = Recorder()
    net(metrics="accuracy").evaluate(X, T, batch_size=30, callbacks=recorder, **QUIET)
    figures = ["accuracy", "loss"]
    assert recorder.events == [
        ("test begin", []),
        ("test batch begin", 0, []),
        ("test batch end", 0, figures),
        ("test batch begin", 1, []),
        ("test batch end", 1, figures),
        ("test end", figures),
    ]


@pytest.mark.parametrize("verbose", [2, "auto"])
def test_evaluate_prints_one_line(verbose, capsys):
    model = net(metrics="accuracy")
    loss, accuracy = model.evaluate(X, T, verbose=verbose)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and out.startswith("evaluate 2/2 ")
    assert f"loss: {loss:.4f} - accuracy: {accuracy:.4f}" in out


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000, None])
def test_predict_does_not_depend_on_the_batch_size(batch_size):
    model = net()
    y = model.predict(X, batch_size=batch_size)
    assert type(y) is np.ndarray and y.dtype == np.float32
    np.testing.assert_allclose(y, model(X).data, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "x",
    [
        X.tolist(),
        Variable(X),
        X.astype(np.float64),
        TupleDataset(X, T),
        DataLoader((X, T), 7, shuffle=False),
        DataLoader(X, 7, shuffle=False),
    ],
    ids=["list", "Variable", "float64", "dataset", "pairs", "x alone"],
)
def test_predict_takes_many_forms(x):
    model = net()
    np.testing.assert_allclose(model.predict(x), model(X).data, rtol=1e-5, atol=1e-6)


def test_predict_takes_generators():
    model = net()
    expected = model(X[:40]).data
    for batches in (X[i : i + 20] for i in (0, 20)), ((X[i : i + 20], None) for i in (0, 20)):
        np.testing.assert_allclose(model.predict(batches), expected, rtol=1e-5, atol=1e-6)
    assert model.predict((X[:5] for _ in range(9)), steps=2).shape == (10, 3)


def test_predict_needs_no_compile_and_is_without_dropout():
    model = Sequential(Linear(5), Dropout(0.9), Linear(3))
    assert np.array_equal(model.predict(X), model.predict(X))
    assert predict(Plain(), X).shape == (60, 3)


def test_predict_calls_callbacks_and_shows_a_line(capsys):
    recorder = Recorder()
    net().predict(X[:40], callbacks=[recorder], verbose=2)
    assert recorder.events == [
        ("predict begin", []),
        ("predict batch begin", 0, []),
        ("predict batch end", 0, ["outputs"]),
        ("predict batch begin", 1, []),
        ("predict batch end", 1, ["outputs"]),
        ("predict end", []),
    ]
    assert capsys.readouterr().out.startswith("predict 2/2 ")


def test_train_on_batch_is_one_step_of_fit():
    model, other = net(metrics="accuracy"), net(metrics="accuracy")
    figures = model.train_on_batch(X, T)
    history = other.fit(X, T, batch_size=60, shuffle=False, **QUIET).history
    assert same(weights(model), weights(other))
    assert figures == [history["loss"][0], history["accuracy"][0]]
    assert model.train_on_batch(X, T, return_dict=True).keys() == {"loss", "accuracy"}
    assert type(net().train_on_batch(X.tolist(), T.tolist())) is float


def test_train_on_batch_with_weights():
    model, other, third = net(), net(), net()
    w = np.where(T == 1, 3.0, 1.0)
    model.train_on_batch(X, T, class_weight={1: 3.0})
    other.train_on_batch(X, T, sample_weight=w)
    third.train_on_batch(X, T)
    assert same(weights(model), weights(other)) and not same(weights(model), weights(third))


def test_test_on_batch_is_evaluate():
    model = net(metrics="accuracy")
    before = weights(model)
    assert model.test_on_batch(X, T) == model.evaluate(X, T, batch_size=60, **QUIET)
    w = np.linspace(0, 1, 60)
    weighted = model.test_on_batch(X, T, sample_weight=w, return_dict=True)
    assert weighted == model.evaluate(
        X, T, sample_weight=w, batch_size=60, return_dict=True, **QUIET
    )  # fmt: skip
    assert same(weights(model), before)


@pytest.mark.parametrize("function", [evaluate, train_on_batch, test_on_batch])
def test_bad_input(function):
    name, model = function.__name__, net()
    before = weights(model)
    with pytest.raises(RuntimeError, match=f"{name}: expected a compiled model, got Linear"):
        function(Linear(3), X, T)
    with pytest.raises(ValueError, match=rf"{name}: expected x and y with the same number of samp"):
        function(model, X, T[:5])
    with pytest.raises(ValueError, match=rf"{name}: expected at least one sample, got x \(0, 4\)"):
        function(model, X[:0], T[:0])
    with pytest.raises(TypeError, match=f"{name}: expected targets, got x"):
        function(model, X, None)
    with pytest.raises(ValueError, match="softmax_cross_entropy: expected"):
        function(model, X, np.stack([T, T], 1))
    assert same(weights(model), before)


def test_bad_batches():
    model = net()
    with pytest.raises(RuntimeError, match="train_on_batch: expected a finite loss, got nan"):
        model.train_on_batch(X * np.nan, T)
    with pytest.raises(TypeError, match="fit: expected class_weight as {label: weight}, got list"):
        model.train_on_batch(X, T, class_weight=[1])
    with pytest.raises(ValueError, match="evaluate: expected at least one batch, got none"):
        model.evaluate(iter([]), **QUIET)
    with pytest.raises(ValueError, match="predict: expected at least one batch, got none"):
        model.predict(iter([]))
    with pytest.raises(ValueError, match="predict: expected at least one sample"):
        model.predict(X[:0])
    with pytest.raises(TypeError, match="predict: expected arrays, a Dataset, a DataLoader or"):
        model.predict(3)


def test_outputs_may_be_written_to_without_a_change_of_the_data():
    class Same(Layer):
        def forward(self, x):
            return F.flatten(x)

    x = np.ones((3, 2), np.float32)
    y = Sequential(Same()).predict(x)
    y[:] = 5
    assert (x == 1).all()
