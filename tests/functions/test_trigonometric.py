"""What specs cannot say of `dezero/functions/trigonometric.py`: the origin, and large numbers."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import trigonometric as F


@pytest.mark.parametrize("func", [F.arctan2, F.hypot])
def test_the_gradient_at_the_origin_is_0(func):
    x0, x1 = Variable(np.zeros(2)), Variable(np.zeros(2))
    func(x0, x1).backward()
    assert x0.grad.data.tolist() == x1.grad.data.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("func", "derivative"),
    [
        (F.arctan, lambda x: 1 / (1 + x * x)),
        (F.arcsinh, lambda x: 1 / np.sqrt(1 + x * x)),
        (F.arccosh, lambda x: 1 / np.sqrt(x * x - 1)),
        (F.tanh, lambda x: 0 * x),
        (lambda x: F.arctan2(x, 2.0), lambda x: 2 / (4 + x * x)),
        (lambda x: F.hypot(x, 2.0), lambda x: x / np.sqrt(4 + x * x)),
    ],
)
def test_no_square_overflows_in_the_derivatives(func, derivative):
    x = Variable(np.array([300.0, 2000.0, 32000.0], np.float16))
    first = autograd.grad(func(x), x, create_graph=True)
    second = autograd.grad(first, x)
    np.testing.assert_allclose(first.data, derivative(x.data.astype(float)), rtol=5e-3, atol=1e-7)
    assert np.isfinite(second.data).all()
    assert first.dtype == second.dtype == np.float16


def test_numpy_functions_find_ours():
    x = Variable(np.array([0.25, 0.5]))
    names = "sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arctanh".split()
    for name in names:
        y = getattr(np, name)(x)
        assert isinstance(y, Variable)
        np.testing.assert_allclose(y.data, getattr(np, name)(x.data))
    assert isinstance(np.arctan2(x, 2.0), Variable)
    assert isinstance(np.hypot(np.ones(2), x), Variable)
