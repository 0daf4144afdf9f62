import numpy as np

import dezero.functions as F
from tests.specs import fails, spec


def joined(Wx, Wh, b=None, bh=None):
    """The definition: gate by gate, rows of Wx, b, Wh, bh."""
    zeros = np.zeros((len(Wh), Wh.shape[2]))
    b, bh = (zeros if bias is None else bias for bias in (b, bh))
    return np.concatenate([Wx, b[:, None], Wh, bh[:, None]], axis=1)


def of_lists(*parts):
    return joined(*(np.stack(part) for part in parts))


def of_arrays(Wx, Wh, *biases):
    gates = Wh.shape[1] // len(Wh)
    return joined(*(np.stack(np.split(part, gates, axis=-1)) for part in (Wx, Wh, *biases)))


def no_first_bias(Wx, Wh, bh):
    return F.join_gates(Wx, Wh, None, bh)


X = np.zeros((2, 3))

SPECS = [
    spec(F.join_gates, [(2, 3)] * 4, [(3, 3)] * 4, [(3,)] * 4, oracle=of_lists),
    spec(F.join_gates, [(2, 3)] * 3, [(3, 3)] * 3, [(3,)] * 3, [(3,)] * 3, oracle=of_lists),
    spec(F.join_gates, [(2, 3)] * 2, [(3, 3)] * 2, oracle=of_lists),
    spec(F.join_gates, (2, 9), (3, 9), (9,), (9,), oracle=of_arrays),
    spec(F.join_gates, (2, 3), (3, 3), (3,), oracle=of_arrays),
    spec(
        no_first_bias,
        [(2, 3)] * 2,
        [(3, 3)] * 2,
        [(3,)] * 2,
        oracle=lambda Wx, Wh, bh: of_lists(Wx, Wh, np.zeros((2, 3)), bh),
    ),
    fails(
        F.join_gates,
        [X, X],
        [np.zeros((3, 3))],
        error=ValueError,
        match=r"join_gates: expected for each gate Wx \(I, H\).*got \[\(2, 3\), \(2, 3\)\] and",
    ),
    fails(F.join_gates, X, np.zeros((3, 6)), error=ValueError, match="Give one of each"),
    fails(F.join_gates, np.zeros((2, 7)), np.zeros((3, 6)), error=ValueError, match="join_gates"),
    fails(F.join_gates, np.zeros(3), np.zeros((3, 6)), error=ValueError, match="join_gates"),
    fails(F.join_gates, X, np.zeros((0, 0)), error=ValueError, match="join_gates"),
    fails(F.join_gates, X, np.zeros((3, 3)), [np.zeros(2)], error=ValueError, match="join_gates"),
]
