"""Single steps, means and passes of evaluation; test_loop.py tests them as fit uses them."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import optimizers
from dezero.core import Config, Parameter, Variable
from dezero.metrics import Metric
from dezero.models import Sequential
from dezero.training import compile
from dezero.training.callbacks.base import CallbackList
from dezero.training.figures import Means
from dezero.training.step import NonFiniteLoss, Stepper, check_batch, named_params, run_test
from tests.training.toys import Plain, blobs, net, same, weights

X, T = blobs()


def stepper(model, **options):
    return Stepper(model, model.compiled, "fit", **options)


def test_a_step_returns_loss_and_outputs_from_before_the_update():
    model = net()
    expected = model.predict(X)
    loss, y = stepper(model).train((X, T, None))
    assert type(loss) is float and np.array_equal(y, expected)
    assert not same([model.predict(X)], [y])
    assert model.compiled.optimizer.t == 1


def test_a_loss_that_is_not_finite_changes_nothing():
    model = net()
    before = weights(model)
    bad = (np.full_like(X, np.nan), T, None)
    match = "^fit: expected a finite loss, got nan. The parameters are as they were before this st"
    with pytest.raises(NonFiniteLoss, match=match):
        stepper(model).train(bad)
    with pytest.raises(RuntimeError, match="^fit: epoch 3, step 8: expected a finite loss, got na"):
        stepper(model).train(bad, (2, 7))
    loss, _ = stepper(model, check=False).train(bad)
    assert np.isnan(loss) and same(weights(model), before) and model.compiled.optimizer.t == 0


def test_batches_without_samples_or_targets():
    with pytest.raises(ValueError, match=r"fit: expected batches with samples, got x \(0, 4\) flo"):
        stepper(net()).train((X[:0], T[:0], None))
    with pytest.raises(TypeError, match="evaluate: expected targets, got x"):
        check_batch(X, None, "evaluate")


def test_means_count_samples():
    model = net(metrics="accuracy")
    means = Means(model.compiled)
    assert means.logs()["loss"] == 0.0
    means.add(1.0, np.eye(3)[[0, 1]], np.array([0, 0]))
    means.add(4.0, np.eye(3)[[2]], np.array([2]))
    assert means.logs() == {"loss": 2.0, "accuracy": 2 / 3}
    assert np.isnan(Means(model.compiled).logs()["accuracy"])


@pytest.mark.parametrize(
    "value", [np.float32(0.5), np.array(0.5), Variable(np.array(0.5)), 0.5, np.float64(0.5)]
)
def test_whatever_holds_one_number_becomes_a_python_float(value):
    class Mine(Metric):
        def update(self, y, t, weight=None):
            pass

        def result(self):
            return value

    model = Plain()
    compile(model, "sgd", "mse", Mine())
    assert type(Means(model.compiled).logs()["metric"]) is float


def test_a_metric_that_is_a_matrix_stays_one():
    model = net(metrics=["confusion_matrix"])
    history = model.fit(X, T, verbose=2).history
    assert history["confusion_matrix"][0].sum() == 60


def evaluated(model, batches=((X, T, None),)):
    return run_test(model, model.compiled, batches, CallbackList(None, model, {}), "evaluate")


def test_run_test_is_in_test_mode_without_a_graph():
    seen = []

    def watch(x):
        seen.append((Config.train, Config.enable_backprop))
        return x

    model = Sequential(watch, *net().layers)
    model.compile("sgd", "softmax_cross_entropy")
    evaluated(model)
    assert seen == [(False, False)]


def test_run_test_adds_the_penalties_once():
    plain, model = net(), net(kernel_regularizer="l2")
    W = next(model.params()).data
    halves = [(X[:10], T[:10], None), (X[10:], T[10:], None)]
    assert evaluated(model, halves)["loss"] == pytest.approx(
        evaluated(plain)["loss"] + 0.01 * float((W * W).sum()), rel=1e-5
    )


def test_run_test_of_nothing():
    with pytest.raises(ValueError, match="evaluate: expected at least one batch, got none. A gen"):
        evaluated(net(), [])


def test_named_params():
    assert [name for name, _ in named_params(net())] == ["l0/W", "l0/b", "l2/W", "l2/b"]
    model = Plain()
    model.b.name = "b"
    assert [name for name, _ in named_params(model)] == ["param0", "b"]
    model.W = Parameter(None)
    assert [name for name, _ in named_params(model)] == ["b"]


class Own(Sequential):
    """Steps of one's own: the loss is doubled."""

    def step(self, data):
        x, t, *weight = data
        assert type(data) is tuple and len(weight) <= 1
        loss = 2 * F.softmax_cross_entropy(self(x), t)
        return loss, {"twice": loss, "more": {"batches": len(x), "weights": len(weight)}}

    def train_step(self, data):
        loss, figures = self.step(data)
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        return figures

    def test_step(self, data):
        return self.step(data)[1]

    def predict_step(self, data):
        return -self(data)


def own():
    model = Own(*net().layers)
    model.compile("sgd", "softmax_cross_entropy")
    return model


def test_a_models_own_steps():
    model, reference = own(), net()
    before = reference.evaluate(X, T, verbose=0)
    assert np.array_equal(model.predict(X), -reference.predict(X))
    figures = model.evaluate(X, T, batch_size=60, verbose=0, return_dict=True)
    assert figures == {"twice": pytest.approx(2 * before), "batches": 60, "weights": 0}
    assert model.train_on_batch(X, T, class_weight={0: 2.0}, return_dict=True)["weights"] == 1
    history = model.fit(X, T, epochs=30, verbose=0, validation_data=(X, T)).history
    assert list(history)[:3] == ["twice", "batches", "weights"]
    assert history["val_twice"][-1] < history["val_twice"][0] < 2 * before


def test_a_step_that_returns_no_figures():
    model = own()
    model.step = lambda data: (F.softmax_cross_entropy(model(data[0]), data[1]), 3)
    with pytest.raises(TypeError, match="evaluate: expected the model's own step to return a dict"):
        model.evaluate(X, T, verbose=0)


def test_no_loss_at_all():
    class Adds(Sequential):
        loss_is_optional = True
        extra = ()

        def penalties(self):
            return [(self.layers[0].W ** 2).sum() for _ in self.extra]

    model = Adds(*net().layers)
    model.compile("sgd")
    with pytest.raises(RuntimeError, match="fit: expected a loss, got a model compiled without on"):
        model.fit(X, verbose=0)
    model.extra = (1, 2)
    before = model.layers[0].W.data.copy()
    history = model.fit(X, verbose=0, batch_size=60, validation_data=X).history
    assert history["loss"] == [pytest.approx(2 * float((before**2).sum()), rel=1e-5)]
    np.testing.assert_allclose(model.layers[0].W.data, before * 0.96, rtol=1e-5)


def test_an_optimizer_that_another_model_took_over():
    optimizer = optimizers.Adam()
    first, second = net(), net()
    for model in (first, second):
        model.compile(optimizer, "softmax_cross_entropy")
    before = weights(second)
    with pytest.raises(RuntimeError, match="fit: expected an optimizer of this model alone, got"):
        first.fit(X, T, verbose=0)
    assert same(weights(second), before)
    second.fit(X, T, verbose=0)
