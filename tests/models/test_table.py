"""The fixed table of classes that a file may name."""

import dezero.models as models
from dezero.layers import LAYERS

OWN = [
    "MLP", "Sequential", "VGG16", "VGG19", "ResNet", "ResNet18", "ResNet34", "ResNet50",
    "ResNet101", "ResNet152", "BuildingBlock", "BottleneckA", "BottleneckB", "BasicBlock",
    "SqueezeNet", "Fire",
]  # fmt: skip


def test_layers_and_models():
    assert {**LAYERS, **{name: getattr(models, name) for name in OWN}} == models.MODELS
    assert all(name == kind.__name__ for name, kind in models.MODELS.items())
