"""Specs of `dezero/functions/conv1d.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec


def correlate(x, W, b=None, *, stride=1, pads=(0, 0), dilation=1):
    x = np.pad(x, ((0, 0), (0, 0), pads))
    size = (x.shape[2] - (W.shape[2] - 1) * dilation - 1) // stride + 1
    y = np.zeros((len(x), len(W), size), np.result_type(x, W))
    for i in range(size):
        left = i * stride
        patch = x[:, :, left : left + (W.shape[2] - 1) * dilation + 1 : dilation]
        y[:, :, i] = np.einsum("nck,ock->no", patch, W)
    return y if b is None else y + b[:, None]


def spread(x, W, b=None, stride=1, cut=0):
    y = np.zeros((len(x), W.shape[1], stride * (x.shape[2] - 1) + W.shape[2]), x.dtype)
    for i in range(x.shape[2]):
        y[:, :, i * stride : i * stride + W.shape[2]] += np.einsum("nc,cok->nok", x[:, :, i], W)
    y = y[:, :, cut : y.shape[2] - cut]
    return y if b is None else y + b[:, None]


def last(oracle):
    return lambda x, W, b: oracle(x.swapaxes(1, 2), W.transpose(2, 1, 0), b).swapaxes(1, 2)


X, W = np.zeros((2, 3, 5)), np.zeros((4, 3, 2))
SPECS = [
    spec(F.conv1d, (2, 3, 6), (4, 3, 3), (4,), oracle=correlate),
    spec(
        F.conv1d,
        (2, 3, 6),
        (4, 3, 3),
        kwargs={"stride": 2, "pad": (1, 2), "dilation": 2},
        oracle=lambda x, W: correlate(x, W, stride=2, pads=(1, 2), dilation=2),
        id="all",
    ),
    spec(
        F.conv1d,
        (2, 3, 6),
        (4, 3, 2),
        (4,),
        kwargs={"pad": "causal", "dilation": 3},
        oracle=lambda x, W, b: correlate(x, W, b, pads=(3, 0), dilation=3),
        id="causal",
    ),
    spec(
        F.conv1d,
        (2, 6, 3),
        (2, 3, 4),
        (4,),
        kwargs={"pad": "causal", "layout": "NLC"},
        oracle=last(lambda *a: correlate(*a, pads=(1, 0))),
        id="NLC-causal",
    ),
    spec(
        F.conv1d,
        (2, 6, 3),
        (3, 3, 4),
        (4,),
        kwargs={"pad": "same", "layout": "NLC"},
        oracle=last(lambda *a: correlate(*a, pads=(1, 1))),
        id="NLC",
    ),
    spec(F.deconv1d, (2, 3, 4), (3, 2, 3), (2,), oracle=spread),
    spec(
        F.deconv1d,
        (2, 3, 4),
        (3, 2, 3),
        kwargs={"stride": 2, "pad": 1},
        oracle=lambda x, W: spread(x, W, None, 2, 1),
        id="all",
    ),
    spec(
        F.deconv1d,
        (2, 4, 3),
        (3, 2, 3),
        (2,),
        kwargs={"layout": "NLC", "outsize": 6},
        oracle=last(spread),
        id="NLC",
    ),
    spec(
        F.conv2d_simple,
        (1, 2, 4, 5),
        (3, 2, 2, 3),
        (3,),
        oracle=lambda x, W, b: np.stack(
            [
                [
                    [(x[0, :, i : i + 2, j : j + 3] * w).sum() + c for j in range(3)]
                    for i in range(3)
                ]
                for w, c in zip(W, b, strict=True)
            ]
        )[None],
    ),
    spec(
        F.conv2d_simple,
        (1, 2, 4, 4),
        (3, 2, 2, 2),
        kwargs={"stride": 2, "pad": (1, 0)},
        id="all",
        oracle=lambda x, W: np.stack(
            [
                [
                    [
                        (np.pad(x[0], ((0, 0), (1, 1), (0, 0)))[:, i : i + 2, j : j + 2] * w).sum()
                        for j in (0, 2)
                    ]
                    for i in (0, 2, 4)
                ]
                for w in W
            ]
        )[None],
    ),
    fails(F.conv1d, X[0], W, error=ValueError, match="conv1d: expected x with three axes"),
    fails(F.conv1d, X, W[0], error=ValueError, match="conv1d: expected W with three axes"),
    fails(F.conv1d, X, W[:, :1], error=ValueError, match="^conv1d: expected x with 1 channels"),
    fails(F.conv1d, X[..., :1], W, error=ValueError, match="^conv1d: expected windows no larger"),
    fails(F.deconv1d, X, W[:1], error=ValueError, match="^deconv1d: expected x with 1 channels"),
    fails(F.conv2d_simple, X, W, error=ValueError, match="conv2d_simple: expected x .* and W"),
    fails(
        F.conv1d,
        X,
        W,
        error=ValueError,
        match="layout 'NCL' or 'NLC', got 'NCHW'",
        kwargs={"layout": "NCHW"},
    ),
    fails(F.conv1d, X, W, error=TypeError, match="stride", kwargs={"stride": 1.5}),
]
