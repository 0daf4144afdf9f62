"""Specs of `dezero/functions/smooth.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def wide(func, oracle, *args, **fields):
    args = [const(a) for a in args]
    return spec(func, (3, 4), *args, oracle=oracle, low=-3, high=3, elementwise=True, **fields)


def gated(x, axis=-1):
    a, b = np.split(x, 2, axis=axis)
    return a / (1 + np.exp(-b))


SPECS = [
    wide(F.log_sigmoid, lambda x: -np.log1p(np.exp(-x))),
    spec(F.log_sigmoid, (3,), oracle=lambda x: x, low=-60, high=-50, id="tail"),
    wide(F.tanh_shrink, lambda x: x - np.tanh(x)),
    wide(F.squareplus, lambda x: (x + np.sqrt(x * x + 4)) / 2),
    wide(F.squareplus, lambda x, b: (x + np.sqrt(x * x + b)) / 2, 0.25),
    wide(F.squareplus, lambda x, b: np.maximum(x, 0), 0, kinks=[0]),
    spec(
        F.squareplus,
        (3,),
        oracle=lambda x: -1 / x * (1 - 1 / x**2),
        low=-300,
        high=-200,
        id="tail",
    ),
    spec(F.glu, (3, 4), oracle=gated, low=-3, high=3),
    spec(F.glu, (4, 3, 2), kwargs={"axis": 0}, oracle=lambda x: gated(x, 0), low=-3, high=3),
    fails(F.glu, np.ones((2, 3)), error=ValueError, match=r"glu: expected an axis of even length"),
    fails(F.glu, np.ones(2), error=ValueError, match="glu: expected", kwargs={"axis": 1}),
    fails(F.squareplus, np.ones(2), -1, error=ValueError, match="squareplus: expected b >="),
]
