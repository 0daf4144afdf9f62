"""Specs of `dezero/functions/ctc.py`: against the sum over every path."""

import itertools

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

LABELS = np.array([[1, 2], [1, 1], [2, 0]])
BEHIND = np.array([[0, 1], [1, 0], [0, 0]])


def collapsed(path, blank):
    return [c for i, c in enumerate(path) if c != blank and (i == 0 or path[i - 1] != c)]


def all_paths(x, t, lengths=None, labels=None, *, blank=0):
    """Return minus the logarithm of the sum of the probabilities of all paths that say t."""
    values = []
    for i, row in enumerate(x):
        row = row if lengths is None else row[: lengths[i]]
        said = list(t[i][t[i] != blank]) if labels is None else list(t[i][: labels[i]])
        p = np.exp(row) / np.exp(row).sum(-1, keepdims=True)
        paths = itertools.product(range(p.shape[1]), repeat=len(p))
        right = [path for path in paths if collapsed(path, blank) == said]
        values.append(-np.log(sum(p[range(len(p)), path].prod() for path in right)))
    return np.array(values)


ZEROS = np.zeros((3, 4, 3))
SPECS = [
    spec(F.ctc_loss, (3, 4, 3), const(LABELS), oracle=lambda x, t: all_paths(x, t).mean()),
    spec(
        F.ctc_loss, (3, 4, 3), const(LABELS), const(np.array([2, 4, 3])),
        kwargs={"reduction": "none"}, oracle=all_paths, low=-2, high=2,
    ),
    spec(
        F.ctc_loss, (3, 4, 3), const(BEHIND), const(np.array([4, 3, 2])),
        const(np.array([2, 1, 0])), kwargs={"blank": 2, "reduction": "sum"},
        oracle=lambda x, t, n, m: all_paths(x, t, n, m, blank=2).sum(), low=-2, high=2,
    ),
    spec(F.ctc_loss, (3, 1, 3), const(LABELS[:, :1]), oracle=lambda x, t: all_paths(x, t).mean()),
    fails(F.ctc_loss, ZEROS[0], LABELS, error=ValueError, match="ctc_loss: expected logits .N, T"),
    fails(F.ctc_loss, ZEROS, LABELS * 1.0, error=TypeError, match="ctc_loss: expected integer la"),
    fails(
        F.ctc_loss, ZEROS, LABELS + 1, error=ValueError,
        match=r"from 0 to 2 beside blank=0, got .3",
    ),
    fails(
        F.ctc_loss, ZEROS[:, :2], LABELS, error=ValueError,
        match="at least 3 steps for the labels of sample 1, got 2. Shorten",
    ),
    fails(
        F.ctc_loss, ZEROS, LABELS, np.array([4, 5, 4]), error=ValueError,
        match="ctc_loss: expected 3 integers from 1 to 4 as x_lengths",
    ),
]  # fmt: skip
