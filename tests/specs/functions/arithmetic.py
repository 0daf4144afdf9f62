"""Specs of `dezero/functions/arithmetic.py`."""

import numpy as np

import dezero.functions as F
from dezero.core import Variable
from tests.specs import const, fails, spec

BINARY = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 3), (4, 1)), ((), (2, 3)), ((3,), (2, 3))]
ROW = np.array([1.0, 2.0, -3.0])


def binary(func, oracle, **fields):
    return [
        *(spec(func, *shapes, oracle=oracle, **fields) for shapes in BINARY),
        spec(func, (2, 3), (2, 3), oracle=oracle, elementwise=True, id="elementwise", **fields),
    ]


def positive(func, oracle, **fields):
    return binary(func, oracle, low=(-2, 1), high=(2, 3), **fields)


SPECS = [
    *binary(F.add, np.add),
    spec(F.add, (2, 3), const(2), oracle=np.add, id="number"),
    spec(F.add, const(2.5), (2, 3), oracle=np.add, id="number-left"),
    spec(lambda x: F.add(x, x), (3,), oracle=lambda x: x + x, id="twice"),
    *binary(F.sub, np.subtract),
    spec(F.sub, (2, 3), const(2), oracle=np.subtract, id="number"),
    *binary(F.rsub, lambda a, b: b - a),
    *binary(F.mul, np.multiply),
    spec(F.mul, (2, 3), const(3), oracle=np.multiply, id="number"),
    spec(lambda x: F.mul(x, x), (3,), oracle=lambda x: x * x, id="twice"),
    *positive(F.div, np.divide),
    spec(F.div, (2, 3), const(4), oracle=np.divide, id="number"),
    spec(F.div, const(1), (2, 3), oracle=np.divide, low=0.5, high=2, id="number-left"),
    *binary(F.rdiv, lambda a, b: b / a, low=(1, -2), high=(3, 2)),
    spec(F.neg, (3, 4), oracle=np.negative, elementwise=True),
    *(
        spec(F.pow, (3, 4), const(c), oracle=lambda x, c: x**c, elementwise=True)
        for c in (0, 1, 2, 3)
    ),
    spec(F.pow, (3, 4), const(-2), oracle=lambda x, c: x**c, low=1, high=2),
    spec(F.pow, (3, 4), const(0.5), oracle=np.power, low=1, high=4, elementwise=True),
    spec(F.pow, (3, 4), const(2.0), oracle=np.power, low=-2, high=-0.5, id="negative-base"),
    *binary(F.pow, np.power, low=(1, -2), high=(3, 2)),
    spec(F.pow, const(2), (3, 4), oracle=np.power, low=0, id="number-base"),
    *positive(F.mod, np.mod, kinks=lambda a, b: np.abs(a / b - np.round(a / b))),
    spec(F.mod, (3,), const(-1.5), oracle=np.mod, kinks=[0, 1.5], high=2),
    *(
        spec(func, shape, (2, 3), oracle=oracle, low=-1, high=1)
        for shape in ((2, 3), (3,))
        for func, oracle in (
            (F.equal, np.equal),
            (F.not_equal, np.not_equal),
            (F.less, np.less),
            (F.less_equal, np.less_equal),
            (F.greater, np.greater),
            (F.greater_equal, np.greater_equal),
        )
    ),
    spec(F.equal, (3,), const(ROW), oracle=np.equal, low=1, high=2),
    spec(F.floor_divide, (2, 3), (3,), oracle=np.floor_divide, low=(-3, 1), high=(3, 2)),
    fails(F.add, np.ones((2, 3)), np.ones(2), error=ValueError, match=r"add: .*\(2, 3\).*\(2,\)"),
    fails(F.mul, Variable(np.ones(2)), np.ones(3), error=ValueError, match=r"mul: .*\(2,\)"),
    fails(F.add, Variable(np.ones(2)), "abc", error=TypeError, match="expected an array, a number"),
    fails(F.div, np.ones(2) * 1j, 2, error=TypeError, match="floating: expected real"),
    fails(F.div, np.array([None]), 2, error=TypeError, match="floating: .* numbers, got object"),
]
