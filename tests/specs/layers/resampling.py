"""Specs of `dezero/layers/resampling.py`."""

import numpy as np

import dezero.layers as L
from tests.specs.functions.pooling import first, last
from tests.specs.functions.resampling import along, resized, shuffled, unshuffled
from tests.specs.layers import LayerSpec

SPECS = [
    LayerSpec(
        lambda: L.Upsample(2), (2, 3, 3, 4), lambda x, w: x.repeat(2, 2).repeat(2, 3), "Upsample"
    ),
    LayerSpec(
        lambda: L.Upsample(
            size=np.array([5, 3]), mode="bilinear", align_corners=True, layout="NHWC"
        ),
        (1, 3, 4, 2),
        lambda x, w: last(resized("corners", (5, 3))(first(x))),
        "Upsample-all",
    ),
    LayerSpec(
        lambda: L.Upsample(1.5, mode="linear", layout="NCL"),
        (2, 3, 4),
        lambda x, w: along(x, 2, 6, 1 / 1.5, "areas"),
        "Upsample-NCL",
    ),
    LayerSpec(
        lambda: L.Pad2d(1, value=0.5),
        (2, 3, 2, 3),
        lambda x, w: np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=0.5),
        "Pad2d",
    ),
    LayerSpec(
        lambda: L.Pad2d(((0, 1), (2, 0)), "reflect", layout="NHWC"),
        (1, 2, 3, 2),
        lambda x, w: np.pad(x, ((0, 0), (0, 1), (2, 0), (0, 0)), mode="reflect"),
        "Pad2d-reflect",
    ),
    LayerSpec(lambda: L.PixelShuffle(2), (2, 8, 2, 3), lambda x, w: shuffled(x, 2), "PixelShuffle"),
    LayerSpec(
        lambda: L.PixelUnshuffle(2, layout="NHWC"),
        (2, 4, 2, 3),
        lambda x, w: last(unshuffled(first(x), 2)),
        "PixelUnshuffle",
    ),
]
