"""Specs of `dezero/models/squeezenet.py`."""

import numpy as np

from dezero.models import Fire, SqueezeNet
from tests.specs.layers import LayerSpec
from tests.specs.models import conv, pool, relu


def fire(x, w, path=""):
    x = relu(conv(x, w, f"{path}squeeze"))
    halves = conv(x, w, f"{path}expand1x1"), conv(x, w, f"{path}expand3x3", pad=1)
    return relu(np.concatenate(halves, axis=1))


def pooled(x):
    """Windows begin inside x; those that reach beyond it count."""
    return pool(x, 3, 2, out=[max(0, -(-(n - 3) // 2)) + 1 for n in x.shape[2:]])


def to_fire3(x, w, pools=1):
    x = pooled(relu(conv(x, w, "conv1", 2)))
    x = fire(fire(x, w, "fire2/"), w, "fire3/")
    return pooled(x) if pools == 2 else x


def biased(make):
    """Move the biases off 0, where whole pixels of zeros would stand on the kink of relu."""

    def run():
        model, rng = make(), np.random.default_rng(1)
        for path, param in model.named_params():
            if path.endswith("b"):
                param.data = rng.uniform(0.1, 0.5, param.shape).astype(np.float32)
        return model

    return run


SMALL = {"width": 1 / 16, "dropout": 0}
SPECS = [
    LayerSpec(biased(lambda: Fire(2, 3, 4)), (2, 5, 4, 3), fire, "Fire"),
    LayerSpec(
        biased(lambda: SqueezeNet(features="fire3", **SMALL)),
        (1, 3, 12, 13),
        to_fire3,
        "SqueezeNet",
    ),
    LayerSpec(
        biased(lambda: SqueezeNet(features="pool2", version="1.1", **SMALL)),
        (1, 3, 14, 13),
        lambda x, w: to_fire3(x, w, 2),
        "SqueezeNet-1.1",
    ),
]
