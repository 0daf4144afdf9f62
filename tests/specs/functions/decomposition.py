"""Specs of `dezero/functions/decomposition.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def regular(x, *rest):
    """Distance from singular matrices, by the smallest singular value."""
    return np.linalg.svd(x)[1] - 0.1


def definite(x):
    return np.linalg.eigvalsh((x + x.swapaxes(-1, -2)) / 2) - 0.1


def lower(x):
    return np.linalg.cholesky((x + x.swapaxes(-1, -2)) / 2)


INVERTIBLE = {"kinks": regular, "low": 0.05, "high": 0.95}
DEFINITE = {"kinks": definite, "low": 0.05, "high": 0.95}

SPECS = [
    spec(F.inv, (3, 3), oracle=np.linalg.inv, **INVERTIBLE),
    spec(F.inv, (2, 2, 2), oracle=np.linalg.inv, **INVERTIBLE),
    spec(F.det, (3, 3), oracle=np.linalg.det, **INVERTIBLE),
    spec(F.det, (2, 2, 2), oracle=np.linalg.det, **INVERTIBLE),
    spec(F.det, const(np.array([[2, 1], [0, 3]])), oracle=np.linalg.det, id="integers"),
    spec(F.solve, (3, 3), (3,), oracle=np.linalg.solve, **INVERTIBLE),
    spec(F.solve, (3, 3), (3, 2), oracle=np.linalg.solve, **INVERTIBLE),
    spec(F.solve, (2, 2, 2), (2, 3), oracle=np.linalg.solve, **INVERTIBLE),
    spec(F.solve, (2, 2, 2), (2,), oracle=np.linalg.solve, **INVERTIBLE),
    spec(F.cholesky, (2, 2), oracle=lower, **DEFINITE),
    spec(F.cholesky, (2, 2, 2), oracle=lower, **DEFINITE),
    fails(F.inv, np.ones((2, 3)), error=ValueError, match=r"inv: expected square matrices.*\(2, 3"),
    fails(F.inv, np.ones((2, 2)), error=ValueError, match="inv: expected invertible .*Singular"),
    fails(F.solve, np.eye(2), np.ones(3), error=ValueError, match="solve: expected invertible"),
    fails(F.cholesky, -np.eye(2), error=ValueError, match="cholesky: expected positive definite"),
    fails(F.det, np.ones(3), error=ValueError, match="det: expected square matrices"),
]
