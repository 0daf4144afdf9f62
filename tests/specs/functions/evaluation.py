import numpy as np

import dezero.functions as F
from dezero.core import Config
from tests.specs import const, fails, spec

LABELS = np.array([2, 0, 1, 2])
X = np.zeros((4, 3))


def judged(t, axis=1):
    return spec(
        F.accuracy,
        (4, 3) if axis == 1 else (3, 4),
        const(t),
        kwargs={"axis": axis},
        oracle=lambda y, t: (y.argmax(axis) == t).mean(),
        out_dtype=Config.dtype,
    )


SPECS = [
    judged(LABELS),
    judged(LABELS.astype("u1")),
    judged(LABELS, axis=0),
    spec(
        F.accuracy,
        (4, 3),
        const(LABELS[:, None]),
        oracle=lambda y, t: (y.argmax(1) == t[:, 0]).mean(),
        out_dtype=Config.dtype,
    ),
    fails(
        F.accuracy,
        X,
        LABELS[None],
        error=ValueError,
        match=r"accuracy: expected labels t of shape \(4,\) for scores y \(4, 3\) float64, got",
    ),
    fails(F.accuracy, X[:0], LABELS[:0], error=ValueError, match="expected at least one sample"),
    fails(F.accuracy, np.zeros(4), LABELS, error=ValueError, match="expected scores y with axis 1"),
]
