"""Models of several outputs: losses, their weights, metrics, weights of samples, masks."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import metrics
from dezero.core import Variable
from dezero.layers import Linear
from dezero.models import Model
from dezero.training.objective import Objective, ObjectiveMeans, plain
from tests.training.toys import T, X, same, weights

Y = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]


class Two(Model):
    """Classes and a number from one hidden layer."""

    def __init__(self, form=list, names=None):
        rng = np.random.default_rng(1)
        self.h = Linear(6, in_size=4, initializer=rng.standard_normal((4, 6)) / 2)
        self.a = Linear(3, in_size=6, initializer=rng.standard_normal((6, 3)) / 2)
        self.b = Linear(1, in_size=6, initializer=rng.standard_normal((6, 1)) / 2)
        self.form = form
        if names:
            self.output_names = names

    def forward(self, x):
        if isinstance(x, dict):
            x = x["x"] + x["more"]
        elif isinstance(x, list):
            x = x[0] + x[1]
        h = F.tanh(self.h(x))
        y = self.a(h), self.b(h)
        return dict(zip("ab", y, strict=True)) if self.form is dict else list(y)


CE, MSE = "softmax_cross_entropy", "mean_squared_error"


def compiled(model=None, loss=(CE, MSE), **options):
    model = Two(names=["a", "b"]) if model is None else model
    loss = list(loss) if isinstance(loss, tuple) else loss
    model.compile("sgd", loss, **options)
    return model


def by_hand(model, x=X, shares=(1, 1)):
    a, b = model(x)
    parts = F.softmax_cross_entropy(a, T), F.mean_squared_error(b, Y, "mean")
    return shares[0] * parts[0] + shares[1] * parts[1], parts


def test_losses_are_added_with_their_weights_and_reported_without():
    model = compiled(loss_weights=[0.5, 2.0], metrics={"a": "accuracy", "b": ["mae", "mse"]})
    total, parts = by_hand(model, shares=(0.5, 2.0))
    logs = model.evaluate(X, [T, Y], batch_size=7, verbose=0, return_dict=True)
    keys = ["loss", "a_loss", "b_loss", "a_accuracy", "b_mae", "b_mse"]
    assert list(logs) == keys
    assert logs["loss"] == pytest.approx(float(total.data), rel=1e-5)
    assert logs["a_loss"] == pytest.approx(float(parts[0].data), rel=1e-5)
    assert logs["b_mse"] == pytest.approx(logs["b_loss"], rel=1e-5)
    history = model.fit(X, [T, Y], validation_split=0.2, verbose=0).history
    assert list(history) == keys + [f"val_{key}" for key in keys]


def test_one_step_is_that_of_the_sum():
    ours, model = compiled(loss_weights={"a": 0.5, "b": 2.0}), Two()
    ours.train_on_batch(X, [T, Y])
    total, _ = by_hand(model, shares=(0.5, 2.0))
    total.backward()
    for param, other in zip(ours.params(), model.params(), strict=True):
        np.testing.assert_allclose(
            param.data, other.data - 0.01 * other.grad.data, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("form", [list, dict])
@pytest.mark.parametrize("loss", [[CE, MSE], {"b": MSE, "a": CE}])
@pytest.mark.parametrize("targets", [[T, Y], (T, Y), {"a": T, "b": Y}])
def test_lists_and_dicts_mean_the_same(form, loss, targets):
    reference = compiled()
    reference.fit(X, [T, Y], shuffle=False, verbose=0)
    model = compiled(Two(form, ["a", "b"]), loss)
    model.fit(X, targets, shuffle=False, verbose=0)
    assert same(weights(model), weights(reference))


@pytest.mark.parametrize("data", [[X / 2, X / 2], {"x": X / 2, "more": X / 2}])
def test_several_inputs(data):
    model, reference = compiled(), compiled()
    options = {"verbose": 0, "validation_split": 0.1, "shuffle": False}
    model.fit(data, [T, Y], **options)
    reference.fit(X, [T, Y], **options)
    np.testing.assert_allclose(weights(model)[0], weights(reference)[0], rtol=1e-5, atol=1e-6)
    ours, theirs = model.predict(data, batch_size=7), model.predict(X)
    assert isinstance(ours, list) and [y.shape for y in ours] == [(60, 3), (60, 1)]
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5, atol=1e-6)

    def batches():
        while True:
            yield data, [T, Y]

    assert model.fit(batches(), steps_per_epoch=2, epochs=2, verbose=0).epoch == [0, 1]


def test_predict_gives_a_dict_where_the_model_does():
    assert list(Two(dict).predict(X, batch_size=50)) == ["a", "b"]


def test_names_of_outputs_that_have_none():
    model = compiled(Two(), metrics=[["accuracy"], None])
    logs = model.evaluate(X, [T, Y], verbose=0, return_dict=True)
    assert list(logs) == ["loss", "output_1_loss", "output_2_loss", "output_1_accuracy"]
    logs = compiled(Two(dict)).evaluate(X, [T, Y], verbose=0, return_dict=True)
    assert list(logs) == ["loss", "a_loss", "b_loss"]


def test_metrics_for_all_outputs_are_objects_of_their_own():
    model = compiled(loss="mse", metrics=[metrics.MeanAbsoluteError("off")])
    zeros = np.zeros((60, 3), np.float32)
    logs = model.evaluate(X, [zeros, Y], verbose=0, return_dict=True)
    a, b = model.predict(X)
    assert logs["a_off"] == pytest.approx(abs(a).mean(), rel=1e-5)
    assert logs["b_off"] == pytest.approx(abs(b - Y).mean(), rel=1e-5)


def test_an_output_without_loss():
    for loss, targets in (([CE, None], [T]), ({"a": CE}, T), ({"a": CE}, [T, None])):
        model = compiled(loss=loss)
        assert model.train_on_batch(X, targets, return_dict=True).keys() == {"loss"}


def test_weights_of_samples():
    ramp = np.linspace(0, 2, 60, dtype=np.float32)
    model = compiled(weighted_metrics=[[], ["mse"]], metrics=[[], ["mse"]])
    _, b = model.predict(X)
    squares = ((b - Y) ** 2)[:, 0]
    expected = float((squares * ramp).mean())
    for given in (ramp, [None, ramp], {"b": ramp}):
        logs = model.test_on_batch(X, [T, Y], sample_weight=given, return_dict=True)
        assert logs["b_loss"] == pytest.approx(expected, rel=1e-5)
        assert logs["b_mse"] == pytest.approx(squares.mean(), rel=1e-5)
        assert logs["b_weighted_mse"] == pytest.approx(expected / ramp.mean(), rel=1e-4)


def test_masked_values_count_neither_in_the_loss_nor_in_the_metrics():
    y = Variable(np.arange(6, dtype=np.float32).reshape(2, 3, 1))
    t = np.zeros((2, 3, 1), np.float32)
    mask = np.array([[True, True, False], [True, False, False]])
    objective = Objective("mse", ["mae"], masks=lambda outputs: [mask])
    loss = objective(y, t)
    assert float(loss.data) == pytest.approx((0 + 1 + 9) / 3)
    means = ObjectiveMeans(objective)
    means.add(float(loss.data), y.data, t)
    assert means.logs()["mae"] == pytest.approx((0 + 1 + 3) / 3)
    weighted = objective(y, t, np.array([1.0, 2.0]))
    assert float(weighted.data) == pytest.approx((0 + 1 + 2 * 9) / 3)


def test_plain():
    assert plain(Variable(np.array(0.5))) == 0.5 and type(plain(np.float64(1))) is float
    assert plain(3) == 3 and plain([1]) == [1]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"loss": [CE]}, r"loss: expected one for each of the outputs \['a', 'b'\], got 1"),
        ({"loss": {"a": CE, "c": MSE}}, "loss: unknown name 'c'. Known: a, b"),
        ({"loss": (CE, MSE), "loss_weights": [1.0]}, "loss_weights: expected one for each of"),
        ({"loss": (CE, MSE), "metrics": {"c": "mae"}}, "metrics: unknown name 'c'"),
        ({"loss": (CE, MSE), "metrics": [["mae"]]}, r"metrics: expected one for each of .* got 1"),
        ({"loss": (CE, "msee")}, "loss: unknown name 'msee'"),
    ],
)
def test_what_does_not_fit_is_refused_by_compile(options, match):
    with pytest.raises(ValueError, match=match):
        compiled(**options)


def test_data_that_do_not_fit():
    model = compiled()
    with pytest.raises(ValueError, match=r"targets: expected 2, for \['a', 'b'\], got 3. Give y"):
        model.train_on_batch(X, [T, Y, Y])
    with pytest.raises(ValueError, match=r"targets: expected 2, for \['a', 'b'\], got 1"):
        model.train_on_batch(X, T)
    with pytest.raises(ValueError, match="targets: unknown name 'c'"):
        model.train_on_batch(X, {"a": T, "c": Y})
    with pytest.raises(ValueError, match=r"fit: expected x and y\[1\] with the same number of"):
        model.fit(X, [T, Y[:9]])
    with pytest.raises(ValueError, match=r"compile: expected 3 outputs, \['a', 'b', 'c'\], got 2"):
        compiled(Two(names=["a", "b", "c"]), "mse").train_on_batch(X, [T, Y])
    with pytest.raises(ValueError, match="outputs: unknown name 'c'. Known: a, b"):
        compiled(Two(dict, names=["a", "c"]), "mse").train_on_batch(X, [T, Y])


def test_weights_of_classes_are_for_one_output():
    with pytest.raises(ValueError, match=r"fit: expected class_weight for a .* y\[0\],"):
        compiled().fit(X, [T, Y], class_weight={0: 2.0}, verbose=0)
    one, other = compiled(loss=[CE, None]), compiled(loss=[CE, None])
    one.fit(X, {"a": T}, class_weight={0: 2.0}, shuffle=False, verbose=0)
    other.fit(X, [T], sample_weight=[np.where(T == 0, 2.0, 1.0), None], shuffle=False, verbose=0)
    assert same(weights(one), weights(other))
