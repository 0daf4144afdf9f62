import numpy as np

import dezero.functions as F
from dezero.backend.philox import Place
from dezero.core import test_mode
from dezero.functions.noise import Redrawn
from tests.specs import const, fails, spec

MASK = np.array([[True, False, True], [False, True, True]])
ROWS = np.array([[True], [False]])
X = np.zeros((2, 3))


@test_mode()
def evaluated(x):
    return F.dropout(x, 0.5)


def redrawn(x):
    return Redrawn("dropout", Place((1, 2), 3), 30000)(x)


def redrawn_noise(x):
    return Redrawn("gaussian_dropout", Place((1, 2), 3), 0.5)(x)


SPECS = [
    spec(redrawn, (4, 5)),
    spec(redrawn_noise, (4, 5)),
    spec(F.dropout, (2, 3), kwargs={"mask": MASK}, oracle=lambda x: x * MASK * 2),
    spec(F.dropout, (2, 3), const(0.2), kwargs={"mask": ROWS}, oracle=lambda x, r: x * ROWS / 0.8),
    spec(F.dropout, (2, 3), const(1.0), oracle=lambda x, r: x * 0),
    spec(F.dropout, (2, 3), const(0.0), oracle=lambda x, r: x),
    spec(F.dropout, (2, 3), id="drawn"),
    spec(evaluated, (2, 3), oracle=lambda x: x),
    spec(F.gaussian_noise, (2, 3), const(0.5)),
    spec(F.gaussian_noise, (2, 3), const(0.0), oracle=lambda x, s: x),
    spec(F.gaussian_dropout, (2, 3), const(0.3)),
    spec(F.gaussian_dropout, (2, 3), const(0), oracle=lambda x, r: x),
    fails(F.gaussian_dropout, X, 1, error=ValueError, match="gaussian_dropout: expected 0 <= drop"),
    fails(F.dropout, X, 1.5, error=ValueError, match="dropout: expected dropout_ratio from 0 to 1"),
    fails(F.dropout, X, -0.1, error=ValueError, match="dropout: expected dropout_ratio"),
    fails(
        F.dropout,
        X,
        kwargs={"mask": np.ones(2)},
        error=ValueError,
        match=r"dropout: expected a mask that broadcasts to x \(2, 3\) float64, got \(2,\)",
    ),
    fails(F.gaussian_noise, X, -1, error=ValueError, match="gaussian_noise: expected stddev >= 0"),
]
