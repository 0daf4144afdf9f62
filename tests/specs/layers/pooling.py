"""Specs of `dezero/layers/pooling.py`."""

import numpy as np

import dezero.layers as L
from tests.specs.functions.adaptive_pooling import binned
from tests.specs.functions.average_pooling import inside
from tests.specs.functions.pooling import first, last, line, maximum
from tests.specs.layers import LayerSpec

SPECS = [
    LayerSpec(
        lambda: L.MaxPool2d(2), (2, 3, 4, 6), lambda x, w: maximum(x, (2, 2), (2, 2)), "MaxPool2d"
    ),
    LayerSpec(
        lambda: L.MaxPool2d((3, 2), 1, ((1, 1), (0, 1)), dilation=(1, 2), layout="NHWC"),
        (1, 4, 5, 2),
        lambda x, w: last(maximum(first(x), (3, 2), (1, 1), ((1, 1), (0, 1)), dilation=(1, 2))),
        "MaxPool2d-all",
    ),
    LayerSpec(
        lambda: L.MaxPool2d(2, ceil_mode=True),
        (1, 2, 3, 4),
        lambda x, w: maximum(x, (2, 2), (2, 2), out=(2, 2)),
        "MaxPool2d-ceil",
    ),
    LayerSpec(
        lambda: L.MaxPool1d(3, 2, (1, 0)),
        (2, 3, 6),
        lambda x, w: maximum(line(x), (1, 3), (1, 2), ((0, 0), (1, 0)))[:, :, 0],
        "MaxPool1d",
    ),
    LayerSpec(
        lambda: L.MaxPool1d(2, layout="NLC"),
        (2, 6, 3),
        lambda x, w: x.reshape(2, 3, 2, 3).max(axis=2),
        "MaxPool1d-NLC",
    ),
    LayerSpec(
        lambda: L.AvgPool2d(2), (2, 3, 4, 6), lambda x, w: inside(x, (2, 2), (2, 2)), "AvgPool2d"
    ),
    LayerSpec(
        lambda: L.AvgPool2d(3, 2, "same", count_include_pad=False),
        (1, 2, 5, 4),
        lambda x, w: inside(x, (3, 3), (2, 2), ((1, 1), (0, 1))),
        "AvgPool2d-same",
    ),
    LayerSpec(
        lambda: L.AvgPool1d(2), (2, 3, 6), lambda x, w: x.reshape(2, 3, 3, 2).mean(3), "AvgPool1d"
    ),
    LayerSpec(
        lambda: L.GlobalAvgPool(), (2, 3, 4, 5), lambda x, w: x.mean((2, 3)), "GlobalAvgPool"
    ),
    LayerSpec(
        lambda: L.GlobalMaxPool(keepdims=True, layout="NHWC"),
        (2, 4, 5, 3),
        lambda x, w: x.max((1, 2), keepdims=True),
        "GlobalMaxPool",
    ),
    LayerSpec(
        lambda: L.AdaptiveAvgPool((None, 3)),
        (2, 2, 3, 4),
        lambda x, w: binned(x, (3, 3), np.mean),
        "AdaptiveAvgPool",
    ),
    LayerSpec(
        lambda: L.AdaptiveMaxPool(2, layout="NLC"),
        (2, 5, 3),
        lambda x, w: np.stack([x[:, :3].max(1), x[:, 2:].max(1)], axis=1),
        "AdaptiveMaxPool",
    ),
]
