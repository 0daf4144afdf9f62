"""What specs cannot say of `dezero/functions/contraction.py`."""

import numpy as np

from dezero.core import Variable


def test_numpy_calls_einsum():
    x, a = Variable(np.ones((2, 3), np.float32)), np.arange(12).reshape(3, 4)
    y = np.einsum("ij,jk", x, a)
    assert isinstance(y, Variable) and y.dtype == np.float32
    np.testing.assert_array_equal(y.data, np.ones((2, 3)) @ a)
