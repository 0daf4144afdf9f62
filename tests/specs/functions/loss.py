import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

SIGNS = np.array([[-1.0, 1.0, 1.0], [1.0, -1.0, 1.0]])
SHAPES = r"expected both arguments of one shape, got \(3, 1\) float64 and \(3,\) float64. Reshape"
COLUMN, ROW = np.zeros((3, 1)), np.zeros(3)


def huber(x, t, delta=1.0):
    d = np.abs(x - t)
    return np.where(d <= delta, d**2 / 2, delta * (d - delta / 2))


def near_delta(delta):
    return lambda x, t: np.abs(np.abs(x - t) - delta)


def kl(p, t):
    return (t * np.log(t / p)).sum(-1)


SPECS = [
    spec(F.mean_squared_error, (4, 3), (4, 3), oracle=lambda x, t: ((x - t) ** 2).sum() / len(x)),
    spec(
        F.mean_squared_error,
        (4, 3),
        (4, 3),
        kwargs={"reduction": "mean"},
        oracle=lambda x, t: ((x - t) ** 2).mean(),
    ),
    spec(
        F.mean_squared_error,
        (4, 3),
        (4, 3),
        kwargs={"reduction": "sum"},
        oracle=lambda x, t: ((x - t) ** 2).sum(),
    ),
    spec(
        F.mean_squared_error,
        (4, 3),
        (4, 3),
        kwargs={"reduction": "none"},
        oracle=lambda x, t: (x - t) ** 2,
    ),
    spec(F.mean_squared_error, (), (), oracle=lambda x, t: (x - t) ** 2),
    *[
        spec(f, (1, 1), (1,), oracle=lambda x, t: ((x - t) ** 2).sum(), id="one-number-each")
        for f in (F.mean_squared_error, F.mean_squared_error_simple)
    ],
    spec(F.mean_squared_error_simple, (4, 3), (4, 3), oracle=lambda x, t: ((x - t) ** 2).sum() / 4),
    spec(
        F.mean_absolute_error,
        (4, 3),
        (4, 3),
        oracle=lambda x, t: np.abs(x - t).mean(),
        kinks=lambda x, t: np.abs(x - t),
    ),
    spec(
        F.mean_absolute_error,
        (4, 3),
        (4, 3),
        kwargs={"reduction": "batch"},
        oracle=lambda x, t: np.abs(x - t).sum() / 4,
        kinks=lambda x, t: np.abs(x - t),
    ),
    spec(
        F.huber,
        (4, 3),
        (4, 3),
        oracle=lambda x, t: huber(x, t).mean(),
        low=-2,
        high=2,
        kinks=near_delta(1.0),
    ),
    spec(
        F.huber,
        (5,),
        (5,),
        kwargs={"delta": 0.3, "reduction": "none"},
        oracle=lambda x, t: huber(x, t, 0.3),
        kinks=near_delta(0.3),
    ),
    spec(
        F.hinge,
        (2, 3),
        const(SIGNS),
        oracle=lambda x, t: np.maximum(1 - t * x, 0).mean(),
        low=-2,
        high=2,
        kinks=[-1.0, 1.0],
    ),
    spec(
        F.hinge,
        (2, 3),
        const(SIGNS),
        kwargs={"squared": True, "reduction": "none"},
        oracle=lambda x, t: np.maximum(1 - t * x, 0) ** 2,
        low=-2,
        high=2,
        kinks=[-1.0, 1.0],
    ),
    spec(
        F.kl_divergence,
        (4, 3),
        (4, 3),
        oracle=lambda p, t: kl(p, t).mean(),
        low=0.1,
        high=0.9,
    ),
    spec(
        F.kl_divergence,
        (3, 4),
        (3, 4),
        kwargs={"axis": 0, "reduction": "none"},
        oracle=lambda p, t: kl(p.T, t.T),
        low=0.1,
        high=0.9,
    ),
    *[
        fails(f, COLUMN, ROW, error=ValueError, match=f"^{f.__name__}: {SHAPES}")
        for f in (
            F.mean_squared_error,
            F.mean_squared_error_simple,
            F.mean_absolute_error,
            F.huber,
            F.hinge,
            F.kl_divergence,
        )
    ],
    fails(
        F.mean_squared_error,
        np.zeros((3, 2)),
        ROW,
        error=ValueError,
        match="got .3, 2. float64 and .3,. float64. Check the last layer",
    ),
    *[
        fails(f, np.zeros((0, 2)), np.zeros((0, 2)), error=ValueError, match="at least one sample")
        for f in (F.mean_squared_error, F.mean_absolute_error, F.huber, F.hinge, F.kl_divergence)
    ],
    fails(
        F.mean_squared_error,
        ROW,
        ROW,
        kwargs={"reduction": "means"},
        error=ValueError,
        match="mean_squared_error reduction: unknown name 'means'. Did you mean 'mean'",
    ),
    fails(F.huber, ROW, ROW, kwargs={"delta": 0}, error=ValueError, match="huber: expected delta"),
    fails(F.hinge, ROW, ROW, error=ValueError, match="hinge: expected labels -1 and 1, got values"),
    fails(
        F.kl_divergence,
        ROW - 1,
        ROW,
        error=ValueError,
        match="kl_divergence: expected probabilities from 0 to 1, got values from -1 to -1",
    ),
]
