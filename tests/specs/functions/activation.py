"""Specs of `dezero/functions/activation.py`."""

import math

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

math_erf = np.vectorize(math.erf, otypes=[np.float64])


def logistic(x):
    return np.where(x < 0, np.exp(np.minimum(x, 0)), 1) / (1 + np.exp(-np.abs(x)))


def normalized(x, axis=1):
    y = np.exp(x - x.max(axis=axis, keepdims=True))
    return y / y.sum(axis=axis, keepdims=True)


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def wide(func, oracle, **fields):
    return spec(func, (3, 4), oracle=oracle, low=-4, high=4, elementwise=True, **fields)


def over_axes(func, oracle):
    return [
        spec(func, (3, 4), oracle=oracle, low=-3, high=3),
        spec(func, (2, 3, 4), oracle=oracle, low=-3, high=3),
        *(
            spec(
                func,
                shape,
                kwargs={"axis": axis},
                oracle=lambda x, axis=axis: oracle(x, axis),
                low=-3,
                high=3,
            )
            for shape, axis in (((4,), 0), ((4,), -1), ((2, 3, 4), -1), ((2, 3, 4), 0))
        ),
    ]


SPECS = [
    wide(F.identity, lambda x: x),
    wide(F.sigmoid_simple, logistic),
    wide(F.sigmoid, logistic),
    spec(F.sigmoid, (3,), oracle=logistic, low=-40, high=-30, id="tail"),
    *over_axes(F.softmax_simple, normalized),
    *over_axes(F.softmax, normalized),
    spec(F.softmax, (2, 3, 4), kwargs={"axis": (1, 2)}, oracle=lambda x: normalized(x, (1, 2))),
    spec(F.softmax, (3, 4), oracle=normalized, low=-900, high=900, id="large"),
    *over_axes(F.log_softmax, lambda x, axis=1: np.log(normalized(x, axis))),
    wide(F.softplus, lambda x: np.log1p(np.exp(x))),
    spec(F.softplus, (3,), oracle=np.exp, low=-40, high=-30, id="tail"),
    wide(F.softsign, lambda x: x / (1 + np.abs(x)), kinks=[0]),
    wide(F.silu, lambda x: x * logistic(x)),
    wide(F.swish, lambda x: x * logistic(x)),
    wide(F.mish, lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    wide(F.gelu, lambda x: x * (1 + math_erf(x / math.sqrt(2))) / 2),
    spec(F.gelu, (3, 4), const("tanh"), oracle=lambda x, how: gelu_tanh(x), low=-4, high=4),
    wide(F.hard_sigmoid, lambda x: np.clip(x / 6 + 0.5, 0, 1), kinks=[-3, 3]),
    wide(F.hard_swish, lambda x: x * np.clip(x / 6 + 0.5, 0, 1), kinks=[-3, 3]),
    fails(
        F.softmax,
        np.ones(3),
        error=ValueError,
        match=r"softmax: expected an axis of x, got axis=1 and x \(3,\) float64",
    ),
    fails(
        F.log_softmax,
        np.ones((3, 2)),
        error=ValueError,
        match=r"log_softmax: expected an axis of x, got axis=-3 and x \(3, 2\) float64",
        kwargs={"axis": -3},
    ),
    fails(
        F.gelu,
        np.ones(3),
        error=ValueError,
        match="gelu: expected approximate='none' or 'tanh', got 'fast'",
        kwargs={"approximate": "fast"},
    ),
]
