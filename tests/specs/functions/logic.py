"""Specs of dezero/functions/logic.py."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

MASK = np.array([True, False, True])
BITS = np.array([1, 6, 3])

SPECS = [
    spec(F.bitwise_and, const(MASK), const(~MASK), oracle=np.bitwise_and, id="masks"),
    spec(F.bitwise_and, const(BITS), const(BITS[::-1]), oracle=np.bitwise_and),
    spec(F.bitwise_or, const(BITS), const(BITS[::-1]), oracle=np.bitwise_or),
    spec(F.bitwise_xor, const(BITS), const(BITS[::-1]), oracle=np.bitwise_xor),
    spec(F.invert, const(BITS), oracle=np.invert),
    spec(F.invert, const(MASK), oracle=np.invert, id="mask"),
    fails(
        F.bitwise_and, np.ones(2), MASK[:2], error=TypeError, match="bitwise_and: expected masks"
    ),
    fails(F.invert, np.ones(2), error=TypeError, match="invert: expected masks"),
]
