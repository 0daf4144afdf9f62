"""Specs of `dezero/models/vgg.py`."""

from dezero.models import VGG16, VGG19
from tests.specs.layers import LayerSpec
from tests.specs.models import conv, linear, pool, relu


def vgg(blocks):
    def run(x, w):
        for block, count in enumerate(blocks, 1):
            for i in range(1, count + 1):
                x = relu(conv(x, w, f"conv{block}_{i}", pad=1))
            x = pool(x, 2, 2)
        x = relu(linear(x, w, "fc6"))
        return linear(relu(linear(x, w, "fc7")), w, "fc8")

    return run


def cut(x, w):
    x = pool(relu(conv(relu(conv(x, w, "conv1_1", pad=1)), w, "conv1_2", pad=1)), 2, 2)
    return relu(conv(x, w, "conv2_1", pad=1))


SPECS = [
    LayerSpec(
        lambda: VGG16(width=1 / 32, classes=3), (1, 3, 32, 32), vgg((2, 2, 3, 3, 3)), "VGG16"
    ),
    LayerSpec(lambda: VGG16(width=1 / 16, features="conv2_1"), (2, 3, 4, 5), cut, "VGG16-cut"),
    LayerSpec(
        lambda: VGG19(width=1 / 32, classes=3), (1, 3, 32, 32), vgg((2, 2, 4, 4, 4)), "VGG19"
    ),
]
