"""Activations that are one kernel each way."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable

NAMES = (
    "elu gelu hard_sigmoid hard_swish hard_tanh leaky_relu mish relu relu6 selu sigmoid silu "
    "softplus softsign tanh"
).split()


@pytest.mark.parametrize("name", NAMES)
def test_integers_become_floats_both_ways(name):
    x = Variable(np.array([[-2, 0], [1, 7]]))
    y = getattr(F, name)(x)
    y.backward()
    assert y.dtype.kind == x.grad.dtype.kind == "f" and x.grad.shape == (2, 2)
