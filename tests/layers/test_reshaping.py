"""`Flatten`."""

import numpy as np

from dezero.core import Variable
from dezero.layers import Flatten


def test_the_batch_axis_stays():
    x = Variable(np.ones((2, 3, 4), "f4"))
    y = Flatten()(x)
    assert y.shape == (2, 12)
    (y * y).sum().backward()
    assert x.grad.shape == x.shape


def test_an_empty_batch_keeps_its_width():
    assert Flatten()(np.ones((0, 3, 4))).shape == (0, 12)
