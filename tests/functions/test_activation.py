"""What specs cannot say of `dezero/functions/activation.py`: extremes, kinks, table of names."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import activation as F

# The value far to the left, and far to the right as a multiple of x or a constant.
LIMITS = {
    F.sigmoid: (0, 0, 1),
    F.softplus: (0, 1, 0),
    F.softsign: (-1, 0, 1),
    F.silu: (0, 1, 0),
    F.swish: (0, 1, 0),
    F.mish: (0, 1, 0),
    F.gelu: (0, 1, 0),
    F.hard_sigmoid: (0, 0, 1),
    F.hard_swish: (0, 1, 0),
}


def orders(func, x):
    """Return func(x) with its first and second derivative."""
    v, gy = Variable(x), Variable(np.ones_like(x))
    y = func(v)
    first = autograd.grad(y, v, gy, create_graph=True)
    second = autograd.grad(first, v, allow_unused=True)
    return y, first, Variable(np.zeros_like(x)) if second is None else second


@pytest.mark.parametrize("func", LIMITS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_far_out_all_is_finite_to_second_order(func, dtype):
    left, slope, constant = LIMITS[func]
    x = np.array([-60000, -1000, -100, 100, 1000, 60000], dtype)
    y, first, second = orders(func, x)
    expected = np.where(x < 0, left, slope * x + constant)
    loose = 2e-2 if func is F.softsign else 1e-6
    np.testing.assert_allclose(y.data, expected, atol=loose)
    np.testing.assert_allclose(first.data, np.where(x < 0, 0, slope), atol=loose)
    np.testing.assert_allclose(second.data, 0, atol=1e-4)
    assert y.dtype == first.dtype == second.dtype == dtype


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_cube_in_gelu_by_tanh_does_not_overflow(dtype):
    x = np.array([-1000, -100, 100, 1000], dtype)
    y, first, second = orders(lambda x: F.gelu(x, "tanh"), x)
    assert y.data.tolist() == [0, 0, 100, 1000]
    assert first.data.tolist() == [0, 0, 1, 1]
    assert second.data.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_values_keep_their_digits(dtype):
    x = np.linspace(-80, -10, 71).astype(dtype)
    exact = np.exp(x.astype(float)) / (1 + np.exp(x.astype(float)))
    np.testing.assert_allclose(F.sigmoid(x).data, exact, rtol=1e-5)
    np.testing.assert_allclose(F.softplus(x).data, np.log1p(np.exp(x.astype(float))), rtol=1e-5)
    row = np.array([[-80.0, 0.0]], dtype)
    np.testing.assert_allclose(F.log_softmax(row).data, [[-80, -np.exp(-80)]], atol=1e-30)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_softmax_takes_huge_numbers_and_minus_infinity(dtype):
    x = Variable(np.array([[60000, 0, -60000], [0, 0, -np.inf]], dtype))
    y = F.softmax(x)
    y.backward()
    assert y.data.tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
    assert x.grad.data.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_softmax_with_no_rows_is_empty():
    x = Variable(np.zeros((0, 3), np.float32))
    F.softmax(x).backward()
    assert x.grad.shape == (0, 3)


def test_identity_returns_its_argument_and_keeps_arrays_constant():
    x = Variable(np.ones(3))
    assert F.identity(x) is x
    assert not F.identity(np.ones(3)).requires_grad


@pytest.mark.parametrize("func", [F.gelu, F.hard_swish, F.sigmoid_simple])
def test_an_array_is_a_constant(func):
    assert not func(np.ones(3)).requires_grad


def test_the_gradient_of_hard_sigmoid_at_its_kinks_is_0():
    x = Variable(np.array([-3.0, 0.0, 3.0]))
    F.hard_sigmoid(x).backward()
    assert x.grad.data.tolist() == [0.0, 1 / 6, 0.0]


def test_names_of_activations():
    x = np.array([[[1.0, 2.0, 3.0], [3.0, 2.0, 2.0]]])
    for name in F.ACTIVATIONS:
        assert F.get_activation(name)(x).shape == x.shape
    np.testing.assert_allclose(F.get_activation("softmax")(x).data.sum(axis=-1), 1)
    np.testing.assert_allclose(np.exp(F.get_activation("log_softmax")(x).data).sum(axis=-1), 1)
    assert F.get_activation("linear") is F.get_activation(None) is F.identity
    assert F.get_activation(F.gelu) is F.gelu


@pytest.mark.parametrize("name", ["rellu", 3])
def test_an_unknown_activation_is_refused(name):
    with pytest.raises(ValueError, match=f"activation: unknown name {name!r}. .*Known: celu, "):
        F.get_activation(name)


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("sigmoid", "sigmoid"),
        ("softplus", "softplus"),
        ("softsign", "softsign"),
        ("silu", "silu"),
        ("mish", "mish"),
        ("gelu", "gelu"),
        ("hard_sigmoid", "hardsigmoid"),
        ("hard_swish", "hardswish"),
        ("softmax", "softmax"),
        ("log_softmax", "log_softmax"),
    ],
)
def test_values_and_gradients_are_those_of_torch(name, theirs):
    torch = pytest.importorskip("torch")
    kwargs = {"dim": 1} if "softmax" in name else {}
    x = np.linspace(-8, 8, 66).reshape(6, 11)
    t = torch.tensor(x, requires_grad=True)
    y = getattr(torch.nn.functional, theirs)(t, **kwargs)
    (y * y).sum().backward()
    v = Variable(x)
    ours = getattr(F, name)(v)
    (ours * ours).backward()
    np.testing.assert_allclose(ours.data, y.detach().numpy(), rtol=1e-12, atol=1e-14)
    # torch keeps the 1/6 of the hard ones in single precision.
    rtol = 1e-7 if "hard" in name else 1e-12
    np.testing.assert_allclose(v.grad.data, t.grad.numpy(), rtol=rtol, atol=1e-14)


@pytest.mark.oracle
def test_gelu_by_tanh_is_that_of_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-30, 30, 121)
    y = torch.nn.functional.gelu(torch.tensor(x), approximate="tanh").numpy()
    np.testing.assert_allclose(F.gelu(x, approximate="tanh").data, y, rtol=1e-12, atol=1e-14)
