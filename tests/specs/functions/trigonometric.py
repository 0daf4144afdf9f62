"""Specs of `dezero/functions/trigonometric.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

BINARY = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 3), (4, 1)), ((), (2, 3))]


def binary(func, oracle, **fields):
    return [
        *(spec(func, *shapes, oracle=oracle, **fields) for shapes in BINARY),
        spec(func, (2, 3), const(2), oracle=oracle, id="number", **fields),
        spec(func, (2, 3), (2, 3), oracle=oracle, elementwise=True, id="elementwise", **fields),
    ]


SPECS = [
    spec(F.sin, (3, 4), oracle=np.sin, low=-4, high=4, elementwise=True),
    spec(F.cos, (3, 4), oracle=np.cos, low=-4, high=4, elementwise=True),
    spec(F.tan, (3, 4), oracle=np.tan, elementwise=True),
    spec(F.sinh, (3, 4), oracle=np.sinh, low=-3, high=3, elementwise=True),
    spec(F.cosh, (3, 4), oracle=np.cosh, low=-3, high=3, elementwise=True),
    spec(F.tanh, (3, 4), oracle=np.tanh, low=-3, high=3, elementwise=True),
    spec(F.arcsin, (3, 4), oracle=np.arcsin, low=-0.9, high=0.9, elementwise=True),
    spec(F.arccos, (3, 4), oracle=np.arccos, low=-0.9, high=0.9, elementwise=True),
    spec(F.arctan, (3, 4), oracle=np.arctan, low=-4, high=4, elementwise=True),
    spec(F.arcsinh, (3, 4), oracle=np.arcsinh, low=-4, high=4, elementwise=True),
    spec(F.arccosh, (3, 4), oracle=np.arccosh, low=1.5, high=4, elementwise=True),
    spec(F.arctanh, (3, 4), oracle=np.arctanh, low=-0.9, high=0.9, elementwise=True),
    *binary(F.arctan2, np.arctan2, low=(-2, 0.5), high=(2, 2)),
    spec(F.arctan2, (3, 4), (3, 4), oracle=np.arctan2, low=(0.5, -2), high=(2, 2), id="left-half"),
    *binary(F.hypot, np.hypot, low=(-2, 0.5), high=(2, 2)),
    fails(F.arctan2, np.ones(3), np.ones(2), error=ValueError, match="arctan2: "),
]
