"""Specs of `dezero/functions/rounding.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, spec

SPECS = [
    spec(F.sign, (3, 4), oracle=np.sign, elementwise=True),
    spec(F.floor, (3, 4), oracle=np.floor, low=-3, high=3, elementwise=True),
    spec(F.ceil, (3, 4), oracle=np.ceil, low=-3, high=3, elementwise=True),
    spec(F.round, (3, 4), oracle=np.round, low=-3, high=3, elementwise=True),
    spec(F.round, (3,), const(1), oracle=np.round, kinks=np.arange(-0.95, 1, 0.1), id="places"),
    *(
        spec(func, (3, 4), oracle=oracle, elementwise=True, out_dtype="bool")
        for func, oracle in (
            (F.isnan, np.isnan),
            (F.isinf, np.isinf),
            (F.isfinite, np.isfinite),
        )
    ),
]
