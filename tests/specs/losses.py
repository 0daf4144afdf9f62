"""One line per loss that `dezero.losses.get` knows: what it gives for each sample, in NumPy."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class LossSpec(NamedTuple):
    """A loss by name, predictions and targets of a batch, and the value of each sample."""

    name: str
    y: np.ndarray
    t: np.ndarray
    oracle: Callable[[np.ndarray, Any], np.ndarray]
    options: dict = {}


def per_sample(function):
    """Return an oracle: elementwise `function`, its mean over all but the first axis."""
    return lambda y, t: function(y, t).reshape(len(y), -1).mean(1)


def binary(p, t):
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


def logistic(x, t):
    return binary(1 / (1 + np.exp(-x)), t)


def log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def categorical(p, t):
    return -(t * np.log(p / p.sum(-1, keepdims=True))).sum(-1)


def huber(delta):
    def values(y, t):
        d = np.abs(y - t)
        return np.where(d <= delta, d**2 / 2, delta * (d - delta / 2))

    return per_sample(values)


_RNG = np.random.default_rng(0)
Y, T = _RNG.uniform(-2, 2, (4, 3)), _RNG.uniform(-2, 2, (4, 3))
P = _RNG.uniform(0.1, 0.9, (4, 3))
Q = P[::-1] / P[::-1].sum(1, keepdims=True)
P = P / P.sum(1, keepdims=True)
BITS = (T > 0) * 1.0
LABELS = np.array([2, 0, 1, 2])
ONE_HOT = np.eye(3)[LABELS]
SMOOTH = ONE_HOT * 0.7 + 0.1

SPECS = [
    LossSpec("mean_squared_error", Y, T, per_sample(lambda y, t: (y - t) ** 2)),
    LossSpec("mse", Y, T, per_sample(lambda y, t: (y - t) ** 2)),
    LossSpec(
        "mse", Y, T, lambda y, t: ((y - t) ** 2).sum(1), options={"reduction": "batch"}
    ),  # the book's
    LossSpec("mean_absolute_error", Y, T, per_sample(lambda y, t: np.abs(y - t))),
    LossSpec("mae", Y, T, per_sample(lambda y, t: np.abs(y - t))),
    LossSpec("huber", Y, T, huber(1.0)),
    LossSpec("huber", Y, T, huber(0.4), options={"delta": 0.4}),
    LossSpec("hinge", Y, 2 * BITS - 1, per_sample(lambda y, t: np.maximum(1 - t * y, 0))),
    LossSpec(
        "squared_hinge", Y, 2 * BITS - 1, per_sample(lambda y, t: np.maximum(1 - t * y, 0) ** 2)
    ),
    LossSpec("kl_divergence", P, Q, lambda p, t: (t * np.log(t / p)).sum(1)),
    LossSpec("kld", P, Q, lambda p, t: (t * np.log(t / p)).sum(1)),
    LossSpec("binary_crossentropy", P, BITS, per_sample(binary)),
    LossSpec("binary_cross_entropy", P, BITS, per_sample(binary)),
    LossSpec("binary_crossentropy", Y, BITS, per_sample(logistic), options={"from_logits": True}),
    LossSpec("sigmoid_cross_entropy", Y, BITS, per_sample(logistic)),
    LossSpec("softmax_cross_entropy", Y, LABELS, lambda x, t: -log_softmax(x)[range(4), t]),
    LossSpec(
        "softmax_cross_entropy", Y, LABELS, lambda x, t: -(log_softmax(x) * SMOOTH).sum(1),
        options={"label_smoothing": 0.3},
    ),
    LossSpec("sparse_categorical_crossentropy", P, LABELS, lambda p, t: categorical(p, ONE_HOT)),
    LossSpec(
        "sparse_categorical_crossentropy", Y, LABELS, lambda x, t: -log_softmax(x)[range(4), t],
        options={"from_logits": True},
    ),
    LossSpec("categorical_crossentropy", P, ONE_HOT, categorical),
    LossSpec("categorical_cross_entropy", P, ONE_HOT, categorical),
    LossSpec(
        "categorical_crossentropy", P, ONE_HOT, lambda p, t: categorical(p, SMOOTH),
        options={"label_smoothing": 0.3},
    ),
]  # fmt: skip
