"""Specs of `dezero/functions/elementwise.py`."""

import math

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

MASK = np.array([[True, False, True, True], [False, False, True, False], [True, True, False, True]])
UPPER = np.array([1, -1, 0, 2])
BINARY = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 3), (4, 1)), ((), (2, 3))]

math_erf = np.vectorize(math.erf, otypes=[np.float64])


def binary(func, oracle, **fields):
    return [
        *(spec(func, *shapes, oracle=oracle, **fields) for shapes in BINARY),
        spec(func, (2, 3), const(0.5), oracle=oracle, id="number", **fields),
        spec(func, const(0), (2, 3), oracle=oracle, id="number-left", **fields),
        spec(func, (2, 3), (2, 3), oracle=oracle, elementwise=True, id="elementwise", **fields),
    ]


def distance(*xs):
    """Distance of two arguments from each other, of one from the numbers 0 and 0.5 beside it."""
    return np.abs(xs[0] - xs[1]) if len(xs) == 2 else np.minimum(np.abs(xs[0]), np.abs(xs[0] - 0.5))


SPECS = [
    spec(F.exp, (3, 4), oracle=np.exp, low=-3, high=3, elementwise=True),
    spec(F.expm1, (3, 4), oracle=np.expm1, low=-3, high=3, elementwise=True),
    spec(F.expm1, (3,), oracle=np.expm1, low=-1e-7, high=1e-7, id="near-0"),
    spec(F.log, (3, 4), oracle=np.log, low=0.5, high=4, elementwise=True),
    spec(F.log2, (3, 4), oracle=np.log2, low=0.5, high=4, elementwise=True),
    spec(F.log10, (3, 4), oracle=np.log10, low=0.5, high=4, elementwise=True),
    spec(F.log1p, (3, 4), oracle=np.log1p, low=-0.5, high=4, elementwise=True),
    spec(F.log1p, (3,), oracle=np.log1p, low=-1e-7, high=1e-7, id="near-0"),
    *binary(F.logaddexp, np.logaddexp, low=-3, high=3),
    spec(
        F.logaddexp, (3,), (3,), oracle=np.logaddexp, low=(400, -900), high=(900, 900), id="large"
    ),
    spec(F.sqrt, (3, 4), oracle=np.sqrt, low=0.5, high=4, elementwise=True),
    spec(F.square, (3, 4), oracle=np.square, low=-3, high=3, elementwise=True),
    spec(F.reciprocal, (3, 4), oracle=np.reciprocal, low=0.5, high=4, elementwise=True),
    spec(F.abs, (3, 4), oracle=np.abs, kinks=[0], elementwise=True),
    spec(F.erf, (3, 4), oracle=math_erf, low=-3, high=3, elementwise=True),
    spec(F.erf, (5,), oracle=math_erf, low=-7, high=7, id="tails"),
    spec(F.erf, (3,), oracle=math_erf, low=-1e-7, high=1e-7, id="near-0"),
    *binary(F.maximum, np.maximum, kinks=distance),
    *binary(F.minimum, np.minimum, kinks=distance),
    spec(
        F.clip,
        (3, 4),
        const(-0.5),
        const(0.75),
        oracle=np.clip,
        kinks=[-0.5, 0.75],
        elementwise=True,
    ),
    spec(F.clip, (3, 4), const(None), const(0), oracle=np.clip, kinks=[0], id="upper"),
    spec(F.clip, (3, 4), const(np.float64(0.25)), oracle=np.maximum, kinks=[0.25], id="lower"),
    spec(
        F.clip,
        (3, 4),
        const(None),
        const(UPPER),
        oracle=lambda x, low, high: np.minimum(x, high),
        kinks=UPPER,
        low=-3,
        high=3,
        id="array",
    ),
    spec(
        F.clip,
        (3, 4),
        (4,),
        (1,),
        oracle=np.clip,
        low=(-2, -1, 0.5),
        high=(2, 0, 1),
        kinks=lambda x, a, b: np.minimum(np.abs(x - a), np.abs(x - b)),
        id="variables",
    ),
    spec(F.where, const(MASK), (3, 4), (3, 4), oracle=np.where),
    spec(F.where, const(MASK), (3, 1), (4,), oracle=np.where),
    spec(F.where, const(MASK), (4,), const(0), oracle=np.where, id="number"),
    spec(F.where, const(MASK), const(2), (3, 4), oracle=np.where, id="number-left"),
    spec(F.where, const(np.array([1.0, 0.0, -2.0])), (3,), (3,), oracle=np.where, id="numbers"),
    spec(F.where, const(True), (2, 3), (2, 3), oracle=np.where, elementwise=True, id="one-mask"),
    fails(F.clip, np.ones(3), error=ValueError, match="clip: expected x_min or x_max, got neither"),
    fails(F.exp, "abc", error=TypeError, match="expected an array, a number or a list of numbers"),
    fails(F.maximum, np.ones(3), np.ones(2), error=ValueError, match="maximum: "),
]
