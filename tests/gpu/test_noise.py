"""Random numbers: a seed drops the same elements on the GPU as on the host."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import layers, seed
from dezero.backend import to_host
from dezero.core import Variable

pytestmark = pytest.mark.usefixtures("seeded")
X = np.random.default_rng(0).standard_normal((64, 1001)).astype("f4")


def thrice(move):
    seed(5)
    x = Variable(move(X))
    ys = [F.dropout(x, 0.3), F.dropout(x[:, ::2], 0.5), F.dropout(x.T, 0.9)]
    return [to_host(y.data) for y in ys]


def test_dropout_drops_the_same_elements(gpu):
    for here, there in zip(thrice(np.array), thrice(gpu.from_host), strict=True):
        np.testing.assert_array_equal(there, here)
        assert 0 < (there == 0).mean() < 1


def test_a_layer_made_on_the_gpu_has_the_hosts_weights(gpu):
    made = []
    for place, move in (("cpu", np.array), ("gpu", gpu.from_host)):
        seed(5)
        layer = layers.Linear(30)
        getattr(layer, f"to_{place}")()
        layer(Variable(move(X)))
        made.append(to_host(layer.W.data))
    np.testing.assert_array_equal(*made)
