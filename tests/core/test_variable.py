"""Variable: what it takes, what it says about itself, copies, devices."""

import copy
import pickle  # noqa: TID251 - Variables may travel to worker processes
import warnings

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import no_sync, transfers
from dezero.core import Config, Parameter, Variable, as_array, as_variable, no_grad
from tests.strict_device import strict_device


@pytest.mark.parametrize(
    ("data", "shape", "kind"),
    [
        (np.ones((2, 3), np.float32), (2, 3), "f"),
        (1.5, (), "f"),
        (3, (), "i"),
        (True, (), "b"),
        (np.float64(2.5), (), "f"),
        (np.int32(2), (), "i"),
        ([1.0, 2.0], (2,), "f"),
        ([[1, 2], [3, 4]], (2, 2), "i"),
        ((1.0, 2.0), (2,), "f"),
        ([], (0,), "f"),
    ],
)
def test_takes_arrays_numbers_and_lists(data, shape, kind):
    x = Variable(data)
    assert isinstance(x.data, np.ndarray)
    assert (x.shape, x.dtype.kind) == (shape, kind)
    assert x.grad is None and x.creator is None and x.generation == 0 and x.requires_grad


def test_array_is_not_copied():
    a = np.ones(3)
    assert Variable(a).data is a


def test_none_stands_for_not_yet():
    x = Variable(None, name="W")
    assert x.data is None and repr(x) == "variable(None)"
    assert "not initialised" in x._repr_html_()


@pytest.mark.parametrize("data", ["abc", object(), ["a"], [None], {1: 2}, np.array([1, None])])
def test_refuses_other_kinds(data):
    with pytest.raises(TypeError, match="Variable: expected an array, a number or a list"):
        Variable(data)


def test_refuses_ragged_lists():
    with pytest.raises(ValueError, match="inhomogeneous"):
        Variable([[1.0], [1.0, 2.0]])


def test_refuses_variables():
    with pytest.raises(TypeError, match="Variable: expected an array or number, got a Variable"):
        Variable(Variable(1.0))
    with pytest.raises(TypeError, match="got a list of Variables.*stack"):
        Variable([Variable(1.0), Variable(2.0)])
    with pytest.raises(TypeError, match="got a list of Variables.*stack"):
        Variable([[2.0, Variable(1.0)]])


def test_subclasses_of_arrays_become_plain_ones():
    rows = np.ones((2, 2)).view(np.memmap)
    assert type(Variable(rows).data) is np.ndarray
    assert np.shares_memory(Variable(rows).data, rows)
    assert type((Variable(np.ones((2, 2))) * rows).data) is np.ndarray
    with pytest.raises(TypeError, match=r"Variable: expected an array, a number or a list"):
        Variable(np.ma.array([1.0, 2.0], mask=[True, False]))


def test_as_variable_and_as_array():
    x = Variable(1.0)
    assert as_variable(x) is x
    assert as_variable(2.0).item() == 2.0
    assert as_array(x) is x.data
    assert as_array([1, 2]).dtype.kind == "i"
    assert as_array(np.float32(2)).dtype == np.float32


def test_constant_wrap_and_detach():
    x = Variable(np.ones(2))
    assert not Variable.constant(x.data).requires_grad
    assert Variable.wrap(x) is x
    assert not Variable.wrap(2.0).requires_grad
    d = (x * 2.0).detach()
    assert d.creator is None and not d.requires_grad
    assert x.detach().data is x.data


def test_no_other_attributes():
    with pytest.raises(AttributeError):
        Variable(1.0).gard = 3


def test_shape_and_friends():
    x = Variable(np.zeros((2, 3), np.float16), name="x")
    assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.name) == ((2, 3), 2, 6, np.float16, 2, "x")
    assert x.T.shape == (3, 2)


def test_repr_is_the_books():
    assert repr(Variable(np.array(1.0))) == "variable(1.0)"
    assert repr(Variable(np.array([1, 2, 3]))) == "variable([1 2 3])"
    assert repr(Variable(np.array([[1, 2, 3], [4, 5, 6]]))) == (
        "variable([[1 2 3]\n          [4 5 6]])"
    )
    assert str(Variable(np.array([1, 2]))) == "variable([1 2])"


