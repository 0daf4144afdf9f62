"""Specs of `dezero/functions/regression.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec


def percentage(x, t):
    return 100 * np.abs(x - t) / np.maximum(np.abs(t), 1e-7)


def logarithmic(x, t):
    return (np.log(1 + np.maximum(x, 1e-7)) - np.log(1 + np.maximum(t, 1e-7))) ** 2


def log_cosh(x, t):
    return np.log(np.cosh(x - t))


def poisson(x, t):
    return x - t * np.log(x + 1e-7)


def cosine(x, t, axis=-1):
    lengths = [np.sqrt((v * v).sum(axis)) for v in (x, t)]
    return (x * t).sum(axis) / lengths[0] / lengths[1]


def both_ways(func, oracle, **fields):
    """Return a spec of the mean, and one of the values."""
    return [
        spec(func, (4, 3), (4, 3), oracle=lambda x, t: oracle(x, t).mean(), **fields),
        spec(func, (5,), (5,), oracle=oracle, kwargs={"reduction": "none"}, **fields),
    ]


def apart(x, t):
    return np.minimum(np.abs(x - t), np.abs(t))


LOSSES = (
    F.mean_absolute_percentage_error, F.mean_squared_logarithmic_error, F.log_cosh,
    F.poisson_loss, F.cosine_similarity,
)  # fmt: skip
SPECS = [
    *both_ways(F.mean_absolute_percentage_error, percentage, low=0.5, high=2, kinks=apart),
    *both_ways(F.mean_squared_logarithmic_error, logarithmic, low=0.1, high=3),
    spec(
        F.mean_squared_logarithmic_error, (4, 3), (4, 3),
        oracle=lambda x, t: logarithmic(x, t).sum(), kwargs={"reduction": "sum"},
        low=(-1, 0.1), high=(1, 3), kinks=[0.0],
    ),
    *both_ways(F.log_cosh, log_cosh, low=-3, high=3),
    spec(
        F.log_cosh, (4,), (4,), oracle=lambda x, t: np.abs(x - t) - np.log(2),
        kwargs={"reduction": "none"}, low=(90, -90), high=(95, -85), id="tail",
    ),
    *both_ways(F.poisson_loss, poisson, low=0.2, high=3),
    spec(F.cosine_similarity, (4, 3), (4, 3), oracle=cosine, low=0.2, high=2),
    spec(
        F.cosine_similarity, (4, 3), (4, 3), kwargs={"axis": 0},
        oracle=lambda x, t: cosine(x, t, 0), low=(-2, 0.2), high=(-0.2, 2),
    ),
    *(
        fails(f, np.zeros((3, 1)), np.zeros(3), error=ValueError, match=f"^{f.__name__}: expected")
        for f in LOSSES
    ),
]  # fmt: skip
