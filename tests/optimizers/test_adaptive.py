"""AdaGrad, RMSprop, AdaDelta: slots that depend on options, and edges of their formulas."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import AdaDelta, AdaGrad, Ftrl, RMSprop


def model_of(value):
    model = Layer()
    model.p = Parameter(np.array(value, np.float64))
    return model


def train(optimizer, model, gradients):
    if optimizer.target is None:
        optimizer.setup(model)
    for g in gradients:
        model.p.grad = Variable(np.array(g, np.float64))
        optimizer.update()
    return model.p.data


@pytest.mark.parametrize(
    ("options", "slots"),
    [
        ({}, ("square",)),
        ({"momentum": 0.5}, ("square", "velocity")),
        ({"centered": True}, ("square", "mean")),
        ({"momentum": 0.5, "centered": True}, ("square", "velocity", "mean")),
    ],
)
def test_rmsprop_keeps_what_its_options_need(options, slots):
    optimizer = RMSprop(**options)
    assert optimizer.slots == slots
    train(optimizer, model_of([1.0]), [[1.0]])
    assert set(optimizer.state_dict()["slots"]["p"]) == {"age", *slots}


def test_rmsprop_options_by_parameter():
    model, alone = model_of([1.0, 2.0]), model_of([1.0, 2.0])
    gradients = [[1.0, -1.0], [0.5, 2.0], [0.1, 0.2]]
    train(RMSprop(momentum=0.5, centered=True), alone, gradients)
    train(RMSprop().set_for("p", momentum=0.5, centered=True), model, gradients)
    np.testing.assert_array_equal(model.p.data, alone.p.data)


def test_rmsprop_momentum_switched_on_too_late():
    optimizer, model = RMSprop(), model_of([1.0])
    train(optimizer, model, [[1.0]])
    optimizer.momentum = 0.9
    with pytest.raises(RuntimeError, match="RMSprop: expected momentum and centered to be on"):
        train(optimizer, model, [[1.0]])
    optimizer.set_for("*", momentum=0.5)
    train(optimizer, model, [[1.0]])
    velocity = optimizer.state_dict()["slots"]["p"]["velocity"]
    train(optimizer, model, [[0.0]])
    assert optimizer.state_dict()["slots"]["p"]["velocity"] == velocity / 2 != 0


def test_centered_of_a_constant_gradient_is_finite():
    """The variance becomes 0, and by rounding less than 0."""
    data = train(RMSprop(centered=True, eps=1e-3), model_of([1.0, 1.0]), [[0.1, 1e3]] * 300)
    assert np.isfinite(data).all()


@pytest.mark.parametrize("optimizer", [AdaGrad(), RMSprop(), RMSprop(momentum=0.9), AdaDelta()])
def test_a_gradient_of_zero_changes_nothing(optimizer):
    np.testing.assert_array_equal(train(optimizer, model_of([1.0]), [[0.0]] * 3), [1.0])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: RMSprop(rho=1.0), "RMSprop: expected rho >= 0 and < 1, got float 1.0"),
        (lambda: RMSprop(momentum=-1), "RMSprop: expected momentum >= 0 and < 1, got int -1"),
        (lambda: RMSprop(eps=-1e-8), "RMSprop: expected eps >= 0 and finite"),
        (lambda: AdaGrad(eps=float("inf")), "AdaGrad: expected eps >= 0 and finite, got float inf"),
        (lambda: AdaDelta(rho=2), "AdaDelta: expected rho"),
    ],
)
def test_hyperparameters_are_checked(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_ftrl_sets_small_weights_to_zero():
    x, square_sum, linear = np.array([0.5, -0.5, 0.5]), np.zeros(3), np.zeros(3)
    Ftrl(0.1, l1=0.5).step(x, np.array([0.0, 0.0, -4.0]), square_sum, linear)
    np.testing.assert_array_equal(x[:2], 0)
    assert x[2] > 0


@pytest.mark.parametrize(("name", "bad"), [("power", 0.5), ("l1", -1), ("beta", np.nan)])
def test_ftrl_checks_its_settings(name, bad):
    with pytest.raises(ValueError, match="Ftrl: expected"):
        Ftrl(**{name: bad})


def test_centered_is_a_flag():
    with pytest.raises(TypeError, match="RMSprop: expected centered to be True or False, got str"):
        RMSprop(centered="no")


def test_defaults():
    plain = {"initial": 0.0, "eps_inside": False}
    assert AdaGrad().config() == {"name": "AdaGrad", "lr": 0.001, "eps": 1e-8, **plain}
    assert Ftrl().config()["power"] == -0.5 and Ftrl().config()["initial"] == 0.1
    assert AdaDelta().config() == {"name": "AdaDelta", "rho": 0.95, "eps": 1e-6, "lr": 1.0}
    assert RMSprop().config()["rho"] == 0.9
