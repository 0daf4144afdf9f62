"""Python's operators on both sides, with Variables, arrays, numbers and lists; array methods."""

import operator

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]
X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
OTHERS = [
    Variable(X[::-1].copy()),
    X[::-1].copy(),
    X[0].copy(),
    2,
    2.5,
    True,
    np.float64(2.5),
    np.float32(2.5),
    np.int64(2),
    [3.0, 2.0, 1.0],
]


def plain(x):
    return x.data if isinstance(x, Variable) else x


@pytest.mark.parametrize("other", OTHERS, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
def test_both_sides(op, other):
    x = Variable(X)
    for got, expected in (
        (op(x, other), op(X, plain(other))),
        (op(other, x), op(np.asarray(plain(other)), X)),
    ):
        assert isinstance(got, Variable), type(got)
        assert got.dtype != object
        np.testing.assert_allclose(got.data, expected)


@pytest.mark.parametrize("op", BINARY[:7], ids=lambda op: op.__name__)
def test_zero_dimensional_both_sides(op):
    x = Variable(np.array(3.0))
    for other in (2, 2.5, np.float64(2.5), np.array(2.0), np.array([2.0, 4.0])):
        for got, expected in ((op(x, other), op(3.0, other)), (op(other, x), op(other, 3.0))):
            assert isinstance(got, Variable)
            np.testing.assert_allclose(got.data, expected)


def test_matmul_both_sides():
    A, B = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for got in (Variable(A) @ Variable(B), Variable(A) @ B, A @ Variable(B)):
        assert isinstance(got, Variable)
        np.testing.assert_allclose(got.data, A @ B)
    np.testing.assert_allclose(Variable(A).matmul(B).data, A @ B)


def test_unary():
    x = Variable(-X)
    np.testing.assert_array_equal((-x).data, X)
    np.testing.assert_array_equal(abs(x).data, X)
    assert +x is x


def test_in_place_operators_make_new_variables():
    x = y = Variable(np.ones(2))
    y += 1.0
    y *= 3.0
    assert y is not x
    np.testing.assert_array_equal(x.data, [1, 1])
    F.sum(y).backward()
    np.testing.assert_array_equal(x.grad.data, [3, 3])


def test_array_on_the_left_in_place_is_refused():
    a = np.ones(2)
    with pytest.raises(TypeError, match=r"np\.add: expected a function .*got np\.add with out="):
        a += Variable(np.ones(2))
    np.testing.assert_array_equal(a, [1, 1])


def test_items_cannot_be_assigned():
    with pytest.raises(TypeError, match="item assignment"):
        Variable(np.ones(2))[0] = 3.0


def test_gradients_through_reflected_operators():
    x = Variable(np.array([1.0, 2.0]))
    a = np.array([3.0, 5.0])
    F.sum(a - x + a * x + a / x + 2.0**x).backward()
    np.testing.assert_allclose(x.grad.data, -1 + a - a / x.data**2 + 2**x.data * np.log(2))


def test_equality_is_elementwise_and_hash_is_identity():
    x, y = Variable(np.ones(2)), Variable(np.ones(2))
    assert isinstance(x == y, Variable) and (x == y).data.all()
    assert not (x != y).data.any()
    assert hash(x) != hash(y)
    table = {x: 1, y: 2}
    assert table[x] == 1 and table[y] == 2
    assert not (x == y).requires_grad


def test_incomparable_kinds_are_refused():
    with pytest.raises(TypeError, match="add|Variable: expected an array"):
        Variable(np.ones(2)) + "abc"
    with pytest.raises(TypeError, match="Variable: expected an array"):
        Variable(np.ones(2)) * None


METHODS = {
    "T": lambda x: x.T,
    "all": lambda x: (x > 1).all(),
    "all axis": lambda x: (x > 1).all(axis=0),
    "any": lambda x: (x > 5).any(axis=1, keepdims=True),
    "argmax": lambda x: x.argmax(axis=1),
    "argmax all": lambda x: x.argmax(),
    "argmin": lambda x: x.argmin(axis=0),
    "astype": lambda x: x.astype(np.float32),
    "clip": lambda x: x.clip(2, 4),
    "clip below": lambda x: x.clip(min=2),
    "copy": lambda x: x.copy(),
    "cumsum": lambda x: x.cumsum(axis=1),
    "dot": lambda x: x.dot(np.ones(3)),
    "flatten": lambda x: x.flatten(),
    "ravel": lambda x: x.ravel(),
    "max": lambda x: x.max(axis=0),
    "mean": lambda x: x.mean(axis=1, keepdims=True),
    "min": lambda x: x.min(),
    "prod": lambda x: x.prod(axis=0),
    "repeat": lambda x: x.repeat(2, axis=1),
    "reshape": lambda x: x.reshape(3, 2),
    "reshape tuple": lambda x: x.reshape((3, -1)),
    "reshape list": lambda x: x.reshape([6]),
    "squeeze": lambda x: x.reshape(2, 1, 3).squeeze(1),
    "squeeze all": lambda x: x.reshape(2, 1, 3).squeeze(),
    "std": lambda x: x.std(axis=0),
    "sum": lambda x: x.sum(),
    "sum axis": lambda x: x.sum((0, 1), keepdims=True),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "transpose": lambda x: x.transpose(),
    "transpose numbers": lambda x: x.transpose(1, 0),
    "transpose tuple": lambda x: x.transpose((1, 0)),
    "transpose None": lambda x: x.transpose(None),
    "var": lambda x: x.var(axis=0, ddof=1),
}


@pytest.mark.parametrize("name", METHODS)
def test_array_methods_are_numpys(name):
    got, expected = METHODS[name](Variable(X)), METHODS[name](X)
    assert isinstance(got, Variable)
    assert got.shape == np.shape(expected)
    np.testing.assert_allclose(got.data, expected)


INDICES = {
    "int": 1,
    "negative": -1,
    "slice": slice(0, 1),
    "step": (slice(None), slice(None, None, -2)),
    "pair": (1, 2),
    "ellipsis": (..., 0),
    "newaxis": (None, 0),
    "array": np.array([1, 0, 1]),
    "list": [1, 0, 1],
    "two arrays": (np.array([0, 1]), np.array([2, 2])),
    "mask": X > 2,
    "row mask": np.array([True, False]),
    "mixed": (slice(None), np.array([0, 0, 2])),
    "numpy int": np.int64(1),
    "empty": slice(0, 0),
}


@pytest.mark.parametrize("name", INDICES)
def test_indexing_is_numpys(name):
    x = Variable(X)
    y = x[INDICES[name]]
    assert isinstance(y, Variable)
    np.testing.assert_array_equal(y.data, X[INDICES[name]])
    F.sum(y).backward()
    expected = np.zeros_like(X)
    np.add.at(expected, INDICES[name], 1.0)
    np.testing.assert_array_equal(x.grad.data, expected)


@pytest.mark.parametrize("index", [np.array([1, 0, 1]), X > 2])
def test_variables_as_indices(index):
    np.testing.assert_array_equal(Variable(X)[Variable(index)].data, X[index])


def test_iteration():
    x = Variable(X)
    rows = list(x)
    assert [row.shape for row in rows] == [(3,), (3,)]
    F.sum(rows[1] * 2.0).backward()
    np.testing.assert_array_equal(x.grad.data, [[0, 0, 0], [2, 2, 2]])
    a, b = Variable(np.array([1.0, 2.0]))
    assert (a.item(), b.item()) == (1.0, 2.0)
