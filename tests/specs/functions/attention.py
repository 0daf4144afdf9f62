import numpy as np

import dezero.functions as F
from dezero.core import Variable, test_mode
from tests.specs import const, fails, spec


def softmax(x, keep=True):
    """0 where keep is False, also where it is False everywhere."""
    e = np.where(keep, np.exp(x - x.max(-1, keepdims=True, initial=-1e9)), 0)
    total = e.sum(-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def attention(q, k, v, keep=True, *, add=0, scale=None):
    p = softmax(q @ k.swapaxes(-1, -2) * (scale or q.shape[-1] ** -0.5) + add, keep)
    return p @ v, p


def seeing(keep=True, **options):
    return lambda q, k, v: attention(q, k, v, keep, **options)[0]


def positions(p, size):
    i = np.arange(size)
    angles = np.asarray(p)[..., None] / 10000.0 ** (2 * (i // 2) / size)
    return np.where(i % 2 == 0, np.sin(angles), np.cos(angles))


def learnt(q, k, v, bias):
    return F.scaled_dot_product_attention(q, k, v, bias)


def dropped(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, dropout_ratio=0.5)


@test_mode()
def evaluated(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, dropout_ratio=0.5)


KEEP = np.array([[1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 0, 0]], bool)
KEYS = np.array([[[1, 1, 0, 1]], [[0, 1, 0, 0]]], bool)
ADD = np.where(KEEP, 0.5, -np.inf)
WIDE = {"dtype": "f8"}
TRIL = np.tri(3, 4, dtype=bool)
Q, K, V = (2, 3, 5), (2, 4, 5), (2, 4, 2)
q, k, v = (np.zeros(shape) for shape in (Q, K, V))

SPECS = [
    spec(F.masked_softmax, (3, 4), oracle=softmax, low=-3, high=3),
    spec(F.masked_softmax, (2, 3, 4), const(KEEP), oracle=softmax, low=-3, high=3),
    spec(
        F.masked_softmax,
        (4, 3),
        const(KEEP.T),
        const(0),
        oracle=lambda x, keep, axis: softmax(x.T, keep.T).T,
    ),
    spec(F.masked_softmax, (3, 0), oracle=lambda x: x),
    spec(F.scaled_dot_product_attention, Q, K, V, oracle=seeing()),
    spec(F.scaled_dot_product_attention, Q[1:], K[1:], V[1:], oracle=seeing()),
    spec(
        F.scaled_dot_product_attention, (2, *Q), (2, *K), (2, *V), oracle=seeing(), low=-3, high=3
    ),
    spec(
        F.scaled_dot_product_attention,
        Q,
        K,
        V,
        const(KEEP),
        oracle=lambda q, k, v, keep: attention(q, k, v, keep)[0],
    ),
    spec(
        F.scaled_dot_product_attention,
        Q,
        K,
        V,
        kwargs={"mask": KEYS, "causal": True, "scale": 0.3},
        oracle=seeing(KEYS & TRIL, scale=0.3),
    ),
    spec(
        F.scaled_dot_product_attention,
        (2, *Q),
        (2, *K),
        (2, *V),
        kwargs={"mask": KEYS[:, None].astype(int)},
        oracle=seeing(KEYS[:, None]),
        id="keys",
    ),
    spec(F.scaled_dot_product_attention, Q, K, V, kwargs={"mask": ADD}, oracle=seeing(KEEP)),
    spec(
        F.scaled_dot_product_attention,
        Q,
        K,
        V,
        kwargs={"mask": KEEP, "return_weights": True},
        oracle=lambda q, k, v: attention(q, k, v, KEEP),
    ),
    spec(F.scaled_dot_product_attention, (2, *Q), (1, *K), V, oracle=seeing(), id="broadcast"),
    spec(F.scaled_dot_product_attention, (2, 3, 5), (2, 0, 5), (2, 0, 2), oracle=seeing(False)),
    spec(F.scaled_dot_product_attention, (0, 3, 5), (0, 4, 5), (0, 4, 2), oracle=seeing()),
    spec(F.scaled_dot_product_attention, (2, 0, 5), K, V, oracle=seeing()),
    spec(
        learnt,
        Q,
        K,
        V,
        (3, 4),
        oracle=lambda q, k, v, add: attention(q, k, v, add=add)[0],
        low=(-1, -1, -1, 0.1),
        high=(1, 1, 1, 0.9),
    ),
    spec(dropped, Q, K, V),
    spec(evaluated, Q, K, V, oracle=seeing()),
    spec(
        F.sinusoidal_positions,
        const(np.array([[0, 7], [3, 1]])),
        const(6),
        kwargs=WIDE,
        oracle=positions,
        out_dtype="float64",
    ),
    spec(F.sinusoidal_positions, const(np.array([0.5, 2.0])), const(5), oracle=positions),
    spec(
        F.sinusoidal_positions,
        const(Variable(np.arange(3))),
        const(1),
        kwargs=WIDE,
        oracle=positions,
        out_dtype="float64",
    ),
    fails(
        F.scaled_dot_product_attention,
        q,
        k[..., :4],
        v,
        error=ValueError,
        match=r"scaled_dot_product_attention: expected q .* got q \(2, 3, 5\), k \(2, 4, 4\), v",
    ),
    fails(
        F.scaled_dot_product_attention,
        q,
        k,
        v,
        KEYS[:, 0],
        error=ValueError,
        match=r"mask \(2, 4\) bool. A mask of the keys, \(N, S\), becomes \(N, 1, S\)",
    ),
    fails(F.scaled_dot_product_attention, q, k, v[:, :3], error=ValueError, match="expected q"),
    fails(F.scaled_dot_product_attention, q, k[:1, 0], v, error=ValueError, match="expected q"),
    fails(F.scaled_dot_product_attention, q, np.zeros((3, 4, 5)), v, error=ValueError, match="q"),
    fails(F.masked_softmax, q, kwargs={"axis": 3}, error=ValueError, match="expected an axis of x"),
    fails(F.masked_softmax, q, np.ones(4), error=ValueError, match=r"mask \(4,\) float64. Reshape"),
    fails(F.sinusoidal_positions, -1, 4, error=ValueError, match="got size 4 and positions -1"),
    fails(F.sinusoidal_positions, 3, 4.0, error=TypeError, match="an integer as size, got float"),
    fails(F.sinusoidal_positions, 3, 0, error=ValueError, match="got size 0 and positions 3"),
]
