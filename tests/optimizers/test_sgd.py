"""SGD, momentum, Nesterov: learning rates that change, and what has no state."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import SGD, MomentumSGD, Nesterov
from dezero.optimizers.schedules import StepDecay

GRADIENTS = [1.0, -2.0, 0.5, 3.0, 1.0, -1.0]
RATES = [0.4, 0.4, 0.2, 0.2, 0.1, 0.1]


def path_of(optimizer):
    model = Layer()
    model.p = Parameter(np.array([1.0]))
    optimizer.setup(model)
    path = []
    for g in GRADIENTS:
        model.p.grad = Variable(np.array([g]))
        optimizer.update()
        path.append(float(model.p))
    return path


def test_sgd_with_a_schedule():
    x, wanted = 1.0, []
    for g, lr in zip(GRADIENTS, RATES, strict=True):
        x -= lr * g
        wanted.append(x)
    assert path_of(SGD(StepDecay(0.4, 2, 0.5))) == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize(("cls", "look_ahead"), [(MomentumSGD, 0), (Nesterov, 1)])
def test_a_changing_rate_stays_in_the_velocity(cls, look_ahead):
    """As in the book; torch multiplies the whole velocity by the rate of the day."""
    x, v, wanted = 1.0, 0.0, []
    for g, lr in zip(GRADIENTS, RATES, strict=True):
        v = 0.9 * v - lr * g
        x += v
        wanted.append(x + look_ahead * 0.9 * v)
    assert path_of(cls(StepDecay(0.4, 2, 0.5))) == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize("cls", [MomentumSGD, Nesterov])
def test_without_momentum_it_is_sgd(cls):
    assert path_of(cls(0.1, 0.0)) == path_of(SGD(0.1))


def test_defaults_are_the_books():
    assert SGD().config() == {"name": "SGD", "lr": 0.01}
    assert MomentumSGD().config() == {"name": "MomentumSGD", "lr": 0.01, "momentum": 0.9}


@pytest.mark.parametrize("momentum", [1, -0.1, float("nan"), 7])
def test_momentum_is_a_fraction(momentum):
    with pytest.raises(ValueError, match=r"Nesterov: expected momentum >= 0 and < 1, got"):
        Nesterov(momentum=momentum)
