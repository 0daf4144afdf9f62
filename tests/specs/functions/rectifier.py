"""Specs of `dezero/functions/rectifier.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def exponential(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def wide(func, oracle, **fields):
    return spec(func, (3, 4), oracle=oracle, low=-4, high=4, elementwise=True, **fields)


def rectified(slope=0.0, threshold=0.0, limit=np.inf):
    def run(x):
        return np.where(x > threshold, np.minimum(x, limit), slope * (x - threshold))

    return run


SPECS = [
    wide(F.rectify, rectified(), kinks=[0]),
    *(
        wide(
            F.rectify,
            rectified(**words),
            kwargs=words,
            kinks=[words.get("threshold", 0), words.get("limit", 0)],
        )
        for words in (
            {"slope": 0.1},
            {"limit": 1.5},
            {"threshold": 1.0},
            {"slope": 0.25, "threshold": -0.5, "limit": 2.0},
        )
    ),
    fails(F.rectify, np.ones(3), kwargs={"limit": -1}, error=ValueError, match="rectify: expected"),
    wide(F.relu, lambda x: np.maximum(x, 0), kinks=[0]),
    wide(F.leaky_relu, lambda x: np.where(x > 0, x, 0.2 * x), kinks=[0]),
    *(
        spec(
            F.leaky_relu,
            (3, 4),
            const(slope),
            oracle=lambda x, slope: np.where(x > 0, x, slope * x),
            kinks=[0],
        )
        for slope in (0, 1, 1.5, -0.5)
    ),
    *(
        spec(
            F.prelu,
            x,
            alpha,
            oracle=lambda x, alpha: np.where(x > 0, x, alpha * x),
            kinks=lambda x, alpha: np.abs(x),
            low=-1,
            high=2,
        )
        for x, alpha in (((3, 4), (4,)), ((2, 3, 2, 2), (3, 1, 1)), ((3,), ()), ((3,), (2, 3)))
    ),
    spec(F.prelu, (3,), const(0.1), oracle=lambda x, a: np.where(x > 0, x, a * x), kinks=[0]),
    spec(F.relu6, (3, 4), oracle=lambda x: np.clip(x, 0, 6), low=-4, high=10, kinks=[0, 6]),
    wide(F.elu, lambda x: exponential(x, 1), kinks=[0]),
    spec(F.elu, (3, 4), const(0.5), oracle=exponential, kinks=[0]),
    wide(F.selu, lambda x: 1.0507009873554805 * exponential(x, 1.6732632423543772), kinks=[0]),
    wide(F.celu, lambda x: exponential(x, 1), kinks=[0]),
    spec(
        F.celu,
        (3, 4),
        const(0.5),
        oracle=lambda x, a: np.where(x > 0, x, a * np.expm1(x / a)),
        kinks=[0],
    ),
    fails(F.celu, np.ones(3), -1.0, error=ValueError, match="celu: expected alpha > 0, got -1.0"),
    fails(F.celu, np.ones(3), 0, error=ValueError, match="celu: expected alpha > 0, got 0", id="0"),
]
