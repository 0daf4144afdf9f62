"""Specs of `dezero/layers/conv.py`."""

import numpy as np

import dezero.layers as L
from dezero.regularizers import L2
from tests.specs.functions import conv, conv1d
from tests.specs.layers import LayerSpec

ALL = {
    "kernel_regularizer": L2(0.1),
    "bias_regularizer": "l2",
    "kernel_constraint": "max_norm",
    "bias_initializer": "normal",
    "activation": "tanh",
}


def correlated(**options):
    return lambda x, w: conv.correlate(x, w["W"], w.get("b"), **options)


def last(x, w):
    y = conv.correlate(x.transpose(0, 3, 1, 2), w["W"].transpose(3, 2, 0, 1), w["b"])
    return y.transpose(0, 2, 3, 1)


SPECS = [
    LayerSpec(lambda: L.Conv2d(4, 3), (2, 3, 5, 4), correlated(), "Conv2d"),
    LayerSpec(
        lambda: L.Conv2d(4, (2, 3), 2, 1, True, in_channels=3, **ALL),
        (2, 3, 5, 4),
        lambda x, w: np.tanh(correlated(stride=(2, 2), pads=((1, 1), (1, 1)))(x, w)),
        "Conv2d-all",
    ),
    LayerSpec(
        lambda: L.Conv2d(6, 2, pad="same", groups=3, dilation=2),
        (1, 3, 5, 4),
        correlated(pads=((1, 1), (1, 1)), groups=3, dilation=(2, 2)),
        "Conv2d-groups",
    ),
    LayerSpec(lambda: L.Conv2d(4, 3, layout="NHWC"), (2, 5, 4, 3), last, "Conv2d-NHWC"),
    LayerSpec(
        lambda: L.Conv1d(4, 3, pad="causal", **ALL),
        (2, 3, 6),
        lambda x, w: np.tanh(conv1d.correlate(x, w["W"], w["b"], pads=(2, 0))),
        "Conv1d",
    ),
    LayerSpec(
        lambda: L.Conv1d(4, 3, 2, 1, layout="NLC"),
        (2, 6, 3),
        lambda x, w: conv1d.correlate(
            x.swapaxes(1, 2), w["W"].transpose(2, 1, 0), w["b"], stride=2, pads=(1, 1)
        ).swapaxes(1, 2),
        "Conv1d-NLC",
    ),
    LayerSpec(
        lambda: L.Deconv2d(4, 3, 2, 1, outsize=(6, 7)),
        (2, 3, 3, 4),
        lambda x, w: conv.spread(
            x, w["W"], w["b"], stride=(2, 2), pads=((1, 1), (1, 1)), outsize=(6, 7)
        ),
        "Deconv2d",
    ),
    LayerSpec(
        lambda: L.Deconv2d(4, 2, groups=2, nobias=True),
        (2, 6, 2, 3),
        lambda x, w: conv.spread(x, w["W"], outsize=(3, 4), groups=2),
        "Deconv2d-groups",
    ),
    LayerSpec(
        lambda: L.Deconv1d(4, 3, layout="NLC", outsize=6, **ALL),
        (2, 4, 3),
        lambda x, w: np.tanh(
            conv1d.spread(x.swapaxes(1, 2), w["W"].transpose(2, 1, 0), w["b"]).swapaxes(1, 2)
        ),
        "Deconv1d",
    ),
]
