"""GradientTape."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Parameter, Variable
from dezero.keras.tape import GradientTape
from tests.keras.toys import Net, T, X, net, same, weights


def test_gradients_in_the_structure_of_the_sources():
    a, b, c = (Parameter(np.array(v)) for v in (2.0, 3.0, 4.0))
    with GradientTape(persistent=True) as tape:
        y = a * a * b
    assert float(tape.gradient(y, a).data) == 12
    assert [g and float(g.data) for g in tape.gradient(y, [a, b, c])] == [12, 4, None]
    assert float(tape.gradient([y, a], {"a": a})["a"].data) == 13
    assert float(tape.gradient(y, b, Variable(np.array(0.5))).data) == 2


def test_only_once_unless_persistent():
    a = Parameter(np.array(2.0))
    with GradientTape() as tape:
        tape.watch([a])
        y = a * a
    tape.gradient(y, a)
    with pytest.raises(RuntimeError, match="GradientTape.gradient: expected one call, got another"):
        tape.gradient(y, a)
    with pytest.raises(TypeError, match=r"GradientTape.watch: expected a Variable, got .2,. fl"):
        tape.watch(np.zeros(2))


def test_the_second_derivative():
    a = Parameter(np.array(2.0))
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = a * a * a
        first = inner.gradient(y, a)
    assert float(outer.gradient(first, a).data) == 12


def test_the_training_step_of_the_tensorflow_guide(seeded):
    class Guide(Net):
        def train_step(self, data):
            x, y = data
            with GradientTape() as tape:
                loss = F.softmax_cross_entropy(self(x), y)
            variables = list(self.params())
            for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
                variable.grad = gradient
            self.optimizer.update()
            return {"loss": loss}

    own, usual = net(kind=Guide), net()
    for model in (own, usual):
        model.fit(X, T, batch_size=20, shuffle=False, verbose=0)
    assert same(weights(own), weights(usual))
