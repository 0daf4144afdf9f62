"""Single steps, means and passes of evaluation; test_loop.py tests them as fit uses them."""

import numpy as np
import pytest

from dezero.core import Config, Parameter, Variable
from dezero.metrics import Metric
from dezero.models import Sequential
from dezero.training import compile
from dezero.training.callbacks.base import CallbackList
from dezero.training.step import Means, NonFiniteLoss, Stepper, check_batch, named_params, run_test
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
