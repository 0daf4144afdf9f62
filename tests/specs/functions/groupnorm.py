import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def grouped(x, groups, eps=1e-5):
    rows = x.reshape(len(x), groups, -1)
    rows = (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + eps)
    return rows.reshape(x.shape)


def along(v, x):
    return v.reshape([-1 if i == 1 else 1 for i in range(x.ndim)])


def group_norm(x, groups, gamma, beta):
    return along(gamma, x) * grouped(x, groups) + along(beta, x)


def group_norm_last(x, groups, gamma, beta):
    return np.moveaxis(group_norm(np.moveaxis(x, -1, 1), groups, gamma, beta), 1, -1)


def instance_norm(x, gamma, beta):
    return group_norm(x, x.shape[1], gamma, beta)


def local(x, size=5, alpha=1e-4, beta=0.75, k=1.0):
    total = np.zeros_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(c - size // 2, 0) : c + (size - 1) // 2 + 1]
        total[:, c] = (near**2).sum(1)
    return x / (k + alpha * total / size) ** beta


STRONG = {"alpha": 2.0, "beta": 0.6, "k": 1.5}
WIDE = {"low": -2, "high": 2}
NHWC = {"layout": "NHWC"}
X = np.zeros((2, 6, 3))

SPECS = [
    spec(F.group_norm, (3, 6), const(2), (6,), (6,), oracle=group_norm, **WIDE),
    spec(F.group_norm, (2, 6, 5), const(3), (6,), (6,), oracle=group_norm, **WIDE),
    spec(F.group_norm, (2, 4, 3, 2), const(2), (4,), (4,), oracle=group_norm, **WIDE),
    spec(F.group_norm, (2, 4, 2, 3, 2), const(1), (4,), (4,), oracle=group_norm, **WIDE),
    spec(
        F.group_norm,
        (2, 3, 2, 4),
        const(2),
        (4,),
        (4,),
        kwargs=NHWC,
        oracle=group_norm_last,
        **WIDE,
    ),
    spec(F.group_norm, (3, 6), const(2), oracle=grouped, **WIDE),
    spec(
        F.group_norm,
        (3, 6),
        const(2),
        kwargs={"eps": 0.1},
        oracle=lambda x, groups: grouped(x, groups, 0.1),
        **WIDE,
    ),
    spec(F.group_norm, (0, 4, 3), const(2), (4,), (4,), oracle=lambda x, n, g, b: x),
    spec(F.group_norm, (2, 4, 0), const(2), (4,), (4,), oracle=lambda x, n, g, b: x),
    spec(F.instance_norm, (2, 3, 5), (3,), (3,), oracle=instance_norm, **WIDE),
    spec(F.instance_norm, (2, 3, 4, 2), (3,), (3,), oracle=instance_norm, **WIDE),
    spec(
        F.instance_norm,
        (2, 4, 2, 3),
        (3,),
        (3,),
        kwargs=NHWC,
        oracle=lambda x, g, b: group_norm_last(x, 3, g, b),
        **WIDE,
    ),
    spec(F.instance_norm, (2, 3, 5), oracle=lambda x: grouped(x, 3), **WIDE),
    spec(F.local_response_norm, (3, 6), oracle=local, **WIDE),
    spec(
        F.local_response_norm,
        (2, 6, 2, 3),
        const(4),
        kwargs=STRONG,
        oracle=lambda x, size: local(x, size, 2.0, 0.6, 1.5),
        **WIDE,
    ),
    spec(
        F.local_response_norm,
        (2, 3, 5),
        const(3),
        kwargs=STRONG | NHWC,
        oracle=lambda x, size: np.moveaxis(local(np.moveaxis(x, -1, 1), 3, 2.0, 0.6, 1.5), 1, -1),
        **WIDE,
    ),
    fails(
        F.local_response_norm,
        X,
        0,
        error=ValueError,
        match="local_response_norm: expected a whole size >= 1, got 0",
    ),
    fails(
        F.group_norm,
        X,
        4,
        error=ValueError,
        match=r"group_norm: expected groups to divide the 6 channels of x \(2, 6, 3\) .*, got 4",
    ),
    fails(F.group_norm, X, 0, error=ValueError, match="expected groups to divide the 6 channels"),
    fails(
        F.group_norm,
        X,
        2.0,
        error=TypeError,
        match="group_norm: expected an integer as groups, got float 2.0",
    ),
    fails(
        F.group_norm,
        np.zeros((2, 6)),
        6,
        error=ValueError,
        match="group_norm: expected more than one value to normalise over",
    ),
    fails(
        F.group_norm,
        X,
        2,
        np.ones(3),
        error=ValueError,
        match=r"group_norm: expected gamma of shape \(6,\)",
    ),
    fails(
        F.instance_norm,
        X,
        None,
        np.ones(3),
        error=ValueError,
        match=r"instance_norm: expected beta of shape \(6,\)",
    ),
    fails(
        F.instance_norm,
        np.zeros((2, 6)),
        error=ValueError,
        match="instance_norm: expected more than one value to normalise over",
    ),
]
