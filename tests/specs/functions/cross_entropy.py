import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

LABELS = np.array([2, 0, 1, 2])
SOFT = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.0, 0.6, 0.4]])
IMAGE = np.array([[[0, 1], [2, 2]], [[1, 1], [0, 2]]])
WEIGHT = np.array([1.0, 2.0, 0.5])
ONES = np.array([1, 0, 1, 1])
X, P = np.zeros((4, 3)), np.full((4, 3), 1 / 3)


def log_softmax(x, axis=-1):
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


def nll(x, t, axis=-1):
    picked = np.take_along_axis(log_softmax(x, axis), np.expand_dims(t, axis), axis)
    return -picked.squeeze(axis)


def weighted(x, t):
    return (nll(x, t) * WEIGHT[t]).sum() / WEIGHT[t].sum()


def ignoring(x, t):
    return nll(x, t)[t != 2].mean()


def smoothed(x, t):
    return -(log_softmax(x) * (np.eye(3)[t] * 0.7 + 0.1)).sum(-1)


def everything(x, t):
    kept = t != 2
    values = -(log_softmax(x) * WEIGHT * (np.eye(3)[t] * 0.7 + 0.1)).sum(-1)
    return values[kept].sum() / WEIGHT[t][kept].sum()


def binary(p, t):
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


def logistic(x, t):
    return binary(1 / (1 + np.exp(-x)), t)


def categorical(p, t):
    return -(t * np.log(p / p.sum(-1, keepdims=True))).sum(-1)


def cross(*args, oracle, **kwargs):
    return spec(F.softmax_cross_entropy, *args, kwargs=kwargs, oracle=oracle, low=-3, high=3)


PROBABILITIES = {"low": 0.05, "high": 0.95}

