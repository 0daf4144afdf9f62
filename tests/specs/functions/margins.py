"""Specs of `dezero/functions/margins.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

HOT = np.eye(3)[[2, 0, 1, 1]]
LABELS = np.array([2, 0, 1, 1])
GROUPS = np.array([0, 1, 0, 1, 2])


def hinge(x, t, axis=-1):
    return np.maximum(1 + ((1 - t) * x).max(axis) - (t * x).sum(axis), 0)


def hinge_kinks(x, t):
    wrong = np.sort((1 - t) * x, axis=-1)
    return np.minimum(np.abs(1 + wrong[:, -1] - (t * x).sum(-1)), wrong[:, -1] - wrong[:, -2])


def circle(x, labels, others=None, other_labels=None, *, gamma=80.0, margin=0.4, diagonal=False):
    others = x if others is None else others
    theirs = labels if other_labels is None else other_labels
    values = []
    for i, row in enumerate(x):
        near, far = 0.0, 0.0
        for j, other in enumerate(others):
            d = max(1 - row @ other, 0)
            if labels[i] != theirs[j]:
                far += np.exp(gamma * max(1 + margin - d, 0) * (1 - margin - d))
            elif i != j or diagonal:
                near += np.exp(gamma * (margin + d) * (d - margin))
        values.append(np.log(1 + near * far))
    return np.array(values)


SPECS = [
    spec(
        F.categorical_hinge, (4, 3), const(HOT), oracle=lambda x, t: hinge(x, t).mean(),
        low=-2, high=2, kinks=lambda x: hinge_kinks(x, HOT),
    ),
    spec(
        F.categorical_hinge, (3, 4), const(HOT.T), kwargs={"axis": 0, "reduction": "none"},
        oracle=lambda x, t: hinge(x, t, 0), low=-2, high=2,
        kinks=lambda x: hinge_kinks(x.T, HOT),
    ),
    spec(
        F.generalized_cross_entropy, (4, 3), const(LABELS),
        oracle=lambda p, t: np.mean((1 - p[range(4), t] ** 0.5) / 0.5), low=0.1, high=0.9,
    ),
    spec(
        F.generalized_cross_entropy, (4, 3), const(LABELS),
        kwargs={"q": 0.8, "reduction": "none"},
        oracle=lambda p, t: (1 - p[range(4), t] ** 0.8) / 0.8, low=0.1, high=0.9,
    ),
    spec(
        F.circle_loss, (5, 4), const(GROUPS), kwargs={"gamma": 2.0},
        oracle=lambda x, t: circle(x, t, gamma=2.0), low=-0.4, high=0.4,
    ),
    spec(
        F.circle_loss, (2, 3), const(GROUPS[:2]), (4, 3), const(GROUPS[1:]),
        kwargs={"gamma": 1.0, "margin": 0.25, "remove_diagonal": False},
        oracle=lambda x, t, r, s: circle(x, t, r, s, gamma=1.0, margin=0.25, diagonal=True),
        low=-0.4, high=0.4,
    ),
    fails(F.categorical_hinge, HOT, LABELS, error=ValueError, match="categorical_hinge: expected"),
    fails(
        F.generalized_cross_entropy, HOT, LABELS, kwargs={"q": 0}, error=ValueError,
        match="generalized_cross_entropy: expected q above 0 and up to 1, got 0",
    ),
    fails(
        F.generalized_cross_entropy, HOT, LABELS + 1, error=ValueError,
        match="generalized_cross_entropy: expected labels from 0 to 2, got 3",
    ),
    fails(F.circle_loss, HOT[:0], LABELS[:0], error=ValueError, match=r"got \(0, 3\) float64"),
    fails(
        F.circle_loss, HOT, LABELS[:2], error=ValueError,
        match=r"circle_loss: expected vectors .N, D., .* got \(4, 3\) float64",
    ),
]  # fmt: skip
