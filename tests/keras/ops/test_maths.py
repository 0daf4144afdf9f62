"""`keras.ops`: elementwise functions and sums."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.keras import ops

X = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.5]])


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: ops.rsqrt(X**2), 1 / abs(X)),
        (lambda: ops.clip(X, -0.5, 1), X.clip(-0.5, 1)),
        (lambda: ops.divide_no_nan(X, [[0.0, 2, 0], [1, 0, 4]]), [[0, -0.5, 0], [3, 0, -0.125]]),
        (lambda: ops.norm(X, axis=1), np.linalg.norm(X, axis=1)),
        (lambda: ops.norm(X, 1, axis=1, keepdims=True), abs(X).sum(1, keepdims=True)),
        (lambda: ops.norm(X, np.inf), 3),
        (lambda: ops.normalize(X), X / np.linalg.norm(X, axis=-1, keepdims=True)),
        (lambda: ops.normalize(X, 0, 1), X / abs(X).sum(0)),
        (lambda: ops.moments(X, 0)[1], X.var(0)),
        (lambda: ops.logical_and(X > 0, X < 1), (X > 0) & (X < 1)),
        (lambda: ops.logical_or(X > 2, X < 0), (X > 2) | (X < 0)),
        (lambda: ops.logical_not(X > 0), X <= 0),
        (lambda: ops.var(X, axis=(0, 1)), X.var()),
        (lambda: ops.einsum("ij,kj->ik", X, X), X @ X.T),
        (lambda: ops.negative(X) + ops.absolute(X), abs(X) - X),
    ],
)
def test_values(call, wanted):
    np.testing.assert_allclose(np.asarray(call()), wanted, rtol=1e-12)


def test_gradients_flow():
    x = Parameter(X)
    ops.sum(ops.divide_no_nan(ops.norm(x, axis=1), np.array([0.0, 2.0]))).backward()
    np.testing.assert_allclose(x.grad.data[1], X[1] / np.linalg.norm(X[1]) / 2)
    assert not x.grad.data[0].any()


def test_wrong_norm_says_so():
    with pytest.raises(ValueError, match="norm: expected ord None, 1, 2, numpy.inf"):
        ops.norm(Variable(X), "nuclear")
