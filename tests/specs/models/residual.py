"""Specs of `dezero/models/residual.py`."""

from dezero.models import BasicBlock, BottleneckA, BottleneckB, BuildingBlock
from tests.specs.layers import LayerSpec
from tests.specs.models import conv, norm, relu

EPS = 2e-5


def bottleneck(x, w, path="", strides=(1, 1), *, projected=False, eps=EPS):
    first, second = strides
    h = relu(norm(conv(x, w, f"{path}conv1", first), w, f"{path}bn1", eps))
    h = relu(norm(conv(h, w, f"{path}conv2", second, 1), w, f"{path}bn2", eps))
    h = norm(conv(h, w, f"{path}conv3"), w, f"{path}bn3", eps)
    if projected:
        x = norm(conv(x, w, f"{path}conv4", first * second), w, f"{path}bn4", eps)
    return relu(h + x)


def basic(x, w, path="", stride=1, *, projected=False, eps=EPS):
    h = relu(norm(conv(x, w, f"{path}conv1", stride, 1), w, f"{path}bn1", eps))
    h = norm(conv(h, w, f"{path}conv2", 1, 1), w, f"{path}bn2", eps)
    if projected:
        x = norm(conv(x, w, f"{path}conv3", stride), w, f"{path}bn3", eps)
    return relu(h + x)


def building(x, w):
    x = bottleneck(x, w, "a/", (2, 1), projected=True)
    return bottleneck(x, w, "b1/")


SHAPE = (3, 4, 5, 4)
SPECS = [
    LayerSpec(
        lambda: BottleneckA(4, 2, 6),
        SHAPE,
        lambda x, w: bottleneck(x, w, strides=(2, 1), projected=True),
        "BottleneckA",
    ),
    LayerSpec(
        lambda: BottleneckA(None, 2, 6, 3, True),
        SHAPE,
        lambda x, w: bottleneck(x, w, strides=(1, 3), projected=True),
        "BottleneckA-fb",
    ),
    LayerSpec(lambda: BottleneckB(4, 2), SHAPE, bottleneck, "BottleneckB"),
    LayerSpec(lambda: BasicBlock(4, 4), SHAPE, basic, "BasicBlock"),
    LayerSpec(
        lambda: BasicBlock(4, 5, 2),
        SHAPE,
        lambda x, w: basic(x, w, stride=2, projected=True),
        "BasicBlock-projected",
    ),
    LayerSpec(lambda: BuildingBlock(2, 4, 2, 6, 2), SHAPE, building, "BuildingBlock"),
    LayerSpec(
        lambda: BuildingBlock(2, 4, 1, 4, 1, basic=True),
        SHAPE,
        lambda x, w: basic(basic(x, w, "a/"), w, "b1/"),
        "BuildingBlock-basic",
    ),
]
