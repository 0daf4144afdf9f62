import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec
from tests.specs.functions import recurrent as steps

MASK = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 0, 1]], bool)
HARD = steps.HARD


def run(step, x, states, W, *, mask=None, reverse=False):
    """A loop over the steps; where the mask is False the states stay."""
    N, T, _ = x.shape
    mask = np.ones((N, T), bool) if mask is None else mask
    hs = np.zeros((N, T, W.shape[2]))
    for t in reversed(range(T)) if reverse else range(T):
        new = step(np.where(mask[:, t, None], x[:, t], 0), states, W)
        states = [np.where(mask[:, t, None], a, b) for a, b in zip(new, states, strict=True)]
        hs[:, t] = states[0]
    return hs, *states


def rnn(x, h, W, function=np.tanh, **options):
    return run(lambda x, s, W: [steps.rnn(x, s[0], W, function)], x, [h], W, **options)


def lstm(x, states, W, function=np.tanh, gate=steps.logistic, **options):
    return run(lambda x, s, W: steps.lstm(x, s, W, function, gate), x, states, W, **options)


def gru(x, h, W, step=steps.gru, **options):
    return run(lambda x, s, W: [step(x, s[0], W)], x, [h], W, **options)


def masked(f, **options):
    return lambda *args: f(*args, mask=MASK, **options)


def rectified(x, h, W):
    return rnn(x, h, W, lambda z: np.maximum(z, 0))


SEEN = steps.SEEN[:, :3]


def dropped(step):
    """The step with its state multiplied by SEEN where it meets the weights."""
    return lambda x, s, W: step(x, [s[0] * SEEN, *s[1:]], W)


X, H = (3, 4, 2), (3, 3)
S = np.zeros(H)

SPECS = [
    spec(F.rnn, X, H, (1, 7, 3), oracle=rnn),
    spec(F.rnn, X, const(None), (1, 7, 3), oracle=lambda x, _, W: rnn(x, S, W)),
    spec(F.rnn, X, H, (1, 7, 3), kwargs={"mask": MASK}, oracle=masked(rnn), id="mask"),
    spec(
        F.rnn,
        X,
        H,
        (1, 7, 3),
        kwargs={"mask": MASK.astype(int), "reverse": True},
        oracle=masked(rnn, reverse=True),
        id="mask, reverse",
    ),
    spec(F.rnn, (3, 0, 2), H, (1, 7, 3), oracle=rnn),
    spec(F.rnn, (0, 4, 2), (0, 3), (1, 7, 3), oracle=rnn),
    spec(
        F.rnn,
        X,
        H,
        (1, 7, 3),
        kwargs={"activation": "relu"},
        oracle=rectified,
        kinks=lambda x, h, W: abs(rnn(x, h, W, lambda z: np.where(z > 0, z, z * 1e-9))[0]) * 1e9,
    ),
    spec(F.lstm, X, [H, H], (4, 7, 3), oracle=lstm),
    spec(
        F.lstm,
        X,
        const(None),
        (4, 7, 3),
        kwargs={"reverse": True},
        oracle=lambda x, _, W: lstm(x, [S, S], W, reverse=True),
    ),
    spec(F.lstm, X, [H, H], (4, 7, 3), kwargs={"mask": MASK}, oracle=masked(lstm), id="mask"),
    spec(
        F.lstm,
        X,
        [H, H],
        (4, 7, 3),
        kwargs={"mask": MASK, **HARD},
        oracle=lambda x, s, W: lstm(x, s, W, steps.softsign, steps.hard, mask=MASK),
        id="mask, others",
    ),
    spec(
        F.lstm,
        (3, 0, 2),
        [H, H],
        (4, 7, 3),
        kwargs={"activation": "softsign"},
        oracle=lstm,
        id="none",
    ),
    spec(F.gru, X, H, (3, 7, 3), oracle=gru),
    spec(F.gru, X, H, (3, 7, 3), kwargs={"mask": MASK}, oracle=masked(gru), id="mask"),
    spec(
        F.gru,
        X,
        H,
        (3, 7, 3),
        kwargs={"reset_after": False, "reverse": True},
        oracle=lambda x, h, W: gru(x, h, W, steps.gru_before, reverse=True),
    ),
    spec(
        F.rnn,
        X,
        H,
        (1, 7, 3),
        kwargs={"h_mask": SEEN},
        oracle=lambda x, h, W: run(dropped(lambda x, s, W: [steps.rnn(x, s[0], W)]), x, [h], W),
    ),
    spec(
        F.lstm,
        X,
        [H, H],
        (4, 7, 3),
        kwargs={"h_mask": SEEN},
        oracle=lambda x, s, W: run(dropped(steps.lstm), x, s, W),
    ),
    spec(
        F.gru,
        X,
        H,
        (3, 7, 3),
        kwargs={"h_mask": SEEN},
        oracle=lambda x, h, W: gru(x, h, W, lambda x, h, W: steps.gru(x, h, W, seen=SEEN)),
    ),
    spec(
        F.sequence_mask,
        const(np.array([2, 0, 3])),
        const(4),
        oracle=lambda lengths, size: np.arange(size) < lengths[:, None],
    ),
    spec(
        F.sequence_mask,
        const(np.array([[1], [2]])),
        oracle=lambda lengths: np.array([[[1, 0]], [[1, 1]]], bool),
    ),
    spec(
        F.sequence_mask,
        const(np.zeros(0, int)),
        oracle=lambda lengths: np.zeros((0, 0), bool),
    ),
    fails(
        F.lstm,
        np.zeros(X),
        [S, S],
        np.zeros((4, 7, 4)),
        error=ValueError,
        match=r"lstm: expected x \(N, T, I\), states \(N, H\) and W \(4,",
    ),
    fails(F.gru, np.zeros((3, 2)), S, np.zeros((3, 7, 3)), error=ValueError, match="gru: expected"),
    fails(
        F.rnn,
        np.zeros(X),
        S,
        np.zeros((1, 7, 3)),
        kwargs={"mask": MASK[:, :3]},
        error=ValueError,
        match=r"rnn: expected a mask of shape \(3, 4\), as x .*, got \(3, 3\) bool. Make it with",
    ),
    fails(F.sequence_mask, [1.0], error=TypeError, match="sequence_mask: expected integers"),
    fails(F.sequence_mask, [3, -1], error=ValueError, match="from 0 to size 3, got -1 to 3"),
    fails(F.sequence_mask, [3, 1], 2, error=ValueError, match="from 0 to size 2, got 1 to 3"),
]