def test_repr_html():
    x = Variable(np.ones((100, 100), np.float32), name="<W>")
    text = x._repr_html_()
    assert "&lt;W&gt;" in text and "<W>" not in text
    assert "(100, 100) float32" in text
    assert len(text) < 1000


def test_numbers():
    x = Variable(np.array([[2.5]]))
    assert (float(x), int(x), bool(x), x.item()) == (2.5, 2, True, 2.5)
    assert type(Variable(np.array(3)).item()) is int
    assert bool(Variable(np.array(0.0))) is False
    assert [10, 20, 30][Variable(np.array(1))] == 20


@pytest.mark.parametrize("convert", [float, int, Variable.item])
def test_many_elements_are_no_number(convert):
    with pytest.raises(ValueError, match=r": expected one element, got shape \(2,\)"):
        convert(Variable(np.ones(2)))


def test_many_elements_have_no_truth():
    with pytest.raises(ValueError, match="truth value"):
        bool(Variable(np.ones(2)))


def test_zero_dimensional_has_no_length_and_no_rows():
    with pytest.raises(TypeError, match="iter: expected a Variable with axes, got a 0-d one"):
        iter(Variable(1.0))
    with pytest.raises(TypeError, match="len"):
        len(Variable(1.0))


def test_contains():
    x = Variable(np.array([1.0, 2.0]))
    assert 2.0 in x and 3.0 not in x


@pytest.mark.parametrize(
    "twin",
    [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))],  # noqa: S301
    ids=["deepcopy", "pickle"],
)
@pytest.mark.parametrize("cls", [Variable, Parameter])
def test_copies_carry_values_without_the_graph(twin, cls):
    x = cls(np.array([1.0, 2.0]), name="x")
    (x * x).backward()
    got = twin(x)
    assert type(got) is cls and got.name == "x"
    assert not np.shares_memory(got.data, x.data)
    np.testing.assert_array_equal(got.data, x.data)
    np.testing.assert_array_equal(got.grad.data, [2, 4])
    y = twin(x * 3.0)
    assert y.creator is None and y.requires_grad
    assert not twin(Variable.constant(np.ones(1))).requires_grad


def test_shallow_copy_shares_the_data():
    x = Variable(np.ones(2))
    y = copy.copy(x)
    assert y is not x and y.data is x.data


def test_pickle_of_a_deep_graph_does_not_recurse():
    y = Variable(np.array(1.0))
    for _ in range(5000):
        y = F.neg(y)
    assert pickle.loads(pickle.dumps(y)).item() == 1.0  # noqa: S301


def test_attributes_of_a_subclass_travel():
    class Weight(Variable):
        pass

    x = Weight(np.ones(2))
    x.frozen = True
    assert copy.deepcopy(x).frozen is True


def test_empty_parameter_travels():
    assert pickle.loads(pickle.dumps(Parameter(None, "W"))).data is None  # noqa: S301


def test_parameter():
    p = Parameter(np.ones(2, np.float32), name="W")
    assert isinstance(p, Variable) and p.requires_grad
    assert Parameter(2.0).shape == ()


@pytest.mark.parametrize("data", [np.arange(3), 2, np.array(1), np.uint8(7)])
def test_integers_given_to_a_parameter_become_floating(data):
    p = Parameter(data)
    assert p.dtype == Config.dtype
    np.testing.assert_array_equal(p.data, data)


@pytest.mark.parametrize("data", [[True], np.ones(2, complex)])
def test_parameter_is_floating(data):
    with pytest.raises(TypeError, match=r"Parameter: expected floating data, got .* bool|complex"):
        Parameter(data)


def test_seed_and_gradient_share_no_memory():
    x = Variable(np.ones(3))
    y = x + 0.0
    seed = np.ones(3)
    y.grad = Variable(seed)
    y.backward()
    x.grad.data[...] = 7
    np.testing.assert_array_equal(seed, [1, 1, 1])


