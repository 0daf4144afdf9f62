"""What optimizers remember, beside what real Keras remembers after the same 50 steps."""

import copy
from pathlib import Path

import numpy as np
import pytest

from dezero.core import Parameter
from dezero.keras import optimizers
from dezero.keras.optimizers.state import assign_variables, variables
from dezero.layers import Layer
from tests.keras.optimizers.test_kinds import Net, fifty_steps, made
from tests.keras.recorded.record_optimizers import CASES, STEPS

RECORDED = Path(__file__).parents[1] / "recorded"


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED / "optimizers.npz") as arrays:
        return dict(arrays)


def wanted(recorded, case):
    count = sum(key.startswith(f"{case}/state/") for key in recorded)
    return [recorded[f"{case}/state/{i}"] for i in range(count)]


def params(optimizer):
    net = optimizer.target
    return [net.k0, net.b0, net.k1, net.b1]


@pytest.mark.parametrize("case", CASES)
def test_the_state_is_keras(case, recorded):
    optimizer = fifty_steps(case)[-1]
    got, keras = variables(optimizer, params(optimizer)), wanted(recorded, case)
    assert [array.shape for _, array in got] == [array.shape for array in keras]
    for (name, array), other in zip(got, keras, strict=True):
        np.testing.assert_allclose(array, other, 2e-3, 1e-5, err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_the_state_of_keras_is_taken(case, recorded):
    optimizer, keras = made(case), wanted(recorded, case)
    optimizer.setup(Net())
    assign_variables(optimizer, params(optimizer), keras)
    assert optimizer.t == STEPS
    for (name, array), other in zip(variables(optimizer, params(optimizer)), keras, strict=True):
        np.testing.assert_allclose(array, other, 1e-6, 1e-7, err_msg=name)


@pytest.mark.parametrize("case", ["adam_amsgrad", "nadam", "ftrl_options", "rmsprop_options"])
def test_training_goes_on(case):
    one = copy.deepcopy(fifty_steps(case)[-1])
    net = Net()
    for mine, theirs in zip((net.k0, net.b0, net.k1, net.b1), params(one), strict=True):
        mine.data = theirs.data.copy()
    other = made(case)
    other.setup(net)
    kept = [array for _, array in variables(one, params(one))]
    assign_variables(other, params(other), kept)
    for optimizer in (one, other):
        optimizer.apply([np.ones_like(p.data) for p in params(optimizer)])
    for mine, theirs in zip(params(other), params(one), strict=True):
        np.testing.assert_allclose(mine.data, theirs.data, 1e-5, 1e-6)


def test_before_the_first_step():
    optimizer = optimizers.Adagrad()
    optimizer.setup(Net())
    count, rate, first, *_ = (array for _, array in variables(optimizer, params(optimizer)))
    assert count == 0 and rate == np.float32(0.001)
    np.testing.assert_array_equal(first, np.full((8, 6), np.float32(0.1)))


def test_what_does_not_fit():
    optimizer = optimizers.Adam()
    optimizer.setup(Net())
    kept = [array for _, array in variables(optimizer, params(optimizer))]
    with pytest.raises(ValueError, match="expected 10 arrays, got 9. The state belongs to another"):
        assign_variables(optimizer, params(optimizer), kept[:-1])
    with pytest.raises(ValueError, match="k0_momentum of"):
        assign_variables(optimizer, params(optimizer), [*kept[:2], kept[3][:2], *kept[3:]])

    class Mine(optimizers.Optimizer):
        def step(self, x, g):
            x -= self.lr * g

    mine, model = Mine(0.1), Layer()
    model.p = Parameter(np.ones(2))
    mine.setup(model)
    with pytest.raises(TypeError, match="expected one of Keras's own, got Mine"):
        variables(mine, [model.p])
