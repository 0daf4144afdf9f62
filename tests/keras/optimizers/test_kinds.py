"""Every optimizer beside 50 recorded steps of real Keras; defaults and names."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Parameter
from dezero.keras import optimizers
from dezero.layers import Layer
from tests.keras.recorded.record_optimizers import CASES, STEPS, data, start

RECORDED = Path(__file__).parents[1] / "recorded"


class Net(Layer):
    """8-6-3, with weights in Keras's order."""

    def __init__(self):
        self.k0, self.b0, self.k1, self.b1 = (Parameter(array) for array in start())

    def forward(self, x):
        hidden = F.tanh(F.matmul(x, self.k0) + self.b0)
        return F.matmul(hidden, self.k1) + self.b1

    def weights(self):
        return np.concatenate([p.data.ravel() for p in (self.k0, self.b0, self.k1, self.b1)])


def made(case):
    name, options = CASES[case]
    rate = options.get("learning_rate")
    if isinstance(rate, tuple):
        rate = getattr(optimizers.schedules, rate[0])(*rate[1])
        options = {**options, "learning_rate": rate}
    return getattr(optimizers, name)(**options)


def trained(optimizer):
    net = Net()
    optimizer.setup(net)
    losses = []
    for x, t in zip(*data(), strict=True):
        net.cleargrads()
        loss = F.softmax_cross_entropy(net(x), t)
        loss.backward()
        optimizer.update()
        losses.append(float(loss.data))
    return losses, net.weights()


@cache
def fifty_steps(case):
    """Return losses and weights of a recorded case, and its optimizer."""
    optimizer = made(case)
    return *trained(optimizer), optimizer


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED / "optimizers.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("case", CASES)
def test_fifty_steps_are_keras(case, recorded):
    losses, weights, _ = fifty_steps(case)
    assert len(losses) == STEPS
    np.testing.assert_allclose(losses, recorded[f"{case}/losses"], rtol=0, atol=1e-4)
    wanted = recorded[f"{case}/weights"]
    np.testing.assert_allclose(weights, wanted, rtol=0, atol=1e-4)
    # Adadelta's weights hardly move in 50 steps; they must move alike all the same.
    moved = np.abs(wanted - np.concatenate([a.ravel() for a in start()])).max()
    assert np.abs(weights - wanted).max() < 0.01 * moved


@pytest.mark.parametrize("case", ["sgd_momentum", "adam_options", "adamw_options", "ftrl_options"])
def test_saved_form_trains_the_same(case):
    optimizer = made(case)
    saved = json.loads(json.dumps(optimizers.serialize(optimizer)))
    again = optimizers.deserialize(saved)
    assert again.get_config() == optimizer.get_config()
    np.testing.assert_array_equal(trained(again)[1], fifty_steps(case)[1])


def test_defaults_are_keras():
    facts = json.loads((RECORDED / "optimizers.json").read_text())
    for name, wanted in facts["defaults"].items():
        config = getattr(optimizers, name)().get_config()
        assert set(config) == set(wanted)
        for key, value in wanted.items():
            assert config[key] == (pytest.approx(value) if key == "learning_rate" else value), key


def test_keras_names_of_hyperparameters():
    adam = optimizers.Adam(beta_1=0.5)
    adam.beta_2, adam.epsilon = 0.7, 0.25
    assert (adam.beta_1, adam.beta2, adam.eps) == (0.5, 0.7, 0.25)
    assert optimizers.Adam(epsilon=None).epsilon == 1e-7
    assert optimizers.Nadam(schedule_decay=0.004).get_config() == optimizers.Nadam().get_config()


def test_positional_arguments_are_in_the_order_of_keras():
    sgd = optimizers.SGD(0.1, 0.9, True)
    assert (float(sgd.lr), sgd.momentum, sgd.nesterov) == (0.1, 0.9, True)
    rmsprop = optimizers.RMSprop(0.1, 0.8, 0.7, 1e-3, True)
    assert (rmsprop.rho, rmsprop.momentum, rmsprop.eps) == (0.8, 0.7, 1e-3)
    assert optimizers.AdamW(0.1, 0.2, 0.3).weight_decay == 0.2
