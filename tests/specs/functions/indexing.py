"""Specs of `dezero/functions/indexing.py`."""

import numpy as np

import dezero.functions as F
from dezero.core import Variable
from tests.specs import const, fails, spec

IDS = np.array([[0, 2], [2, 1]])
MASK = np.array([[True, False, True], [False, False, True]])
INDICES = [
    1,
    -1,
    np.int64(1),
    slice(None, None, -2),
    (slice(None), 1),
    (..., None, 0),
    (0, 1),
    [0, 0, 1],
    [],
    ([0, 0, 1], slice(1, None)),
    ([0, 1, 1], [2, 2, 2]),
    (slice(None), np.array([[0, 2], [2, 2]])),
    (np.array([1, 1]), None, 0),
    MASK,
    (np.array([True, False]), slice(None)),
    Variable(np.array([1, 1, 0])),
    (Variable(np.array(1)), slice(0, 2)),
]


def indexed(x, index):
    return x[tuple(map(raw, index)) if isinstance(index, tuple) else raw(index)]


def raw(index):
    if isinstance(index, Variable):
        return index.data
    return np.array(index, int) if isinstance(index, list) else index


def put(x, index, value):
    y = np.array(x)
    y[index] = value
    return y


def added(x, index, value):
    y = np.array(x)
    np.add.at(y, index, value)
    return y


def hot(x, n):
    return np.eye(n)[x]


SPECS = [
    *(
        spec(F.get_item, (2, 3), const(index), oracle=indexed, id=f"index-{i}")
        for i, index in enumerate(INDICES)
    ),
    spec(F.take, (2, 3), const(IDS), oracle=np.take),
    spec(F.take, (2, 3), const(IDS), const(-1), oracle=np.take),
    spec(F.take, (2, 3), const(1), const(0), oracle=np.take),
    spec(F.take, (2, 3), const(Variable(np.array([1, 1]))), const(0), id="variable"),
    spec(F.take_along_axis, (2, 3), const(IDS), oracle=lambda x, i: np.take_along_axis(x, i, -1)),
    spec(
        F.take_along_axis, (2, 3), const(np.array([[1, 0, 1]])), const(0), oracle=np.take_along_axis
    ),
    spec(F.embed_id, const(IDS), (3, 4), oracle=lambda i, w: w[i]),
    spec(F.embed_id, const(Variable(IDS)), (3, 4), oracle=lambda i, w: w[IDS], id="variable"),
    spec(F.embed_id, const(np.zeros((0,), int)), (3, 4), oracle=lambda i, w: w[i], id="empty"),
    spec(F.set_item, (2, 3), const((slice(None), 1)), (2,), oracle=put),
    spec(F.set_item, (2, 3), const(0), const(5), oracle=put),
    spec(F.set_item, (2, 3), const(MASK), (), oracle=put),
    spec(F.set_item, (2, 3), const((np.array([1, 0]), np.array([2, 2]))), (1,), oracle=put),
    spec(F.scatter_add, (2, 3), const(np.array([0, 0, 1])), (3, 3), oracle=added),
    spec(F.scatter_add, (2, 3), const((slice(None), IDS)), (2, 2), oracle=added),
    spec(F.scatter_add, (2, 3), const(1), (3,), oracle=added),
    spec(F.argmax, (3, 4), oracle=np.argmax),
    spec(
        F.argmax,
        (3, 4),
        kwargs={"axis": -1, "keepdims": True},
        oracle=lambda x: x.argmax(-1, keepdims=True),
    ),
    spec(F.argmin, (3, 4), oracle=np.argmin),
    spec(F.argmin, (3, 4), const(0), oracle=np.argmin),
    spec(F.one_hot, const(IDS), const(4), oracle=hot),
    spec(
        F.one_hot,
        const(IDS),
        const(3),
        kwargs={"dtype": "float64"},
        oracle=hot,
        out_dtype="float64",
    ),
    fails(F.get_item, np.ones((2, 3)), 5, error=IndexError, match=r"get_item: .*\(2, 3\).*index 5"),
    fails(F.get_item, np.ones(3), np.ones(2), error=TypeError, match="get_item: .* as index"),
    fails(F.take, np.ones(3), [3], error=IndexError, match="get_item: .*index 3"),
    fails(F.take, np.ones(3), [0], 1, error=ValueError, match="take: expected an axis"),
    fails(F.take_along_axis, np.ones((2, 3)), [0], error=ValueError, match="with 2 axes"),
    fails(F.embed_id, [0, 7], np.ones((3, 4)), error=ValueError, match="got 7 .vocabulary size 3"),
    fails(F.embed_id, [0, -1], np.ones((3, 4)), error=ValueError, match="embed_id: .*got -1"),
    fails(F.embed_id, [0.0], np.ones((3, 4)), error=TypeError, match="embed_id: .*integer ids"),
    fails(F.one_hot, [3], 3, error=ValueError, match="one_hot: expected ids from 0 to 2, got 3"),
    fails(F.set_item, np.ones(3), [0, 0], 1, error=ValueError, match="set_item: .*repetitions"),
    fails(F.set_item, np.ones(3), [0, 1], np.ones(3), error=ValueError, match="set_item: "),
    fails(F.set_item, np.ones(3), [9], 1, error=IndexError, match="index 9"),
    fails(F.scatter_add, np.ones(3), [9], 1.0, error=IndexError, match="scatter_add: .*index 9"),
]
