"""Specs of `dezero/models/resnet.py`; deep ones are cut, and compared whole in tests/models."""

import dezero.models as models
from tests.specs.layers import LayerSpec
from tests.specs.models import conv, norm, pool, relu
from tests.specs.models.residual import basic, bottleneck


def beginning(x, w, eps, pad, out=None):
    return pool(relu(norm(conv(x, w, "conv1", 2, 3), w, "bn1", eps)), 3, 2, pad, out)


def to_res3(x, w):
    x = basic(beginning(x, w, 1e-5, 1), w, "res2/a/", eps=1e-5)
    x = basic(basic(x, w, "res2/b1/", eps=1e-5), w, "res3/a/", 2, projected=True, eps=1e-5)
    return basic(x, w, "res3/b1/", eps=1e-5)


def res2(count, strides, eps, pad, out=None):
    def run(x, w):
        x = bottleneck(
            beginning(x, w, eps, pad, out), w, "res2/a/", strides, projected=True, eps=eps
        )
        for i in range(1, count):
            x = bottleneck(x, w, f"res2/b{i}/", eps=eps)
        return x

    return run


UPSTREAM, TORCHS = res2(3, (1, 1), 2e-5, 0), res2(3, (1, 1), 1e-5, 1)
SMALL = {"width": 1 / 32, "features": "res2"}
SHAPE = (2, 3, 13, 12)
SPECS = [
    LayerSpec(lambda: models.ResNet18(width=1 / 32, features="res3"), (3, 3, 17, 12), to_res3,
              "ResNet18"),
    LayerSpec(lambda: models.ResNet34(width=1 / 32, features="pool1"), SHAPE,
              lambda x, w: beginning(x, w, 1e-5, 1), "ResNet34"),
    LayerSpec(lambda: models.ResNet50(**SMALL), SHAPE, UPSTREAM, "ResNet50"),
    LayerSpec(lambda: models.ResNet50(**SMALL, variant="torchvision"), SHAPE, TORCHS,
              "ResNet50-torchvision"),
    LayerSpec(lambda: models.ResNet101(**SMALL), SHAPE, UPSTREAM, "ResNet101"),
    LayerSpec(lambda: models.ResNet152(**SMALL), SHAPE, UPSTREAM, "ResNet152"),
    LayerSpec(lambda: models.ResNet(**SMALL, variant="msra"), SHAPE,
              res2(3, (1, 1), 2e-5, 0, (3, 3)), "ResNet"),
]  # fmt: skip
