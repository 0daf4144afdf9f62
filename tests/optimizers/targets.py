"""What the tests of optimizers train, and how."""

import numpy as np

import dezero.functions as F
from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.models import MLP

X = np.random.default_rng(1).standard_normal((8, 3))


def model_of(**values):
    model = Layer()
    for name, value in values.items():
        setattr(model, name, Parameter(np.array(value, np.float64)))
    return model


def give(model, g=1.0):
    for param in model.params():
        param.grad = Variable(np.full(param.shape, g, param.dtype))


def train(optimizer, model, steps=1, x=X):
    """Fit a sum of squares, the book's loop."""
    for _ in range(steps):
        loss = F.sum(model(x) ** 2)
        model.cleargrads()
        loss.backward()
        optimizer.update()


def weights(model):
    return {name: param.data.copy() for name, param in model.named_params()}


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


def mlp(seed=0):
    model = MLP((4, 2), F.tanh)
    model(X)
    rng = np.random.default_rng(seed)
    for param in model.params():
        param.data = rng.standard_normal(param.shape)
    return model


class OnlyParams:
    """The least that an optimizer asks of its target."""

    def __init__(self, *params):
        self._params = params

    def params(self):
        return iter(self._params)
