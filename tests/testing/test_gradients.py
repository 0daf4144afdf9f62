"""check_grads, numerical_grad and gradient_check: they pass what is right and see what is wrong."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Function, Variable, no_grad
from dezero.testing import check_grads, gradient_check, numerical_grad


class Wrong(Function):
    """y = x**2 with a derivative that is off by a factor."""

    factor = 2.001

    def forward(self, x):
        return x * x

    def backward(self, gy):
        return gy * self.inputs[0] * self.factor


class WrongTwice(Function):
    """Right at first order only."""

    def forward(self, x):
        return x**3

    def backward(self, gy):
        x = self.inputs[0].data
        return gy * Variable.constant(3 * x * x)


X = np.array([[0.5, -1.5], [2.0, 0.25]])


def test_right_derivatives_pass():
    check_grads(F.sin, X)
    check_grads(lambda x, y: F.sum(x @ y) * x, X, X.T)
    check_grads(lambda x: [F.exp(x), F.sum(x)], X)
    check_grads(lambda x: x * 2.0, 3.0)
    check_grads(F.exp, np.zeros((0, 2)))


def test_wrong_derivative_is_seen():
    with pytest.raises(AssertionError, match="order 1 of .*lambda.*from backward"):
        check_grads(lambda x: Wrong()(x), X)


def test_wrong_second_derivative_is_seen_at_order_2_alone():
    check_grads(lambda x: WrongTwice()(x), X, order=1)
    with pytest.raises(AssertionError, match="derivative of order 2"):
        check_grads(lambda x: WrongTwice()(x), X)


def test_derivative_by_gy_is_checked():
    class Cut(WrongTwice):
        def backward(self, gy):
            return Variable.constant(gy.data) * 3 * self.inputs[0] ** 2

    check_grads(lambda x: Cut()(x), X, order=1)
    with pytest.raises(AssertionError, match="derivative of order 2"):
        check_grads(lambda x: Cut()(x), X)


def test_wrong_in_the_second_input_only():
    check_grads(lambda x, y: x * y, X, X)
    with pytest.raises(AssertionError, match="order 1"):
        check_grads(lambda x, y: x * Wrong()(y), X, X)


def test_tiny_values_are_compared_relatively():
    class Tail(Function):
        def forward(self, x):
            return np.exp(x)

        def backward(self, gy):
            return gy * self.outputs[0]() * self.scale

    right, wrong = type("Right", (Tail,), {"scale": 1}), type("Off", (Tail,), {"scale": 1.01})
    check_grads(lambda x: right()(x), X - 60)
    with pytest.raises(AssertionError, match="order 1"):
        check_grads(lambda x: wrong()(x), X - 60)


def test_nan_is_no_agreement():
    class NaN(Wrong):
        factor = np.nan

    with pytest.raises(AssertionError, match="got nan"):
        check_grads(lambda x: NaN()(x), X)


def test_inputs_are_left_alone():
    x = Variable(X.astype(np.float32))
    y = np.arange(3)
    check_grads(lambda a, b: F.sum(a) * b, x, y)
    assert x.dtype == np.float32 and x.grad is None
    np.testing.assert_array_equal(x.data, X.astype(np.float32))
    np.testing.assert_array_equal(y, [0, 1, 2])


def test_constant_result_has_derivative_zero():
    check_grads(lambda x: Variable.constant(np.ones(2)), X)
    check_grads(lambda x: [x, Variable.constant(np.arange(2))], X)


def test_function_that_writes_to_its_input_is_refused():
    def spoil(x):
        x.data[...] = 0
        return x * 2.0

    with pytest.raises(ValueError, match="read-only"):
        check_grads(spoil, X)


def test_directions_may_be_drawn_by_the_caller(rng):
    check_grads(F.tanh, X, rng=rng)


def test_numerical_grad():
    np.testing.assert_allclose(numerical_grad(lambda x: x**3, X), 3 * X**2, rtol=1e-7)
    np.testing.assert_allclose(numerical_grad(F.sum, X), np.ones((2, 2)), rtol=1e-7)
    got = numerical_grad(lambda x, y, scale: x * y * scale, X, X, scale=3.0)
    np.testing.assert_allclose(got, 3 * X, rtol=1e-7)
    assert numerical_grad(F.exp, 0.0).shape == ()


def test_gradient_check():
    assert gradient_check(F.sin, X)
    assert gradient_check(F.sum, Variable(X), axis=0)
    assert gradient_check(lambda x, c: x * c, X, 3.0)
    assert not gradient_check(lambda x: Wrong()(x) * 100.0, X)
    assert gradient_check(lambda x: Wrong()(x) * 100.0, X, rtol=1e-2)
    assert gradient_check(lambda x: Variable.constant(np.ones(2)), X)


def test_gradient_check_changes_nothing():
    x = Variable(X.astype(np.float32))
    assert gradient_check(F.sin, x)
    assert x.dtype == np.float32 and x.grad is None


def test_gradient_check_needs_a_graph():
    with no_grad():
        assert not gradient_check(F.sin, X)
