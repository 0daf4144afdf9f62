"""Specs of `dezero/functions/joining.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def padded(mode, **options):
    return lambda x, width, *rest: np.pad(x, width, mode=mode, **options)


SPECS = [
    spec(F.concat, [(2, 3), (4, 3)], oracle=np.concatenate),
    spec(F.concat, [(2, 3), (2, 1), (2, 0)], const(-1), oracle=np.concatenate),
    spec(F.concat, [(2, 3), (4,)], const(None), oracle=np.concatenate),
    spec(F.concat, [(2, 3)], oracle=np.concatenate),
    spec(F.stack, [(2, 3), (2, 3)], oracle=np.stack),
    spec(F.stack, [(2, 3), (2, 3), (2, 3)], const(-1), oracle=np.stack),
    spec(F.stack, [(), ()], oracle=np.stack),
    spec(F.vstack, [(2, 3), (3,)], oracle=np.vstack),
    spec(F.vstack, [(), ()], oracle=np.vstack),
    spec(F.hstack, [(2, 3), (2, 1)], oracle=np.hstack),
    spec(F.hstack, [(2,), (3,), ()], oracle=np.hstack),
    spec(F.split, (6, 2), const(3), oracle=np.split),
    spec(F.split, (6, 2), const(1), oracle=np.split),
    spec(F.split, (2, 7), const([2, 3]), const(-1), oracle=np.split),
    spec(F.split, (5,), const([0, -2, 9]), oracle=np.split),
    spec(F.split, (0, 2), const(2), oracle=np.split),
    spec(F.repeat, (2, 3), const(2), oracle=np.repeat),
    spec(F.repeat, (2, 3), const(2), const(-1), oracle=np.repeat),
    spec(F.repeat, (2, 3), const([2, 0, 3]), const(1), oracle=np.repeat),
    spec(F.tile, (2, 3), const(2), oracle=np.tile),
    spec(F.tile, (3,), const((2, 3)), oracle=np.tile),
    spec(F.tile, (2, 1, 3), const((3, 2)), oracle=np.tile),
    spec(F.pad, (2, 3), const(1), oracle=padded("constant")),
    spec(
        F.pad,
        (2, 3),
        const((1, 2)),
        kwargs={"constant_values": 5},
        oracle=padded("constant", constant_values=5),
    ),
    spec(F.pad, (2, 3), const(((0, 1), (2, 0))), oracle=padded("constant")),
    *(
        spec(F.pad, (3, 4), const(((0, 0), (5, 2))), const(mode), oracle=padded(mode))
        for mode in ("edge", "reflect", "symmetric", "wrap")
    ),
    spec(F.pad, (3, 4), const(2), const("reflect"), oracle=padded("reflect")),
    spec(F.flip, (2, 3), oracle=np.flip),
    spec(F.flip, (2, 3), const(-1), oracle=np.flip),
    spec(F.flip, (2, 3, 2), const((0, 2)), oracle=np.flip),
    spec(F.roll, (2, 3), const(2), oracle=np.roll),
    spec(F.roll, (2, 3), const(-1), const(1), oracle=np.roll),
    spec(F.roll, (2, 3), const((1, 2)), const((0, 1)), oracle=np.roll),
    fails(F.concat, [], error=ValueError, match="concat: expected at least one"),
    fails(
        F.concat,
        [np.ones((2, 3)), np.ones((2, 2))],
        error=ValueError,
        match=r"concat: expected .*\(2, 3\), \(2, 2\)",
    ),
    fails(
        F.stack, [np.ones(3), np.ones(2)], error=ValueError, match="stack: expected equal shapes"
    ),
    fails(F.split, np.ones(5), 2, error=ValueError, match="split: expected a number of parts"),
    fails(F.split, np.ones(5), 0, error=ValueError, match="split: expected a number of parts"),
    fails(F.split, np.ones(5), [3, 1], error=ValueError, match="split: .* ascending"),
    fails(F.repeat, np.ones(3), -1, error=ValueError, match="repeat: expected whole repeats >= 0"),
    fails(F.repeat, np.ones(3), 1.5, error=ValueError, match="repeats >= 0, .* of 3, got 1.5"),
    fails(F.repeat, np.ones(3), [1, 2], error=ValueError, match="repeat: .* place of 3"),
    fails(F.pad, np.ones(3), 1, "refelct", error=ValueError, match="Did you mean 'reflect'"),
    fails(F.pad, np.ones(3), -1, error=ValueError, match="pad: expected widths >= 0"),
    fails(F.pad, np.ones(3), (1, 2, 3), error=ValueError, match="pad: expected widths >= 0"),
]
