"""Specs of `dezero/functions/columns.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec


def gathered(x, kernel, stride=(1, 1), pad=(0, 0)):
    """The pixels under each window, one at a time: (N, C, KH, KW, OH, OW)."""
    x = np.pad(x, ((0, 0), (0, 0), (pad[0],) * 2, (pad[1],) * 2))
    oh = (x.shape[2] - kernel[0]) // stride[0] + 1
    ow = (x.shape[3] - kernel[1]) // stride[1] + 1
    columns = np.empty((*x.shape[:2], *kernel, oh, ow), x.dtype)
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride[0], j * stride[1]
            columns[..., i, j] = x[:, :, top : top + kernel[0], left : left + kernel[1]]
    return columns


def matrix(columns):
    n, c, kh, kw, oh, ow = columns.shape
    return columns.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, c * kh * kw)


def scattered(columns, shape, kernel, stride=(1, 1), pad=(0, 0)):
    n, c, h, w = shape
    y = np.zeros((n, c, h + 2 * pad[0], w + 2 * pad[1]), columns.dtype)
    for i in range(columns.shape[4]):
        for j in range(columns.shape[5]):
            top, left = i * stride[0], j * stride[1]
            y[:, :, top : top + kernel[0], left : left + kernel[1]] += columns[..., i, j]
    return y[:, :, pad[0] : pad[0] + h, pad[1] : pad[1] + w]


SHAPE = (2, 3, 4, 5)
CUBE = {"to_matrix": False}
SPECS = [
    spec(F.im2col, SHAPE, const(3), oracle=lambda x, k: matrix(gathered(x, (3, 3)))),
    spec(
        F.im2col,
        SHAPE,
        const((2, 3)),
        const((2, 1)),
        const(1),
        id="all",
        oracle=lambda x, *_: matrix(gathered(x, (2, 3), (2, 1), (1, 1))),
    ),
    spec(
        F.im2col,
        SHAPE,
        const(2),
        kwargs=CUBE,
        id="cube",
        oracle=lambda x, k: gathered(x, (2, 2)),
    ),
    spec(
        F.col2im,
        (2 * 2 * 3, 3 * 3 * 3),
        const(SHAPE),
        const(3),
        oracle=lambda x, *_: scattered(
            x.reshape(2, 2, 3, 3, 3, 3).transpose(0, 3, 4, 5, 1, 2), SHAPE, (3, 3)
        ),
    ),
    spec(
        F.col2im,
        (2, 3, 2, 2, 3, 4),
        const(SHAPE),
        const(2),
        const((2, 2)),
        const((1, 2)),
        kwargs=CUBE,
        id="cube",
        oracle=lambda x, *_: scattered(x, SHAPE, (2, 2), (2, 2), (1, 2)),
    ),
    fails(F.im2col, np.ones((3, 4)), 2, error=ValueError, match="im2col: expected a picture"),
    fails(
        F.im2col, np.ones(SHAPE), 6, error=ValueError, match="im2col: expected windows no larger"
    ),
    fails(
        F.col2im,
        np.ones((3, 4)),
        SHAPE,
        3,
        error=ValueError,
        match=r"col2im: expected columns \(12, 27\) for pictures .* got \(3, 4\)",
    ),
    fails(F.col2im, np.ones((3, 4)), (3, 4), 3, error=ValueError, match="input_shape as a number"),
]
