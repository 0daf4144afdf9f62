"""The Function classes of `dezero.functions`, made with upstream's settings."""

import numpy as np

from dezero import functions as F
from tests.upstream import Name, node, thing
from tests.upstream.functions import (
    IMAGES,
    LABELS,
    POSITIVE,
    B,
    W,
    X,
    batch_normed,
    cross_entropy,
    log_softmax,
    sigmoid,
    softmax,
    squared_error,
)


def scattered(slices, in_shape):
    def formula(gy):
        gx = np.zeros(in_shape)
        np.add.at(gx, slices, gy)
        return gx

    return formula


def normed(mean, var, decay, eps):
    return lambda x, gamma, beta: batch_normed(x, gamma, beta, mean, var, decay, eps)


def plain(name: str, formula, *inputs) -> Name:
    """A class without settings."""
    return node(f"functions.{name}", lambda: formula, (), *inputs)


ROWS = (slice(None), [2, 0, 0])

NAMES = [
    plain("Sin", np.sin, X),
    plain("Cos", np.cos, X),
    plain("Tanh", np.tanh, X),
    plain("Exp", np.exp, X),
    plain("Log", np.log, POSITIVE),
    plain("MatMul", np.matmul, X, W),
    plain("Linear", lambda x, W, b: x @ W + b, X, W, B),
    plain("Sigmoid", sigmoid, X),
    plain("ReLU", lambda x: np.maximum(x, 0), X),
    plain("MeanSquaredError", squared_error, X, POSITIVE),
    plain("SoftmaxCrossEntropy", cross_entropy, X, LABELS),
    node("functions.Reshape", lambda shape: lambda x: x.reshape(shape), ((3, 2),), X),
    node("functions.Sum", lambda axis, keepdims: lambda x: x.sum(1)[:, None], (1, True), X),
    node("functions.SumTo", lambda shape: lambda x: x.sum(0, keepdims=True), ((1, 3),), X),
    node("functions.BroadcastTo", lambda shape: lambda x: x + np.zeros(shape), ((2, 2, 3),), X),
    node("functions.Transpose", lambda axes=None: np.transpose, (), X),
    node("functions.Transpose", lambda axes=None: lambda x: x.transpose(axes), ((1, 0),), X),
    node("functions.GetItem", lambda slices: lambda x: x[slices], (ROWS,), X),
    node("functions.GetItemGrad", scattered, (ROWS, (2, 3)), X),
    node("functions.Softmax", lambda axis=1: lambda x: softmax(x, axis), (0,), X),
    node("functions.LogSoftmax", lambda axis=1: lambda x: log_softmax(x, axis), (), X),
    node("functions.LeakyReLU", lambda slope: lambda x: np.where(x > 0, x, slope * x), (0.5,), X),
    node(
        "functions.BatchNorm",
        normed,
        (np.zeros(3), np.ones(3), 0.9, 2e-5),
        IMAGES, np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, -1.0]),
    ),
    node("functions.Max", lambda axis=None, keepdims=False: lambda x: x.max(axis), (1,), X),
    node("functions.Min", lambda axis=None, keepdims=False: lambda x: x.min(axis), (1,), X),
    thing("functions.Min", None, lambda cls: issubclass(cls, F.Max)),
    node("functions.Clip", lambda x_min, x_max: lambda x: x.clip(x_min, x_max), (-0.5, 1.0), X),
]  # fmt: skip
