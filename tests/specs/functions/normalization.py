import numpy as np

import dezero.functions as F
from tests.specs import fails, spec


def normed(x, axis=-1, eps=1e-5):
    variance = x.var(axis, keepdims=True)
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(variance + eps)


def layer_norm(x, gamma, beta):
    return normed(x) * gamma + beta


def rms(x, axis=-1, eps=1e-6):
    return x / np.sqrt((x * x).mean(axis, keepdims=True) + eps)


X = np.zeros((4, 3))

SPECS = [
    spec(F.layer_norm, (4, 5), (5,), (5,), oracle=layer_norm, low=-2, high=2),
    spec(F.layer_norm, (2, 3, 4), (4,), (4,), oracle=layer_norm, low=-2, high=2),
    spec(F.layer_norm, (5,), (5,), (5,), oracle=layer_norm, low=-2, high=2),
    spec(F.layer_norm, (0, 5), (5,), (5,), oracle=layer_norm),
    spec(F.layer_norm, (4, 5), oracle=normed, low=-2, high=2),
    spec(
        F.layer_norm,
        (4, 5),
        kwargs={"eps": 0.1},
        oracle=lambda x: normed(x, eps=0.1),
        low=-2,
        high=2,
    ),
    spec(
        F.layer_norm,
        (2, 3, 4),
        (3, 4),
        (3, 4),
        kwargs={"axis": (1, 2)},
        oracle=lambda x, g, b: normed(x, (1, 2)) * g + b,
        low=-2,
        high=2,
    ),
    spec(
        F.layer_norm,
        (2, 3, 4),
        (3,),
        (3,),
        kwargs={"axis": 1},
        oracle=lambda x, g, b: normed(x, 1) * g[:, None] + b[:, None],
        low=-2,
        high=2,
    ),
    spec(
        F.layer_norm,
        (3, 2, 4),
        (3, 4),
        kwargs={"axis": (-1, 0)},
        oracle=lambda x, g: normed(x, (0, 2)) * g[:, None],
        low=-2,
        high=2,
    ),
    fails(
        F.layer_norm,
        X,
        np.ones(4),
        error=ValueError,
        match=r"layer_norm: expected gamma of shape \(3,\), as x \(4, 3\) float64 is along axis",
    ),
    fails(
        F.layer_norm,
        X,
        np.ones(3),
        np.ones((1, 3)),
        error=ValueError,
        match=r"layer_norm: expected beta of shape \(3,\)",
    ),
    fails(
        F.layer_norm,
        X,
        kwargs={"axis": 2},
        error=ValueError,
        match=r"layer_norm: expected axes of x, got axis=2 and x \(4, 3\)",
    ),
    fails(F.layer_norm, np.zeros((4, 0)), error=ValueError, match="expected elements to normalise"),
    spec(F.rms_norm, (4, 5), (5,), oracle=lambda x, g: rms(x) * g, low=-2, high=2),
    spec(F.rms_norm, (2, 3, 4), (4,), oracle=lambda x, g: rms(x) * g, low=-2, high=2),
    spec(F.rms_norm, (5,), oracle=rms, low=-2, high=2),
    spec(F.rms_norm, (0, 5), (5,), oracle=lambda x, g: rms(x) * g),
    spec(
        F.rms_norm,
        (4, 5),
        kwargs={"eps": 0.1},
        oracle=lambda x: rms(x, eps=0.1),
        low=-2,
        high=2,
    ),
    spec(
        F.rms_norm,
        (3, 2, 4),
        (3, 4),
        kwargs={"axis": (-1, 0)},
        oracle=lambda x, g: rms(x, (0, 2)) * g[:, None],
        low=-2,
        high=2,
    ),
    fails(
        F.rms_norm,
        X,
        np.ones(4),
        error=ValueError,
        match=r"rms_norm: expected gamma of shape \(3,\), as x \(4, 3\) float64 is along axis",
    ),
    fails(
        F.rms_norm,
        X,
        kwargs={"axis": 2},
        error=ValueError,
        match="rms_norm: expected axes of x, got axis=2",
    ),
]