def test_leaf_with_a_seed():
    x = Variable(np.ones(2))
    x.grad = Variable(np.array([2.0, 3.0]))
    x.backward()
    np.testing.assert_array_equal(x.grad.data, [2, 3])


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (3, 1)])
def test_seed_of_another_shape(shape):
    y = Variable(np.ones(3)) * 2.0
    y.grad = Variable(np.ones(shape))
    with pytest.raises(ValueError, match=r"backward: expected grad of shape \(3,\) as the result"):
        y.backward()


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("seed", [np.array([1, 2]), np.array([1.0, 2.0]), [1, 2]])
def test_seed_takes_the_dtype_of_the_result(seed, create_graph):
    x = Variable(np.ones(2, np.float32))
    y = x * x
    y.grad = seed
    y.backward(create_graph=create_graph)
    np.testing.assert_array_equal(x.grad.data, [2, 4])
    assert x.grad.dtype == np.float32


def test_set_creator():
    x = Variable(np.ones(2))
    y = x * 2.0
    z = Variable(y.data)
    z.set_creator(y.creator)
    assert (z.creator, z.generation) == (y.creator, 1)


def test_accumulation_onto_a_differentiable_gradient():
    x = Variable(np.array(2.0))
    (x**2).backward(create_graph=True)
    (x**3).backward(create_graph=True)
    g = x.grad
    x.cleargrad()
    g.backward()
    assert g.item() == 16.0 and x.grad.item() == 14.0


def test_no_grad_values_are_right():
    with no_grad():
        y = F.exp(Variable(np.zeros(2)))
    np.testing.assert_array_equal(y.data, [1, 1])


def test_to_cpu_moves_data_and_gradient():
    with strict_device() as backend:
        x = Variable(backend.from_host(np.ones(2)))
        (x * 3.0).backward()
        x.to_cpu()
        assert type(x.data) is np.ndarray and type(x.grad.data) is np.ndarray
        np.testing.assert_array_equal(x.grad.data, [3, 3])
        Variable(None).to_cpu()


def test_to_gpu_without_a_gpu():
    from dezero import cuda

    if cuda.available():
        pytest.skip("there is a GPU")
    with pytest.raises(RuntimeError, match="to_gpu: expected a usable GPU, got none: "):
        Variable(np.ones(2)).to_gpu()


def test_device_variables_show_themselves():
    with strict_device() as backend:
        x = Variable(backend.from_host(np.ones(2)))
        assert repr(x) == "variable([1. 1.])"
        assert "(2,) float64" in x._repr_html_()
        assert float(F.sum(x)) == 2.0
        with pytest.raises(TypeError, match="expected an array of the host, got one on strict"):
            np.asarray(x)


def test_nothing_here_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.asarray(Variable(np.ones(2)), copy=True)


def test_format_of_one_element():
    assert f"{Variable(np.array(0.12345)):.3f}" == "0.123"
    assert f"{Variable(np.array(2.0))}" == "variable(2.0)"
    with pytest.raises(ValueError, match="format: expected one element"):
        format(Variable(np.ones(2)), ".3f")


READERS = {
    "float": float,
    "int": int,
    "bool": bool,
    "index": lambda x: [0, 1, 2][x],
    "item": Variable.item,
    "numpy": Variable.numpy,
    "repr": repr,
    "format": lambda x: f"{x:.2f}",
}


@pytest.mark.parametrize("name", READERS)
def test_a_device_value_is_counted_when_read_and_not_read_inside_no_sync(name):
    host = Variable(np.array(1))
    with strict_device() as device, transfers() as counted:
        x = Variable(device.from_host(np.array(1)))
        assert READERS[name](x) == READERS[name](host)
        assert counted.to_host == 1
        with no_sync():
            READERS[name](host)
            with pytest.raises(RuntimeError, match=f"^{name}: .* inside no_sync"):
                READERS[name](x)
    assert counted.to_host == 1
