"""Specs of `dezero/functions/conv.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec


def correlate(x, W, b=None, *, stride=(1, 1), pads=((0, 0), (0, 0)), dilation=(1, 1), groups=1):
    """Convolution pixel by pixel, as the definition says."""
    x = np.pad(x, ((0, 0), (0, 0), *pads))
    outs, channels, kh, kw = W.shape
    height = (x.shape[2] - (kh - 1) * dilation[0] - 1) // stride[0] + 1
    width = (x.shape[3] - (kw - 1) * dilation[1] - 1) // stride[1] + 1
    y = np.zeros((len(x), outs, height, width), np.result_type(x, W))
    for o in range(outs):
        first = o // (outs // groups) * channels
        for i in range(height):
            for j in range(width):
                rows = slice(i * stride[0], i * stride[0] + (kh - 1) * dilation[0] + 1, dilation[0])
                left = j * stride[1]
                columns = slice(left, left + (kw - 1) * dilation[1] + 1, dilation[1])
                patch = x[:, first : first + channels, rows, columns]
                y[:, o, i, j] = (patch * W[o]).sum((1, 2, 3))
    return y if b is None else y + b.reshape(-1, 1, 1)


def spread(
    x, W, b=None, *, stride=(1, 1), pads=((0, 0), (0, 0)), outsize, dilation=(1, 1), groups=1
):
    """Transposed convolution pixel by pixel: every pixel adds its multiple of a kernel."""
    n, channels, height, width = x.shape
    _, outs, kh, kw = W.shape
    (top, bottom), (left, right) = pads
    shape = (n, outs * groups, outsize[0] + top + bottom, outsize[1] + left + right)
    y = np.zeros(shape, np.result_type(x, W))
    for c in range(channels):
        first = c // (channels // groups) * outs
        for i in range(height):
            for j in range(width):
                for k in range(kh):
                    for m in range(kw):
                        row, column = (
                            i * stride[0] + k * dilation[0],
                            j * stride[1] + m * dilation[1],
                        )
                        added = x[:, c, i, j, None] * W[c, :, k, m]
                        y[:, first : first + outs, row, column] += added
    y = y[:, :, top : top + outsize[0], left : left + outsize[1]]
    return y if b is None else y + b.reshape(-1, 1, 1)


def last(oracle):
    """The same with the channels last."""

    def run(x, W, *b):
        y = oracle(x.transpose(0, 3, 1, 2), W.transpose(3, 2, 0, 1), *b)
        return y.transpose(0, 2, 3, 1)

    return run


def conv(x, W, id, *, bias=True, kwargs=None, **oracle):
    shapes = (x, W, (W[0],)) if bias else (x, W)
    kwargs = kwargs or {}
    return spec(F.conv2d, *shapes, kwargs=kwargs, oracle=lambda *a: correlate(*a, **oracle), id=id)


def deconv(x, W, id, *, bias=True, kwargs=None, groups=1, **oracle):
    shapes = (x, W, (W[1] * groups,)) if bias else (x, W)
    kwargs = kwargs or {}
    return spec(
        F.deconv2d,
        *shapes,
        kwargs=kwargs,
        oracle=lambda *a: spread(*a, groups=groups, **oracle),
        id=id,
    )


X, KERNEL = np.zeros((2, 3, 5, 5)), np.zeros((4, 3, 2, 2))
ALL = {"stride": (2, 1), "pad": ((1, 2), (0, 1)), "dilation": (1, 2)}
ALL_ORACLE = {"stride": (2, 1), "pads": ((1, 2), (0, 1)), "dilation": (1, 2)}
SPECS = [
    conv((2, 3, 4, 5), (4, 3, 3, 2), "plain"),
    conv((1, 9, 4, 4), (2, 9, 3, 3), "many-channels", bias=False),
    conv((2, 2, 4, 3), (3, 2, 1, 1), "pixel"),
    conv((1, 1, 4, 4), (2, 1, 4, 4), "one-output"),
    conv((2, 2, 5, 5), (2, 2, 2, 2), "stride", kwargs={"stride": 3}, stride=(3, 3)),
    conv((2, 2, 3, 3), (2, 2, 3, 3), "pad", kwargs={"pad": 2}, pads=((2, 2), (2, 2))),
    conv((1, 2, 5, 6), (2, 2, 3, 2), "all", kwargs=ALL, **ALL_ORACLE),
    conv(
        (1, 2, 5, 4),
        (2, 2, 2, 3),
        "same",
        kwargs={"pad": "same", "stride": (2, 1)},
        stride=(2, 1),
        pads=((0, 1), (1, 1)),
    ),
    conv((1, 4, 4, 4), (6, 2, 2, 2), "groups", kwargs={"groups": 2}, groups=2),
    conv((2, 3, 4, 4), (6, 1, 2, 2), "depthwise", kwargs={"groups": 3}, groups=3),
    conv(
        (1, 3, 4, 5),
        (3, 1, 2, 3),
        "depthwise-all",
        kwargs={"groups": 3} | ALL,
        groups=3,
        bias=False,
        **ALL_ORACLE,
    ),
    spec(
        F.conv2d,
        (2, 5, 4, 3),
        (2, 3, 3, 4),
        (4,),
        kwargs={"layout": "NHWC", "pad": 1},
        oracle=last(lambda *a: correlate(*a, pads=((1, 1), (1, 1)))),
        id="NHWC",
    ),
    deconv((2, 3, 3, 4), (3, 2, 2, 3), "plain", outsize=(4, 6)),
    deconv((1, 9, 2, 2), (9, 2, 3, 3), "many-channels", bias=False, outsize=(4, 4)),
    deconv((2, 2, 4, 3), (2, 3, 1, 1), "pixel", outsize=(4, 3)),
    deconv(
        (1, 2, 3, 2),
        (2, 2, 3, 3),
        "stride",
        kwargs={"stride": 2, "pad": 1},
        stride=(2, 2),
        pads=((1, 1), (1, 1)),
        outsize=(5, 3),
    ),
    deconv(
        (1, 2, 3, 3),
        (2, 2, 2, 2),
        "outsize",
        kwargs={"stride": 3, "outsize": (9, 10)},
        stride=(3, 3),
        outsize=(9, 10),
    ),
    deconv(
        (1, 2, 3, 2),
        (2, 2, 3, 2),
        "same",
        kwargs={"stride": 2, "pad": "same"},
        stride=(2, 2),
        pads=((0, 1), (0, 0)),
        outsize=(6, 4),
    ),
    deconv((1, 4, 3, 2), (4, 2, 2, 2), "groups", kwargs={"groups": 2}, groups=2, outsize=(4, 3)),
    deconv(
        (1, 2, 2, 3),
        (2, 1, 2, 2),
        "depthwise",
        kwargs={"groups": 2, "dilation": 2},
        groups=2,
        dilation=(2, 2),
        outsize=(4, 5),
    ),
    spec(
        F.deconv2d,
        (1, 3, 2, 2),
        (2, 2, 3, 2),
        (3,),
        kwargs={"layout": "NHWC"},
        oracle=last(lambda *a: spread(*a, outsize=(4, 3))),
        id="NHWC",
    ),
    fails(
        F.conv2d,
        X,
        KERNEL[:, :2],
        error=ValueError,
        match=r"conv2d: expected x with 2 channels, got x \(2, 3, 5, 5\) and W \(4, 2, 2, 2\)",
    ),
    fails(F.conv2d, X[0], KERNEL, error=ValueError, match=r"expected x \(N, C, H, W\)", id="3-d"),
    fails(F.conv2d, X, KERNEL[0], error=ValueError, match="got x .* and W", id="W"),
    fails(F.conv2d, X, KERNEL, np.zeros(3), error=ValueError, match=r"expected b of shape \(4,\)"),
    fails(F.conv2d, X, KERNEL, None, 0, error=ValueError, match="conv2d: expected stride >= 1"),
    fails(F.conv2d, X, KERNEL, None, 1.5, error=TypeError, match="conv2d: expected stride as"),
    fails(F.conv2d, X, KERNEL, None, (1.5, 1), error=TypeError, match="integers as stride"),
    fails(
        F.conv2d,
        X,
        np.zeros((4, 3, 6, 2)),
        error=ValueError,
        match=r"conv2d: expected windows no larger than the padded picture, got kernel \(6, 2\)",
    ),
    fails(
        F.conv2d,
        X,
        KERNEL,
        error=ValueError,
        match="layout 'NCHW' or 'NHWC', got 'HWC'",
        kwargs={"layout": "HWC"},
    ),
    fails(
        F.conv2d,
        X,
        KERNEL,
        error=ValueError,
        match="4 kernels in 3 equal groups",
        kwargs={"groups": 3},
    ),
    fails(F.conv2d, X, KERNEL, error=ValueError, match="got 'full'", kwargs={"pad": "full"}),
    fails(
        F.deconv2d,
        X,
        KERNEL,
        error=ValueError,
        match=r"deconv2d: expected x with 4 channels, got x \(2, 3, 5, 5\) and W \(4, 3, 2, 2\)",
    ),
    fails(
        F.deconv2d,
        X,
        KERNEL[:3],
        error=ValueError,
        match=r"that a convolution makes \(5, 5\)",
        kwargs={"outsize": (9, 9)},
    ),
    fails(
        F.deconv2d,
        X,
        KERNEL[:3],
        np.zeros(4),
        error=ValueError,
        match=r"expected b of shape",
    ),
]
