"""Specs of `dezero/functions/reduction.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

AXES = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": [0, 2]},
    {"axis": (-1, 0), "keepdims": True},
    {"keepdims": True},
    {"axis": ()},
]


def over_axes(func, oracle, axes=AXES, **fields):
    result = []
    for kwargs in axes:
        wanted = {k: tuple(v) if isinstance(v, list) else v for k, v in kwargs.items()}
        result.append(
            spec(
                func, (2, 3, 2), kwargs=kwargs, oracle=lambda x, w=wanted: oracle(x, **w), **fields
            )
        )
    return [*result, spec(func, (), oracle=oracle, **fields)]


def logsumexp(x, axis=None, keepdims=False):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def apart(x):
    return np.diff(np.sort(x, None))


WEIGHTS = np.array([1, 4, 2])

SPECS = [
    *over_axes(F.sum, np.sum),
    spec(F.sum, (2, 0), kwargs={"axis": 1}, oracle=lambda x: x.sum(1)),
    *over_axes(F.mean, np.mean),
    spec(F.mean, (0, 2), kwargs={"axis": 1}, oracle=lambda x: x.mean(1)),
    *over_axes(F.average, np.mean),
    spec(
        F.average,
        (2, 3),
        const(1),
        kwargs={"weights": WEIGHTS},
        oracle=lambda x, a: np.average(x, a, weights=WEIGHTS),
        id="weights",
    ),
    spec(
        lambda x, w: F.average(x, weights=w),
        (2, 3),
        (2, 3),
        low=(-1, 1),
        high=(1, 3),
        oracle=lambda x, w: np.average(x, weights=w),
        id="weights-as-x",
    ),
    spec(
        lambda x, w: F.average(x, (0, -1), True, weights=w),
        (2, 3, 2),
        (2, 3, 2),
        low=(-1, 1),
        high=(1, 3),
        id="weights-axes",
        oracle=lambda x, w: np.average(x, (0, -1), weights=w, keepdims=True),
    ),
    *over_axes(F.prod, np.prod),
    spec(F.prod, (0, 2), kwargs={"axis": 0}, oracle=lambda x: x.prod(0)),
    spec(F.prod, (7,), oracle=np.prod, high=3),
    *over_axes(F.var, np.var, AXES[:7]),
    spec(F.var, (3, 4), kwargs={"axis": 1, "ddof": 1}, oracle=lambda x: x.var(1, ddof=1)),
    *over_axes(F.std, np.std, AXES[:7][:4])[:-1],
    spec(
        F.std,
        (3, 4),
        kwargs={"axis": 1, "ddof": 1},
        oracle=lambda x: x.std(1, ddof=1),
    ),
    *over_axes(F.max, np.max, kinks=apart)[:-1],
    *over_axes(F.min, np.min, kinks=apart)[:-1],
    spec(F.max, (), oracle=np.max),
    spec(F.max, const(np.array([[1, 5], [7, 7]])), const(1), oracle=np.max, id="integers"),
    *over_axes(F.logsumexp, logsumexp),
    *(
        spec(func, (2, 3), kwargs=kwargs, low=low, oracle=lambda x, o=oracle, k=kwargs: o(x, **k))
        for func, oracle, low in (
            (F.all, np.all, 0),
            (F.any, np.any, 0),
            (F.count_nonzero, np.count_nonzero, -1),
        )
        for kwargs in ({}, {"axis": 1}, {"axis": (0, 1), "keepdims": True})
    ),
    fails(F.sum, np.ones((2, 3)), 2, error=ValueError, match=r"sum: axis 2 .*\(2, 3\)"),
    fails(F.mean, np.ones((0, 3)), 0, error=ValueError, match="mean: expected at least one"),
    fails(F.mean, np.ones((0, 3)), 2, error=ValueError, match="mean: expected an axis"),
    fails(F.var, np.ones((1, 3)), 0, kwargs={"ddof": 1}, error=ValueError, match="var: .*ddof = 1"),
    fails(F.std, np.ones((0, 3)), 0, error=ValueError, match="std: expected more than ddof = 0"),
    fails(F.max, np.ones((0, 3)), 0, error=ValueError, match="max: "),
    fails(F.average, np.ones(3), 0, np.ones(3), error=TypeError, match="weights by name"),
    fails(
        F.average,
        np.ones((2, 3)),
        kwargs={"weights": np.ones(3)},
        error=ValueError,
        match="average: expected weights of shape",
    ),
]
