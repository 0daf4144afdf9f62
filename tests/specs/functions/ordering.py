"""Specs of `dezero/functions/ordering.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def top(x, k, axis=-1):
    order = np.take(np.argsort(-x, axis, kind="stable"), range(k), axis)
    return np.take_along_axis(x, order, axis), order


def apart(*xs):
    """Distance of the nearest two elements of an array: draws keep their order in differences."""
    return np.concatenate([np.diff(np.sort(x, None)) for x in xs])


SPECS = [
    spec(F.sort, (3, 4), oracle=np.sort, kinks=apart),
    spec(F.sort, (3, 4), const(0), oracle=np.sort, kinks=apart),
    spec(F.sort, (3, 4), const(None), oracle=np.sort, kinks=apart),
    spec(F.argsort, (3, 4), oracle=lambda x: np.argsort(x, kind="stable")),
    spec(F.argsort, (3, 4), const(0), oracle=lambda x, a: np.argsort(x, a, kind="stable")),
    spec(F.argsort, (3, 4), const(None), oracle=lambda x, a: np.argsort(x, a, kind="stable")),
    spec(F.topk, (3, 4), const(2), oracle=top, kinks=apart, high=9),
    spec(F.topk, (3, 4), const(3), const(0), oracle=top, kinks=apart, high=9),
    spec(F.topk, (4,), const(0), oracle=top, kinks=apart, high=9),
    spec(F.cumsum, (3, 4), oracle=np.cumsum),
    spec(F.cumsum, (3, 4), const(-1), oracle=np.cumsum),
    spec(F.cumprod, (2, 3), oracle=np.cumprod),
    spec(F.cumprod, (3, 5), const(1), oracle=np.cumprod),
    spec(F.cumprod, (0, 5), const(0), oracle=np.cumprod),
    fails(F.sort, np.ones(3), 1, error=ValueError, match="sort: expected an axis"),
    fails(F.topk, np.ones(3), 4, error=ValueError, match="topk: expected k from 0 to 3"),
    fails(F.cumsum, np.ones(3), 1, error=ValueError, match="cumsum: expected an axis"),
]
