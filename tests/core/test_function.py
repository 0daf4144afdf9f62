"""Function: the three-line contract, what a call records, reuse, words of its errors."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Function, FunctionHook, Parameter, Variable, no_grad
from dezero.core.function import constant, public_name
from dezero.utils import get_dot_graph
from tests.strict_device import strict_device


class Cube(Function):
    def forward(self, x):
        return x**3

    def backward(self, gy):
        return 3 * self.inputs[0] ** 2 * gy


def test_the_books_contract():
    x = Variable(np.array(2.0))
    y = Cube()(x)
    y.backward(create_graph=True)
    assert (y.item(), x.grad.item()) == (8.0, 12.0)
    gx = x.grad
    x.cleargrad()
    gx.backward()
    assert x.grad.item() == 12.0


def test_what_a_call_records():
    a, b = Variable(np.ones(2)), Variable(np.ones(2))
    c = Cube()(a)
    y = F.add(c, b)
    function = y.creator
    assert isinstance(function, F.Add)
    assert function.inputs[0] is c and function.inputs[1] is b
    assert function.outputs[0]() is y
    assert (a.generation, c.generation, y.generation) == (0, 1, 2)
    assert function.generation == 1
    assert y.requires_grad


def test_constants_alone_record_nothing():
    y = Cube()(np.ones(2))
    assert y.creator is None and not y.requires_grad
    y = Cube()(Variable.constant(np.ones(2)))
    assert y.creator is None


def test_no_grad_records_nothing():
    with no_grad():
        function = Cube()
        y = function(Variable(np.ones(2)))
    assert y.creator is None and function.inputs == ()


def test_inputs_may_be_arrays_numbers_and_lists():
    assert Cube()(2.0).item() == 8.0
    assert Cube()(np.float64(2)).item() == 8.0
    np.testing.assert_array_equal(Cube()([1.0, 2.0]).data, [1, 8])


def test_result_is_always_an_array():
    class Total(Function):
        def forward(self, x):
            return x.sum()

        def backward(self, gy):
            return F.broadcast_to(gy, self.inputs[0].shape)

    y = Total()(Variable(np.ones(3, np.float32)))
    assert type(y.data) is np.ndarray and y.shape == () and y.dtype == np.float32


def test_reused_object_makes_a_node_per_call():
    f = Cube()
    x = Variable(np.array(2.0))
    y = f(f(x))
    assert y.creator is not y.creator.inputs[0].creator
    y.backward()
    assert x.grad.item() == 9 * 2.0**8


def test_reused_object_keeps_its_settings():
    f = F.Pow(3)
    a, b = Variable(np.array(2.0)), Variable(np.array(5.0))
    first, second = f(a), f(b)
    (first + second).backward()
    assert (a.grad.item(), b.grad.item()) == (12.0, 75.0)


def test_tuple_of_outputs_comes_back_as_a_list():
    class Halves(Function):
        def forward(self, x):
            return x[:2], x[2:]

        def backward(self, g0, g1):
            return F.concat([g0, g1])

    x = Variable(np.arange(4.0))
    y = Halves()(x)
    assert isinstance(y, list) and len(y) == 2
    F.sum(y[1] * 3.0).backward()
    np.testing.assert_array_equal(x.grad.data, [0, 0, 3, 3])


def test_one_output_in_a_tuple():
    class One(Function):
        def forward(self, x):
            return (x + 1,)

        def backward(self, gy):
            return gy

    y = One()(Variable(np.ones(())))
    assert [v.item() for v in (y if isinstance(y, list) else [y])] == [2.0]


def test_forward_is_not_written():
    with pytest.raises(NotImplementedError, match="Planted.forward: expected the subclass"):
        type("Planted", (Function,), {})()(Variable(np.ones(2)))


@pytest.mark.parametrize(("result", "kind"), [(None, "NoneType"), (Variable(1.0), "Variable")])
def test_forward_returns_no_array(result, kind):
    cls = type("Planted", (Function,), {"forward": lambda self, x: result})
    with pytest.raises(TypeError, match=f"Planted.forward: expected an array, got {kind}"):
        cls()(Variable(np.ones(2)))


def test_opaque_error_gets_operation_and_shapes():
    with pytest.raises(ValueError) as info:
        F.add(np.ones((2, 3)), np.ones(4, np.float32))
    text = "add: expected shapes that broadcast, got (2, 3) float64, (4,) float32. Reshape one."
    assert str(info.value) == text
    assert info.value.__cause__ is not None


def test_clear_error_is_left_alone():
    with pytest.raises(ValueError, match=r"^sum_to: expected a shape") as info:
        F.sum_to(np.ones((2, 3)), (4,))
    assert "Got" not in str(info.value)


def test_clear_error_is_not_its_own_cause():
    with pytest.raises(ValueError) as info:
        F.sum_to(np.ones((2, 3)), (4,))
    assert info.value.__cause__ is None


def test_error_of_another_constructor_is_wrapped():
    def forward(self, x):
        return "\udc80".encode()

    y = type("Odd", (Function,), {"forward": forward})()
    with pytest.raises(ValueError, match=r"Odd: 'utf-8' codec.*Got \(2,\) float64"):
        y(np.ones(2))


def test_parameter_without_shape():
    with pytest.raises(RuntimeError, match="mul: expected arrays, got a Parameter whose shape"):
        Parameter(None) * 2


def test_two_devices():
    with strict_device() as backend:
        here, there = Variable(np.ones(2)), Variable(backend.from_host(np.ones(2)))
        with pytest.raises(TypeError, match="add: expected .* one device, got numpy and strict"):
            F.add(here, there)
        with pytest.raises(TypeError, match="mul: expected arrays on one device"):
            there * np.ones(2)


def test_unknown_input():
    with pytest.raises(TypeError, match="Variable: expected an array, a number or a list.*got str"):
        F.add(Variable(np.ones(2)), "abc")
    with pytest.raises(TypeError, match="got a list of Variables"):
        Cube()([Variable(1.0), Variable(2.0)])


def test_public_name():
    assert public_name(F.SumTo((1,))) == "sum_to"
    assert public_name(F.MatMul()) == "matmul"
    assert public_name(Cube()) == "Cube"
    cube = Cube()
    cube.called = "third_power"
    assert public_name(cube) == "third_power"


def test_scalar_takes_the_dtype_beside_it():
    x = Variable(np.ones(2, np.float16))
    assert constant(2.5, (x,)).dtype == np.float16
    assert constant(2.5, (2.5, x)).dtype == np.float16
    assert constant(np.float64(2), (np.ones(2, np.float32),)).dtype == np.float32
    assert not constant(2.5, (x,)).requires_grad


def test_scalar_beside_integers():
    n = np.arange(2)
    assert constant(2, (n,)).dtype == np.int64
    assert constant(2.5, (n,)).dtype == np.float32
    assert constant(True, (n,)).dtype == np.int64


def test_scalar_beside_booleans():
    b = np.array([True])
    assert constant(True, (b,)).dtype == np.bool_
    assert constant(2, (b,)).dtype == np.int64


def test_scalar_beside_several_floats():
    three = (2.0, np.ones(2, np.float16), np.ones(2, np.float32))
    assert constant(2.0, three).dtype == np.float32


def test_scalar_lands_on_the_device_beside_it():
    with strict_device() as backend:
        x = Variable(backend.from_host(np.ones(2, np.float32)))
        y = 2.5 * x + 1
        assert type(y.data) is type(x.data)
        y.backward()
        np.testing.assert_array_equal(x.grad.data.get(), [2.5, 2.5])


def test_zeros_like_output():
    x = Variable(np.arange(4, dtype=np.float32))
    first, _ = F.split(x, 2)
    zeros = first.creator.zeros_like_output(1)
    assert zeros.shape == (2,) and zeros.dtype == np.float32 and not zeros.any()


class Affine(Function):
    """As scripts write it: no bias is None, for forward as for backward."""

    def forward(self, x, W, b):
        y = x.dot(W)
        return y if b is None else y + b

    def backward(self, gy):
        x, W, b = self.inputs
        gb = None if b.data is None else F.sum_to(gy, b.shape)
        return F.matmul(gy, W.T), F.matmul(x.T, gy), gb


def test_an_input_may_be_none():
    x, W = Variable(np.ones((2, 3))), Variable(np.ones((3, 2)))
    y = Affine()(x, W, None)
    y.backward(create_graph=True)
    np.testing.assert_array_equal(x.grad.data, np.full((2, 3), 2.0))
    W.cleargrad()
    F.sum(x.grad**2).backward()
    np.testing.assert_array_equal(W.grad.data, np.full((3, 2), 8.0))
    with_bias = Affine()(x, W, np.zeros(2))
    np.testing.assert_array_equal(with_bias.data, y.data)
    assert "Affine" in get_dot_graph(y)


@pytest.mark.parametrize("f", [F.exp, F.sum, lambda x: F.linear(x, np.ones((2, 2)))])
def test_none_is_no_input_of_our_own_functions(f):
    with pytest.raises(TypeError, match="Variable: expected an array"):
        f(None)


class One(Function):
    def forward(self, x):
        return (x * 2,)

    def backward(self, gy):
        return (gy * 2,)


def test_a_tuple_of_one_array_is_one_result():
    x = Variable(np.ones(3))
    y = One()(x)
    assert isinstance(y, Variable)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 2.0, 2.0])
    with FunctionHook():
        assert isinstance(One()(x), Variable)


@pytest.mark.parametrize("said", ["Unable to allocate 9.00 TiB for an array", ""])
def test_memory_errors_name_the_function_and_its_arrays(said):
    class Large(Function):
        def forward(self, x):
            raise MemoryError(said)

    said = said or "a MemoryError"
    with pytest.raises(MemoryError) as caught:
        Large()(np.ones((2, 3), np.float32))
    assert str(caught.value) == (
        f"Large: expected memory for its result, got none: {said}. Take a smaller batch. "
        "Got (2, 3) float32."
    )
