"""Specs of `dezero/functions/triangular.py`."""

import numpy as np

from dezero.functions import triangular as T
from tests.specs import const, fails, spec

SPECS = [
    *(
        spec(func, (2, 3, 4), const(k), oracle=oracle)
        for func, oracle in ((T.tril, np.tril), (T.triu, np.triu))
        for k in (0, -1, 2)
    ),
    spec(T.diagonal, (3, 4), oracle=np.diagonal),
    spec(T.diagonal, (2, 3, 4), const(-1), const(-1), const(1), oracle=np.diagonal),
    spec(T.diagonal, (2, 3), const(5), oracle=np.diagonal),
    spec(T.diag, (3, 4), const(1), oracle=np.diag),
    spec(T.diag, (3,), oracle=np.diag),
    spec(T.diag, (3,), const(-2), oracle=np.diag),
    spec(T.diag, (2,), const(1), oracle=np.diag),
    spec(T.trace, (3, 3), oracle=np.trace),
    spec(T.trace, (2, 3, 4), const(1), const(1), const(2), oracle=np.trace),
    fails(T.tril, np.ones(3), error=ValueError, match="tril: expected x of shape"),
    fails(T.diagonal, np.ones(3), error=ValueError, match="diagonal: expected x of shape"),
    fails(T.diag, np.ones((1, 1, 1)), error=ValueError, match="diag: expected one or two axes"),
]
