"""Specs of `dezero/functions/linalg.py`."""

import numpy as np

import dezero.functions as F
from dezero.functions.linalg import norm
from tests.specs import const, fails, spec

MATMUL = [
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 2, 3), (3, 4)),
    ((2, 2, 3), (2, 3, 4)),
    ((4, 1, 2, 3), (2, 3, 1)),
    ((2, 3), (2, 3, 2)),
    ((2, 2, 3), (3,)),
    ((3,), (2, 3, 4)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 2)),
    ((0, 2, 3), (3, 2)),
]


def affine(x, w, b=0.0):
    return x @ w + b


def rectified(x, w, b=0.0):
    return np.maximum(affine(x, w, b), 0)


def norms(axis, keepdims, *orders):
    return [
        spec(
            norm,
            (3, 4),
            kwargs={"ord": ord, "axis": axis, "keepdims": keepdims},
            kinks=[0.0],
            oracle=lambda x, o=ord: np.linalg.norm(x, o, axis, keepdims),
        )
        for ord in orders
    ]


def near(x):
    return np.abs(np.diff(np.sort(np.abs(x), None)))


def length_1(x, axis=-1):
    return x / np.sqrt((x**2).sum(axis, keepdims=True))


SPECS = [
    *(spec(F.matmul, *shapes, oracle=np.matmul) for shapes in MATMUL),
    *(spec(F.dot, *shapes, oracle=np.dot) for shapes in MATMUL[:5]),
    spec(F.dot, (2, 2, 3), (2, 3, 4), oracle=np.dot),
    spec(F.dot, (2, 3), const(2.0), oracle=np.dot),
    spec(F.dot, (), (2, 3), oracle=np.dot),
    spec(F.outer, (2,), (3,), oracle=np.outer),
    spec(F.outer, (2, 2), (3, 0), oracle=np.outer),
    spec(F.tensordot, (2, 3, 4), (3, 4, 5), oracle=np.tensordot),
    spec(F.tensordot, (2, 3), (4, 5), const(0), oracle=np.tensordot),
    spec(F.tensordot, (2, 3, 4), (4, 5, 2), const(((2, 0), (0, 2))), oracle=np.tensordot),
    spec(F.tensordot, (2, 3, 4), (5, 3), const((1, -1)), oracle=np.tensordot),
    *(
        spec(F.linear, *shapes, oracle=affine)
        for shapes in (
            ((2, 3), (3, 4)),
            ((2, 3), (3, 4), (4,)),
            ((5, 2, 3), (3, 4), (4,)),
            ((3,), (3, 4), (4,)),
            ((0, 3), (3, 4), (4,)),
            ((0, 2, 3), (3, 4), (4,)),
            ((2, 3), (3, 4), (1, 4)),
            ((2, 3), (3, 4), ()),
        )
    ),
    *(
        spec(F.linear_relu, *shapes, oracle=rectified)
        for shapes in (((2, 3), (3, 4)), ((5, 2, 3), (3, 4), (4,)), ((3,), (3, 4), ()))
    ),
    fails(
        F.linear_relu,
        np.ones((2, 3)),
        np.ones((3, 4)),
        np.ones(3),
        error=ValueError,
        match=r"linear_relu: expected b of shape \(4,\), got \(3,\)",
    ),
    spec(F.linear_simple, (2, 3), (3, 4), oracle=affine),
    spec(F.linear_simple, (2, 3), (3, 4), (4,), oracle=affine),
    spec(norm, (3, 4), oracle=np.linalg.norm),
    spec(
        norm,
        (2, 3, 2),
        kwargs={"axis": (0, 2)},
        oracle=lambda x: np.linalg.norm(x, axis=(0, 2)),
        low=0.5,
        high=2,
    ),
    spec(norm, (), low=1, high=2, oracle=np.abs),
    *norms(-1, False, 1, 2, None),
    *norms(0, True, 1, 2),
    spec(norm, (5,), const(1), kinks=[0.0], oracle=np.linalg.norm),
    spec(norm, (5,), const(np.inf), kinks=near, oracle=np.linalg.norm),
    spec(F.normalize, (3, 4), oracle=length_1, low=0.5, high=2),
    spec(F.normalize, (3, 4), const(0), oracle=length_1, low=0.5, high=2),
    fails(
        F.matmul,
        np.ones((2, 3)),
        np.ones((4, 5)),
        error=ValueError,
        match=r"matmul: .* == x1.shape\[-2\], got x0 \(2, 3\) and x1 \(4, 5",
    ),
    fails(F.matmul, np.ones((2, 3)), np.ones(4), error=ValueError, match=r"== x1.shape\[0\]"),
    fails(F.matmul, np.ones((2, 3)), 2.0, error=ValueError, match="matmul: expected arrays with"),
    fails(F.matmul, np.ones((2, 2, 3)), np.ones((3, 3, 2)), error=ValueError, match="batch axes"),
    fails(
        F.tensordot,
        np.ones((2, 3)),
        np.ones((4, 5)),
        1,
        error=ValueError,
        match="tensordot: expected equal sizes",
    ),
    fails(
        F.linear,
        np.ones((32, 784)),
        np.ones((780, 10)),
        error=ValueError,
        match=r"^linear: expected x.shape\[-1\] == W.shape\[0\], got x \(32, 784\) and "
        r"W \(780, 10\). Check in_size, or transpose W.$",
    ),
    fails(
        F.linear,
        np.ones((2, 3)),
        np.ones((3, 4)),
        np.ones(3),
        error=ValueError,
        match=r"linear: expected b of shape \(4,\), got \(3,\)",
    ),
    fails(norm, np.ones((2, 3)), 2, error=ValueError, match="norm of a matrix"),
    fails(norm, np.ones(3), 3, error=ValueError, match="norm: expected ord None, 1, 2 or inf"),
]
