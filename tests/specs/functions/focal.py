"""Specs of `dezero/functions/focal.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

BITS = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
CLASS_WEIGHTS = np.array([0.2, 1.0, 3.0])


def focal(p, t, alpha=None, gamma=2.0):
    right = t * p + (1 - t) * (1 - p)
    entropy = -t * np.log(p) - (1 - t) * np.log(1 - p)
    weight = 1 if alpha is None else t * alpha + (1 - t) * (1 - alpha)
    return weight * (1 - right) ** gamma * entropy


def logistic(x):
    return 1 / (1 + np.exp(-x))


def categorical(p, t, alpha=0.25, gamma=2.0, axis=-1):
    p = p / p.sum(axis, keepdims=True)
    return -(alpha * (1 - p) ** gamma * t * np.log(p)).sum(axis)


def dice(p, t, axis=None):
    return 1 - 2 * (p * t).sum(axis) / (p.sum(axis) + t.sum(axis) + 1e-7)


def tversky(p, t, missed, added, axis=None):
    both = (p * t).sum(axis)
    outside = missed * ((1 - p) * t).sum(axis) + added * (p * (1 - t)).sum(axis)
    return 1 - both / (both + outside + 1e-7)


def chances(func, *args, **fields):
    return spec(func, (2, 3), *args, low=0.1, high=0.9, **fields)


SPECS = [
    chances(F.binary_focal_cross_entropy, (2, 3), oracle=lambda p, t: focal(p, t).mean()),
    *(
        chances(
            F.binary_focal_cross_entropy, const(BITS),
            kwargs={"alpha": alpha, "gamma": gamma, "reduction": "none"},
            oracle=lambda p, t, alpha=alpha, gamma=gamma: focal(p, t, alpha, gamma),
        )
        for alpha, gamma in ((0.25, 2.0), (None, 0.5), (0.75, 0))
    ),
    spec(
        F.sigmoid_focal_cross_entropy, (2, 3), const(BITS), low=-3, high=3,
        oracle=lambda x, t: focal(logistic(x), t).mean(),
    ),
    spec(
        F.sigmoid_focal_cross_entropy, (2, 3), const(BITS), low=-3, high=3,
        kwargs={"alpha": 0.25, "gamma": 1, "reduction": "sum"},
        oracle=lambda x, t: focal(logistic(x), t, 0.25, 1).sum(),
    ),
    chances(
        F.categorical_focal_cross_entropy, const(BITS), oracle=lambda p, t: categorical(p, t).mean()
    ),
    chances(
        F.categorical_focal_cross_entropy, const(BITS),
        kwargs={"alpha": CLASS_WEIGHTS, "gamma": 3.0, "reduction": "none"},
        oracle=lambda p, t: categorical(p, t, CLASS_WEIGHTS, 3.0),
    ),
    chances(
        F.categorical_focal_cross_entropy, (2, 3), kwargs={"axis": 0, "reduction": "none"},
        oracle=lambda p, t: categorical(p, t, axis=0),
    ),
    chances(F.dice_loss, (2, 3), oracle=dice),
    chances(F.dice_loss, const(BITS), const(1), oracle=dice),
    chances(
        F.tversky_loss, (2, 3), kwargs={"missed": 0.7, "added": 0.2, "axis": 0},
        oracle=lambda p, t: tversky(p, t, 0.7, 0.2, 0),
    ),
    *(
        fails(f, BITS, BITS, kwargs={"gamma": -1}, error=ValueError, match=f"^{f.__name__}: expec")
        for f in (
            F.binary_focal_cross_entropy, F.sigmoid_focal_cross_entropy,
            F.categorical_focal_cross_entropy,
        )
    ),
    fails(
        F.categorical_focal_cross_entropy, BITS - 1, BITS, error=ValueError,
        match="categorical_focal_cross_entropy: expected probabilities",
    ),
    *(
        fails(f, BITS, BITS[0], error=ValueError, match=f"{f.__name__}: expected both")
        for f in (F.dice_loss, F.tversky_loss)
    ),
    fails(
        F.tversky_loss, BITS, BITS, kwargs={"missed": -1}, error=ValueError,
        match="tversky_loss: expected weights of at least 0",
    ),
]  # fmt: skip
