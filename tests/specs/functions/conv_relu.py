"""Specs of `dezero/functions/conv_relu.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec
from tests.specs.functions.conv import correlate, last


def rectified(*arrays, **options):
    return np.maximum(correlate(*arrays, **options), 0)


SPECS = [
    spec(F.conv2d_relu, (2, 2, 4, 3), (3, 2, 2, 2), (3,), oracle=rectified),
    spec(F.conv2d_relu, (2, 2, 3, 3), (3, 2, 1, 1), oracle=rectified, id="pixels"),
    spec(
        F.conv2d_relu,
        (1, 2, 4, 4),
        (4, 1, 3, 3),
        (4,),
        kwargs={"stride": 2, "pad": 1, "groups": 2},
        oracle=lambda *a: rectified(*a, stride=(2, 2), pads=((1, 1), (1, 1)), groups=2),
        id="groups",
    ),
    spec(
        F.conv2d_relu,
        (2, 4, 3, 2),
        (2, 2, 2, 3),
        (3,),
        kwargs={"layout": "NHWC"},
        oracle=last(rectified),
        id="NHWC",
    ),
    fails(
        F.conv2d_relu,
        np.ones((1, 2, 3, 3)),
        np.ones((4, 2, 2, 2)),
        np.zeros(3),
        error=ValueError,
        match=r"conv2d_relu: expected b of shape \(4,\)",
    ),
]
