"""The loop: values, higher orders, dtypes, errors, functions with several outputs."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Function, FunctionHook, Variable, backprop, no_grad, using_config
from dezero.core.backprop import backprop as run


def test_gradient_of_a_polynomial():
    x = Variable(np.array(2.0))
    y = x**4 - 3 * x**2 + 5
    y.backward()
    assert y.item() == 9.0
    assert x.grad.item() == 20.0


def test_variable_used_twice_gets_both_contributions():
    x = Variable(np.array(3.0))
    y = x + x
    z = y * x + y
    z.backward()
    assert x.grad.item() == 14.0


def test_branches_of_unequal_length_meet_before_they_go_on():
    x = Variable(np.array(2.0))
    a = x**2
    b = a * 1.0 + 0.0 - 0.0
    y = a * b + a
    y.backward()
    # The fourth power and the square.
    assert x.grad.item() == 36.0


def test_each_function_runs_backward_once():
    class Counting(FunctionHook):
        def __init__(self):
            self.seen = []

        def backward_post(self, function, gys, gxs):
            self.seen.append(function)

    x = Variable(np.ones(2))
    with Counting() as hook:
        a = x * 2.0
        y = a
        for _ in range(20):
            y = y + a
        y.backward()
    assert len(hook.seen) == len(set(map(id, hook.seen))) == 21
    np.testing.assert_array_equal(x.grad.data, [42.0, 42.0])


def test_gradients_accumulate_over_calls():
    x = Variable(np.array(3.0))
    (x * 2.0).backward()
    (x * 5.0).backward()
    assert x.grad.item() == 7.0
    x.cleargrad()
    assert x.grad is None


def test_seed_is_the_grad_that_was_set():
    x = Variable(np.ones(3))
    y = x * 2.0
    y.grad = Variable(np.array([1.0, 10.0, 100.0]))
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 20.0, 200.0])


def test_leaf_may_call_backward():
    x = Variable(np.ones((2, 2)))
    x.backward()
    np.testing.assert_array_equal(x.grad.data, np.ones((2, 2)))


def test_retain_grad_sets_the_grads_between():
    x = Variable(np.array(2.0))
    a = x * x
    y = a * 3.0
    y.backward(retain_grad=True)
    assert (y.grad.item(), a.grad.item(), x.grad.item()) == (1.0, 3.0, 12.0)


def test_grads_between_are_not_kept_by_default():
    x = Variable(np.array(2.0))
    a = x * x
    y = a * 3.0
    y.backward()
    assert a.grad is None and y.grad is None


def test_constants_get_no_gradient():
    x = Variable(np.ones(2))
    c = Variable.constant(np.ones(2))
    (x * c).backward()
    assert c.grad is None
    detached = x.detach()
    (x * detached).backward()
    assert detached.grad is None


def test_sin_to_sixth_order():
    x = Variable(np.array(0.7))
    y = F.sin(x)
    expected = [np.cos, lambda v: -np.sin(v), lambda v: -np.cos(v), np.sin]
    for order in range(6):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
        assert y.item() == pytest.approx(expected[order % 4](0.7))


def test_polynomial_to_its_last_derivative():
    x = Variable(np.array([1.0, -2.0]))
    y = x**5
    for factor, power in ((5, 4), (20, 3), (60, 2), (120, 1), (120, 0)):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
        np.testing.assert_allclose(y.data, factor * np.array([1.0, -2.0]) ** power)


def test_gradient_penalty():
    # d/dx (y + |dy/dx|**2) for y = x**3: 3 x**2 + 36 x**3.
    x = Variable(np.array(2.0))
    y = x**3
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    (y + gx**2).backward()
    assert x.grad.item() == pytest.approx(12 + 36 * 8)


def test_gradients_of_plain_backward_are_constants():
    x = Variable(np.array(2.0))
    (x * x).backward()
    assert x.grad.creator is None and not x.grad.requires_grad


def test_create_graph_under_no_grad_stays_first_order():
    x = Variable(np.array(2.0))
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad.item() == 4.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradient_has_the_dtype_of_its_data(dtype):
    x = Variable(np.ones(3, dtype))
    F.sum(x * 2 + 1.5).backward()
    assert x.grad.dtype == dtype


def test_mixed_floats_widen_and_each_gradient_narrows_again():
    a = Variable(np.ones(3, np.float32))
    b = Variable(np.full(3, 2.0))
    y = a * b
    assert y.dtype == np.float64
    y.backward()
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(a.grad.data, [2, 2, 2])


def test_mixed_floats_with_create_graph():
    a = Variable(np.ones(3, np.float32))
    b = Variable(np.full(3, 2.0))
    (a * a * b).backward(create_graph=True)
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)
    ga = a.grad
    a.cleargrad()
    ga.backward()
    np.testing.assert_array_equal(a.grad.data, [4, 4, 4])


def test_gradient_of_integer_data_is_floating():
    x = Variable(np.arange(3))
    y = x * x
    assert y.dtype.kind == "i"
    y.backward()
    assert x.grad.dtype.kind == "f"
    np.testing.assert_array_equal(x.grad.data, [0, 2, 4])


def test_default_float_can_be_chosen():
    x = Variable(np.arange(3))
    with using_config("dtype", np.float64):
        F.exp(x).backward()
    assert x.grad.dtype == np.float64


def test_grads_share_no_memory():
    a, b = Variable(np.ones(3)), Variable(np.ones(3))
    y = a + b
    y.backward(retain_grad=True)
    for one, two in ((a, b), (a, y), (b, y)):
        assert not np.shares_memory(one.grad.data, two.grad.data)
    a.grad.data *= 5
    np.testing.assert_array_equal(b.grad.data, np.ones(3))


def test_grad_is_not_a_view_of_the_seed():
    x = Variable(np.ones((2, 3)))
    y = F.reshape(x, (6,))
    seed = np.arange(6.0)
    y.grad = Variable(seed)
    y.backward()
    x.grad.data[...] = 0
    np.testing.assert_array_equal(seed, np.arange(6.0))


def test_grads_can_be_written_to():
    x = Variable(np.ones((2, 3)))
    F.sum(x).backward()
    x.grad.data += 1
    np.testing.assert_array_equal(x.grad.data, np.full((2, 3), 2.0))


def bad(**members):
    members = {"forward": lambda self, *xs: xs[0] * 1.0, **members}
    return type("Bad", (Function,), members)()


def test_backward_returns_too_many_gradients():
    y = bad(backward=lambda self, gy: (gy, gy))(Variable(np.ones(2)))
    with pytest.raises(ValueError, match=r"Bad.backward: expected one gradient for each of 1 inp"):
        y.backward()


def test_backward_returns_too_few_gradients():
    y = bad(backward=lambda self, gy: gy)(Variable(np.ones(2)), Variable(np.ones(2)))
    with pytest.raises(
        ValueError, match="Bad.backward: expected one gradient for each of 2.*got 1"
    ):
        y.backward()


@pytest.mark.parametrize("create_graph", [False, True])
def test_backward_returns_the_wrong_shape(create_graph):
    y = bad(backward=lambda self, gy: F.sum(gy))(Variable(np.ones(2)))
    with pytest.raises(ValueError, match=r"Bad.backward: .* shape \(2,\) .*, got \(\)"):
        y.backward(create_graph=create_graph)


def test_backward_returns_no_array():
    y = bad(backward=lambda self, gy: "gradient")(Variable(np.ones(2)))
    with pytest.raises(TypeError, match="Bad.backward: expected an array or Variable.*got str"):
        y.backward()


def test_backward_is_not_written():
    y = bad()(Variable(np.ones(2)))
    with pytest.raises(NotImplementedError, match="Bad.backward: expected the subclass"):
        y.backward()


@pytest.mark.parametrize(
    "backward",
    [
        lambda self, gy: gy.data * 2,
        lambda self, gy: Variable(gy.data * 2),
    ],
)
def test_second_derivative_through_a_function_that_has_none(backward):
    y = bad(backward=backward)(Variable(np.ones(2)))
    y.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="Bad.backward: .* create_graph=True asks for a second"):
        y.backward(create_graph=True)


def test_backward_without_a_graph():
    x = Variable(np.ones(2))
    with no_grad():
        y = x * 2.0
    with pytest.raises(RuntimeError, match="backward: expected a Variable with a graph"):
        y.backward()


def test_none_stops_a_gradient():
    x = Variable(np.ones(2))
    bad(backward=lambda self, gy: None)(x).backward()
    assert x.grad is None


def test_error_in_backward_leaves_the_modes_alone():
    def backward(self, gy):
        raise ZeroDivisionError("planted")

    y = bad(backward=backward)(Variable(np.ones(2)))
    with pytest.raises(ZeroDivisionError, match="planted"):
        y.backward()
    assert (Variable(np.ones(1)) * 2.0).creator is not None


class SinCos(Function):
    def forward(self, x):
        return np.sin(x), np.cos(x)

    def backward(self, gs, gc):
        s, c = (output() for output in self.outputs)
        return gs * F.cos(self.inputs[0]) - gc * F.sin(self.inputs[0]) + 0.0 * (s is c)


def test_both_outputs_used():
    x = Variable(np.array(0.3))
    s, c = SinCos()(x)
    (s * 2.0 + c).backward()
    assert x.grad.item() == pytest.approx(2 * np.cos(0.3) - np.sin(0.3))


@pytest.mark.parametrize("create_graph", [False, True])
def test_output_that_nobody_used_counts_as_zero(create_graph):
    x = Variable(np.array(0.3))
    s, _ = SinCos()(x)
    s.backward(create_graph=create_graph)
    assert x.grad.item() == pytest.approx(np.cos(0.3))


def test_output_that_is_long_gone_counts_as_zero():
    x = Variable(np.array(0.3))
    c = SinCos()(x)[1]
    c.backward()
    assert x.grad.item() == pytest.approx(-np.sin(0.3))


def test_outputs_at_second_order():
    x = Variable(np.array(0.3))
    s, c = SinCos()(x)
    y = s * c
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()
    assert x.grad.item() == pytest.approx(-2 * np.sin(0.6))


def test_loop_returns_leaf_gradients_and_touches_no_grad():
    x = Variable(np.array(2.0))
    y = x * x
    leaves = run([y], [np.array(1.0)])
    assert leaves[x] == 4.0
    assert x.grad is None


def test_two_roots_add_up():
    x = Variable(np.array(2.0))
    a, b = x * 3.0, x * x
    leaves = run([a, b], [np.array(1.0), np.array(10.0)])
    assert leaves[x] == 43.0


def test_front_door():
    assert backprop is not run and backprop.backprop is run
