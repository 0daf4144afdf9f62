"""Small data, small models and a callback that writes everything down, for tests of training."""

import numpy as np

import dezero.functions as F
from dezero.backend import random
from dezero.core import Parameter
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.optimizers import SGD
from dezero.training import Callback


def blobs(n=60, classes=3, dtype=np.float32):
    """Points (n, 4) around one centre per class, and their labels."""
    rng = np.random.default_rng(5)
    t = rng.integers(0, classes, n)
    centres = rng.uniform(-2, 2, (classes, 4))
    return (centres[t] + 0.3 * rng.standard_normal((n, 4))).astype(dtype), t


def net(optimizer=None, metrics=None, *, loss="softmax_cross_entropy", dtype=np.float32, **options):
    """A compiled 4-8-3 network whose first weights are the same every time."""
    rng = np.random.default_rng(1)
    W0, W1 = rng.standard_normal((4, 8)) / 2, rng.standard_normal((8, 3)) / 3
    first = Linear(8, in_size=4, dtype=dtype, initializer=W0, **options)
    model = Sequential(first, F.tanh, Linear(3, in_size=8, dtype=dtype, initializer=W1))
    model.compile(SGD(0.1) if optimizer is None else optimizer, loss, metrics)
    return model


def weights(model):
    """Copies of all parameters."""
    return [param.data.copy() for param in model.params()]


def same(a, b):
    """Whether two lists of arrays are equal to the last bit."""
    return all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a, b, strict=True))


X, T = blobs()


def trained(model=None, x=X, t=T, **options):
    """Fit from a seed of its own, and return the model."""
    model = net() if model is None else model
    random.seed(3)
    model.fit(x, t, **{"epochs": 2, "batch_size": 16, "verbose": 0, **options})
    return model


def batches_of(x, t, *weight, size=16):
    """Yield batches as a user's generator does."""
    for start in range(0, len(x), size):
        yield tuple(a[start : start + size] for a in (x, t, *weight))


class Plain:
    """The least that a model can be."""

    def __init__(self):
        rng = np.random.default_rng(2)
        self.W = Parameter(rng.standard_normal((4, 3)).astype(np.float32))
        self.b = Parameter(np.zeros(3, np.float32))

    def __call__(self, x):
        return F.linear(x, self.W, self.b)

    def params(self):
        return iter((self.W, self.b))

    def cleargrads(self):
        for param in self.params():
            param.cleargrad()


class Recorder(Callback):
    """Writes down (point, epoch or batch if any, names of the logs)."""

    def __init__(self):
        self.events = []

    def note(self, point, *args):
        *index, logs = args
        self.events.append((point, *index, sorted(logs)))

    def on_train_begin(self, logs=None):
        self.note("train begin", logs)

    def on_train_end(self, logs=None):
        self.note("train end", logs)

    def on_epoch_begin(self, epoch, logs=None):
        self.note("epoch begin", epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self.note("epoch end", epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        self.note("batch begin", batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self.note("batch end", batch, logs)

    def on_test_begin(self, logs=None):
        self.note("test begin", logs)

    def on_test_end(self, logs=None):
        self.note("test end", logs)

    def on_test_batch_begin(self, batch, logs=None):
        self.note("test batch begin", batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        self.note("test batch end", batch, logs)

    def on_predict_begin(self, logs=None):
        self.note("predict begin", logs)

    def on_predict_end(self, logs=None):
        self.note("predict end", logs)

    def on_predict_batch_begin(self, batch, logs=None):
        self.note("predict batch begin", batch, logs)

    def on_predict_batch_end(self, batch, logs=None):
        self.note("predict batch end", batch, logs)
