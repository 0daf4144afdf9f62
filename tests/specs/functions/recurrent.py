import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def logistic(x):
    return 1 / (1 + np.exp(-x))


def hard(x):
    return np.clip(x / 6 + 0.5, 0, 1)


def affine(x, h, W):
    """x @ Wx + b and h @ Wh + bh of each gate, from the rows of W."""
    one = np.ones((len(x), 1))
    x, h = np.hstack([x, one]), np.hstack([h, one])
    return x @ W[:, : x.shape[1]], h @ W[:, x.shape[1] :]


def rnn(x, h, W, function=np.tanh):
    zx, zh = affine(x, h, W)
    return function(zx + zh)[0]


def lstm(x, states, W, function=np.tanh, gate=logistic):
    h, c = states
    zx, zh = affine(x, h, W)
    f, i, o, u = zx + zh
    c = gate(f) * c + gate(i) * function(u)
    return gate(o) * function(c), c


def gru(x, h, W, function=np.tanh, gate=logistic, *, seen=1.0):
    zx, zh = affine(x, h * seen, W)
    r, z = gate(zx[:2] + zh[:2])
    return z * h + (1 - z) * function(zx[2] + r * zh[2])


def gru_before(x, h, W, seen=1.0):
    zx, zh = affine(x, h * seen, W)
    r, z = logistic(zx[:2] + zh[:2])
    return z * h + (1 - z) * np.tanh(zx[2] + affine(x, r * h * seen, W)[1][2])


def from_zeros(step, count=1):
    return lambda x, _, W: step(x, np.zeros((count, len(x), W.shape[2])).squeeze(), W)


X, S = np.zeros((3, 2)), np.zeros((3, 4))
STATES = [(3, 4), (3, 4)]
SEEN = np.array([[0, 2, 1, 0], [2, 0, 1, 2], [0, 0, 2, 2]], np.float32)
HARD = {"activation": "softsign", "recurrent_activation": "hard_sigmoid"}


def softsign(x):
    return x / (1 + abs(x))


SPECS = [
    spec(F.rnn_step, (3, 2), (3, 4), (1, 8, 4), oracle=rnn),
    spec(F.rnn_step, (3, 2), const(None), (1, 8, 4), oracle=from_zeros(rnn)),
    spec(F.rnn_step, (0, 2), (0, 4), (1, 8, 4), oracle=rnn),
    spec(
        F.rnn_step,
        (3, 2),
        (3, 4),
        (1, 8, 4),
        kwargs={"activation": "relu"},
        oracle=lambda x, h, W: rnn(x, h, W, lambda z: np.maximum(z, 0)),
        kinks=lambda x, h, W: abs(rnn(x, h, W, lambda z: z)),
    ),
    spec(
        F.rnn_step,
        (3, 2),
        (3, 4),
        (1, 8, 4),
        kwargs={"activation": "sigmoid"},
        oracle=lambda x, h, W: rnn(x, h, W, logistic),
    ),
    spec(F.lstm_step, (3, 2), STATES, (4, 8, 4), oracle=lstm),
    spec(F.lstm_step, (3, 2), const(None), (4, 8, 4), oracle=from_zeros(lstm, 2)),
    spec(F.lstm_step, (3, 2), STATES, (4, 8, 4), oracle=lstm, low=-9, high=9, id="saturated"),
    spec(F.lstm_step, (0, 2), [(0, 4), (0, 4)], (4, 8, 4), oracle=lstm),
    spec(
        F.lstm_step,
        (3, 2),
        STATES,
        (4, 8, 4),
        kwargs=HARD,
        oracle=lambda x, s, W: lstm(x, s, W, softsign, hard),
    ),
    spec(F.gru_step, (3, 2), (3, 4), (3, 8, 4), oracle=gru),
    spec(F.gru_step, (3, 2), const(None), (3, 8, 4), oracle=from_zeros(gru)),
    spec(F.gru_step, (0, 2), (0, 4), (3, 8, 4), oracle=gru),
    spec(
        F.gru_step,
        (3, 2),
        (3, 4),
        (3, 8, 4),
        kwargs={"reset_after": False},
        oracle=gru_before,
    ),
    spec(
        F.gru_step,
        (3, 2),
        (3, 4),
        (3, 8, 4),
        kwargs=HARD,
        oracle=lambda x, h, W: gru(x, h, W, softsign, hard),
    ),
    *(
        spec(
            F.gru_step,
            (3, 2),
            (3, 4),
            (3, 8, 4),
            kwargs={"h_mask": SEEN, "reset_after": oracle is gru},
            oracle=lambda x, h, W, oracle=oracle: oracle(x, h, W, seen=SEEN),
        )
        for oracle in (gru, gru_before)
    ),
    fails(
        F.rnn_step,
        X,
        S,
        np.zeros((1, 7, 4)),
        error=ValueError,
        match=r"rnn_step: expected x \(N, I\), states \(N, H\) and W \(1, I \+ H \+ 2, H\)",
    ),
    fails(F.rnn_step, X, S[:2], np.zeros((1, 8, 4)), error=ValueError, match="a new batch size"),
    fails(
        F.rnn_step,
        X,
        S,
        np.zeros((2, 7, 4)),
        kwargs={"activation": "sigmoid"},
        error=ValueError,
        match="rnn_step: expected",
    ),
    fails(F.lstm_step, X, [S, S], np.zeros((3, 8, 4)), error=ValueError, match=r"W \(4, I"),
    fails(F.lstm_step, X, [S, S[:, :3]], np.zeros((4, 8, 4)), error=ValueError, match="lstm_step"),
    fails(F.lstm_step, X[None], [S, S], np.zeros((4, 8, 4)), error=ValueError, match="lstm_step"),
    fails(F.gru_step, X, S, np.zeros((3, 5, 4)), error=ValueError, match="gru_step: expected"),
    fails(F.gru_step, X, S, np.zeros((7, 4)), error=ValueError, match="gru_step: expected"),
]
