"""What specs cannot say of `dezero/functions/rectifier.py`: kinks, NaN, overflow."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import rectifier as F


@pytest.mark.parametrize(
    ("func", "expected"),
    [
        (F.relu, 0.0),
        (F.leaky_relu, 0.2),
        (lambda x: F.prelu(x, 0.25), 0.25),
        (F.elu, 1.0),
        (lambda x: F.elu(x, 0.5), 0.5),
        (F.selu, 1.0507009873554805 * 1.6732632423543772),
        (F.celu, 1.0),
        (F.relu6, 0.0),
    ],
)
def test_the_gradient_at_0_is_the_documented_one(func, expected):
    x = Variable(np.zeros(3))
    func(x).backward()
    np.testing.assert_allclose(x.grad.data, expected, rtol=1e-15)


def test_the_gradient_of_relu6_at_6_is_0():
    x = Variable(np.array([5.0, 6.0, 7.0]))
    F.relu6(x).backward()
    assert x.grad.data.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("func", [F.relu, F.leaky_relu, F.elu, F.selu, F.celu, F.relu6])
def test_nan_stays_visible(func):
    assert np.isnan(func(np.array([np.nan, 1.0])).data).tolist() == [True, False]


@pytest.mark.parametrize("slope", [0.0, 0.3, 3.0])
def test_the_leak_overflows_only_where_it_is_taken(slope):
    x = np.array([60000.0, -20000.0], np.float16)
    assert F.leaky_relu(x, slope).data.tolist() == [60000.0, np.float16(-20000 * slope)]
    assert F.prelu(x, slope).data.tolist() == [60000.0, np.float16(-20000 * slope)]


@pytest.mark.parametrize("func", [F.elu, F.selu, F.celu])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_exponential_of_large_x_is_never_taken(func, dtype):
    x = Variable(np.array([-60000.0, -100.0, 100.0, 60000.0 if func is not F.selu else 1e4], dtype))
    first = autograd.grad(func(x), x, create_graph=True)
    second = autograd.grad(first, x)
    slope = 1.0507009873554805 if func is F.selu else 1.0
    np.testing.assert_allclose(first.data, [0, 0, slope, slope], rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(second.data, 0, atol=1e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["relu", "elu", "selu", "celu", "leaky_relu", "relu6"])
def test_values_and_gradients_are_those_of_torch(name):
    torch = pytest.importorskip("torch")
    kwargs = {"negative_slope": 0.2} if name == "leaky_relu" else {}
    x = np.linspace(-8, 8, 65)
    t = torch.tensor(x, requires_grad=True)
    y = getattr(torch.nn.functional, name)(t, **kwargs)
    y.sum().backward()
    v = Variable(x)
    ours = getattr(F, name)(v)
    ours.backward()
    np.testing.assert_allclose(ours.data, y.detach().numpy(), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(v.grad.data, t.grad.numpy(), rtol=1e-14, atol=1e-15)


def test_numpy_slope_does_not_widen():
    for slope in (np.float64(0.1), np.float64(-0.1)):
        assert F.leaky_relu(np.ones(2, np.float32), slope).dtype == np.float32
