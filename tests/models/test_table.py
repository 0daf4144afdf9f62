"""The fixed table of classes that a file may name."""

from dezero.layers import LAYERS
from dezero.models import MLP, MODELS, Sequential


def test_layers_and_models():
    assert MODELS == {**LAYERS, "MLP": MLP, "Sequential": Sequential}
    assert all(name == kind.__name__ for name, kind in MODELS.items())
