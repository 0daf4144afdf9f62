"""The layers that a description may name."""

import pytest

from dezero.keras.layers import Dense
from dezero.keras.layers.table import layer_from, saved_layer


def test_there_and_back():
    layer = layer_from(saved_layer(Dense(3, "relu", name="d")))
    assert type(layer) is Dense and layer.units == 3 and layer.name == "d"


def test_only_known_classes():
    with pytest.raises(ValueError, match="Dens"):
        layer_from({"class_name": "Dens", "config": {}})
    with pytest.raises(ValueError, match="expected a dict with 'class_name'"):
        layer_from({"module": "os"})
    assert type(layer_from({"class_name": "Own", "config": {"units": 2}}, {"Own": Dense})) is Dense