SPECS = [
    cross((4, 3), const(LABELS), oracle=lambda x, t: nll(x, t).mean()),
    cross((4, 3), const(LABELS.astype("u1")), axis=-1, oracle=lambda x, t: nll(x, t).mean()),
    cross((4, 3), const(LABELS), reduction="sum", oracle=lambda x, t: nll(x, t).sum()),
    cross((4, 3), const(LABELS), reduction="none", oracle=nll),
    cross((2, 2, 2, 3), const(IMAGE), axis=-1, oracle=lambda x, t: nll(x, t).mean()),
    cross((2, 3, 2, 2), const(IMAGE), oracle=lambda x, t: nll(x, t, 1).mean()),
    cross((2, 3, 2, 2), const(IMAGE), reduction="none", oracle=lambda x, t: nll(x, t, 1)),
    cross((4, 3), const(LABELS), class_weight=WEIGHT, oracle=weighted),
    cross(
        (4, 3),
        const(LABELS),
        class_weight=WEIGHT,
        reduction="none",
        oracle=lambda x, t: nll(x, t) * WEIGHT[t],
    ),
    cross((4, 3), const(LABELS), ignore_label=2, oracle=ignoring),
    cross(
        (4, 3), const(np.array([-1, 0, -1, 2])), ignore_label=-1,
        oracle=lambda x, t: nll(x[[1, 3]], t[[1, 3]]).mean(),
    ),
    cross((4, 3), const(np.full(4, 7)), ignore_label=7, oracle=lambda x, t: np.zeros(())),
    cross((4, 3), const(LABELS), label_smoothing=0.3, oracle=lambda x, t: smoothed(x, t).mean()),
    cross(
        (4, 3), const(LABELS), class_weight=WEIGHT, ignore_label=2, label_smoothing=0.3,
        oracle=everything,
    ),
    cross((4, 3), const(SOFT), oracle=lambda x, t: -(log_softmax(x) * t).sum(-1).mean()),
    cross(
        (4, 3), (4, 3), class_weight=WEIGHT, reduction="none",
        oracle=lambda x, t: -(log_softmax(x) * t * WEIGHT).sum(-1),
    ),
    cross(
        (4, 3), (4, 3), label_smoothing=0.3,
        oracle=lambda x, t: -(log_softmax(x) * (t * 0.7 + 0.1)).sum(-1).mean(),
    ),
    spec(
        F.softmax_cross_entropy_simple, (4, 3), const(LABELS),
        oracle=lambda x, t: nll(x, t).mean(),
    ),
    *[
        spec(
            f, (4, 3), const(LABELS[:, None]), id="column",
            oracle=lambda x, t: nll(x, t[:, 0]).mean(),
        )
        for f in (F.softmax_cross_entropy, F.softmax_cross_entropy_simple)
    ],
    spec(
        F.sigmoid_cross_entropy, (4,), const(ONES[:, None]), low=-3, high=3,
        oracle=lambda x, t: logistic(x, t[:, 0]).mean(),
    ),
    spec(
        F.sigmoid_cross_entropy, (4, 3), (4, 3), low=[-3, 0], high=[3, 1],
        oracle=lambda x, t: logistic(x, t).sum() / 4,
    ),
    spec(
        F.sigmoid_cross_entropy, (4, 1), const(ONES), low=-3, high=3,
        kwargs={"reduction": "mean"}, oracle=lambda x, t: logistic(x[:, 0], t).mean(),
    ),
    spec(
        F.sigmoid_cross_entropy, (5,), const(np.array([1, 0, 1, 0, 1])), low=-3, high=3,
        kwargs={"reduction": "none"}, oracle=logistic,
    ),
    spec(
        F.binary_cross_entropy, (4, 3), (4, 3), **PROBABILITIES,
        oracle=lambda p, t: binary(p, t).sum() / 4,
    ),
    spec(
        F.binary_cross_entropy, (4,), const(ONES), **PROBABILITIES,
        kwargs={"reduction": "none"}, oracle=binary,
    ),
    spec(
        F.categorical_cross_entropy, (4, 3), (4, 3), **PROBABILITIES,
        oracle=lambda p, t: categorical(p, t).mean(),
    ),
    spec(
        F.categorical_cross_entropy, (4, 3), const(LABELS), **PROBABILITIES,
        kwargs={"reduction": "none"}, oracle=lambda p, t: categorical(p, np.eye(3)[t]),
    ),
    spec(
        F.categorical_cross_entropy, (3, 4), const(LABELS), **PROBABILITIES,
        kwargs={"axis": 0, "label_smoothing": 0.3},
        oracle=lambda p, t: categorical(p.T, np.eye(3)[t] * 0.7 + 0.1).mean(),
    ),
    fails(
        F.softmax_cross_entropy, X, np.array([0, 1, 3, 2]), error=ValueError,
        match=r"^softmax_cross_entropy: expected labels from 0 to 2, got 3 at t\[2\]. Number",
    ),
    fails(
        F.softmax_cross_entropy, X, np.array([0, 1, 1, -1]), error=ValueError,
        match=r"got -1 at t\[3\]",
    ),
    fails(
        F.softmax_cross_entropy, np.zeros((2, 3, 2, 2)), IMAGE * 2, error=ValueError,
        match=r"got 4 at t\[0, 1, 0\]",
    ),
    fails(
        F.softmax_cross_entropy, X, np.array([9, 1, 1, -1]), kwargs={"ignore_label": -1},
        error=ValueError, match=r"got 9 at t\[0\]",
    ),
    fails(
        F.softmax_cross_entropy, X, LABELS[None], error=ValueError,
        match=r"expected labels of shape \(4,\) .* got \(1, 4\) int64. Write t.reshape\(\(4,\)\)",
    ),
    fails(
        F.softmax_cross_entropy, X, LABELS[:3], error=ValueError,
        match="Take x and t of the same samples",
    ),
    fails(
        F.softmax_cross_entropy, X, LABELS * 1.0, error=TypeError,
        match="softmax_cross_entropy: expected integer labels, got .4,. float64. Convert",
    ),
    fails(
        F.softmax_cross_entropy, X[:0], LABELS[:0], error=ValueError,
        match="softmax_cross_entropy: expected at least one sample",
    ),
    fails(
        F.softmax_cross_entropy, np.zeros(3), LABELS, error=ValueError,
        match=r"softmax_cross_entropy: expected an axis of the predictions, got axis=1 and \(3,\)",
    ),
    fails(
        lambda x, t: F.SoftmaxCrossEntropy()(x, t), np.zeros(3), LABELS, error=ValueError,
        match=r"softmax_cross_entropy: expected logits of shape \(N, C\), got \(3,\)",
    ),
    fails(
        F.softmax_cross_entropy, X, LABELS, kwargs={"label_smoothing": 1.5}, error=ValueError,
        match="softmax_cross_entropy: expected label_smoothing from 0 to 1, got 1.5",
    ),
    fails(
        F.softmax_cross_entropy, X, LABELS, kwargs={"class_weight": [1.0, 2.0]},
        error=ValueError, match=r"expected class_weight of shape \(3,\)",
    ),
    fails(
        F.softmax_cross_entropy, X, SOFT, kwargs={"ignore_label": 2}, error=ValueError,
        match="expected integer labels beside ignore_label, got probabilities",
    ),
    fails(
        F.softmax_cross_entropy, X, LABELS, kwargs={"reduction": "average"}, error=ValueError,
        match="softmax_cross_entropy reduction: unknown name 'average'",
    ),
    fails(
        F.softmax_cross_entropy_simple, X, LABELS + 1, error=ValueError,
        match=r"softmax_cross_entropy_simple: expected labels from 0 to 2, got 3 at t\[0\]",
    ),
    fails(
        F.sigmoid_cross_entropy, X, ONES, error=ValueError,
        match=r"sigmoid_cross_entropy: expected both arguments of one shape, got \(4, 3\)",
    ),
    fails(
        F.sigmoid_cross_entropy, X[:0], X[:0], error=ValueError,
        match="sigmoid_cross_entropy: expected at least one sample",
    ),
    fails(
        F.binary_cross_entropy, ONES * 3.2, ONES, error=ValueError,
        match="binary_cross_entropy: expected probabilities .* from 0 to 3.2. For logits, use sigm",
    ),
    fails(
        F.categorical_cross_entropy, P - 1, LABELS, error=ValueError,
        match="categorical_cross_entropy: expected probabilities from 0 to 1, got",
    ),
    fails(
        F.categorical_cross_entropy, P, LABELS + 1, error=ValueError,
        match=r"categorical_cross_entropy: expected labels from 0 to 2, got 3 at t\[0\]",
    ),
]  # fmt: skip
