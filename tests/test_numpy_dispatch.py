"""NumPy's functions on Variables: a Variable comes back, or an error, never an object array."""

import numpy as np
import pytest

from dezero.core import Variable, find


def test_asarray_gives_the_data():
    x = Variable(np.ones(2, np.float32))
    assert np.shares_memory(np.asarray(x), x.data)
    assert np.array(x).dtype == np.float32
    assert not np.shares_memory(np.array(x), x.data)
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    np.testing.assert_array_equal(x, [1, 1])


def test_lists_of_variables_give_no_object_arrays():
    xs = [Variable(np.ones(2)), Variable(np.zeros(2))]
    assert np.array(xs).dtype == np.float64
    assert np.array(xs).shape == (2, 2)


def test_numpy_functions_return_variables():
    x = Variable(np.array([[0.1, 0.2], [0.3, 0.4]]))
    a = np.array([1.0, 2.0])
    for got, expected in (
        (np.sin(x), np.sin(x.data)),
        (np.multiply(a, x), a * x.data),
        (np.multiply(x, a), a * x.data),
        (np.sum(x, axis=0), x.data.sum(0)),
        (np.mean(x, axis=1, keepdims=True), x.data.mean(1, keepdims=True)),
        (np.concatenate([x, x]), np.concatenate([x.data] * 2)),
        (np.concatenate([a[None], x], axis=0), np.concatenate([a[None], x.data])),
        (np.stack([x, x], axis=1), np.stack([x.data] * 2, axis=1)),
        (np.reshape(x, (4,)), x.data.reshape(4)),
        (np.transpose(x), x.data.T),
        (np.maximum(x, 0.2), np.maximum(x.data, 0.2)),
        (np.where(x.data > 0.2, x, 0.0), np.where(x.data > 0.2, x.data, 0.0)),
        (np.matmul(a, x), a @ x.data),
        (np.greater(x, 0.2), x.data > 0.2),
        (np.argmax(x, axis=1), [1, 1]),
        (np.clip(x, 0.15, 0.35), np.clip(x.data, 0.15, 0.35)),
        (np.float64(2.0) * x, 2 * x.data),
    ):
        assert isinstance(got, Variable), type(got)
        np.testing.assert_allclose(got.data, expected)


def test_numpy_functions_carry_gradients():
    x = Variable(np.array([0.1, 0.2]))
    np.sum(np.multiply(np.array([2.0, 3.0]), np.exp(x))).backward()
    np.testing.assert_allclose(x.grad.data, [2, 3] * np.exp([0.1, 0.2]))


def test_numpy_shape_size_and_ndim():
    x = Variable(np.ones((2, 3)))
    assert (np.shape(x), np.ndim(x), np.size(x), np.size(x, 1)) == ((2, 3), 2, 6, 3)


UFUNCS = {f.__name__: f for f in vars(np).values() if isinstance(f, np.ufunc) and f.nin <= 2}


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs_agree_with_numpy_or_raise(name):
    ufunc = UFUNCS[name]
    data = [np.array([0.25, 0.5]) + (name == "arccosh"), np.array([0.75, 0.5])][: ufunc.nin]
    if name.startswith(("bitwise", "invert")):
        data = [(4 * a).astype(np.int64) for a in data]
    calls = [[Variable(a) for a in data], [data[0], *map(Variable, data[1:])][: ufunc.nin]]
    if ufunc.nin == 1:
        calls = calls[:1]
    if find(ufunc.__name__) is None:
        with pytest.raises(TypeError, match=rf"np\.{ufunc.__name__}: expected a function with"):
            ufunc(*calls[0])
        return
    for args in calls:
        got = ufunc(*args)
        assert isinstance(got, Variable)
        expected = ufunc(*data)
        assert got.data.dtype != object
        np.testing.assert_allclose(got.data, expected, rtol=1e-7)


ARRAY_FUNCTIONS = [
    name
    for name, func in vars(np).items()
    if callable(func)
    and not isinstance(func, type | np.ufunc)
    and find(name) is not None
    # np.identity(n) takes no array; np.einsum has specs of its own.
    and name not in ("identity", "einsum")
]


def test_there_are_array_functions_to_try():
    assert {"sum", "mean", "concatenate", "reshape", "argmax"} <= set(ARRAY_FUNCTIONS)


