"""Specs of `dezero/functions/average_pooling.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec
from tests.specs.functions.pooling import first, last, line, pooled

inside = pooled(lambda part: part.mean(axis=-1))


def with_padding(x, kernel, stride, pads, out):
    """Means that count the padding as zeros, but nothing that lies beyond it."""
    wide = np.pad(x, ((0, 0), (0, 0), *pads))
    return inside(wide, kernel, stride, out=out)


def case(shape, kernel, stride=(1, 1), pads=((0, 0), (0, 0)), *, id, out, **kwargs):
    return spec(
        F.average_pooling,
        shape,
        kwargs={"kernel_size": kernel, "stride": stride, "pad": pads} | kwargs,
        oracle=lambda x: with_padding(x, kernel, stride, pads, out),
        id=id,
    )


def bare(shape, kernel, stride, pads, *, id, out, **kwargs):
    return spec(
        F.average_pooling,
        shape,
        kwargs={"kernel_size": kernel, "stride": stride, "pad": pads} | kwargs,
        oracle=lambda x: inside(x, kernel, stride, pads, out=out),
        id=f"{id}-bare",
    )


BARE = {"count_include_pad": False}
SPECS = [
    case((2, 3, 4, 6), (2, 2), (2, 2), out=(2, 3), id="tiles"),
    case((1, 2, 5, 4), (3, 2), out=(3, 3), id="overlapping"),
    case((1, 2, 7, 8), (2, 1), (3, 4), out=(2, 2), id="gaps"),
    case((1, 2, 4, 5), (3, 2), (2, 1), ((1, 1), (1, 0)), out=(2, 5), id="padded"),
    case((1, 2, 2, 2), (2, 2), (2, 2), ((2, 2), (3, 3)), out=(3, 4), id="padding-alone"),
    case((1, 2, 6, 5), (2, 2), (2, 2), out=(3, 3), ceil_mode=True, id="ceil"),
    case((1, 2, 3, 2), (3, 3), (3, 2), ((1, 1),) * 2, out=(2, 2), ceil_mode=True, id="ceil-pad"),
    case((0, 2, 4, 4), (2, 2), out=(3, 3), id="empty"),
    bare((1, 2, 4, 5), (3, 2), (2, 1), ((1, 1), (1, 0)), out=(2, 5), id="padded", **BARE),
    bare(
        (1, 2, 6, 5), (2, 2), (2, 2), ((0, 0),) * 2, out=(3, 3), ceil_mode=True, id="ceil", **BARE
    ),
    spec(
        F.average_pooling,
        (2, 4, 5, 3),
        kwargs={"kernel_size": 2, "stride": None, "layout": "NHWC"},
        oracle=lambda x: last(inside(first(x), (2, 2), (2, 2))),
    ),
    spec(
        F.average_pooling1d,
        (2, 3, 7),
        kwargs={"kernel_size": 3, "stride": 2, "pad": 1},
        oracle=lambda x: with_padding(line(x), (1, 3), (1, 2), ((0, 0), (1, 1)), (1, 4))[:, :, 0],
    ),
    spec(
        F.average_pooling1d,
        (2, 7, 3),
        kwargs={"kernel_size": 2, "stride": None, "layout": "NLC"},
        oracle=lambda x: x[:, :6].reshape(2, 3, 2, 3).mean(axis=2),
    ),
    fails(
        F.average_pooling,
        np.ones((1, 1, 4, 4)),
        2,
        2,
        2,
        kwargs=BARE,
        error=ValueError,
        match="average_pooling: expected pixels under every window",
    ),
    fails(
        F.average_pooling,
        np.ones((1, 1, 4, 4)),
        (2, 5),
        error=ValueError,
        match="average_pooling: expected windows no larger",
    ),
    fails(
        F.average_pooling1d,
        np.ones((1, 1, 4)),
        5,
        error=ValueError,
        match="^average_pooling1d: expected windows no larger",
    ),
]
