"""`dezero.functions`: functions of Variables and arrays, in NumPy."""

import numpy as np

from dezero import core
from tests.upstream import Name, same, thing, value

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
POSITIVE = np.array([[0.5, 1.0, 2.0], [1.5, 0.25, 0.75]])
W = np.array([[1.0, 2.0], [0.5, -1.0], [-0.25, 3.0]])
B = np.array([0.1, -0.2])
LABELS = np.array([2, 0])
IMAGES = np.arange(24.0).reshape(2, 3, 2, 2) - 11.5


def softmax(x, axis=1):
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=1):
    return np.log(softmax(x, axis))


def squared_error(x0, x1):
    return ((x0 - x1) ** 2).sum() / len(x0)


def cross_entropy(x, t):
    return -np.mean(log_softmax(x)[np.arange(len(t)), t])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def binary(p, t):
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def batch_normed(x, gamma, beta, mean, var, decay=0.9, eps=2e-5):  # noqa: PLR0917 - upstream's order
    axes = (0, *range(2, x.ndim))
    shape = (1, -1, *[1] * (x.ndim - 2))
    y = x - x.mean(axis=axes).reshape(shape)
    y = y / np.sqrt(x.var(axis=axes).reshape(shape) + eps)
    return y * gamma.reshape(shape) + beta.reshape(shape)


def statistics_move(batch_nrom):
    """In training the running mean and variance are changed in place; in test mode, used."""
    x = IMAGES
    mean, var = np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 3.0])
    gamma, beta = np.array([1.0, 2.0, 0.5]), np.zeros(3)
    with core.test_mode():
        y = batch_nrom(core.Variable(x), gamma, beta, mean, var)
    scaled = (x - mean.reshape(1, 3, 1, 1)) / np.sqrt(var.reshape(1, 3, 1, 1) + 2e-5)
    same(y, scaled * gamma.reshape(1, 3, 1, 1))
    batch_nrom(core.Variable(x), gamma, beta, mean, var, 0.9, 2e-5)
    n = x.size // 3
    same(mean, 0.9 * np.array([1, 2, 3]) + 0.1 * x.mean(axis=(0, 2, 3)))
    same(var, 0.9 * np.array([2, 1, 3]) + 0.1 * x.var(axis=(0, 2, 3)) * n / (n - 1))


def dropped(dropout):
    x = core.Variable(np.ones((100, 100)))
    y = dropout(x, 0.25).data
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert 0.7 < (y > 0).mean() < 0.8
    assert 0.45 < (dropout(x).data > 0).mean() < 0.55
    with core.test_mode():
        same(dropout(x, 0.25), x.data)


def unary(name: str, formula) -> Name:
    """A function of one argument."""
    return value(f"functions.{name}", formula, X)


NAMES = [
    unary("sin", lambda x: np.sin(x)),
    unary("cos", lambda x: np.cos(x)),
    unary("tanh", lambda x: np.tanh(x)),
    unary("exp", lambda x: np.exp(x)),
    value("functions.log", lambda x: np.log(x), POSITIVE),
    value("functions.reshape", lambda x, shape: x.reshape(shape), X, (3, 2)),
    value("functions.expand_dims", lambda x, axis: np.expand_dims(x, axis), X, 1),
    value("functions.flatten", lambda x: x.reshape(len(x), -1), IMAGES),
    value("functions.sum", lambda x, axis=None, keepdims=False: x.sum(), X),
    value(
        "functions.sum", lambda x, axis=None, keepdims=False: x.sum(axis, keepdims=True), X, 1, True
    ),
    value("functions.sum_to", lambda x, shape: x.sum(0, keepdims=True), X, (1, 3)),
    value("functions.broadcast_to", lambda x, shape: np.broadcast_to(x, shape), X, (2, 2, 3)),
    value(
        "functions.average", lambda x, axis=None, keepdims=False: x.mean(0, keepdims=True),
        X, 0, True,
    ),
    value("functions.mean", lambda x, axis=None, keepdims=False: x.mean(), X),
    thing("functions.matmul", None, lambda f: same(f(X, W), X @ W)),
    value("functions.linear", lambda x, W, b=None: x @ W + b, X, W, B),
    value("functions.linear", lambda x, W, b=None: x @ W, X, W),
    value("functions.linear_simple", lambda x, W, b=None: x @ W + b, X, W, B),
    value("functions.linear_simple", lambda x, W, b=None: x @ W, X, W),
    value("functions.transpose", lambda x, axes=None: x.T, X),
    value("functions.transpose", lambda x, axes=None: x.transpose(axes), IMAGES, (2, 0, -1, 1)),
    value("functions.get_item", lambda x, slices: x[slices], X, (slice(None), [2, 0, 0])),
    unary("sigmoid_simple", sigmoid),
    unary("sigmoid", sigmoid),
    unary("relu", lambda x: np.maximum(x, 0)),
    unary("softmax_simple", softmax),
    unary("softmax", softmax),
    unary("log_softmax", log_softmax),
    value("functions.softmax_simple", softmax, X, 0),
    value("functions.softmax", softmax, X, 0),
    value("functions.log_softmax", log_softmax, X, 0),
    unary("leaky_relu", lambda x, slope=0.2: np.where(x > 0, x, slope * x)),
    value("functions.leaky_relu", lambda x, slope=0.2: np.where(x > 0, x, slope * x), X, 0.5),
    value("functions.mean_squared_error_simple", squared_error, X, POSITIVE),
    value("functions.mean_squared_error", squared_error, X, POSITIVE),
    value("functions.softmax_cross_entropy_simple", cross_entropy, X, LABELS),
    value("functions.softmax_cross_entropy", cross_entropy, X, LABELS),
    value(
        "functions.sigmoid_cross_entropy", lambda x, t: binary(sigmoid(x), t),
        X[:, 0], np.array([1, 0]),
    ),
    value("functions.binary_cross_entropy", binary, sigmoid(X[:, 0]), np.array([1, 0])),
    value("functions.accuracy", lambda y, t: np.mean(y.argmax(1) == t), X, np.array([2, 1])),
    thing(
        "functions.embed_id",
        lambda x, W: W[x],
        lambda f: same(f(np.array([2, 0, 2]), core.Parameter(W)), W[[2, 0, 2]]),
    ),
    thing("functions.dropout", lambda x, dropout_ratio=0.5: x, dropped),
    value(
        "functions.batch_nrom", batch_normed,
        IMAGES, np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, -1.0]), np.zeros(3), np.ones(3),
        wrap=False,
    ),
    value(
        "functions.batch_nrom", batch_normed, X, np.ones(3), np.zeros(3), np.zeros(3), np.ones(3),
        wrap=False,
    ),
    thing("functions.batch_nrom", None, statistics_move),
    value("functions.max", lambda x, axis=None, keepdims=False: x.max(), X),
    value("functions.max", lambda x, axis=None, keepdims=False: x.max(1)[:, None], X, 1, True),
    value("functions.min", lambda x, axis=None, keepdims=False: x.min(), X),
    value("functions.min", lambda x, axis=None, keepdims=False: x.min(0), X, 0),
    value("functions.clip", lambda x, x_min, x_max: x.clip(x_min, x_max), X, -0.8, 1.0),
    *[
        thing(f"functions.{name}", None, lambda f, name=name: f is getattr(core, name))
        for name in "add sub rsub mul div neg pow rdiv".split()
    ],
]  # fmt: skip
