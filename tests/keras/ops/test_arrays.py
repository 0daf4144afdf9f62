"""`keras.ops`: arrays made, cut, joined and turned."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.keras import Input, ops

X = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: ops.zeros((2, 3)), np.zeros((2, 3), "f4")),
        (lambda: ops.ones(2, "int32"), np.ones(2, "i4")),
        (lambda: ops.full((2,), 7), np.full(2, 7, "i4")),
        (lambda: ops.full((2,), 0.5), np.full(2, 0.5, "f4")),
        (lambda: ops.eye(2, 3, 1), np.eye(2, 3, 1, "f4")),
        (lambda: ops.identity(2), np.eye(2, dtype="f4")),
        (lambda: ops.arange(3), np.arange(3, dtype="i4")),
        (lambda: ops.arange(1, 2, 0.5), np.array([1, 1.5], "f4")),
        (lambda: ops.linspace(0, 1, 3), np.array([0, 0.5, 1], "f4")),
        (lambda: ops.meshgrid([1, 2], [3])[0], np.array([[1, 2]])),
        (lambda: ops.zeros_like(X), 0 * X),
        (lambda: ops.ones_like(X, "int32"), np.ones((3, 4), "i4")),
        (lambda: ops.full_like(X, 2), np.full((3, 4), 2.0)),
        (lambda: ops.cast(X, "int32"), X.astype("i4")),
        (lambda: ops.reshape(X, [-1]), X.ravel()),
        (lambda: ops.reshape(X, 12), X.ravel()),
        (lambda: ops.concatenate([X, X]), np.concatenate([X, X], -1)),
        (lambda: ops.append(X, [[1.0]]), np.append(X, 1)),
        (lambda: ops.append(X, X, 0), np.append(X, X, 0)),
        (lambda: ops.split(X, [1, 3], 1)[1], X[:, 1:3]),
        (lambda: ops.unstack(X, axis=1)[3], X[:, 3]),
        (lambda: ops.argmax(X), np.int32(11)),
        (lambda: ops.argmax(X, 1), np.full(3, 3, "i4")),
        (lambda: ops.argmin(X, 0, keepdims=True), np.zeros((1, 4), "i4")),
        (lambda: ops.one_hot([1, 0], 2), np.array([[0, 1], [1, 0]], "f4")),
        (lambda: ops.one_hot([1, 5], 2, axis=0), np.array([[0, 0], [1, 0]], "f4")),
        (lambda: ops.pad(X, [[0, 0], [1, 0]])[:, :2], np.pad(X, [[0, 0], [1, 0]])[:, :2]),
        (lambda: ops.take(X, [2, 0], axis=1), X[:, [2, 0]]),
        (lambda: ops.take(X, 5), X[1, 1]),
        (lambda: ops.slice(X, (1, 0), (2, 3)), X[1:3, :3]),
        (lambda: ops.top_k(X, 2)[0], X[:, [3, 2]]),
        (lambda: ops.top_k(X, 1)[1], np.full((3, 1), 3, "i4")),
        (lambda: ops.tile(X, (1, 2)), np.tile(X, (1, 2))),
    ],
)
def test_values(call, wanted):
    np.testing.assert_array_equal(np.asarray(call()), wanted, strict=True)


def test_numbers_and_lists_become_tensors():
    assert ops.convert_to_tensor([1, 2]).dtype == np.int32
    assert ops.convert_to_tensor(1.5).dtype == np.float32
    assert ops.convert_to_tensor(X).dtype == np.float64 and ops.array([True]).dtype == bool
    x = Parameter(np.array(2.0))
    joined = ops.convert_to_tensor([x, x * 3], "float64")
    ops.sum(joined).backward()
    assert float(x.grad.data) == 4 and ops.convert_to_tensor(x) is x
    assert ops.convert_to_tensor(x, "float32").dtype == np.float32
    assert not ops.stop_gradient(x).requires_grad and ops.is_tensor(x) and not ops.is_tensor(X)


def test_shapes():
    x = Input((3,))
    assert ops.shape(x) == (None, 3) and ops.ndim(x) == 2 and ops.convert_to_tensor(x) is x
    assert ops.convert_to_tensor(x, "int32").dtype == "int32"
    assert ops.shape(X).numpy().tolist() == [3, 4] and ops.size([[1, 2]]) == 2
    kept = ops.convert_to_numpy(Variable(X))
    assert type(kept) is np.ndarray and kept is not X


def test_conditions():
    assert ops.cond(Variable(np.array(True)), lambda: 1, lambda: 2) == 1
    assert ops.cond(False, lambda: 1, lambda: 2) == 2
