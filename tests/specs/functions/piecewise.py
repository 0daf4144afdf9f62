"""Specs of `dezero/functions/piecewise.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def wide(func, oracle, *args, **fields):
    args = [const(a) for a in args]
    return spec(func, (3, 4), *args, oracle=oracle, low=-3, high=3, elementwise=True, **fields)


def projected(x, axis=-1):
    """Return the projection on the simplex: tau by bisection, so that sum(max(x - tau, 0)) is 1."""
    low = x.max(axis=axis, keepdims=True) - 1.0
    high = low + 1.0
    for _ in range(80):
        tau = (low + high) / 2
        more = np.maximum(x - tau, 0).sum(axis=axis, keepdims=True) > 1
        low, high = np.where(more, tau, low), np.where(more, high, tau)
    return np.maximum(x - low, 0)


def near_border(x):
    """Return how far each element is from the border of what stays above 0."""
    return np.min(np.abs(x - (x - projected(x)).max(-1, keepdims=True)), initial=1.0)


def pieces(x):
    return np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x))


SPECS = [
    wide(F.hard_tanh, lambda x: np.clip(x, -1, 1), kinks=[-1, 1]),
    wide(F.hard_shrink, lambda x: np.where(np.abs(x) > 0.5, x, 0), kinks=[-0.5, 0.5]),
    wide(F.hard_shrink, lambda x, c: np.where(np.abs(x) > c, x, 0), 1.25, kinks=[-1.25, 1.25]),
    wide(F.soft_shrink, lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0), kinks=[-0.5, 0.5]),
    wide(F.soft_shrink, lambda x, c: x, 0.0),
    wide(F.threshold, lambda x, c, v: np.where(x > c, x, v), 0.75, -2, kinks=[0.75]),
    wide(F.sparse_plus, pieces, kinks=[-1, 1]),
    wide(F.sparse_sigmoid, lambda x: np.clip((x + 1) / 2, 0, 1), kinks=[-1, 1]),
    spec(F.sparsemax, (3, 5), oracle=projected, kinks=near_border),
    spec(F.sparsemax, (4, 1), oracle=projected),
    spec(
        F.sparsemax,
        (3, 2, 2),
        kwargs={"axis": 0},
        oracle=lambda x: projected(x, 0),
        kinks=lambda x: near_border(np.moveaxis(x, 0, -1)),
    ),
    *(
        fails(f, np.ones(2), -1.0, error=ValueError, match=f"{f.__name__}: expected thresh")
        for f in (F.hard_shrink, F.soft_shrink)
    ),
    fails(
        F.sparsemax,
        np.ones((2, 3)),
        error=ValueError,
        match=r"sparsemax: expected an axis of x, got axis=2 and x \(2, 3\)",
        kwargs={"axis": 2},
    ),
]