NEEDS_MORE = {
    "astype": [np.float32],
    "broadcast_to": [(2, 2, 2)],
    "clip": [0.2, 0.4],
    "dot": [np.ones((2, 2))],
    "expand_dims": [0],
    "moveaxis": [0, 1],
    "pad": [1],
    "repeat": [2],
    "reshape": [(4,)],
    "roll": [1],
    "split": [2],
    "swapaxes": [0, 1],
    "take": [np.array([0, 1])],
    "take_along_axis": [np.array([[0, 1], [1, 0]]), 1],
    "tensordot": [np.ones((2, 2))],
    "tile": [2],
    "inner": [np.ones((2, 2))],
    "outer": [np.ones(2)],
}
JOIN = {"concatenate", "stack", "vstack", "hstack", "concat", "dstack", "column_stack"}


@pytest.mark.parametrize("name", ARRAY_FUNCTIONS)
def test_array_functions_agree_with_numpy(name):
    data = np.array([[0.1, 0.4], [0.3, 0.2]])
    more = NEEDS_MORE.get(name, [])
    func = getattr(np, name)
    if name == "where":
        got, expected = func(data > 0.2, Variable(data), 0.0), func(data > 0.2, data, 0.0)
    elif name in JOIN:
        got, expected = func([Variable(data), data]), func([data, data])
    else:
        got, expected = func(Variable(data), *more), func(data, *more)
    pairs = zip(got, expected, strict=True) if isinstance(got, list) else [(got, expected)]
    for one, other in pairs:
        if name not in ("shape", "ndim", "size"):
            assert isinstance(one, Variable)
            one = one.data
        np.testing.assert_allclose(one, other)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: np.add.reduce(x), "np.add.reduce"),
        (lambda x: np.add.outer(x, x), "np.add.outer"),
        (lambda x: np.add(x, 1, out=np.ones(2)), "np.add with out="),
        (lambda x: np.sin(x, where=np.array([True, False])), "np.sin with where="),
        (lambda x: np.fft.fft(x), "np.fft"),
        (lambda x: np.convolve(x, x), "np.convolve"),
        (lambda x: np.modf(x), "np.modf"),
    ],
)
def test_numpy_without_a_twin_raises(call, name):
    with pytest.raises(TypeError, match=f"with a differentiable twin, got {name}"):
        call(Variable(np.ones(2)))


@pytest.mark.parametrize("name", ["diagonal", "trace", "vector_norm"])
def test_linalg_functions_of_other_meaning_raise(name):
    # np.linalg.trace goes over the last two axes, np.trace over the first two.
    x = Variable(np.ones((3, 2, 2)))
    with pytest.raises(TypeError, match=rf"twin, got np\.linalg\.{name} on"):
        getattr(np.linalg, name)(x)
    with pytest.raises(TypeError, match=r"twin, got np\.lib\._?scimath(_impl)?\.sqrt on"):
        np.emath.sqrt(-x)


@pytest.mark.parametrize("name", ["cholesky", "det", "inv", "norm"])
def test_linalg_functions_agree_with_numpy(name):
    data = np.array([[2.0, 0.5], [0.5, 1.0]])
    func = getattr(np.linalg, name)
    np.testing.assert_allclose(func(Variable(data)).data, func(data))


def test_linalg_functions_of_two_arrays():
    a, b = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    for name in ("solve", "matmul", "tensordot"):
        func = getattr(np.linalg, name)
        np.testing.assert_allclose(func(Variable(a), b).data, func(a, b))
    np.testing.assert_allclose(np.linalg.outer(Variable(a[0]), b[0]).data, np.outer(a[0], b[0]))


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda x: np.clip(x, a_min=0, a_max=None), r"twin, got np\.clip with a_min, a_max= on"),
        (lambda x: np.sum(x, dtype=float), r"twin, got np\.sum with dtype= on"),
        (lambda x: np.where(x), r"twin, got np\.where on"),
        (lambda x: np.sum(x, axis="a"), "sum: 'str' object"),
    ],
)
def test_arguments_that_are_numpys_alone_raise(call, match):
    with pytest.raises(TypeError, match=match):
        call(Variable(np.ones(2)))


@pytest.mark.parametrize("compare", [np.allclose, np.array_equal, np.array_equiv])
def test_comparisons_take_variables(compare):
    x = Variable(np.array([1.0, 2.0]))
    assert compare(x, [1.0, 2.0]) and not compare(np.zeros(2), x)
    np.testing.assert_array_equal(np.isclose(x, [1.0, 3.0], atol=0.5), [True, False])
